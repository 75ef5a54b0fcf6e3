"""`GET /formats`: the log formats that are read as they are."""

from __future__ import annotations

from flask import Blueprint, Response

from schemas.catalogue import FormatsOut
from service.contracts.endpoint import TEXT, Operation, promises
from service.negotiation import JSON, negotiated
from service.pages.html import HTML, html, wanted

blueprint = Blueprint("formats", __name__)


@promises(Operation({JSON: FormatsOut, HTML: TEXT}, ("not-acceptable",)))
@blueprint.get("/formats")
def formats() -> Response:
    """List the log formats that are read, each with a sample."""
    found = FormatsOut.of()
    if wanted((JSON, HTML)) == HTML:
        return html("formats.html", found=found)
    return negotiated(found.model_dump_json(), JSON)
