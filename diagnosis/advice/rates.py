"""Fixes of the learning rate: another one, another optimiser's, or a schedule."""

from __future__ import annotations

from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.usual_rates import USUAL_RATES, times_usual, too_high, too_low, usual_rate
from diagnosis.advice.verbs import VERBS
from diagnosis.features.schedule import Change
from diagnosis.run import Context, Position, number, spoken

RAISED, LITTLE = 10.0, 2.0  # times the usual rate: as far as one is raised; and times that are hardly a raise


def learning_rate(context: Context, factor: float, because: str) -> Fix:
    """Multiply the learning rate; with the rate known, also say what that comes to; one far too low becomes the usual one."""
    if factor > 1 and too_low(context):
        return set_usual_rate(context, because)
    times = times_usual(context)
    if factor > 1 and times and times < RAISED / LITTLE:
        factor = significant(min(factor, RAISED / times), 2)
    params: dict[str, float] = {"factor": factor}
    advice = f"Multiply the learning rate by {factor:g}"
    if context.learning_rate:
        params["learning_rate"] = significant(context.learning_rate * factor)
        advice += f", from {context.learning_rate:g} to {params['learning_rate']:g}"
    return Fix("raise_learning_rate" if factor > 1 else "lower_learning_rate", advice + ".", because, params)


def set_usual_rate(context: Context, because: str) -> Fix:
    """The usual rate, in place of one that is far off or nothing."""
    usual, given = usual_rate(context), context.learning_rate
    known = {"factor": significant(usual / given)} if given else {}
    advice = f"Set the learning rate to {usual:g}{f', from {given:g}' if given else ''}."
    action = "lower_learning_rate" if given and given > usual else "raise_learning_rate"
    return Fix(action, advice, because, {**known, "learning_rate": usual})


def lower(context: Context, because: str) -> Fix:
    """A tenth of a rate that broke the run; the usual one in place of one far above."""
    return set_usual_rate(context, because) if too_high(context) else learning_rate(context, 0.1, because)


def keep_rate(before: float, times: float, at: Position) -> Fix:
    """No higher than it had been before it went up so many times."""
    advice = f"Keep the learning rate at {before:.3g} or below."
    params = {"factor": significant(1 / times, 2), "learning_rate": significant(before)}
    return Fix("lower_learning_rate", advice, f"It had grown {times:.3g}-fold by {at}.", params)


def drop(at: Position, factor: float, because: str) -> Fix:
    """Once, where a loss came to rest."""
    params = {"kind": "step", "at": at.at, "factor": factor}
    return Fix("schedule_learning_rate", f"Or lower the learning rate tenfold at {at}.", because, params)


def drop_later(drop: Change, because: str) -> Fix:
    """The same drop of the rate, after twice as long."""
    later = number(2 * drop.at.at)
    params = {"kind": "step", "at": later, "factor": significant(drop.factor)}
    return Fix(
        "schedule_learning_rate",
        f"Drop the learning rate at {drop.at.axis} {spoken(later)}, not at {spoken(drop.at.at)}.",
        because,
        params,
    )


def cosine(because: str) -> Fix:
    """Let the learning rate fall to zero over the run."""
    return Fix("schedule_learning_rate", "Let the learning rate fall to zero by cosine.", because, {"kind": "cosine"})


def scheduled(context: Context) -> bool:
    """Whether the caller says that the learning rate follows a schedule."""
    return VERBS["schedule_learning_rate"].done(context)


def change_optimizer(context: Context, because: str) -> Fix:
    """Adam, at the rate that goes with it: that of plain descent would be far too large."""
    rate = USUAL_RATES["adam"]
    instead = f", not at {context.learning_rate:g}" if context.learning_rate and context.learning_rate != rate else ""
    advice = f"Use Adam, at a learning rate of {rate:g}{instead}."
    return Fix("change_optimizer", advice, because, {"to": "adam", "learning_rate": rate})
