"""Write openapi.yaml from the models and the routes; `--check` only says whether the file is current.

Every example of a question is put to the service, and what it answers becomes the example of the answer.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from diagnosis.identity import VERSION
from scripts.openapi_schemas import REF, Json, schemas
from service import create_app
from service.contracts.endpoint import Body, Operation, promised
from service.negotiation import JSON
from service.problems import BY_STATUS, KINDS, MEDIA_TYPE, Kind
from service.question import multipart
from service.request_id import HEADER
from service.settings import Settings

FILE = Path(__file__).parents[1] / "openapi.yaml"
ABOUT = """
A training log in, a diagnosis out: what is wrong, how sure, since when, on what evidence, and what to try first.
The service keeps nothing: an answer depends on the question and the version alone.
Every error of every address is a problem document as RFC 9457 has it.
"""
PAGES_OWN = "/static/"  # files that the pages load: no address for anybody else
REQUEST_ID = {
    "description": "The id of the request: the client's own where it is harmless, else a new one.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
}
KEY = {"type": "http", "scheme": "bearer", "description": "One of the service's API_KEYS, where it has any."}
GUARDED = frozenset(("POST",))  # methods that service.admission.guard asks for a key and a turn
AT_THE_DOOR = ("unauthorized", "busy")  # what it then may say
Model = type | Mapping[str, Any]


def contract(app: Flask) -> Json:
    """The whole document."""
    views: list[tuple[Rule, Callable[..., object]]] = [
        (rule, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(PAGES_OWN)
    ]
    paths: Json = {}
    for rule, view in sorted(views, key=lambda entry: entry[0].rule):
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(address, {})[method.lower()] = {
                "operationId": named(method, address),
                **described(app, rule, view, method in GUARDED),
            }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "curve-diagnosis",
            "version": VERSION,
            "description": ABOUT.strip(),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas([promised(view) for _, view in views]),
            "headers": {"RequestId": REQUEST_ID},
            "securitySchemes": {"key": KEY},
        },
    }


def named(method: str, address: str) -> str:
    """What a generated client calls an operation: `diagnose`, `getConditionsName`."""
    words = re.findall(r"[a-z]+", address) or ["index"]
    first = [] if method in GUARDED else [method.lower()]
    return "".join([word.capitalize() if at else word for at, word in enumerate([*first, *words])])


def described(app: Flask, rule: Rule, view: Callable[..., object], guarded: bool) -> Json:  # noqa: FBT001
    """One operation: its words are the view's docstring, its facts what the view promises."""
    operation = promised(view)
    if guarded:
        operation = replace(operation, problems=(*operation.problems, *AT_THE_DOOR))
    summary, _, rest = (view.__doc__ or "").strip().partition("\n")
    found: Json = {"summary": summary}
    if guarded:
        found["security"] = [{}, {"key": []}]  # none is needed where the service has none
    if rest.strip():
        found["description"] = " ".join(rest.split())
    if operation.parameters:
        found["parameters"] = [
            {
                "name": p.name,
                "in": p.place,
                "required": p.place == "path",
                "description": p.says,
                "schema": dict(p.schema),
                **p.more,
            }
            for p in operation.parameters
        ]
    if operation.bodies:
        content = {
            media: {"schema": body.schema} | ({"examples": examples(body)} if body.examples else {}) | body.more
            for media, body in operation.bodies.items()
        }
        found["requestBody"] = {"required": True, "content": content}
    found["responses"] = responses(operation, answers(app, rule, operation))
    return found


def examples(body: Body) -> Json:
    """What may be asked, by the names of the examples."""
    return {name: {"value": value} for name, value in body.examples.items()}


def responses(operation: Operation, answered: Mapping[str, TestResponse]) -> Json:
    """Every status that may come back, with what was really answered."""
    found: Json = {}
    headers: Json = {HEADER: {"$ref": "#/components/headers/RequestId"}}
    if operation.answers:
        said = {name: {"description": says, "schema": {"type": "string"}} for name, says in operation.headers.items()}
        content: Json = {media: {"schema": _schema(model)} for media, model in operation.answers.items()}
        first = next(((name, answer) for name, answer in answered.items() if answer.status_code == 200), None)
        if first:
            content[JSON]["examples"] = {first[0]: {"value": first[1].get_json()}}
        found["200"] = {"description": "The answer.", "headers": {**headers, **said}, "content": content}
    for status, kinds in sorted(_kinds(operation).items()):
        shown = {
            name: {"value": {**json.loads(answer.data), "request_id": "0123456789abcdef"}}
            for name, answer in answered.items()
            if answer.status_code == status
        }
        says = "; ".join(f"`{kind.name}`: {kind.title}" for kind in kinds) + "."
        found[str(status)] = _refusal(says, headers, shown)
    found["default"] = _refusal("Any other error.", headers, {})
    return found


def _refusal(says: str, headers: Json, shown: Json) -> Json:
    content = {"schema": {"$ref": REF.format(model="Problem")}} | ({"examples": shown} if shown else {})
    return {"description": says, "headers": headers, "content": {MEDIA_TYPE: content}}


def _schema(model: Model | tuple[type, ...]) -> Json:
    if isinstance(model, tuple):
        return {"anyOf": [_schema(one) for one in model]}
    return {"$ref": REF.format(model=model.__name__)} if isinstance(model, type) else dict(model)


def _kinds(operation: Operation) -> dict[int, list[Kind]]:
    """What this service may refuse here, by status; what the server refuses before it is asked is left to `default`."""
    found: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys((*KINDS.values(), BY_STATUS[404])):
        if {kind.name, f"{kind.name} {kind.status}"} & set(operation.problems):
            known = found.setdefault(kind.status, [])
            if kind.name not in {other.name for other in known}:
                known.append(kind)
    return found


def answers(app: Flask, rule: Rule, operation: Operation) -> dict[str, TestResponse]:
    """Put every example to the service."""
    client = app.test_client()
    return {
        name: ask(client, rule.rule, media, value)
        for media, body in operation.bodies.items()
        for name, value in body.examples.items()
    }


def ask(client: FlaskClient, address: str, media: str, value: object) -> TestResponse:
    """Send one example as its media type has it."""
    if media == JSON:
        return client.post(address, data=json.dumps(value), content_type=JSON)
    if isinstance(value, dict):
        return client.post(address, data=dict(_parts(value)), content_type=multipart.TYPE)
    return client.post(address, data=str(value).encode(), content_type="application/octet-stream")


def _parts(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if name == "file":
            yield name, [(BytesIO(text.encode()), f"{number}.csv") for number, text in enumerate(part, 1)]
        else:
            yield name, json.dumps(part)


def write(document: Json) -> str:
    """Write the document as people read it."""
    head = "# Generated by scripts/openapi.py (`make docs`) from the models and the routes: do not edit.\n"
    return head + yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True, width=120)


class Plain(yaml.SafeDumper):
    """YAML without anchors: a reader need not look elsewhere for what is meant."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write everything out."""
        return True


def current() -> str:
    """What openapi.yaml should say today."""
    return write(contract(create_app(Settings())))


def main() -> int:
    """Write the file, or check it."""
    text = current()
    if "--check" in sys.argv[1:]:
        stale = not FILE.exists() or FILE.read_text(encoding="utf-8") != text
        print("openapi.yaml is stale: run `make docs`." if stale else "openapi.yaml is current.")
        return int(stale)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
