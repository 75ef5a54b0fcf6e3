"""openapi.yaml as a page can show it: addresses and schemas, with every reference a link."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

REF = "#/components/schemas/"
SHOWN = 4000  # characters of an example
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Type:
    """What a value may be: words, and the names of schemas among them."""

    parts: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Field:
    """One property of an object, or one parameter."""

    name: str
    type: Type
    says: str
    required: bool
    place: str = ""


@dataclass(frozen=True)
class Content:
    """A body of one media type: what it is, and examples of it."""

    media_type: str
    type: Type
    says: str
    fields: tuple[Field, ...]
    examples: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What may come back."""

    status: str
    says: str
    contents: tuple[Content, ...]


@dataclass(frozen=True)
class Call:
    """One method of one address."""

    method: str
    path: str
    summary: str
    says: str
    parameters: tuple[Field, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]

    @property
    def id(self) -> str:
        """Its anchor."""
        return f"{self.method}-{self.path.strip('/').replace('/', '-').replace('{', '').replace('}', '') or 'root'}"


@dataclass(frozen=True)
class Schema:
    """One named schema: an object with fields, or another type."""

    name: str
    says: str
    fields: tuple[Field, ...]
    type: Type | None


@dataclass(frozen=True)
class Reference:
    """The whole contract."""

    title: str
    version: str
    says: str
    calls: tuple[Call, ...]
    schemas: tuple[Schema, ...]


@cache
def reference(contract: bytes) -> Reference:
    """Read the contract."""
    document = yaml.load(contract, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe  # nosec B506
    info = document["info"]
    calls = tuple(
        _call(method, path, call) for path, calls in document["paths"].items() for method, call in calls.items()
    )
    calls = tuple(sorted(calls, key=lambda call: call.method != "post"))  # what people come for goes first
    schemas = tuple(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return Reference(info["title"], info["version"], info["description"], calls, schemas)


def _call(method: str, path: str, call: Json) -> Call:
    parameters = tuple(
        Field(p["name"], _type(p["schema"]), p.get("description", ""), p.get("required", False), p["in"])
        for p in call.get("parameters", ())
    )
    answers = tuple(
        Answer(status, answer.get("description", ""), _contents(answer)) for status, answer in call["responses"].items()
    )
    bodies = _contents(call.get("requestBody", {}))
    return Call(method, path, call["summary"], call.get("description", ""), parameters, bodies, answers)


def _contents(body: Json) -> tuple[Content, ...]:
    found = []
    for media_type, content in body.get("content", {}).items():
        schema = content.get("schema", {})
        examples = {name: _written(example["value"]) for name, example in content.get("examples", {}).items()}
        found.append(Content(media_type, _type(schema), schema.get("description", ""), _fields(schema), examples))
    return tuple(found)


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n…"


def _schema(name: str, schema: Json) -> Schema:
    fields = _fields(schema)
    return Schema(name, schema.get("description", ""), fields, None if fields else _type(schema))


def _fields(schema: Json) -> tuple[Field, ...]:
    required = schema.get("required", ())
    properties = schema.get("properties", {}).items()
    return tuple(Field(name, _type(value), _says(value), name in required) for name, value in properties)


def _says(schema: Json) -> str:
    """The description, and the default where there is one to speak of."""
    default = schema.get("default")
    said = "" if default is None else f"Default: `{json.dumps(default)}`."
    return f"{schema.get('description', '')} {said}".strip()


def _type(schema: Json) -> Type:
    return Type(tuple(_parts(schema)))


def _parts(schema: Json) -> Iterator[tuple[str, str | None]]:
    """The type in words; a word that names a schema comes with that name."""
    choices = schema.get("anyOf") or schema.get("oneOf")
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        yield name, name
    elif "enum" in schema:
        yield " | ".join(json.dumps(value) for value in schema["enum"]), None
    elif "const" in schema:
        yield json.dumps(schema["const"]), None
    elif choices and "properties" not in schema:
        for index, choice in enumerate(choices):
            yield from ((" or ", None),) if index else ()
            yield from _parts(choice)
    elif schema.get("type") == "array" and schema.get("items"):
        yield "list of ", None
        yield from _parts(schema["items"])
    elif schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        yield "object of ", None
        yield from _parts(schema["additionalProperties"])
    else:
        yield str(schema.get("type", "anything")), None
