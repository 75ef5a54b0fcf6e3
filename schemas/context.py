"""What the caller may say of the training; all of it optional."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from diagnosis.run import NEAREST, Context, Task
from schemas.wire import Wire, either, refused

UNKNOWN = 256  # fields of a context that mean nothing here; each costs a note


def whole(value: object) -> object:
    """Take 50000.0, which some writers make of 50000; leave anything else to the strict check."""
    return int(value) if type(value) is float and value.is_integer() else value


Whole = Annotated[
    int, Field(ge=1, le=10**15), BeforeValidator(whole)
]  # bounds first: JSON Schema has no word for others
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
# Of epochs or steps, by which others are divided: less than one example of the longest epoch is not meant, nor more than any run.
Positive = Annotated[float, Field(ge=NEAREST, le=1e15, allow_inf_nan=False)]
Word = Annotated[str, Field(max_length=256)]
Scheduler = Annotated[Word | bool, either("the scheduler's name in up to 256 characters, true or false")]
Clipping = Annotated[
    Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] | bool,
    either("the norm clipped at (0 is none), true or false"),
]


class ContextIn(Wire):
    """What the caller knows of the training; what is missing is said where it would have mattered."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"task": "classification", "num_classes": 10, "learning_rate": 0.001, "planned_epochs": 60}]
        },
    )

    task: Task | None = Field(None, description="What is learnt; some conditions need it.")
    num_classes: Whole | None = Field(None, description="Gives the chance level.")
    batch_size: Whole | None = Field(None, description="Examples a step.")
    optimizer: Word | None = Field(
        None, description="Its name: `adam`, `sgd`, …; of boosted trees `xgboost`, `lightgbm`, …"
    )
    learning_rate: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="With it, fixes name the new rate, not only the factor."
    )
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="L2 or decoupled."
    )
    dropout: Share | None = Field(None, description="The rate, 0–1.")
    train_size: Whole | None = Field(None, description="Training examples.")
    val_size: Whole | None = Field(None, description="Validation examples; gives the noise to expect of validation.")
    steps_per_epoch: Positive | None = Field(None, description="Lets steps and epochs be set against each other.")
    planned_epochs: Positive | None = Field(None, description="How long the run is meant to be.")
    finished: bool | None = Field(
        None, description="Whether training is over. Absent: true, unless fewer than `planned_epochs` are logged."
    )
    monitor: Word | None = Field(None, description="The metric that ships, by its name in the log.")
    baseline: Number | None = Field(
        None,
        description="What a simple model scores, such as the mean answer or the model before: of the curve that `monitor` names, else of the loss. What is no better is poor.",
    )
    scheduler: Scheduler | None = Field(None, description="Of the learning rate: its name, or whether there is one.")
    gradient_clipping: Clipping | None = Field(
        None, description="The norm clipped at, or whether there is clipping; 0 is none."
    )
    early_stopping: Any = Field(None, description="Its settings, or whether there is one.")
    shuffle: bool | None = Field(None, description="Whether the training data are shuffled every epoch.")
    augmentation: Any = Field(None, description="Its settings, or whether there is any.")
    checkpoint_every: Positive | None = Field(
        None,
        description="Epochs between checkpoints: the best one may not be among those that were kept, and advice says so.",
    )
    labels: dict[str, Any] | None = Field(None, description="Anything of your own; echoed back as it is.")

    @model_validator(mode="after")
    def _few_are_unknown(self) -> Self:
        if len(self.unknown) > UNKNOWN:
            raise refused(
                ((), f"There are {len(self.unknown)} fields that mean nothing here; {UNKNOWN} are allowed, and noted.")
            )
        return self

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that mean nothing here: noted in the answer, not refused."""
        return tuple(self.__pydantic_extra__ or ())

    def to_context(self) -> Context:
        """The engine's context; `null` is the same as not said."""
        said = {name: getattr(self, name) for name in self.model_fields_set & KNOWN}
        return Context(**{name: value for name, value in said.items() if value is not None})


KNOWN = {field.name for field in fields(Context)}
