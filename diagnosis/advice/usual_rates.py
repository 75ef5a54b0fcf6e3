"""Which learning rates are usual, by the optimiser, and whether the caller's is far off."""

from __future__ import annotations

from diagnosis.run import Context

USUAL_RATES = {"momentum": 0.01, "sgd": 0.03, "adagrad": 0.01, "rmsprop": 1e-3, "adam": 1e-3, "lion": 1e-4}
FREE = ("dadapt", "d-adapt", "prodigy")  # find their rate by themselves: the number given is a factor, 1 by default
USUAL_RATE, USUAL_MOST = 1e-3, 0.03  # where no optimiser is said, either may be meant
TOO_HIGH, TOO_LOW = 20.0, 0.1  # times the usual rate: hardly anything trains well beyond


def usual_rate(context: Context) -> float:
    """A rate that most models learn with, by what the optimiser's name holds; where none is said, the nearest that is usual with any."""
    if (known := _rate_of(context)) is not None:
        return known
    return USUAL_RATE if context.optimizer else min(max(context.learning_rate or 0.0, USUAL_RATE), USUAL_MOST)


def _rate_of(context: Context) -> float | None:
    name = str(context.optimizer or "").lower()
    if any(part in name for part in FREE):
        return None
    return next((rate for part, rate in USUAL_RATES.items() if part in name), None)


def times_usual(context: Context) -> float | None:
    """How many times the usual rate the caller says to use; None where the rate, or what is usual, is not known."""
    rate = context.learning_rate
    if not rate or (_rate_of(context) is None and context.optimizer):
        return None
    return rate / usual_rate(context)


def too_high(context: Context) -> bool:
    """Whether the caller's learning rate is far beyond what is usual."""
    return (times_usual(context) or 1.0) > TOO_HIGH


def too_low(context: Context) -> bool:
    """Whether it is far below."""
    return (times_usual(context) or 1.0) < TOO_LOW
