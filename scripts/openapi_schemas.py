"""The schemas of openapi.yaml: of every model that is asked with or answered by, and of all that they hold."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from schemas.finding import CONDITIONS
from schemas.overfit_check import OverfitCheckIn
from schemas.problem import Problem
from schemas.run import RunIn, RunsIn
from service.contracts.endpoint import Operation
from service.problems import BY_STATUS, KINDS

REF = "#/components/schemas/{model}"
ASKED: tuple[type, ...] = (RunIn, RunsIn, OverfitCheckIn)
Json = dict[str, Any]


def schemas(operations: list[Operation]) -> Json:
    """The schema of every model that is asked with or answered by, and of all that they hold."""
    answered: list[type] = [Problem]
    for operation in operations:
        for model in operation.answers.values():
            models = model if isinstance(model, tuple) else (model,)
            answered.extend(one for one in models if isinstance(one, type))
    modes: list[Any] = [(model.__name__, "validation", TypeAdapter(model)) for model in ASKED]
    modes += [(model.__name__, "serialization", TypeAdapter(model)) for model in dict.fromkeys(answered)]
    _, defined = TypeAdapter.json_schemas(modes, ref_template=REF, schema_generator=Untitled)
    found: Json = {"Condition": CONDITIONS, **_referring(defined["$defs"])}
    names = dict.fromkeys(kind.name for kind in (*KINDS.values(), *BY_STATUS.values()))
    found["Problem"]["properties"]["type"]["pattern"] = f"/({'|'.join(names)})$"
    return dict(sorted(found.items()))


def _referring(schema: Json) -> Json:
    """The same schema, where the list of conditions stands in one place only."""
    if schema.get("enum") == CONDITIONS["enum"]:
        return {"$ref": REF.format(model="Condition")}
    return {name: _referring_within(entry) for name, entry in schema.items()}


def _referring_within(entry: object) -> object:
    if isinstance(entry, list):
        return [_referring_within(one) for one in entry]
    return _referring(entry) if isinstance(entry, dict) else entry


class Untitled(GenerateJsonSchema):
    """Schemas without a title for each field, which would only repeat its name."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        """Leave the name as it is."""
        return False
