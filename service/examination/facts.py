"""What was measured → plain JSON, bounded: names cut, lists shortened, numbers that are none written as null."""

from __future__ import annotations

import math
from typing import Any

import torch

from service.examination.choosing import ITS_OWN
from service.examination.config import CLASSES
from service.examination.floors import Levels
from service.examination.ladder import Climb
from service.examination.loading import LISTED, LONGEST
from service.examination.losses import IGNORED
from service.examination.probing import Probe
from service.examination.subject import Subject
from service.examination.training import Attempt

POINTS = 2000  # of a curve
INPUTS = 16  # that are described


def answer(  # noqa: PLR0917 - one argument a section
    subject: Subject, first: Probe, known: Levels, trained: Climb | None, early: dict[str, Any], late: dict[str, Any],
    batch: dict[str, Any], timing: dict[str, float], *, random: bool,
) -> dict[str, Any]:  # fmt: skip
    """Everything, section by section, as `diagnosis.examining.examination` reads it."""
    config, module = subject.config, subject.module
    parameters = dict(module.named_parameters())
    graph = subject.graph
    steps = sum(len(attempt.losses) for attempt in trained.attempts) if trained else 0
    spent = timing["train_ms"]
    reference = known.reference if math.isfinite(known.reference) else abs(first.loss)
    target = known.target if math.isfinite(known.target) else 0.01 * abs(first.loss)
    facts = {
        "asked": {"loss": config.loss, "optimizer": config.optimizer, "lr": config.lr, "lr_given": config.lr_given,
                  "steps": config.steps, "seed": config.seed, "deadline_s": config.deadline_s},
        "device": _device(subject.device),
        "model": {
            "parameters": sum(p.numel() for p in parameters.values()),
            "trainable": sum(p.numel() for p in parameters.values() if p.requires_grad),
            "names": len(parameters),
            "frozen": [name for name, p in parameters.items() if not p.requires_grad][:LISTED],
            "inputs": [kind for _, kind, _ in subject.loaded.arguments][:INPUTS],
            "arguments": [name for name, _, _ in subject.loaded.arguments][:INPUTS],
            "dtypes": sorted({str(p.dtype).removeprefix("torch.") for p in parameters.values()})[:8],
            "layers": sum(p.ndim > 1 for p in parameters.values()),
            "random": random,
            "hidden": [{"place": place, "shape": list(shape), "operation": operation} for place, shape, operation in first.seen.hidden.values()],
            "returns_loss": subject.fitted.kind == ITS_OWN,
            "outputs": subject.outputs,
            "norms_held": subject.norms_held,
            "linear": not first.seen.bends,
        },
        "graph": None if graph is None else {"traced": graph.traced, "baked": [[name, mode] for name, mode in graph.baked]},
        "batch": batch | {"contradicting": known.contradicting, "repeated": known.repeated},
        "operand": None if first.seen.operand is None else {"rms": first.seen.operand[0], "largest": first.seen.operand[1]},
        "output": first.facts["output"],
        "attached": first.attached,
        "broken": _broken(first, trained),
        "levels": {"initial": first.loss, "expected": known.expected, "floor": known.floor, "reference": reference, "target": target},
        "gradients": first.facts["gradients"],
        "symmetric": first.facts["symmetric"],
        "units": first.seen.units,
        "dependence": early or None,
        "attempts": [_attempt(attempt, known.floor) for attempt in trained.attempts] if trained else [],
        "used": trained.attempts.index(trained.used) if trained else None,
        "settled": trained.settled if trained else True,
        "curve": _curve(trained.used) if trained else {"steps": [], "loss": []},
        "after": late or None,
        "timing": {name: 1000.0 * value for name, value in timing.items()} | {"steps_per_s": steps / spent if spent > 0 else 0.0},
        "notes": [note[:200] for note in subject.notes[:8]],
    }  # fmt: skip
    plain: dict[str, Any] = _plain(facts)
    return plain


def batch_facts(subject: Subject) -> dict[str, Any]:
    """What the batch is made of: shapes, classes, shares."""
    targets, config = subject.targets, subject.config
    facts: dict[str, Any] = {
        "examples": targets.shape[0] if targets.ndim else 1, "made": subject.batch.made,
        "inputs": [[str(x.dtype).removeprefix("torch."), *x.shape] for x in subject.batch.inputs[:INPUTS]],
        "targets": [str(targets.dtype).removeprefix("torch."), *targets.shape], "fit": subject.fitted.kind, "classes": subject.fitted.classes,
        "outside": subject.outside, "refused_dtype": subject.refused, "labels": 0, "seen": 0, "share": None,
        "inputs_not_finite": sum(int((~torch.isfinite(x)).sum()) for x in subject.batch.inputs if x.is_floating_point()),
        "low": None, "high": None, "mean": None, "deviation": None, "targets_not_finite": 0,
    }  # fmt: skip
    if targets.is_complex():
        return facts
    values = targets.double()
    facts["targets_not_finite"] = int((~torch.isfinite(values)).sum())
    sound = (
        values[torch.isfinite(values) & (values != IGNORED)]
        if config.loss in CLASSES
        else values[torch.isfinite(values)]
    )
    if sound.numel():
        facts |= {
            "low": float(sound.min()),
            "high": float(sound.max()),
            "mean": float(sound.mean()),
            "deviation": float(sound.std(correction=0)),
        }
    labels = None
    if config.loss in CLASSES and subject.fitted.kind not in ("soft", ITS_OWN):
        labels = sound
    elif config.loss == "bce_with_logits" and bool(((values == 0) | (values == 1)).all()):
        labels = values.reshape(-1)
    if labels is not None and labels.numel():
        counts = labels.unique(return_counts=True)[1]
        facts |= {"labels": labels.numel(), "seen": counts.numel(), "share": float(counts.max()) / labels.numel()}
    return facts


def _attempt(attempt: Attempt, floor: float) -> dict[str, Any]:
    return {
        "lr": attempt.lr, "steps": len(attempt.losses), "first": attempt.losses[0] if attempt.losses else None, "best": attempt.best,
        "final": attempt.final, "stopped": attempt.stopped, "falling": attempt.falling(floor), "seconds": attempt.seconds, "says": attempt.says,
    }  # fmt: skip


def _broken(first: Probe, trained: Climb | None) -> dict[str, Any] | None:
    """What was not finite first: before the first step, or while the rate that was given was tried."""
    if "broken" in first.facts:
        what, where, overflows = first.facts["broken"]
        return {
            "what": what,
            "step": 0,
            "where": where,
            "start": True,
            "overflows": overflows,
            "weights": first.facts["weights"],
        }
    gradients = first.facts["gradients"]
    if gradients is not None and gradients["not_finite"]:
        return {"what": "gradients", "step": 0, "where": gradients["not_finite"][0], "start": True}
    if trained and trained.attempts[0].broken:
        what, step, where = trained.attempts[0].broken
        return {"what": what, "step": step, "where": where, "start": False}
    return None


def _curve(attempt: Attempt) -> dict[str, list[Any]]:
    stride = max(1, math.ceil(len(attempt.losses) / (POINTS - 1)))
    steps = list(range(0, len(attempt.losses), stride))
    if steps and steps[-1] != len(attempt.losses) - 1:
        steps.append(len(attempt.losses) - 1)
    return {"steps": steps, "loss": [_number(attempt.losses[step]) for step in steps]}


def _number(value: float) -> float | str:
    """NaN and infinity by name: in a curve they are data."""
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _device(device: torch.device) -> str:
    return f"cuda:0 ({torch.cuda.get_device_name(0)})" if device.type == "cuda" else "cpu"


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value[: 2 * LONGEST] if isinstance(value, str) else value
