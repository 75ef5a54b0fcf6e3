"""Overfit one batch with a stranger's model, and measure what tells why it does not work.

`examine` runs inside the jail: it opens no file, starts no thread, and what it returns is bounded and plain JSON. It
judges nothing; `diagnosis.examining.check` does, from these facts.
"""

from __future__ import annotations

import io
import math
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from service.examination.choosing import ITS_OWN
from service.examination.config import REGRESSION, Config
from service.examination.dependence import dependence, ignored, stuck_at_ends, without_inputs
from service.examination.facts import answer, batch_facts
from service.examination.floors import SHARE, Levels, levels
from service.examination.ladder import Climb, climb
from service.examination.losses import metric
from service.examination.probing import Probe, broken_at, probe, spoilt_weights, units_at_end
from service.examination.refused import Refused, of_the_jail
from service.examination.subject import Subject, present
from service.examination.training import State

__all__ = ["Refused", "examine", "rehearse", "warm_up"]

FOR_QUESTIONS = 0.3  # of the deadline, for what is asked besides training
ASKED = 12  # forward passes that the questions take, at most
SPARED = 0.1  # of the deadline, for what is asked after training
OF_ITS_OWN = 0.01  # of its first value, where the model returns a loss that we do not know
NO_WAY_BACK = "don't support automatic differentiation"  # as torch says it
CHANCE = 1e-6  # of the loss: two passes that differ by more are random


def examine(
    config: Mapping[str, Any], model: bytes, batch: bytes | None, tell: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Examine one model with one batch; raises Refused for what cannot be examined."""
    begun = time.monotonic()
    asked = Config.of(config)
    device = device_of(asked)
    torch.manual_seed(asked.seed)
    with warnings.catch_warnings(), torch.jit.optimized_execution(should_optimize=False):
        warnings.simplefilter("ignore")
        subject = present(asked, model, batch, device)
        loaded = time.monotonic()
        return _examined(subject, begun, loaded, tell)


def device_of(config: Config) -> torch.device:
    """Where to train; a GPU that was asked for and is not there is said."""
    if config.device == "cpu":
        return torch.device("cpu")
    there = torch.version.cuda is not None and torch.cuda.is_available()
    if config.device == "cuda" and not there:
        raise Refused("invalid", "device is cuda, and there is no GPU here. Ask for auto or cpu.")
    return torch.device("cuda" if there else "cpu")


def _examined(subject: Subject, begun: float, loaded: float, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    config, module = subject.config, subject.module
    until = begun + config.deadline_s * (1.0 - SPARED)
    start = State.of(module)
    first = _first(subject)
    if not math.isfinite(first.loss) and subject.outside == 0:
        start.restore()
        first.facts["weights"] = spoilt_weights(subject.module)
        first.facts["broken"] = list(broken_at(subject))
    start.restore()
    took = time.monotonic() - loaded
    patient = took * ASKED < FOR_QUESTIONS * config.deadline_s
    early = _asked(lambda: dependence(subject)) if patient else {}
    start.restore()
    random = _random(subject, first, start)
    known = _levels(subject, first.loss, causal=bool(early.get("causal")))
    trained: Climb | None = None
    begun_training = time.monotonic()
    if _trainable(subject, first):
        output = first.facts["output"]
        bounded = not (config.loss == "nll" and not output["log_probabilities"]) and not (
            subject.outside and config.loss == "bce_with_logits"
        )
        if subject.fitted.kind == ITS_OWN:
            bounded = first.loss >= 0.0  # whatever its floor is, it is not the zero that is taken for it
        squashed = output["probabilities"] or (output["last"] == "sigmoid" and config.loss not in REGRESSION)
        hopeless = squashed or output["broadcast"] is not None
        trained = climb(
            subject,
            start,
            known,
            first.loss,
            tell,
            until=until,
            random=random,
            hopeless=hopeless,
            bounded=bounded,
        )
        if trained.end is not None:
            trained.end.restore()
    finished_training = time.monotonic()
    late = _asked(lambda: _afterwards(subject, trained, start, first)) if trained is not None and patient else {}
    return answer(
        subject, first, known, trained, early, late, batch_facts(subject),
        {"load_ms": loaded - begun, "train_ms": finished_training - begun_training, "all_ms": time.monotonic() - begun}, random=random,
    )  # fmt: skip


def _first(subject: Subject) -> Probe:
    """The first pass; what tracing wrote into the graph may be nothing that torch can go back through."""
    try:
        return probe(subject)
    except RuntimeError as error:
        if NO_WAY_BACK not in str(error) or subject.graph is None or not subject.graph.traced:
            raise
        cure = "Trace after eval(), where spectral norm keeps still, or script the module."
        raise Refused(
            "invalid", f"torch cannot go back through this archive: its trace writes to tensors in place. {cure}"
        ) from None


def _asked(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answers, or none where the model refuses what it is asked: other inputs, or eval mode."""
    try:
        return question()
    except Exception as error:  # whatever a stranger's model raises
        if of_the_jail(error):
            raise
        return {}


def _levels(subject: Subject, initial: float, *, causal: bool) -> Levels:
    if subject.fitted.kind == ITS_OWN:
        return Levels(0.0, abs(initial), math.nan, OF_ITS_OWN * abs(initial), 0, 0)
    if subject.outside and subject.config.loss != "bce_with_logits":
        return Levels(0.0, math.nan, math.nan, math.nan, 0, 0)
    inputs = [_array(x) for x in subject.batch.inputs]
    known = levels(subject.config.loss, inputs, _array(subject.targets), subject.fitted.classes, causal=causal)
    if subject.config.loss in SHARE and known.reference == 0.0:  # targets of zero: a constant answer is right already
        known = replace(known, target=known.floor + SHARE[subject.config.loss] * abs(initial))
    return known


def _array(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def _trainable(subject: Subject, first: Probe) -> bool:
    """Whether there is anything to train, and a number to train it by."""
    if subject.outside and subject.config.loss != "bce_with_logits":
        return False
    gradients = first.facts["gradients"]
    return first.attached and gradients is not None and not gradients["not_finite"] and gradients["norm"] > 0.0


def _random(subject: Subject, first: Probe, start: State) -> bool:
    """Whether two passes in train mode differ though nothing else does."""
    if not first.seen.random or not math.isfinite(first.loss):
        return False
    torch.manual_seed(subject.config.seed + 1)
    subject.train_mode()
    with torch.no_grad():
        again = float(subject.loss(subject.output())) if _usable(subject) else math.nan
    start.restore()
    return math.isfinite(again) and abs(again - first.loss) > CHANCE * abs(first.loss)


def _usable(subject: Subject) -> bool:
    return not subject.outside or subject.config.loss == "bce_with_logits"


def _afterwards(subject: Subject, trained: Climb, start: State, first: Probe) -> dict[str, Any]:
    """What the trained model shows: which parameters never moved, what it answers to other inputs, dead units."""
    facts: dict[str, Any] = {}
    names = [name for name, _ in subject.module.named_parameters()]
    facts["steps"] = len(trained.used.losses)
    facts["unmoved"] = [
        name
        for name, (now, then) in zip(names, start.tensors, strict=False)
        if now.requires_grad and torch.equal(now, then)
    ]
    subject.train_mode()
    if subject.fitted.kind == ITS_OWN:
        return facts
    with torch.no_grad():
        output = subject.output()
    measured = metric(subject.config.loss, subject.fitted, output, subject.targets)
    facts["metric"] = {measured[0]: measured[1]} if measured and math.isfinite(measured[1]) else {}
    facts["loss"] = float(subject.loss(output))
    sound = output.abs() if output.is_complex() else output
    sound = sound[torch.isfinite(sound)]
    if sound.numel():
        facts |= {"low": float(sound.min()), "high": float(sound.max())}
    if trained.used.stopped != "reached":
        facts["units"] = units_at_end(subject)
        facts["at_ends"] = stuck_at_ends(subject, first.facts["output"]["last"], output)
        facts |= _asked(lambda: ignored(subject))
        facts["blind"] = without_inputs(subject)
    elif len(subject.batch.inputs) > 1:
        facts |= _asked(lambda: ignored(subject))
    return facts


def warm_up() -> None:
    """Use once, before anything is forked, all that torch would import or open later."""

    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layers(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(RuntimeError):  # of what forward cannot be given, torch imports something to say so
            torch.jit.script(Small())(["no tensor"])
        file, arrays = io.BytesIO(), io.BytesIO()
        torch.jit.save(torch.jit.trace(Small(), torch.randn(4, 4), check_trace=False), file)
        rng = np.random.default_rng(0)
        for loss, targets in (("cross_entropy", np.arange(4) % 3), ("bce_with_logits", np.ones((4, 3))), ("mse", rng.normal(size=(4, 3))),
                              ("l1", rng.normal(size=(4, 3))), ("huber", rng.normal(size=(4, 3))), ("nll", np.arange(4) % 3)):  # fmt: skip
            arrays = io.BytesIO()
            np.savez(arrays, inputs=rng.normal(size=(4, 4)).astype(np.float32), targets=targets)
            for optimizer in ("adam", "sgd"):
                asked = {"loss": loss, "steps": 40 if loss == "mse" else 2, "device": "cpu", "optimizer": optimizer}
                examine(asked, file.getvalue(), arrays.getvalue(), lambda _line: None)
        examine(
            {"loss": "mse", "steps": 2, "device": "cpu", "input_shapes": [[4, 4]]},
            file.getvalue(),
            None,
            lambda _line: None,
        )


rehearse = warm_up
