"""Whether a run goes on from weights that were trained before: its width is given, and small steps for a few epochs are all it takes."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.advice.usual_rates import too_low
from diagnosis.features import Features
from diagnosis.run import Position

EPOCHS = 10.0  # in all: hardly anything is trained from nothing in fewer
TURNED = 3.0  # epochs: what knows the training set by heart so soon knew most of it before


def fine_tuned(features: Features, best: Position) -> bool:
    """By a rate that only serves for that; where none is known, by a run of a few epochs that was `best` after the first of them."""
    rate = features.context.learning_rate or (features.schedule.peak if features.schedule else None)
    if rate is not None:
        return too_low(replace(features.context, learning_rate=rate))
    covered = features.run.epochs_logged
    return covered is not None and covered <= EPOCHS and best.axis == "epoch" and best.at <= TURNED
