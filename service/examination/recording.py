"""What a model does, operation by operation: a recorder under the dispatcher sees scripted and traced models alike.

Every tensor carries its trace: which operation made it, from what, and the last parameter on the way. So what matters
is read off a real run, through branches and loops, and not off a graph.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from service.examination.loading import LISTED
from service.examination.operations import (
    BOUNDED,
    CLAMPS,
    EDGE,
    HINGED,
    MIXING,
    RANDOM,
    SQUASHING,
    STRAIGHT,
    VIEWS,
    WEIGHING,
    Trace,
    after_convolution,
    cuts_at_zero,
    in_training,
    looks_learnt,
    not_finite,
    switched_off,
    tensors_in,
)
from service.examination.refused import of_the_jail

OURS = "_examined"
MOST_UNITS = 400  # layers whose units are counted


@dataclass
class Seen:
    """What one pass has shown."""

    operations: int = 0
    bends: bool = False  # an operation that is not linear in what was made of the inputs
    random: set[str] = field(default_factory=set)
    mixes: bool = False
    units: list[dict[str, Any]] = field(default_factory=list)
    hidden: dict[int, tuple[str, tuple[int, ...], str]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)  # parameters by first use
    operand: tuple[float, float] | None = None  # root mean square and largest size of what the first layer is given
    broken: tuple[str, str] | None = None  # the first operation that gave NaN or infinity, and its place
    overflows: bool = False  # what it gave is infinite, and nowhere NaN


class Recorder(TorchDispatchMode):
    """Watch one pass; `watch` also looks for the first value that is not finite."""

    def __init__(self, tensors: Mapping[str, tuple[str, Tensor]], *, count: bool = False, watch: bool = False) -> None:
        """Mark what is known before the pass: inputs, parameters, buffers, by name."""
        super().__init__()
        self.seen = Seen()
        self.count = count
        self.watch = watch
        for name, (origin, tensor) in tensors.items():
            module = name.rpartition(".")[0] or name
            setattr(tensor, OURS, Trace(name, origin, module if origin == "parameter" else ""))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """Do the operation, and note it."""
        out = func(*args, **(kwargs or {}))
        try:
            self._note(func, args, kwargs or {}, out)
        except (
            RuntimeError,
            NotImplementedError,
            TypeError,
        ) as error:  # an exotic layout tells less, and stops nothing
            if of_the_jail(error):
                raise
        return out

    def _note(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:  # noqa: ANN401
        seen, name = self.seen, func._schema.name.rpartition("::")[2].rstrip("_")  # noqa: SLF001 - torch's own name of an operator
        seen.operations += 1
        given = list(tensors_in(args)) + list(tensors_in(kwargs.values()))
        traces = [self._trace(tensor) for tensor in given]
        flowing = sum(before.origin in ("input", "made") for before in traces)
        seen.bends = seen.bends or (flowing > 0 and name not in STRAIGHT) or (flowing > 1 and name in WEIGHING)
        trace = _joined(BOUNDED if name in CLAMPS and not cuts_at_zero(name, args) else name, traces)
        if name in RANDOM and not switched_off(name, args):
            seen.random.add(name)
        if name in MIXING and in_training(func, args, kwargs):
            seen.mixes = True
        for before in traces:
            if before.origin == "parameter":
                seen.order.setdefault(_root(before).operation, len(seen.order))
        if name in WEIGHING:
            self._weigh(name, given, traces, trace)
        results = list(tensors_in((out,)))
        if self.count and results and name in HINGED | SQUASHING:
            self._count(name, args, results[0], trace)
        if self.watch and seen.broken is None and trace.origin == "made" and any(not_finite(t, name) for t in results):
            seen.broken = (name, trace.place)
            seen.overflows = not any(bool(t.isnan().any()) for t in results)
        for result in results:
            setattr(result, OURS, trace)

    def _trace(self, tensor: Tensor) -> Trace:
        known = getattr(tensor, OURS, None)
        if known is None:
            known = Trace("constant", "constant" if tensor.ndim else "fresh")
            setattr(tensor, OURS, known)
        return known

    def _weigh(self, name: str, given: list[Tensor], traces: list[Trace], trace: Trace) -> None:
        """Look at what a layer is given: constants where weights belong, and the scale of the first operand."""
        trace.weighed += 1
        for tensor, before in zip(given, traces, strict=True):
            if (
                before.origin == "constant"
                and tensor.ndim > 1
                and tensor.is_floating_point()
                and len(self.seen.hidden) < LISTED
            ):
                if looks_learnt(tensor):
                    self.seen.hidden.setdefault(tensor.data_ptr(), (trace.place, tuple(tensor.shape), name))
            elif (
                before.origin in ("input", "made")
                and before.weighed == 0
                and name != "embedding"
                and tensor.is_floating_point()
            ):
                size = tensor.detach().abs().float()
                rms, largest = float(size.square().mean().sqrt()), float(size.max())
                if math.isfinite(rms) and (self.seen.operand is None or rms > self.seen.operand[0]):
                    self.seen.operand = (rms, largest)

    def _count(self, name: str, args: Any, out: Tensor, trace: Trace) -> None:  # noqa: ANN401
        """Units of a layer that are zero, or at their edge, for the whole batch."""
        if out.ndim < 2 or len(self.seen.units) >= MOST_UNITS or trace.weighed == 0:  # noqa: PLR2004 - examples × units
            return
        if name in HINGED and not cuts_at_zero(name, args):
            return
        kind = "relu" if name in HINGED else name
        dimension = 1 if out.ndim != 3 or after_convolution(trace) else 2  # noqa: PLR2004 - (N, T, units) but for convolutions
        if kind == "relu":
            flat = (out > 0).movedim(dimension, 0).reshape(out.shape[dimension], -1)
            share, looks = 1.0 - float(flat.any(1).float().mean()), flat.shape[1]
        else:
            edge = out.abs() > EDGE if kind == "tanh" else (out - 0.5).abs() > EDGE / 2
            share, looks = float(edge.float().mean()), out.numel() // out.shape[dimension]
        self.seen.units.append(
            {"place": trace.place, "kind": kind, "units": out.shape[dimension], "share": share, "looks": looks}
        )


def _joined(name: str, traces: list[Trace]) -> Trace:
    """The trace of what comes of an operation on these."""
    origins = {trace.origin for trace in traces}
    origin = "fresh"
    for first, then in (
        ("input", "made"),
        ("made", "made"),
        ("parameter", "parameter"),
        ("buffer", "buffer"),
        ("constant", "constant"),
    ):
        if first in origins:
            origin = then
            break
    flowing = [trace for trace in traces if trace.origin in ("input", "made")] or traces
    place = next((trace.place for trace in traces if trace.origin == "parameter"), "")
    if origin == "made":
        place = place or next((trace.place for trace in flowing if trace.place), "")
    weighed = max((trace.weighed for trace in traces), default=0)
    return Trace(name, origin, place, flowing[0] if flowing else None, weighed)


def _root(trace: Trace) -> Trace:
    while trace.parent is not None and trace.parent.origin == trace.origin:
        trace = trace.parent
    return trace


def last_operation(output: Tensor) -> tuple[str | None, str]:
    """The operation that gave an output its values, views left aside, and the module before it."""
    trace: Trace | None = getattr(output, OURS, None)
    place = trace.place if trace else ""
    while trace is not None and trace.operation in VIEWS:
        trace = trace.parent
    if trace is None or trace.origin not in ("made", "parameter"):
        return None, place
    if (
        trace.operation == "mul"
        and trace.parent is not None
        and trace.parent.operation in HINGED | {"_softmax", "sigmoid"}
    ):
        trace = trace.parent  # dropout after an activation divides and masks
    return trace.operation.strip("_"), place


def finite(values: list[float]) -> list[float | None]:
    """Strict JSON knows no NaN."""
    return [value if math.isfinite(value) else None for value in values]
