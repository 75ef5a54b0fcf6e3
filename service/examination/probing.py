"""Step 0: one recorded pass forward and back, and what the output, the loss and every gradient say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from service.examination.choosing import ITS_OWN
from service.examination.loading import LISTED, cut
from service.examination.losses import arranged
from service.examination.recording import Recorder, Seen, finite, last_operation
from service.examination.subject import Subject

SAME = 1e-6  # of the largest: rows of weights or gradients closer than that are one
SUMS = 1e-3  # how far probabilities may sum from 1
FEW = 2
FEW_SHOWN = 8  # weights that are no numbers
GATES = (1, 3, 4)  # whose units lie below one another in one weight: none, those of a GRU, of an LSTM


@dataclass(frozen=True, eq=False)
class Probe:
    """The first pass."""

    seen: Seen
    loss: float
    attached: bool
    facts: dict[str, Any]
    output: Tensor


def marked(subject: Subject) -> dict[str, tuple[str, Tensor]]:
    """What a recorder knows beforehand."""
    module = subject.module
    known = {name: ("parameter", p) for name, p in module.named_parameters()}
    known |= {name: ("buffer", b) for name, b in module.named_buffers()}
    known |= {f"inputs_{i}": ("input", x) for i, x in enumerate(subject.batch.inputs)}
    return known


def probe(subject: Subject, *, count: bool = True) -> Probe:
    """Forward and back once in train mode, without a step."""
    module = subject.module
    torch.manual_seed(subject.config.seed)
    subject.train_mode()
    for parameter in module.parameters():
        parameter.grad = None
    with Recorder(marked(subject), count=count) as recorder:
        output = subject.output()
    last, place = last_operation(output)
    usable = subject.outside == 0 or subject.config.loss == "bce_with_logits"
    loss = subject.loss(output) if usable else output.new_zeros(())
    attached = bool(loss.requires_grad if usable else output.requires_grad)
    value = float(loss.detach()) if usable and not loss.is_complex() else math.nan
    if attached and math.isfinite(value):
        loss.backward()
    facts = {
        "output": _output(subject, output.detach()) | {"last": last, "place": place},
        "gradients": _gradients(module, recorder.seen) if attached and math.isfinite(value) else None,
        "symmetric": _symmetric(module),
    }
    return Probe(recorder.seen, value if usable else math.nan, attached, facts, output.detach())


def spoilt_weights(module: Any) -> list[list[str | int]]:  # noqa: ANN401 - a ScriptModule
    """What is no number in the archive itself: name, how many are NaN, how many infinite; −∞ in a buffer is a mask."""
    held = dict(module.named_parameters())
    rows: list[list[str | int]] = [
        [cut(name), int(t.isnan().sum()), int(t.isinf().sum()) if name in held else 0]
        for name, t in (*held.items(), *module.named_buffers())
    ]
    return [row for row in rows if row[1] or row[2]][:FEW_SHOWN]


def broken_at(subject: Subject) -> tuple[str, str, bool]:
    """Whether output or loss is not finite, the first operation and module that made it so, and whether that overflowed."""
    with Recorder(marked(subject), watch=True) as recorder, torch.no_grad():
        output = subject.output()
    if recorder.seen.broken is not None:
        operation, place = recorder.seen.broken
        where = f"{operation} in {place}" if place else operation
    else:
        where = ""
    ill = bool(torch.isnan(output).any()) or (not output.is_complex() and bool(torch.isposinf(output).any()))
    overflows = recorder.seen.overflows
    return (
        ("output", where, overflows)
        if ill
        else ("loss", where if recorder.seen.broken else subject.config.loss, overflows)
    )


def _output(subject: Subject, output: Tensor) -> dict[str, Any]:
    """Its range, its signs, and whether it looks like probabilities."""
    if output.is_complex():
        output = output.abs()
    values = output.float()
    ill = int(torch.isnan(values).sum() + torch.isposinf(values).sum())
    sound = values[torch.isfinite(values)]
    low, high = (float(sound.min()), float(sound.max())) if sound.numel() else (math.nan, math.nan)
    facts: dict[str, Any] = {
        "shape": list(output.shape), "not_finite": ill, "low": low if sound.numel() else None, "high": high if sound.numel() else None,
        "numbers": output.numel(), "zeros": float((values == 0).float().mean()), "broadcast": list(subject.fitted.broadcast) if subject.fitted.broadcast else None,
        "probabilities": False, "log_probabilities": False,
    }  # fmt: skip
    if (
        subject.config.loss in ("cross_entropy", "nll")
        and subject.fitted.kind != ITS_OWN
        and sound.numel() == values.numel()
    ):
        given, _ = arranged(subject.fitted, values, values if subject.fitted.kind == "soft" else subject.targets)
        dimension = 1 if given.ndim > 1 else 0
        if given.shape[dimension] >= FEW:
            facts["probabilities"] = low >= 0.0 and bool(((given.sum(dimension) - 1.0).abs() < SUMS).all())
            facts["log_probabilities"] = high <= SUMS and bool((given.logsumexp(dimension).abs() < SUMS * 10).all())
    return facts


def _gradients(module: Any, seen: Seen) -> dict[str, Any]:  # noqa: ANN401 - a ScriptModule
    """The norm of every parameter's gradient, in the order of their use."""
    rows, total, missing, spoilt = [], 0.0, [], []
    named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    named.sort(key=lambda entry: seen.order.get(entry[0], len(seen.order)))
    for name, p in named:
        if p.grad is None:
            missing.append(name)
            continue
        gradient = p.grad.coalesce().values() if p.grad.is_sparse else p.grad
        norm, size = float(gradient.detach().abs().double().norm()), float(p.detach().abs().double().norm())
        total += norm**2 if math.isfinite(norm) else 0.0
        if not math.isfinite(norm):
            spoilt.append(name)
        rows.append((name, norm, size, p.numel(), p.ndim))
    return {
        "names": [row[0] for row in rows][:LISTED],
        "norms": finite([row[1] for row in rows][:LISTED]),
        "sizes": finite([row[2] for row in rows][:LISTED]),
        "numbers": [row[3] for row in rows][:LISTED],
        "dimensions": [row[4] for row in rows][:LISTED],
        "norm": math.sqrt(total),
        "missing": missing[:LISTED],
        "zero": [row[0] for row in rows if row[1] == 0.0][:LISTED],
        "not_finite": spoilt[:LISTED],
        "last": [row[0] for row in rows][-1:],
    }


def _symmetric(module: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a ScriptModule
    """Weights whose units are all alike, and stay so because their gradients are alike too."""
    found = []
    for name, p in module.named_parameters():
        if p.ndim < 2 or p.shape[0] < 2 or not p.requires_grad or p.grad is None or p.grad.is_sparse:  # noqa: PLR2004 - units × inputs
            continue
        if _alike(p.detach()) and any(_alike_in(p.grad, parts) for parts in GATES):
            found.append({"name": name, "units": p.shape[0], "constant": bool((p.detach() == p.detach().reshape(-1)[0]).all()),
                          "gradient": float(p.grad.abs().max()), "zero": not bool(p.detach().any())})  # fmt: skip
    return found[:LISTED]


def _alike_in(tensor: Tensor, parts: int) -> bool:
    """Whether rows are alike within each of so many parts of two rows or more."""
    rows = tensor.shape[0] // parts
    return tensor.shape[0] % parts == 0 and rows >= FEW and all(_alike(part) for part in tensor.split(rows))


def _alike(tensor: Tensor) -> bool:
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    apart = (tensor - tensor[:1]).abs().max()
    return bool(apart <= SAME * tensor.abs().max())


def units_at_end(subject: Subject) -> list[dict[str, Any]]:
    """Units that are dead or saturated after training."""
    with Recorder(marked(subject), count=True) as recorder, torch.no_grad():
        subject.output()
    return recorder.seen.units
