"""`GET /`, `/docs` and `/openapi.yaml`: the page, and what can be asked here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app

from schemas.health import Index
from service.contracts.endpoint import TEXT, Operation, promises
from service.contracts.reference import reference
from service.negotiation import JSON, negotiated
from service.pages.examples import all_examples
from service.pages.html import HTML, html, wanted

blueprint = Blueprint("index", __name__)
CONTRACT = Path(__file__).parents[1] / "openapi.yaml"
ADDRESSES = ["/conditions", "/formats", "/docs", "/openapi.yaml", "/healthz", "/readyz"]
YAML = "application/yaml"


@promises(Operation({JSON: Index, HTML: TEXT}, ("not-acceptable",)))
@blueprint.get("/")
def index() -> Response:
    """Say what can be asked here; for a browser, the page on which to ask it."""
    if wanted((JSON, HTML)) == HTML:
        return html("index.html", examples=all_examples())
    link = current_app.config["SETTINGS"].public_url
    return negotiated(Index(addresses=[link + address for address in ADDRESSES]).model_dump_json(), JSON)


@promises(Operation({YAML: {"type": "object", "description": "OpenAPI 3.1."}}))
@blueprint.get("/openapi.yaml")
def contract() -> Response:
    """Give the contract: every address, every field, as OpenAPI 3.1."""
    return Response(_contract(), content_type=YAML)


@promises(Operation({HTML: TEXT}))
@blueprint.get("/docs")
def docs() -> Response:
    """Give the contract as a page to read."""
    return html("docs.html", reference=reference(_contract()))


@cache
def _contract() -> bytes:
    return CONTRACT.read_bytes()
