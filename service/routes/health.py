"""`GET /healthz`, `/readyz` and `/metrics`: whether the process lives, whether it can answer, and what it has done."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from diagnosis.reader import all_readers
from schemas.catalogue import all_conditions
from schemas.health import Alive, Ready
from service import metrics, readiness
from service.contracts.endpoint import TEXT, Operation, promises
from service.negotiation import JSON
from service.sandbox.outcomes import Broken
from service.server import room

METRICS = "text/plain"
blueprint = Blueprint("health", __name__)


@promises(Operation({JSON: Alive}))
@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process lives; no work is done for it."""
    return Response(Alive().model_dump_json(), content_type=JSON)


@promises(Operation({JSON: Ready}, ("unavailable 503",)))
@blueprint.get("/readyz")
def ready() -> Response:
    """Say what can be asked: `overfit_check` may be unavailable while `diagnose` is not. A disk that is full is 503."""
    jail = current_app.extensions["jail"]
    if full := room.obstacle():
        raise Broken(f"The check of the disk failed: the folder in which workers count {full}.")
    says = jail.says()
    if current_app.config["SETTINGS"].overfit.required and jail.available() is not None:
        raise Broken(f"OVERFIT_REQUIRED is set, and the overfit check is {says}")
    found = Ready(conditions=len(all_conditions()), formats=len(all_readers()) + 1, overfit_check=says)
    return Response(found.model_dump_json(), content_type=JSON)


@promises(Operation({METRICS: TEXT}))
@blueprint.get("/metrics")
def counted() -> Response:
    """Give what was counted since the service started, over all workers, and what works, as Prometheus reads it."""
    text = metrics.of_app().text() + readiness.counted(current_app.extensions["jail"])
    return Response(text, content_type=f"{METRICS}; version=1.0.0; charset=utf-8")
