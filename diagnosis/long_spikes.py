"""What is said of the hills of features/hills.py: a loss up for long, or a short run that was thrown back once."""

from __future__ import annotations

from diagnosis.features.hills import Hill
from diagnosis.features.measured import Measured
from diagnosis.features.rise import LATE
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.fixes import clip, keep_rate, learning_rate, warm_up_for
from diagnosis.lone_spikes import BOUNDED, EARLY, causes_of
from diagnosis.rule import NOISE, PROGRESS, Evidence, Finding, percent, share_of
from diagnosis.run import Context

COME_BACK = "Another stretch of data or other weights of the loss raise its level as well, and are no instability."
RESTARTED = "A restart of the learning rate looks the same where the rate is not logged."


def long_spike(hill: Hill, loss: Measured, grad_norm: Measured | None, context: Context) -> Finding:
    """A hill that came back: of a short run with what went and came with it, else with the time spent up there."""
    slow = learning_rate(context, 0.5, "What it climbed from was at the edge already.")
    summary, evidence, against = _of_few(hill, loss) if hill.beside else _of_many(hill, loss)
    return Finding(
        summary=summary,
        evidence=evidence,
        series=(loss.name,),
        since=hill.since,
        until=hill.until,
        asks=False,
        severity="warning",
        causes=causes_of(edge=True, pushed=hill.pushed is not None),
        against=(against,),
        fixes=(
            keep_rate(*hill.pushed) if hill.pushed else slow,
            clip(grad_norm, BOUNDED),
            *warm_up_for(hill.since, loss, context, EARLY),
        ),
    )


def _of_few(hill: Hill, loss: Measured) -> tuple[str, tuple[Evidence, ...], str]:
    rose = f"{loss.name} {loss.went('rose', 'fell')} at {hill.top} by {share_of(hill.height, 'the progress')}"
    summary = f"{rose}, {' and '.join(hill.beside)} got worse at the same time, and all recovered."
    return summary, _evidence(hill, None), RESTARTED


def _of_many(hill: Hill, loss: Measured) -> tuple[str, tuple[Evidence, ...], str]:
    rise = f"A long {loss.went('rise', 'fall')} of {loss.name}, from {hill.since} to {hill.until}, that came back"
    above = f"{share_of(hill.height, 'the progress')} {loss.went('above', 'below')} the best before"
    summary = f"{rise}: it took {percent(hill.away)} of the run, and was farthest off at {hill.top}, {above}."
    noise = Evidence("tallest_over_noise", hill.over_noise, SIGMAS, NOISE, "the same top against the noise")
    return summary, (*_evidence(hill, LATE), noise), COME_BACK


def _evidence(hill: Hill, bound: float | None) -> tuple[Evidence, Evidence]:
    return (
        Evidence("away", hill.away, bound, "share of the run", "values that stood that far off the best before them"),
        Evidence("tallest", hill.height, SHARE, PROGRESS, f"how far off the best before it was at {hill.top}"),
    )
