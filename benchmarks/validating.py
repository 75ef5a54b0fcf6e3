"""What a request costs at the least: a Flask endpoint that checks the very same body by the very same models, and nothing else.

Served by gunicorn with the same worker as the service, so that what remains between the two is the diagnosis.
"""

from flask import Flask, Response, request
from pydantic_core import from_json

from schemas.run import RunIn
from service.metrics import Metrics

app = Flask("validating", static_folder=None)


class NoJail:
    """In place of the service's jail, which its worker looks after."""

    def tend(self) -> None:
        """Nothing to look after."""


app.extensions["jail"] = NoJail()
app.extensions["metrics"] = Metrics.create()  # the worker tells it how many wait


@app.get("/healthz")
def lives() -> Response:
    """Say that it answers."""
    return Response("{}", content_type="application/json")


@app.post("/diagnose")
def validated() -> Response:
    """Read the body, check it, and say so."""
    RunIn.model_validate(from_json(request.get_data()))
    return Response("{}", content_type="application/json")
