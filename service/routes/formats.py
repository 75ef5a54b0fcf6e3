"""`GET /formats`: the log formats that are read as they are."""

from __future__ import annotations

from flask import Blueprint, Response, request

from schemas.catalogue import FormatsOut
from service.contract import Operation, promises
from service.negotiation import JSON, choose, negotiated

blueprint = Blueprint("formats", __name__)


@promises(Operation({JSON: FormatsOut}, ("not-acceptable",)))
@blueprint.get("/formats")
def formats() -> Response:
    """List the log formats that are read, each with a sample."""
    return negotiated(FormatsOut.of().model_dump_json(), choose(request.headers.get("Accept"), (JSON,)))
