"""The service with a stand-in for the examination, and `POST /check` to ask it at."""

import json
from collections.abc import Iterator
from dataclasses import replace

from flask import Response, request

from service import create_app
from service.sandbox.outcomes import Facts, Progress
from service.settings import Settings
from tests.service.sandbox.conftest import EXAMINATION

settings = Settings.from_environment()
app = create_app(replace(settings, overfit=replace(settings.overfit, examination=EXAMINATION)))


@app.post("/check")
def check() -> Response:
    """Make a check of the model in the body; `config` is in the address."""
    config = json.loads(request.args.get("config", "{}"))
    watch = request.environ["gunicorn.socket"].fileno() if "watch" in request.args else None
    found = app.extensions["jail"].submit(config, request.get_data(), None, 20, watch=watch)

    def lines() -> Iterator[str]:
        with found:
            for event in found:
                if isinstance(event, Progress | Facts):
                    yield json.dumps(event.values) + "\n"
                else:
                    yield json.dumps({"ended": type(event).__name__}) + "\n"

    return Response("".join(lines()) if watch is not None else lines())
