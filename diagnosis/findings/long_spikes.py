"""What is said of the hills of features/hills.py: a loss up for long, or a short run that was thrown back once."""

from __future__ import annotations

from diagnosis.advice.check_fixes import look_at
from diagnosis.advice.clipping import clip
from diagnosis.advice.fix import Fix
from diagnosis.advice.rates import keep_rate, learning_rate
from diagnosis.advice.warm_ups import warm_up_for
from diagnosis.features.hills import AREA, Hill
from diagnosis.features.measured import Measured
from diagnosis.features.spikes import SHARE, SIGMAS
from diagnosis.findings.lone_spikes import BOUNDED, EARLY, LISTED, causes_of
from diagnosis.rule import NOISE, PROGRESS, Evidence, Finding, percent, share_of
from diagnosis.run import Context, number

COME_BACK = "Another stretch of data or other weights of the loss raise its level as well, and are no instability."
RESTARTED = "A restart of the learning rate looks the same where the rate is not logged."


def long_spike(hill: Hill, loss: Measured, grad_norm: Measured | None, context: Context) -> Finding:
    """A hill that came back: of a short run with what went and came with it, else with the time spent up there."""
    slow = learning_rate(context, 0.5, "What it climbed from was at the edge already.")
    data = hill.at_once and not hill.pushed
    summary, evidence, against = _of_few(hill, loss) if hill.beside else _of_many(hill, loss)
    return Finding(
        summary=summary,
        evidence=evidence,
        series=(loss.name,),
        since=hill.since,
        until=hill.until,
        asks=False,
        severity="warning",
        causes=causes_of(edge=not data, pushed=hill.pushed is not None),
        against=(against,),
        fixes=(
            *(_stretch(hill, loss) if data else ()),
            keep_rate(*hill.pushed) if hill.pushed else slow,
            clip(grad_norm, BOUNDED),
            *warm_up_for(hill.since, loss, context, EARLY),
        ),
    )


def _stretch(hill: Hill, loss: Measured) -> tuple[Fix, ...]:
    """The batches of the stretch that was up."""
    steps = loss.curve.steps
    at = [number(each) for each in steps[(steps >= hill.since.at) & (steps <= hill.until.at)]]
    return look_at(
        loss, at[:LISTED], "It went up at once, and was calm up there, as over other data.", more=len(at) > LISTED
    )


def _of_few(hill: Hill, loss: Measured) -> tuple[str, tuple[Evidence, ...], str]:
    rose = f"{loss.name} {loss.went('rose', 'fell')} at {hill.top} by {share_of(hill.height, 'the progress')}"
    summary = f"{rose}, {' and '.join(hill.beside)} got worse at the same time, and all recovered."
    return summary, _evidence(hill), RESTARTED


def _of_many(hill: Hill, loss: Measured) -> tuple[str, tuple[Evidence, ...], str]:
    went, since, until = loss.went("rise", "fall"), hill.since, hill.until
    one = f"A long {went} of {loss.name}, from {since} to {until}"
    several = f"{hill.rises} {went}s of {loss.name}, between {since} and {until}"
    above = f"{share_of(hill.height, 'the progress')} {loss.went('above', 'below')} the best before"
    far = f"it was far {loss.went('above', 'below')} its best for {percent(hill.away)} of the run"
    summary = f"{several if hill.rises > 1 else one}, that came back: {far}, and farthest off at {hill.top}, {above}."
    noise = Evidence("tallest_over_noise", hill.over_noise, SIGMAS, NOISE, "the same top against the noise")
    cost = Evidence("area", hill.area, AREA, "of the run times share of progress", "how long it was how far up")
    return summary, (cost, *_evidence(hill), noise), COME_BACK


def _evidence(hill: Hill) -> tuple[Evidence, Evidence]:
    return (
        Evidence("away", hill.away, None, "share of the run", "values that stood that far off the best before them"),
        Evidence("tallest", hill.height, SHARE, PROGRESS, f"how far off the best before it was at {hill.top}"),
    )
