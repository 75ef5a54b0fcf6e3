"""What a logger wrote in the place of NaN is neither the best value of a curve nor its last, once that is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from diagnosis.features.broken import breaks
from diagnosis.features.gap import measure_gap
from diagnosis.features.measured import Measured, measure_curve

if TYPE_CHECKING:
    from diagnosis.features import Features


def unmasked(features: Features) -> Features:
    """What is shown of a run, measured without the numbers that hide a NaN; what was logged stays as it is."""
    hidden = {
        broken.curve.name: replace(broken.curve, values=np.where(broken.bad, np.nan, broken.curve.values))
        for broken in breaks(features.run)
        if broken.masked
    }

    def again(measured: Measured | None) -> Measured | None:
        if measured is None or measured.name not in hidden:
            return measured
        return measure_curve(hidden[measured.name], measured.stages)

    if not hidden:
        return features
    training, validation = again(features.train_loss), features.val_loss
    beside = features.gap and training and validation and measure_gap(training, validation, features.run.context)
    return replace(
        features,
        curves=tuple(m for m in map(again, features.curves) if m),
        train_loss=training,
        gap=beside or None,
        unmasked=hidden,
    )
