"""Output and targets → a loss, as torch would compute it: how shapes fit, and which dtypes it takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor

from service.examination.config import CLASSES, REGRESSION

IGNORED = -100  # the label that torch leaves out of a mean
FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": F.cross_entropy, "nll": F.nll_loss, "bce_with_logits": F.binary_cross_entropy_with_logits,
    "mse": F.mse_loss, "l1": F.l1_loss, "huber": F.huber_loss,
}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How an output and targets go together."""

    kind: str  # classes, soft, last (classes last), flat (N·T, C), same, broadcast
    classes: int | None = None
    broadcast: tuple[int, ...] | None = None


def fit(loss: str, output: Tensor, targets: Tensor, *, tokens: bool = False) -> Fit | None:  # noqa: PLR0911 - a table of shapes
    """How the loss takes these shapes; None where torch refuses them."""
    out, aim = tuple(output.shape), tuple(targets.shape)
    if loss not in CLASSES:
        if out == aim:
            return Fit("same")
        if loss not in REGRESSION:
            return None
        try:
            both = tuple(torch.broadcast_shapes(out, aim))
        except RuntimeError:
            return None
        silent = math.prod(both) > max(math.prod(out), math.prod(aim)) or math.prod(out) != math.prod(aim)
        return Fit("broadcast" if silent else "same", broadcast=both if silent else None)
    if not out:
        return None
    if out == aim and (len(out) > 1 or targets.is_floating_point()):
        classes = out[1] if len(out) > 1 else out[0]
        return Fit("soft", classes) if loss == "cross_entropy" else None
    first = len(out) == len(aim) + 1 and (len(out) == 1 or (out[0] == aim[0] and out[2:] == aim[1:]))
    last = len(out) > 2 and out[:-1] == aim  # noqa: PLR2004 - of (N, C) the classes are last and second alike
    if first and not (last and tokens):
        return Fit("classes", out[1] if len(out) > 1 else out[0])
    if last:
        return Fit("last", out[-1])
    if len(out) > 1 and math.prod(out[:-1]) == math.prod(aim) and (len(aim) == 1 or len(out) == 2) and aim[-1:] != (1,):  # noqa: PLR2004
        return Fit("flat", out[-1])
    return None


def arranged(fitted: Fit, output: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Output (N, C, …) or (…) and targets as the loss function takes them; half precision is widened."""
    if output.dtype in (torch.float16, torch.bfloat16):
        output = output.float()
    if fitted.kind in ("last", "flat"):
        return output.reshape(-1, output.shape[-1]), targets.reshape(-1)
    return output, targets


def refused_dtype(loss: str, fitted: Fit, targets: Tensor) -> str | None:
    """The dtype of the targets, where torch's loss would stop at it."""
    name = str(targets.dtype).removeprefix("torch.")
    if loss in CLASSES and fitted.kind != "soft":
        return None if targets.dtype in (torch.int64, torch.uint8) else name
    if targets.is_floating_point() or (targets.is_complex() and loss in REGRESSION):
        return None
    takes = loss == "mse" or (
        loss == "l1" and targets.dtype is not torch.bool
    )  # these two convert, l1_loss all but booleans
    return None if takes else name


def converted(loss: str, fitted: Fit, output: Tensor, targets: Tensor) -> Tensor:
    """The targets in the dtype that the loss takes."""
    if loss in CLASSES and fitted.kind != "soft":
        return targets.to(torch.int64)
    wide = torch.float32 if output.dtype in (torch.float16, torch.bfloat16) else output.dtype
    return targets.to(wide) if wide.is_complex == targets.is_complex() else targets


def outside(loss: str, fitted: Fit, targets: Tensor) -> int:
    """How many targets are none: no class, no probability, no number."""
    if targets.is_floating_point() and not bool(torch.isfinite(targets).all()):
        return int((~torch.isfinite(targets)).sum())
    if fitted.kind == "soft":
        return int((targets < 0).sum())
    if loss in CLASSES:
        whole = targets if not targets.is_floating_point() else targets.round()
        wrong = (whole != targets) | ((whole < 0) & (whole != IGNORED)) | (whole >= (fitted.classes or 0))
        return int(wrong.sum())
    return int(((targets < 0) | (targets > 1)).sum()) if loss == "bce_with_logits" else 0


def metric(loss: str, fitted: Fit, output: Tensor, targets: Tensor) -> tuple[str, float] | None:
    """Accuracy of classes, or the share of variance explained; None where neither is defined."""
    with torch.no_grad():
        output, targets = arranged(fitted, output, targets)
        if loss in CLASSES:
            dimension = 1 if output.ndim > 1 else 0
            labels = targets.argmax(dimension) if fitted.kind == "soft" else targets
            kept = labels != IGNORED
            right = (output.argmax(dimension) == labels) & kept
            return "accuracy", float(right.sum()) / max(int(kept.sum()), 1)
        if loss == "bce_with_logits":
            return "accuracy", float(((output > 0) == (targets > 0.5)).to(torch.float32).mean())  # noqa: PLR2004 - even odds
        if output.is_complex() or targets.is_complex():
            return None
        left = ((output - targets) ** 2).mean().double()
        whole = ((targets - targets.mean(0, keepdim=True)) ** 2).mean().double()
        return ("r2", 1.0 - float(left / whole)) if float(whole) > 0.0 else None
