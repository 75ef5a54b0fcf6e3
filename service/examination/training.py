"""The loop: the same step again and again on one batch, read only as often as is needed."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from service.examination.subject import Subject

READ_EVERY = {"cpu": 1, "cuda": 16}  # steps; reading a number waits for a GPU, and costs nothing on a CPU
TOLD_EVERY_S = 0.05
LOOK_EVERY = 20  # steps between looks at a model whose training is random
MANY = 8  # answers that are averaged where nothing switches the randomness off
BLOWN_UP = 1e4  # times the first loss and what a guess costs: such a run does not come back
LATE = 0.3  # of an attempt, in which a loss that still falls must have fallen
FALLING = 0.10  # of what is above the floor
GRAPH_AFTER = 3  # eager steps before a CUDA graph is captured, as torch asks


@dataclass
class Attempt:
    """One training with one learning rate, as far as it came."""

    lr: float
    losses: list[float] = field(default_factory=list)
    stopped: str = "steps"  # reached, steps, deadline, non_finite, blown_up, failed
    broken: tuple[str, int, str] | None = None  # what was not finite (output, loss, gradients), at which step, where
    judged: float | None = None  # the loss that decides, where it is not the last one: dropout off
    seconds: float = 0.0
    says: str = ""

    @property
    def best(self) -> float:
        """The lowest loss; infinite where there is none."""
        return min((loss for loss in self.losses if math.isfinite(loss)), default=math.inf)

    @property
    def final(self) -> float:
        """The loss at the end: what is judged, or the median of the last three."""
        if self.judged is not None:
            return self.judged
        if self.stopped == "reached":
            return self.losses[-1]
        last = sorted(self.losses[-3:])
        return last[len(last) // 2] if last else math.nan

    def falling(self, floor: float) -> bool:
        """Whether it was still getting clearly better when it stopped."""
        count = len(self.losses)
        late = max(int(count * LATE), 1)
        if count < 2 * late or self.stopped in ("non_finite", "blown_up", "failed"):
            return False
        before = min(self.losses[: count - late]) - floor
        return before > 0.0 and min(self.losses[-late:]) - floor < (1.0 - FALLING) * before


@dataclass(frozen=True, eq=False)
class State:
    """Parameters and buffers as they were."""

    tensors: tuple[tuple[Tensor, Tensor], ...]

    @classmethod
    def of(cls, module: Any) -> State:  # noqa: ANN401 - a ScriptModule
        """Keep a copy."""
        with torch.no_grad():
            return cls(tuple((t, t.detach().clone()) for t in itertools.chain(module.parameters(), module.buffers())))

    def restore(self) -> None:
        """Put the copy back."""
        with torch.no_grad():
            for tensor, kept in self.tensors:
                tensor.copy_(kept)


def optimizer_of(subject: Subject, lr: float) -> torch.optim.Optimizer:
    """Adam or SGD over what is trainable; fused where torch can, and fit for a CUDA graph."""
    trainable = [p for p in subject.module.parameters() if p.requires_grad]
    for parameter in trainable:  # neither optimiser takes sparse gradients
        if not parameter._post_accumulate_grad_hooks:  # noqa: SLF001 - one hook a parameter
            parameter.register_post_accumulate_grad_hook(_dense)
    fused = all(p.dtype in (torch.float32, torch.float64) for p in trainable)
    if subject.config.optimizer == "sgd":
        return torch.optim.SGD(trainable, lr, momentum=subject.config.momentum)
    return torch.optim.Adam(trainable, lr, fused=fused, capturable=subject.device.type == "cuda")


def _dense(parameter: Tensor) -> None:
    if parameter.grad is not None and parameter.grad.is_sparse:
        parameter.grad = parameter.grad.to_dense()


def train(  # noqa: C901 - the loop is short of calls on purpose
    subject: Subject, attempt: Attempt, optimizer: torch.optim.Optimizer, *, steps: int, until: float, reached: Callable[[float], bool],
    tell: Callable[[dict[str, Any]], None], watch: Callable[[], tuple[str, str]], random: bool, ceiling: float,
) -> None:  # fmt: skip
    """Take up to `steps` steps; `reached` says of a loss whether it is low enough, `watch` finds what broke."""
    start, told = time.monotonic(), -math.inf  # the first loss is told at once, however quick the rest is
    every = READ_EVERY.get(subject.device.type, 1)
    step = _graphed(subject, optimizer) if subject.device.type == "cuda" and not random else None
    waiting: list[Tensor] = []
    for _ in range(steps):
        if step is not None:
            waiting.append(step())
        else:
            loss = subject.loss(subject.output())
            value = float(loss.detach()) if every == 1 else 0.0
            if every == 1 and not math.isfinite(value):
                attempt.losses.append(value)
                attempt.stopped, attempt.broken = "non_finite", _what_broke(subject, len(attempt.losses) - 1, watch)
                break
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            waiting.append(loss.detach())
        if len(waiting) < every:
            continue
        attempt.losses += [value] if every == 1 and step is None else torch.stack(waiting).tolist()
        waiting.clear()
        now = time.monotonic()
        last = attempt.losses[-1]
        if now - told > TOLD_EVERY_S:
            tell({"step": len(attempt.losses) - 1, "loss": last if math.isfinite(last) else None})
            told = now
        if reached(last) and (not random or _steadily(subject, attempt, reached)):
            attempt.stopped = "reached"
            break
        if random and len(attempt.losses) % LOOK_EVERY == 0 and _steadily(subject, attempt, reached):
            attempt.stopped = "reached"
            break
        if not math.isfinite(last) or last > ceiling:
            attempt.stopped = "blown_up" if math.isfinite(last) else "non_finite"
            attempt.broken = attempt.broken or (
                None if math.isfinite(last) else _what_broke(subject, len(attempt.losses) - 1, watch)
            )
            break
        if now > until:
            attempt.stopped = "deadline"
            break
    if waiting:
        attempt.losses += torch.stack(waiting).tolist()
    if random and attempt.stopped in ("steps", "deadline"):
        _steadily(subject, attempt, reached)
    attempt.seconds += time.monotonic() - start


def _what_broke(subject: Subject, step: int, watch: Callable[[], tuple[str, str]]) -> tuple[str, int, str]:
    """Gradients of the step before, or what this one's forward gave."""
    spoilt = first_not_finite((name, p.grad) for name, p in subject.module.named_parameters())
    if spoilt is not None and step > 0:
        return "gradients", step - 1, spoilt
    what, where = watch()
    return what, step, where


def first_not_finite(named: Iterable[tuple[str, Tensor | None]]) -> str | None:
    """The first of these that holds NaN or infinity."""
    return next((name for name, t in named if t is not None and not bool(torch.isfinite(t).all())), None)


def _steadily(subject: Subject, attempt: Attempt, reached: Callable[[float], bool]) -> bool:
    """Whether a model whose training is random has learnt: asked without the randomness, or on average."""
    generator, buffers = torch.get_rng_state(), [(b, b.clone()) for b in subject.module.buffers()]
    with torch.no_grad():
        calm = torch.tensor(math.nan)
        with suppress(RuntimeError, torch.jit.Error):  # some refuse eval mode
            subject.module.eval()
            calm = subject.loss(subject.output())
        subject.train_mode()
        outputs = [subject.output() for _ in range(MANY)]
        mean = subject.loss(torch.stack(outputs).mean(0))
        for buffer, kept in buffers:
            buffer.copy_(kept)
    torch.set_rng_state(generator)
    attempt.judged = min((float(x) for x in (calm, mean) if math.isfinite(float(x))), default=math.nan)
    return reached(attempt.judged)


def _graphed(subject: Subject, optimizer: torch.optim.Optimizer) -> Callable[[], Tensor] | None:
    """One step as a CUDA graph: a small model spends its time on launches. None where it cannot be captured.

    Written for machines with a GPU; where capture fails (shapes that depend on data, waiting for the device), the eager
    loop does the same. State is put back, so that the steps before the capture are no head start.
    """
    state, rest = State.of(subject.module), torch.get_rng_state()

    def once() -> Tensor:
        optimizer.zero_grad(set_to_none=False)
        loss = subject.loss(subject.output())
        loss.backward()
        optimizer.step()
        return loss.detach()

    with suppress(RuntimeError):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(GRAPH_AFTER):
                once()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            held = once()
        _rewind(state, optimizer)
        torch.set_rng_state(rest)

        def replay() -> Tensor:
            graph.replay()
            return held.clone()

        return replay
    _rewind(state, optimizer)
    return None


def _rewind(state: State, optimizer: torch.optim.Optimizer) -> None:
    """Parameters, buffers and the optimiser's memory as before the first step, in place."""
    state.restore()
    for memory in optimizer.state.values():
        for value in memory.values():
            if isinstance(value, Tensor):
                value.zero_()
