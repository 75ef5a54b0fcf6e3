"""`GET /conditions`: what can be named, how it is detected, when that is wrong, what to do, and who says so."""

from __future__ import annotations

from difflib import get_close_matches

from flask import Blueprint, Response, current_app

from schemas.catalogue import ConditionOut, ConditionsOut, all_conditions, condition
from service.contracts.endpoint import TEXT, Operation, Parameter, promises
from service.negotiation import JSON, negotiated
from service.pages.condition import MARKDOWN, conditions_page, page
from service.pages.examples import question_on
from service.pages.html import HTML, html, wanted
from service.refusals import NoSuchCondition

blueprint = Blueprint("conditions", __name__)
PLAIN = "text/plain"  # for a terminal: Markdown is read there as it is
OFFERED = (JSON, MARKDOWN, PLAIN, HTML)


@promises(Operation({JSON: ConditionsOut, MARKDOWN: TEXT, PLAIN: TEXT, HTML: TEXT}, ("not-acceptable",)))
@blueprint.get("/conditions")
def catalogue() -> Response:
    """List every condition that can be named."""
    media_type = wanted(OFFERED)
    found = ConditionsOut.of(current_app.config["SETTINGS"].public_url)
    if media_type == HTML:
        return html("conditions.html", found=found)
    return negotiated(found.model_dump_json() if media_type == JSON else conditions_page(found), media_type)


@promises(
    Operation(
        {JSON: ConditionOut, MARKDOWN: TEXT, PLAIN: TEXT, HTML: TEXT},
        ("not-found", "not-acceptable"),
        (Parameter("name", "As in `findings[].condition`.", {"$ref": "#/components/schemas/Condition"}, "path"),),
    )
)
@blueprint.get("/conditions/<name>")
def one(name: str) -> Response:
    """Describe one condition: what it means, how it is detected, when that is wrong, sources, causes, fixes, an example."""
    media_type = wanted(OFFERED)
    found = condition(name, current_app.config["SETTINGS"].public_url)
    if found is None:
        near = get_close_matches(name, all_conditions(), 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise NoSuchCondition(f"There is no condition {name[:80]!r}. {meant}GET /conditions lists them all.")
    if media_type == HTML:
        return html("condition.html", found=found, question=question_on(name))
    return negotiated(found.model_dump_json() if media_type == JSON else page(found), media_type)
