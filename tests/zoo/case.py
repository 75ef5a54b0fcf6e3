"""One animal of the zoo: a model, a batch, and what must be said of them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from diagnosis.examining.check import CheckReport, check
from diagnosis.examining.examination import Examination
from service.examination import examine


@dataclass(frozen=True)
class Case:
    """`named` must be found, `also` may be; nothing else may be above an info."""

    name: str
    build: Callable[[], tuple[nn.Module, tuple[Tensor, ...], Tensor]]
    loss: str = "cross_entropy"
    verdict: tuple[str, ...] = ("overfits",)
    named: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    how: tuple[str, ...] = ("script", "trace")
    config: Mapping[str, Any] = field(default_factory=dict)
    mode: bool = True  # traced in train mode or not
    quick: bool = False  # part of the test suite


def archive(module: nn.Module, inputs: tuple[Tensor, ...], how: str, *, mode: bool = True) -> bytes:
    """What `torch.jit.save` writes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module.train(mode)
        made: Any = (
            torch.jit.script(module)
            if how == "script"
            else torch.jit.trace(module, inputs, check_trace=False, strict=False)
        )
        if how == "frozen":
            made = torch.jit.freeze(torch.jit.script(module.eval()))
        file = io.BytesIO()
        torch.jit.save(made, file)
    return file.getvalue()


def packed(inputs: tuple[Tensor, ...], targets: Tensor) -> bytes:
    """The batch as .npz."""
    arrays = {("inputs" if len(inputs) == 1 else f"inputs_{i}"): x.numpy() for i, x in enumerate(inputs)}
    file = io.BytesIO()
    np.savez(file, targets=targets.numpy(), **arrays)
    return file.getvalue()


def ask(case: Case, how: str, **config: Any) -> CheckReport:
    """Build, export, examine, judge."""
    torch.manual_seed(0)
    module, inputs, targets = case.build()
    model = archive(module, inputs, how, mode=case.mode)
    asked = {"loss": case.loss, "device": "cpu", **case.config, **config}
    return check(Examination.of(examine(asked, model, packed(inputs, targets), lambda _line: None)))


def wrong(case: Case, report: CheckReport) -> list[str]:
    """What is wrong with an answer: the verdict, a defect that is not named, an alarm that is false."""
    found = {j.condition: j.severity for j in report.findings}
    loud = {name for name, severity in found.items() if severity != "info"}
    ill = [f"bug in {name}: {bug!r}" for name, bug in report.bugs.items()]
    if report.verdict not in case.verdict:
        ill.append(f"verdict {report.verdict}")
    ill += [f"missed {name}" for name in case.named if name not in found]
    return ill + [
        f"alarm {name}"
        for name in sorted(loud - {*case.named, *case.also, "cannot_overfit"} if case.named else loud - set(case.also))
    ]
