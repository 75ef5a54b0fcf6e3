"""Fixes of what is trained and validated on: how much of it, in which order and which batches, in which units."""

from __future__ import annotations

import math

import numpy as np

from diagnosis.advice.fix import Fix, significant
from diagnosis.features.offset import Offset
from diagnosis.run import Context, Position, number
from diagnosis.shares import percent, share_of, stretch

BATCH_MOST = 16.0  # times the batch; the noise of its gradient then is a quarter
VALIDATION_SHARE = 0.2  # of all data: a good share to hold out
VALIDATION_FACTORS = (2.0, 10.0)  # times as many examples: less hardly helps, more can hardly be had
VALIDATION_MOST = 0.3  # of all data: what is held out is not trained on
VALIDATION_LEAST = 100  # examples: fewer leave an accuracy unsure by five points


def add_data(because: str, context: Context | None = None) -> Fix:
    """Twice the data, in examples where they are known."""
    size = {"size": 2 * context.train_size} if context and context.train_size else {}
    shown = f": {size['size']} examples" if size else ""
    return Fix("add_data", f"Train on twice the data{shown}.", because, {"factor": 2, **size})


def augment(because: str, epochs: float | None = None) -> Fix:
    """More variety from the data one has: another version of each example whenever it comes round."""
    times = round(epochs or 0)
    if times <= 1:
        return Fix("augment_data", "Augment the training data, anew in every epoch.", because)
    advice = f"Augment the training data, anew in every epoch: each example came round {times} times."
    return Fix("augment_data", advice, because, {"variants": times})


def larger_batch(context: Context, because: str, times: float = 2.0) -> tuple[Fix, ...]:
    """A batch about `times` as large, by a power of two, up to a few; none where the batch is all of the data already."""
    factor = 2 ** math.ceil(math.log2(min(max(times, 2.0), BATCH_MOST)) - 1e-9)
    if not (size := context.batch_size):
        return (Fix("increase_batch_size", f"Take batches {factor} times as large.", because, {"factor": factor}),)
    new = min(factor * size, context.train_size or factor * size)
    if new <= size:
        return ()
    params = {"factor": significant(new / size), "batch_size": new}
    return (Fix("increase_batch_size", f"Take batches of {new}, not of {size}.", because, params),)


def shuffle(every: Position, swing: float, because: str) -> Fix:
    """Anew whenever the same order came again: `swing` is the share of progress between bottom and top of a cycle."""
    much = "" if math.isinf(swing) else f" of {share_of(swing, 'the progress')}"
    goes = f"the swing{much} that repeats every {stretch(number(significant(every.at, 4)), every.axis)} goes"
    advice = f"Shuffle the training data anew in every epoch: {goes}."
    return Fix("shuffle_data", advice, because, {"period": significant(every.at, 4)})


def normalize_inputs(because: str) -> Fix:
    """Zero mean, unit variance."""
    advice = "Normalise the inputs to zero mean and unit variance."
    return Fix("normalize_inputs", advice, because, {"mean": 0, "deviation": 1})


def standardize_targets(offset: Offset | None) -> tuple[Fix, ...]:
    """Zero mean, unit variance; nothing where nothing tells that they are far from 0."""
    if offset is None:
        return ()
    off = f"{offset.curve.name} began at {offset.curve.said(offset.curve.start)}"
    because = f"{off}: the first answers were {offset.deviations or 0.0:.2g} standard deviations of the targets off."
    if offset.deviations is None:
        because = f"{off}, and all that was gained is {percent(offset.gained)} of it: answers have that far to go."
    advice = "Subtract the mean of the training targets, and divide by their standard deviation; undo both in what the model answers."
    return (Fix("standardize_targets", advice, because),)


def enlarge_validation(context: Context, factor: float, because: str) -> Fix:
    """A fifth of all data, where that is more than there is; else `factor` times as many examples, within bounds."""
    size = context.val_size
    factor = significant(float(np.clip(factor, *VALIDATION_FACTORS)), 2)
    if not size:
        times = f"{factor:g} times as many examples: {100 * VALIDATION_SHARE:g} % of all data is a good share"
        return Fix(
            "enlarge_validation_set", f"Validate on {times}.", because, {"factor": factor, "share": VALIDATION_SHARE}
        )
    total, known = (context.train_size or 0) + size, {}
    if context.train_size and VALIDATION_SHARE * total > size:
        known["share"] = VALIDATION_SHARE
        wanted = max(round(VALIDATION_SHARE * total), min(VALIDATION_LEAST, total // 2))
    else:
        wanted = max(round(size * factor), VALIDATION_LEAST)
        wanted = min(wanted, max(round(VALIDATION_MOST * total), size)) if context.train_size else wanted
    shown = f"{wanted} examples, not on {size}"
    return Fix(
        "enlarge_validation_set",
        f"Validate on {shown}.",
        because,
        {"size": wanted, "factor": significant(wanted / size), **known},
    )
