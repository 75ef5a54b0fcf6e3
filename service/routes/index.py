"""`GET /` and `/openapi.yaml`: what can be asked here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Blueprint, Response

from schemas.health import Index
from service.contract import Operation, promises
from service.negotiation import JSON

blueprint = Blueprint("index", __name__)
CONTRACT = Path(__file__).parents[1] / "openapi.yaml"
ADDRESSES = ["/conditions", "/formats", "/openapi.yaml", "/healthz", "/readyz"]
YAML = "application/yaml"


@promises(Operation({JSON: Index}))
@blueprint.get("/")
def index() -> Response:
    """Say what can be asked here."""
    return Response(Index(addresses=ADDRESSES).model_dump_json(), content_type=JSON)


@promises(Operation({YAML: {"type": "object", "description": "OpenAPI 3.1."}}))
@blueprint.get("/openapi.yaml")
def contract() -> Response:
    """Give the contract: every address, every field, as OpenAPI 3.1."""
    return Response(_contract(), content_type=YAML)


@cache
def _contract() -> bytes:
    return CONTRACT.read_bytes()
