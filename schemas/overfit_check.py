"""What `POST /overfit-check` is asked: how to train, for how long, and what to make a batch of where none is sent."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import from_json

from diagnosis.errors import Malformed
from schemas.context import whole
from schemas.wire import Wire, either, refused

LossName = Literal["cross_entropy", "nll", "bce_with_logits", "mse", "l1", "huber"]
DtypeName = Literal["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64", "complex128"]  # fmt: skip
NUMBERS = 50_000_000  # in a batch that is made
STEPS = 100_000
DEADLINE_S = 20.0  # where nothing else is asked for
LONGEST = 1 << 20  # bytes of a config
LONGEST_S = 3600.0  # whatever the operator allows is less
LEAST_S = 0.1
LEAST_LR, MOST_LR = 1e-30, 1e6  # single precision ends at 1e-38, and a rate is tried up to a thousand times smaller


def _bare(name: object) -> object:
    """Take `torch.float32` too."""
    return name.removeprefix("torch.") if isinstance(name, str) else name


Whole = BeforeValidator(whole)
Size = Annotated[int, Field(ge=1, le=NUMBERS), Whole]
Shape = Annotated[list[Size], Field(max_length=8)]
Dtype = Annotated[DtypeName, BeforeValidator(_bare)]
Output = Annotated[
    Annotated[str, Field(max_length=256)] | Annotated[int, Field(ge=-64, le=64), Whole],
    either("a key in up to 256 characters, or a place from -64 to 64"),
]
Rate = Annotated[float, Field(ge=LEAST_LR, le=MOST_LR, allow_inf_nan=False)]


class OverfitCheckIn(Wire):
    """The part `config`: the loss, and how to train; all but the loss has a default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"loss": "cross_entropy"},
                {"loss": "mse", "optimizer": "sgd", "lr": 0.01, "steps": 500, "input_shapes": [[16, 3, 32, 32]]},
            ]
        }
    )

    loss: LossName = Field(description="The loss that the model is trained with, on its raw output.")
    optimizer: Literal["adam", "sgd"] = Field("adam", description="The optimizer to train with.")
    lr: Rate | None = Field(None, description="The learning rate; 0.001 where none is given. Others are tried too.")
    momentum: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = Field(0.0, description="Of `sgd`.")
    steps: Annotated[int, Field(ge=1, le=STEPS), Whole] = Field(200, description="Steps with one learning rate.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1), Whole] = Field(
        0, description="Of all randomness: the same question has the same answer, on the same machine."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="`auto` takes a GPU where there is one.")
    deadline_s: Annotated[float, Field(ge=LEAST_S, le=LONGEST_S, allow_inf_nan=False)] = Field(
        DEADLINE_S,
        description="Seconds in which to answer, by what was reached; `OVERFIT_DEADLINE` of the service is the most.",
    )
    input_shapes: Annotated[list[Shape], Field(min_length=1, max_length=16)] | None = Field(
        None, description="Without a part `batch`: the shapes of a random one, the batch's size first."
    )
    input_dtypes: Annotated[list[Dtype], Field(max_length=16)] | None = Field(
        None, description="Of these inputs; `float32` where none is given."
    )
    num_classes: Size | None = Field(None, description="Of the targets of a random batch.")
    batch_size: Size | None = Field(None, description="Put before each of `input_shapes`, where they leave it out.")
    target_shape: Shape | None = Field(None, description="Of the targets of a random batch; the output's by default.")
    output: Output | None = Field(None, description="Which of several outputs to train: a key, or a place in a tuple.")

    @model_validator(mode="after")
    def _makeable(self) -> OverfitCheckIn:
        """Refuse a batch that nobody can hold."""
        shapes, size = self.input_shapes or [], self.batch_size or 1
        if sum(math.prod(shape) * size for shape in shapes) > NUMBERS:
            raise refused(
                (("input_shapes",), f"A batch of these shapes has more than {NUMBERS} numbers. Ask for less.")
            )
        if len(self.input_dtypes or []) > len(shapes):
            raise refused(
                (
                    ("input_dtypes",),
                    f"There {'is 1 input shape' if len(shapes) == 1 else f'are {len(shapes)} input_shapes'}; expected at most as many dtypes.",
                )
            )
        return self

    def to_config(self) -> dict[str, Any]:
        """What the examination is told: what was left out stays out, so that a default is told from a choice."""
        return self.model_dump(exclude_none=True)


class OverfitCheckParts(Wire):
    """The parts that are read here, by their names: what is wrong is found at `/config/lr`."""

    config: OverfitCheckIn


def config_of(text: bytes, longest_s: float) -> OverfitCheckIn:
    """Read the part `config`; `longest_s` is the most that the operator allows, and the default where it is less."""
    if len(text) > LONGEST:
        raise refused((("config",), f"Expected at most {LONGEST} bytes; got {len(text)}."))
    try:
        said = from_json(text)
    except ValueError as broken:
        raise Malformed(f"The part config is not JSON: {broken}.", "/config") from None
    if isinstance(said, dict):
        said = {"deadline_s": min(DEADLINE_S, longest_s), **said}
    config = OverfitCheckParts.model_validate({"config": said}).config
    if config.deadline_s > longest_s:
        raise refused((("config", "deadline_s"), f"Expected at most {longest_s:g} s, which this service allows."))
    return config
