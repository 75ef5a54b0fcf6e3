"""Fixes of when to stop, and of which checkpoint to take."""

from __future__ import annotations

import math

from diagnosis.advice.fix import Fix, significant
from diagnosis.features.measured import Measured
from diagnosis.features.noise import noise_level
from diagnosis.features.patience import bear
from diagnosis.features.smooth import BENDS
from diagnosis.run import Context, Position

PATIENCE_SHARE, PATIENCE_LEAST = 0.10, 3  # of the run, and validations, to wait for an improvement
BELIEVED = 2.0  # noise levels: a smaller improvement is as likely chance
GAIN_MOST = 0.1  # of what a curve gained: who waits for more stops while it learns
LEFT = 0.5  # of a loss that cannot become negative: nobody waits for an improvement by more
TYPED = 0.05  # likewise: the most that anybody types who does not have to wait out noise


def restore(position: Position, because: str) -> Fix:
    """Go back to the checkpoint of a logged position."""
    return Fix("restore_best", f"Use the checkpoint of {position}.", because, {position.axis: position.at})


def longer(context: Context, epochs: float | None, factor: float, because: str) -> Fix:
    """Train `factor` times as long, in epochs where they are known, and at least as long as was planned."""
    ran = epochs or context.planned_epochs
    if ran:
        total = math.ceil(max(ran * factor, context.planned_epochs or 0.0))
        factor = significant(total / ran)
        return Fix("train_longer", f"Train {total} epochs in all.", because, {"factor": factor, "epochs": total})
    return Fix("train_longer", f"Train {factor:g} times as long.", because, {"factor": factor})


def stop_early(curve: Measured, because: str, *, least: float = 0.0, until: int | None = None) -> Fix:
    """Patience from the run's length, the smallest change worth waiting for from the curve's noise where that is known, or `least`.

    A loss that cannot become negative gains no more than what is left of it: no change above a part of that is asked for. This run is
    not stopped by it before all but that is gained, or before its `until`-th value.
    """
    wait = max(PATIENCE_LEAST, round(curve.n * PATIENCE_SHARE))
    left = math.inf
    if curve.sign > 0 and curve.z.min() >= 0.0 < curve.end:
        left = min(curve.end, curve.best) if curve.best > 0.0 else curve.end
    noise = min(BELIEVED * _sound_noise(curve), GAIN_MOST * curve.progress)
    least = max(min(noise, LEFT * left), min(least, TYPED * left))
    wait, least = bear(curve, wait, significant(least, 2), until)
    least = significant(least, 2)
    advice = f"Stop after {wait} values of {curve.name} without an improvement{f' of {least:g}' if least else ''}."
    return Fix("stop_early", advice, because, {"patience": wait, "min_delta": least})


def _sound_noise(curve: Measured) -> float:
    """The noise up to its best, as what blew up later has another; 0 where it has too few values to tell."""
    sound = curve.curve.values[: curve.best_checkpoint + 1]
    return 0.0 if curve.bends else min(curve.noise, noise_level(sound) if sound.size >= BENDS else curve.noise)


def monitor(metric: Measured, context: Context, because: str = "It is what did not get worse.") -> tuple[Fix, ...]:
    """Let checkpoints be chosen by a metric; none where they are."""
    if context.monitor in {metric.name, metric.curve.metric}:
        return ()
    return (Fix("change_metric", f"Choose checkpoints by {metric.name}.", because, {"to": metric.name}),)
