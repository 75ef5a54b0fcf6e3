"""What an output depends on: other examples, each input, what comes later, chance."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from service.examination.choosing import ITS_OWN
from service.examination.config import REGRESSION
from service.examination.operations import VARYING
from service.examination.recording import Recorder
from service.examination.subject import Subject

FLAT = 1e-6  # of the size of the outputs: spreads below are rounding
SEVERAL = 2
ENDS = {"sigmoid": (0.0, 1.0), "hardsigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
# Of that range: so near an end there is next to no slope; a target so far away is another.
AT_END, ELSEWHERE = 0.01, 0.1


def dependence(subject: Subject) -> dict[str, Any]:
    """Everything that is asked in eval mode, at the weights there are now."""
    module, seed = subject.module, subject.config.seed
    module.eval()
    facts: dict[str, Any] = {}
    with torch.no_grad():
        with Recorder({}) as recorder:
            plain = _ask(subject, subject.batch.inputs, seed)
        if subject.fitted.kind == ITS_OWN:
            return {}
        scale = max(_size(plain), 1e-30)
        again = _ask(subject, subject.batch.inputs, seed + 1)
        facts["random"] = sorted(recorder.seen.random)[:8]
        facts["eval_differs"] = _apart(again, plain) / scale
        facts["spread"] = spread(plain)
        facts["leaks"] = None
        if recorder.seen.mixes:
            facts["mixes_in_eval"] = True
        elif not recorder.seen.random & VARYING and (
            recorder.seen.random or facts["eval_differs"] <= FLAT
        ):  # else it keeps a state
            facts["leaks"] = _leaks(subject, plain, scale)
            facts["time_first"] = (facts["leaks"] or 0.0) > FLAT and _time_first(subject, plain, scale)
        facts["causal"] = _causal(subject, plain, scale)
    return facts


def ignored(subject: Subject, plain: Tensor | None = None) -> dict[str, Any]:
    """At the weights there are now: the spread of the outputs, and which inputs change nothing when they are replaced.

    Nothing where no output is a number: then there is nothing to compare.
    """
    subject.module.eval()
    with torch.no_grad():
        plain = _ask(subject, subject.batch.inputs, subject.config.seed) if plain is None else plain
        if not bool(torch.isfinite(plain).any()):
            return {}
        scale = max(_size(plain), 1e-30)
        unused = []
        for place, x in enumerate(subject.batch.inputs):
            other = _other(x, subject.config.seed)
            if other is None:
                continue
            inputs = (*subject.batch.inputs[:place], other, *subject.batch.inputs[place + 1 :])
            if _apart(_ask(subject, inputs, subject.config.seed), plain) <= FLAT * scale:
                unused.append(place)
    subject.train_mode()
    return {"spread": spread(plain), "ignored": unused}


def stuck_at_ends(subject: Subject, last: str | None, output: Tensor) -> float | None:
    """The share of the squared error that comes of outputs at an end of the last activation's range, whose targets are elsewhere."""
    if subject.config.loss not in REGRESSION or last not in ENDS or output.shape != subject.targets.shape:
        return None
    low, high = ENDS[last]
    if float(subject.targets.min()) < low or float(subject.targets.max()) > high:
        return None  # out of its reach
    apart = (output - subject.targets).double()
    edge = torch.minimum(output - low, high - output) < AT_END * (high - low)
    whole = float((apart**2).sum())
    return float((apart[edge & (apart.abs() > ELSEWHERE * (high - low))] ** 2).sum()) / whole if whole > 0.0 else 0.0


def without_inputs(subject: Subject) -> float | None:
    """The loss when all inputs of floating point are zero: what the model answers blindly."""
    if not any(x.is_floating_point() for x in subject.batch.inputs):
        return None
    blind = tuple(torch.zeros_like(x) if x.is_floating_point() else x for x in subject.batch.inputs)
    subject.module.eval()
    with torch.no_grad():
        try:
            loss = subject.loss(_ask(subject, blind, subject.config.seed))
        except (RuntimeError, torch.jit.Error):
            return None
        finally:
            subject.train_mode()
    return float(loss)


def spread(output: Tensor) -> float | None:
    """How far the answers to different examples lie apart, as a share of their size; None for one example."""
    if output.ndim == 0 or output.shape[0] < SEVERAL:
        return None
    size = _size(output)
    return _size(output - output.mean(0, keepdim=True)) / size if size > 0.0 else 0.0


def _ask(subject: Subject, inputs: tuple[Tensor, ...], seed: int) -> Tensor:
    torch.manual_seed(seed)
    answer = subject.output(inputs).detach()
    return answer if answer.is_complex() else answer.double()


def _size(tensor: Tensor) -> float:
    values = tensor.abs().reshape(-1)
    values = values[torch.isfinite(values)]
    return float(values.max()) if values.numel() else 0.0


def _apart(one: Tensor, other: Tensor) -> float:
    """How far two answers lie apart; infinitely where only one of them is a number."""
    if one.shape != other.shape or bool((torch.isfinite(one) != torch.isfinite(other)).any()):
        return math.inf
    return _size(one - other)


def _other(x: Tensor, seed: int) -> Tensor | None:
    """Something else of the same kind; None where there is nothing else."""
    generator = torch.Generator().manual_seed(seed + 7)
    if x.is_floating_point() or x.is_complex():
        noise = torch.randn(x.shape, generator=generator).to(x.device)
        scale = float(x.abs().float().std()) if x.numel() > 1 else 0.0
        return (x.roll(1, 0) if x.ndim else x) + (noise * max(scale, 1e-3 * max(_size(x), 1.0))).to(x.dtype)
    if x.dtype is torch.bool:
        return ~x
    distinct = x.reshape(-1).unique()
    if distinct.numel() < SEVERAL:
        return None
    places = torch.searchsorted(distinct, x.contiguous())
    return distinct[(places + 1) % distinct.numel()]


def _leaks(subject: Subject, plain: Tensor, scale: float) -> float | None:
    """How much the answers to the other examples move when one is replaced; None where that cannot be asked."""
    count = plain.shape[0] if plain.ndim else 0
    if count < SEVERAL or (
        tuple(plain.shape[:2]) == (count, count) and plain.ndim == SEVERAL and subject.fitted.classes in (None, count)
    ):
        return None
    if any(_pairs(x, count, len(subject.batch.inputs)) for x in subject.batch.inputs):
        return None
    ways = []
    for dimension in (0, 1):
        rows = [x.ndim > dimension and x.shape[dimension] == count for x in subject.batch.inputs]
        if any(rows):
            ways.append((dimension, rows))
    if not ways or (ways[0][0] == 1):
        ways = ways[:1]
    worst = [
        max(_moved(subject, plain, dimension, rows, i) for i in dict.fromkeys((0, count // 2)))
        for dimension, rows in ways
    ]
    return min(worst) / scale if worst else None


def _pairs(x: Tensor, count: int, inputs: int) -> bool:
    """Whether an input says which examples belong together, as the edges of a graph do: by number, or as a matrix."""
    if x.ndim != SEVERAL or inputs < SEVERAL:
        return False
    if x.is_floating_point() or x.is_complex():
        return tuple(x.shape) == (count, count) and not x.is_complex() and bool((x >= 0).all())
    numbers = SEVERAL in x.shape and count not in x.shape and bool(((x >= 0) & (x < count)).all())
    return numbers or tuple(x.shape) == (count, count)


def _time_first(subject: Subject, plain: Tensor, scale: float) -> bool:
    """Whether what is first may be time: what is second keeps apart, or, of one sequence, what was before does not move."""
    shapes, ahead = [tuple(x.shape) for x in subject.batch.inputs], tuple(plain.shape[:SEVERAL])
    if max(len(shape) for shape in (*shapes, tuple(plain.shape))) > SEVERAL:
        rows = [shape[:SEVERAL] == ahead for shape in shapes]
        aligned = any(rows) and len(ahead) == SEVERAL <= ahead[1] and tuple(subject.targets.shape[:SEVERAL]) == ahead
        return aligned and _moved(subject, plain, 1, rows, ahead[1] // 2, out=1) <= FLAT * scale
    rows = [shape[:1] == ahead[:1] for shape in shapes]
    return _moved(subject, plain, 0, rows, ahead[0] // 2, rest=slice(ahead[0] // 2)) <= FLAT * scale


def _moved(  # noqa: PLR0917 - what is replaced, and what is looked at
    subject: Subject, plain: Tensor, dimension: int, rows: list[bool], example: int, out: int = 0, rest: slice | None = None
) -> float:  # fmt: skip
    """How far outputs move, those of the others along dimension `out` or `rest` of the first one, when one example is replaced."""
    inputs = []
    for x, has in zip(subject.batch.inputs, rows, strict=True):
        other = _other(x, subject.config.seed) if has else None
        if other is None:
            inputs.append(x)
            continue
        changed = x.clone()
        changed.select(dimension, example).copy_(other.select(dimension, example))
        inputs.append(changed)
    answer = _ask(subject, tuple(inputs), subject.config.seed)
    if answer.shape != plain.shape:
        return 0.0
    if rest is not None:
        return _size((answer - plain)[rest])
    others = torch.arange(plain.shape[out], device=plain.device) != example
    return _size((answer - plain).movedim(out, 0)[others])


def _causal(subject: Subject, plain: Tensor, scale: float) -> bool:
    """Whether outputs (N, T, …) do not change when the last place of the inputs does."""
    x = subject.batch.inputs[0]
    if (
        plain.ndim < SEVERAL
        or x.ndim < SEVERAL
        or x.shape[1] < SEVERAL
        or subject.targets.ndim != SEVERAL
        or x.shape[:2] != subject.targets.shape
    ):
        return False
    other = _other(x, subject.config.seed)
    if other is None:
        return False
    changed = x.clone()
    changed[:, -1] = other[:, -1]
    answer = _ask(subject, (changed, *subject.batch.inputs[1:]), subject.config.seed)
    if answer.shape != plain.shape or plain.shape[0] != x.shape[0]:
        return False
    places = 1 if plain.shape[1] == x.shape[1] else plain.ndim - 1
    if plain.shape[places] != x.shape[1]:
        return False
    return _size((answer - plain).narrow(places, 0, x.shape[1] - 1)) <= FLAT * scale
