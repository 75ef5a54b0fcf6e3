"""Fixes of what the loss is given and how it weighs it, and of how answers are read from scores."""

from __future__ import annotations

import math
from typing import Any

from diagnosis.advice.fix import Fix, significant
from diagnosis.names import understand
from diagnosis.run import Context

EPSILON = 1e-6  # smallest probability that a logarithm is to be taken of, in single precision
SMOOTHING = 0.1  # share of a label (C. Szegedy et al., "Rethinking the Inception architecture", 2016)
TEMPERATURES = (1.0, 10.0)  # of answers that are too sure; networks in C. Guo et al., 2017, need up to about 3


def drop_activation(name: str, before: str, because: str, below: float | None = None) -> Fix:
    """The last activation, which the loss applies itself; `below`: the floor that it puts under the loss."""
    advice = f"Drop the final {name} before {before}: pass it the raw output of the last layer."
    known = {"below": significant(below)} if below else {}
    return Fix("remove_output_activation", advice, because, {"activation": name, **known})


def guard_logarithm(because: str) -> Fix:
    """Of a probability that is 0 in single precision."""
    advice = f"Take log_softmax of the raw scores, or keep what a logarithm is taken of at {EPSILON:g} or above."
    return Fix("guard_operation", advice, because, {"epsilon": EPSILON})


def smooth_labels(because: str) -> Fix:
    """A tenth of every label for all classes together."""
    params = {"label_smoothing": SMOOTHING}
    return Fix("smooth_labels", f"Smooth the labels by {SMOOTHING:g}.", because, params)


def balance(shares: tuple[float, float] | None, context: Context, *, threshold_first: bool) -> tuple[Fix, ...]:
    """Give a rare class its due: `shares` of the negative and the positive class, where known."""
    params: dict[str, Any] = {"scheme": "balanced"}
    if shares and min(shares) > 0.0:
        params |= {"weights": [significant(0.5 / share) for share in shares]}
    shown = (
        f": {', '.join(f'{weight:g}' for weight in params['weights'])}"
        if "weights" in params
        else " by n / (C n_c), each class by its n_c of n examples in C classes"
    )
    weights = Fix(
        "reweight_classes", f"Weight the classes in the loss{shown}.", "Each class then counts the same.", params
    )
    move = move_threshold(shares)
    watch = Fix(
        "change_metric",
        "Watch the balanced accuracy.",
        "It is one half for a model that ignores a class.",
        {"to": "balanced_accuracy"},
    )
    odds = {"bias": significant(math.log(shares[1] / shares[0]))} if shares and min(shares) > 0.0 else {}
    at = f"{odds['bias']:g}, " if odds else ""
    bias = Fix(
        "fix_initialization",
        f"Start the last bias at {at}the log odds of the base rate.",
        "The first epochs need not learn it.",
        {"scheme": "log odds of the base rate in the last bias", **odds},
    )
    first = (move, weights) if threshold_first else (weights, move)
    watched = understand(context.monitor).metric if context.monitor else "accuracy"
    return (*first, *((watch,) if watched in {"accuracy", "loss"} else ()), bias)


def move_threshold(shares: tuple[float, float] | None) -> Fix:
    """To the base rate, where the share of the positive class is known."""
    because = "Costs no training, and tells whether the scores rank."
    if not shares or shares[1] <= 0.0:
        return Fix("move_threshold", "Call positive what scores above the base rate.", because)
    at = significant(shares[1])
    return Fix("move_threshold", f"Call positive what scores above {at:g}, the base rate.", because, {"threshold": at})


def calibrate() -> Fix:
    """One temperature for all logits; of answers that are too sure it is above 1."""
    low, high = TEMPERATURES
    asked = f"Divide the logits by the temperature between {low:g} and {high:g} with the lowest validation loss."
    why = "Repairs the probabilities without training; the answers stay."
    return Fix("scale_temperature", asked, why, {"low": low, "high": high})
