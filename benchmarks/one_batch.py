"""Overfitting one batch: how fast this check trains beside a bare loop, what it costs besides, and what Lightning does.

python -m benchmarks.one_batch

One thread, wall time, the three in turn and the best of `ROUNDS`; only ratios within one run are worth comparing. Lightning
is the extra `bench`; without it its columns are empty.
"""

from __future__ import annotations

import importlib.util
import io
import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.data import DataLoader

from diagnosis.examining.check import check
from diagnosis.examining.examination import Examination
from service.examination import examine, warm_up
from tests.zoo.case import archive, packed
from tests.zoo.healthy import GPT, Recurrent, conv, flat, images, mlp, resnet, sequence, tokens

STEPS = 200
IDLE = 1e-9  # a learning rate at which nothing is learnt, so that all steps are taken
ROUNDS = 3
SPEED = 0.9  # target: steps a second, of a bare loop's
SMALL_MS, LARGE_MS, SHARE = (
    50.0,
    250.0,
    0.1,
)  # targets: besides training, for the smallest model; for others, or of the training


def from_one() -> tuple[tuple[Tensor, ...], Tensor]:
    """Vectors, and labels that are counted from 1."""
    inputs, targets = flat()
    return inputs, targets + 1


Build = Callable[[], tuple[nn.Module, tuple[tuple[Tensor, ...], Tensor]]]
MODELS: dict[str, Build] = {
    "MLP": lambda: (mlp(20, 64, 4), flat()),
    "convolutions": lambda: (conv(), images()),
    "residual blocks": lambda: (resnet(), images()),
    "LSTM": lambda: (Recurrent(nn.LSTM, 30), tokens()),
    "tiny GPT": lambda: (GPT(), sequence()),
}
ILL: dict[str, Build] = {
    "a softmax before cross_entropy": lambda: (nn.Sequential(mlp(20, 64, 4), nn.Softmax(1)), flat()),
    "a frozen model": lambda: (mlp(20, 64, 4).requires_grad_(requires_grad=False), flat()),
    "labels from 1": lambda: (mlp(20, 64, 4), from_one()),
}


@dataclass(frozen=True)
class Speed:
    """Seconds for `STEPS` steps of each, and what the check takes besides training, in milliseconds."""

    name: str
    parameters: int
    bare: float
    ours: float
    lightning: float | None
    besides: float
    training: float


def loss_of(module: Any, inputs: tuple[Tensor, ...], targets: Tensor) -> Tensor:  # noqa: ANN401 - a ScriptModule
    """Cross-entropy, the classes last for tokens."""
    output = module(*inputs)
    return F.cross_entropy(output.reshape(-1, output.shape[-1]), targets.reshape(-1))


def bare(model: bytes, inputs: tuple[Tensor, ...], targets: Tensor) -> float:
    """The loop that anybody would write."""
    module = torch.jit.load(io.BytesIO(model))
    optimizer = torch.optim.Adam(module.parameters(), IDLE)
    begun = time.perf_counter()
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(module, inputs, targets).backward()
        optimizer.step()
    return time.perf_counter() - begun


def ours(model: bytes, batch: bytes) -> float:
    """The same steps inside the check."""
    config = {"loss": "cross_entropy", "device": "cpu", "steps": STEPS, "lr": IDLE, "deadline_s": 120}
    facts = examine(config, model, batch, lambda _line: None)
    (first, *_) = facts["attempts"]
    return float(first["seconds"]) * STEPS / int(first["steps"])


def lightning(model: bytes, inputs: tuple[Tensor, ...], targets: Tensor, lr: float = IDLE) -> tuple[float, float]:
    """`Trainer(overfit_batches=1)` on the same batch: seconds, and the last loss."""
    import pytorch_lightning as pl  # noqa: PLC0415 - the extra `bench`

    class Wrapped(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.jit.load(io.BytesIO(model))
            self.last = float("nan")

        def training_step(self, batch: Any, _number: int) -> Tensor:  # noqa: ANN401 - what a loader gives
            loss = loss_of(self.net, *batch)
            self.last = float(loss.detach())
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr)

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = pl.Trainer(
            accelerator="cpu", overfit_batches=1, max_epochs=STEPS, logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        wrapped = Wrapped()
        begun = time.perf_counter()
        trainer.fit(wrapped, DataLoader([(inputs, targets)], batch_size=None))
    return time.perf_counter() - begun, wrapped.last


def there() -> bool:
    """Whether Lightning is installed."""
    return importlib.util.find_spec("pytorch_lightning") is not None


def measured(name: str, build: Build) -> Speed:
    """One model, the three in turn."""
    torch.manual_seed(0)
    module, (inputs, targets) = build()
    model, batch = archive(module, inputs, "script"), packed(inputs, targets)
    rounds = [
        (bare(model, inputs, targets), ours(model, batch), lightning(model, inputs, targets)[0] if there() else None)
        for _ in range(ROUNDS)
    ]
    timings = [
        examine({"loss": "cross_entropy", "device": "cpu"}, model, batch, lambda _line: None)["timing"]
        for _ in range(ROUNDS)
    ]
    quickest = min(timings, key=lambda timing: timing["all_ms"] - timing["train_ms"])
    return Speed(
        name, sum(p.numel() for p in module.parameters()),
        min(r[0] for r in rounds), min(r[1] for r in rounds), min((r[2] for r in rounds if r[2] is not None), default=None),
        quickest["all_ms"] - quickest["train_ms"], quickest["train_ms"],
    )  # fmt: skip


def allowed(speed: Speed) -> float:
    """How many milliseconds it may take besides training."""
    return SMALL_MS if speed.name == "MLP" else max(LARGE_MS, SHARE * speed.training)


def said(name: str, build: Build) -> str:
    """What each says of a model that cannot learn."""
    torch.manual_seed(0)
    module, (inputs, targets) = build()
    model, batch = archive(module, inputs, "script"), packed(inputs, targets)
    report = check(
        Examination.of(examine({"loss": "cross_entropy", "device": "cpu"}, model, batch, lambda _line: None))
    )
    answer = "not installed"
    if there():
        try:
            answer = f"the last loss is {lightning(model, inputs, targets, 1e-3)[1]:.3g}"
        except Exception as error:  # noqa: BLE001 - whatever it stops with is what its user sees
            answer = f"stops with {type(error).__name__}: {str(error).splitlines()[0][:80]}"
    return f"| {name} | {report.verdict}: {', '.join(j.condition for j in report.findings[:2])} | {answer} |"


def section() -> str:
    """Both tables as markdown, with the targets and whether they are met."""
    torch.set_num_threads(1)
    warm_up()
    speeds = [measured(name, build) for name, build in MODELS.items()]
    lines = [
        "| model | parameters | bare loop, steps/s | check ÷ bare | Lightning ÷ bare | besides training, ms | until the verdict, ms |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for speed in speeds:
        peer = "" if speed.lightning is None else f"{speed.bare / speed.lightning:.2f}"
        lines.append(
            f"| {speed.name} | {speed.parameters:,} | {STEPS / speed.bare:.0f} | {speed.bare / speed.ours:.2f} | {peer} | "
            f"{speed.besides:.0f} | {speed.besides + speed.training:.0f} |"
        )
    lines.append("")
    for speed in speeds:
        fast = speed.bare / speed.ours >= SPEED
        lines.append(
            f"- {'met' if fast else '**missed**'}: {speed.name}: {speed.bare / speed.ours:.2f} of a bare loop's steps/s; target ≥ {SPEED:g}"
        )
        short = speed.besides <= allowed(speed)
        lines.append(
            f"- {'met' if short else '**missed**'}: {speed.name}: {speed.besides:.0f} ms besides training; target ≤ {allowed(speed):.0f}"
        )
    lines += ["", f"| planted | this check | Lightning after {STEPS} steps |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(said(name, build) for name, build in ILL.items())])


if __name__ == "__main__":
    print(section())
