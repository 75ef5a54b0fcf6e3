"""`GET /conditions`: what can be named, how it is detected, when that is wrong, what to do, and who says so."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from schemas.catalogue import ConditionOut, ConditionsOut, condition
from service.contract import TEXT, Operation, Parameter, promises
from service.negotiation import JSON, choose, negotiated
from service.page import MARKDOWN, conditions_page, page

blueprint = Blueprint("conditions", __name__)
OFFERED = (JSON, MARKDOWN)


@promises(Operation({JSON: ConditionsOut, MARKDOWN: TEXT}, ("not-acceptable",)))
@blueprint.get("/conditions")
def catalogue() -> Response:
    """List every condition that can be named."""
    media_type = choose(request.headers.get("Accept"), OFFERED)
    found = ConditionsOut.of(current_app.config["SETTINGS"].public_url)
    return negotiated(found.model_dump_json() if media_type == JSON else conditions_page(found), media_type)


@promises(
    Operation(
        {JSON: ConditionOut, MARKDOWN: TEXT},
        ("not-found", "not-acceptable"),
        (Parameter("name", "As in `findings[].condition`.", {"$ref": "#/components/schemas/Condition"}, "path"),),
    )
)
@blueprint.get("/conditions/<name>")
def one(name: str) -> Response:
    """Describe one condition: what it means, how it is detected, when that is wrong, sources, causes, fixes, an example."""
    media_type = choose(request.headers.get("Accept"), OFFERED)
    found = condition(name, current_app.config["SETTINGS"].public_url)
    if found is None:
        raise NotFound
    return negotiated(found.model_dump_json() if media_type == JSON else page(found), media_type)
