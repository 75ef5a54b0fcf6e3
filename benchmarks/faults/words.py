"""How loggers word the same thing: other names, percent, a constant added, a sum instead of a mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PLAIN = {"lr", "grad_norm", "tp", "fp", "tn", "fn"}  # neither of training nor of validation
LOSS_LIKE = ("loss",)
DIGITS = 7


@dataclass(frozen=True)
class Wording:
    """Templates for names, and what is done to values on the way."""

    train: str = "{}"
    val: str = "val_{}"
    accuracy: str = "accuracy"
    lr: str = "lr"
    percent: bool = False
    added: float = 0.0  # to every loss
    times: float = 1.0


WORDINGS = {
    "": Wording(),
    "trainer": Wording("train_{}", "eval_{}", "accuracy", "learning_rate"),
    "slashes": Wording("train/{}", "val/{}", "acc"),
    "board": Wording("{}/train", "{}/val", "accuracy", "learning_rate"),
    "test": Wording("train_{}", "test_{}", "acc"),
    "percent": Wording("train_{}", "val_{}", "acc", percent=True),
    "offset": Wording("train_{}", "val_{}", "acc", added=-4.0),
    "times": Wording("training_{}", "validation_{}", "accuracy", times=1000.0),
    "short": Wording("{}", "val_{}", "acc"),
}
UNANCHORED = {"offset", "times"}  # here a guess's loss is no longer ln C


def reworded(history: dict[str, Any], wording: str) -> dict[str, Any]:
    """Return a history as that logger would have written it."""
    words = WORDINGS[wording]
    worded: dict[str, Any] = {}
    for name, logged in history.items():
        val, what = name.startswith("val_"), name.removeprefix("val_")
        values = logged["values"] if isinstance(logged, dict) else logged
        if what in PLAIN:
            worded[words.lr if what == "lr" else what] = logged
            continue
        if what in LOSS_LIKE:
            values = [_rounded(words.times * value + words.added) for value in values]
        elif what == "accuracy":
            values = [_rounded(100 * value) for value in values] if words.percent else values
        shown = {"accuracy": words.accuracy}.get(what, what)
        name_worded = (words.val if val else words.train).format(shown.capitalize() if wording == "board" else shown)
        worded[name_worded] = logged | {"values": values} if isinstance(logged, dict) else values
    return worded


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
