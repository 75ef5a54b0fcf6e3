"""`GET /formats`: the log formats that are read as they are."""

from __future__ import annotations

from flask import Blueprint, Response, request

from schemas.catalogue import FormatsOut
from service.contract import TEXT, Operation, promises
from service.html import HTML, html
from service.negotiation import JSON, choose, negotiated

blueprint = Blueprint("formats", __name__)


@promises(Operation({JSON: FormatsOut, HTML: TEXT}, ("not-acceptable",)))
@blueprint.get("/formats")
def formats() -> Response:
    """List the log formats that are read, each with a sample."""
    found = FormatsOut.of()
    if choose(request.headers.get("Accept"), (JSON, HTML)) == HTML:
        return html("formats.html", found=found)
    return negotiated(found.model_dump_json(), JSON)
