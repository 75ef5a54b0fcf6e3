"""`POST /diagnose`, canonical JSON: one run, or several.

A parsed document goes in, strict models come out, and `to_log()` hands them to the engine.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import (
    ConfigDict,
    FailFast,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from diagnosis.reading.assemble import Log, Series
from diagnosis.run import Axis, Direction, FloatArray, Role
from schemas.context import ContextIn
from schemas.numbers import Logged, logged, positions
from schemas.wire import Wire, refused

FORMAT = "json"
CANONICAL = {
    "title": "JSON of this service: a run's series under `history`, or several runs under `runs`.",
    "sample": '{"history": {"loss": [2.3, 1.7, 1.2], "val_loss": [2.3, 1.9, 1.7]}, "context": {"num_classes": 10}}',
    "page": "A series is a list, one value an epoch, or an object with `values`, `steps`, `axis` and `direction`. "
    "NaN and Infinity are data; `null` is a value that was not logged. /openapi.yaml has every field.",
}
A_VALUE = {"anyOf": [{"type": "number"}, {"type": "null"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
VALUES = {
    "type": "array",
    "items": A_VALUE,
    "description": "Numbers; `null` for a value that was not logged. The bare literals NaN, Infinity and -Infinity, "
    "which some JSON writers emit, and the same as strings, are values that are not finite.",
}
Values = Annotated[Logged, PlainValidator(logged), WithJsonSchema(VALUES)]
Steps = Annotated[
    FloatArray,
    PlainValidator(positions),
    WithJsonSchema({"type": "array", "items": {"type": "number"}}),
]


class SeriesIn(Wire):
    """One series that says where its values were logged, or which way is better."""

    expected: ClassVar[str] = 'a list of numbers, or an object with "values"'

    values: Values
    steps: Steps | None = Field(None, description="One position for each value, none beyond 2^63. Default: 0, 1, 2, …")
    axis: Axis | None = Field(None, description="What `steps` count. Default: as the name says, else epochs.")
    direction: Direction | None = Field(None, description="Which way is better. Default: as the name says.")

    @model_validator(mode="after")
    def _as_many_steps_as_values(self) -> Self:
        if self.steps is not None and self.steps.size != self.values.values.size:
            sentence = (
                f"Expected one step for each value; got {self.steps.size} steps for {self.values.values.size} values."
            )
            raise refused((("steps",), sentence))
        return self

    def to_series(self, name: str) -> Series:
        """The engine's series."""
        return Series(name, self.values.values, self.steps, self.axis, self.direction, self.values.missing)


def _series(data: object, read: ValidatorFunctionWrapHandler) -> SeriesIn:
    """Read a series as people write it: a bare list, one value an epoch, or an object."""
    found: SeriesIn = SeriesIn.model_construct(values=logged(data)) if isinstance(data, list) else read(data)
    return found


class _OrAList:
    """Tells the JSON schema that a bare list will do."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [VALUES, handler(schema)]}


AnySeries = Annotated[SeriesIn, WrapValidator(_series), _OrAList()]
History = Annotated[dict[str, AnySeries], Field(description="Series by their names, as you call them.")]
Roles = Annotated[dict[str, Role], Field(description="What a series is, where its name does not tell.")]


class RunIn(Wire):
    """One training run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "history": {"loss": [2.30, 1.71, 1.20], "val_loss": [2.31, 1.90, 1.72]},
                    "context": {"task": "classification", "num_classes": 10, "finished": False},
                }
            ]
        }
    )
    expected: ClassVar[str] = 'an object with "history"'

    name: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(None, description="Default: `run-1`, …")
    history: History
    context: ContextIn | None = None
    roles: Roles | None = None

    def to_log(self, name: str | None = None) -> Log:
        """What the engine takes from every format alike."""
        return Log(tuple(series.to_series(key) for key, series in self.history.items()), FORMAT, name=name)


class RunsIn(Wire):
    """Several runs that belong together: folds, seeds, a sweep."""

    runs: Annotated[list[RunIn], FailFast()]
    context: ContextIn | None = Field(None, description="Shared: stands where a run says nothing.")
    roles: Roles | None = Field(None, description="Shared: stands where a run says nothing.")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        seen: dict[str, int] = {}
        for index, name in enumerate(self.names()):
            if name in seen:
                sentence = f'Run {seen[name]} is already called "{name}"; give every run a name of its own.'
                raise refused((("runs", index, "name"), sentence))
            seen[name] = index
        return self

    def names(self) -> list[str]:
        """What each run is called."""
        return [run.name or f"run-{index + 1}" for index, run in enumerate(self.runs)]
