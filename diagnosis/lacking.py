"""What a rule that asks for a feature lacks without it, in words for whoever logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnosis.features import Features


# What a rule lacks by these names is there, where a curve of such a role is logged and only cannot be judged.
_LOSSES = {"train_loss": ("a training loss", "a loss"), "val_loss": ("a validation loss", "a loss")}


def lacking(name: str, features: Features) -> list[str]:
    """What is to be logged where a feature is None."""
    if name in {"gap", "pair"}:
        losses = [loss for loss in ("train_loss", "val_loss") if getattr(features, loss) is None]
        missing = [said for loss in losses for said in lacking(loss, features)]
        return missing or ["training and validation of one quantity"]
    words = {"grad_norm": "a logged gradient norm", "val_loss": "a validation loss", "validation": "a validation loss", "memorising": "a validation loss",
             "train_loss": "a training loss", "finest": "a training loss", "watched": "a loss", "carried": "a loss", "siblings": "sibling runs: it needs at least 3 of one configuration, sent together",
             "confusion": "precision, recall, F1, MCC or counts (tp, fp, tn, fn)",
             "skill": "an anchor for the level: context.num_classes, context.baseline, or a metric with a known chance level"}.get(name, name.replace("_", " "))  # fmt: skip
    logged = any(words in _LOSSES.get(curve.role, ()) for curve in features.run.curves)
    return [f"{words} that can be judged" if logged else words]
