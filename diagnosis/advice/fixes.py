"""Fixes with their numbers: what a verb of the table comes to for this run.

Every fix says in `advice` what to do, with the number, and in `because` why it should help here.
"""

# long because: one constructor for each way to mend a run

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diagnosis.advice.verbs import VERBS
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.noise import noise_level
from diagnosis.features.offset import Offset
from diagnosis.features.patience import bear
from diagnosis.features.schedule import Change, Schedule
from diagnosis.features.smooth import BENDS
from diagnosis.names import understand
from diagnosis.run import Context, FloatArray, Position, number, spoken
from diagnosis.shares import share_of, stretch

DECAY_FIRST, DECAY_MOST = 0.01, 0.3  # weight decay: AdamW's default, and more than which hardly anyone uses
DROPOUT_NOTCH, DROPOUT_MOST = 0.2, 0.5  # dropout rate
CLIP_QUANTILE = 0.90  # of the gradient norms (Google, "Deep Learning Tuning Playbook")
CLIP_DEFAULT = 1.0  # the usual global norm, where none is logged
CLIP_CALM = 10.0  # times the median norm: beyond are the bursts that clipping is for
CLIP_LEAST, CLIP_MOSTLY = 3, 0.75  # norms, and share of them that must be calm: else none is ordinary
CLIP_LEFT = 100.0  # times the norm that a rise to the end began with: it has exploded
PATIENCE_SHARE, PATIENCE_LEAST = 0.10, 3  # of the run, and validations, to wait for an improvement
BELIEVED = 2.0  # noise levels: a smaller improvement is as likely chance
SMOOTHING = 0.1  # share of a label (C. Szegedy et al., "Rethinking the Inception architecture", 2016)
USUAL_RATES = {"momentum": 0.01, "sgd": 0.03, "adagrad": 0.01, "rmsprop": 1e-3, "adam": 1e-3, "lion": 1e-4}
FREE = ("dadapt", "d-adapt", "prodigy")  # find their rate by themselves: the number given is a factor, 1 by default
USUAL_RATE, USUAL_MOST = 1e-3, 0.03  # where no optimiser is said, either may be meant
RAISED, LITTLE = 10.0, 2.0  # times the usual rate: as far as one is raised; and times that are hardly a raise
TOO_HIGH, TOO_LOW = 20.0, 0.1  # times the usual rate: hardly anything trains well beyond
SHORTER = 0.25  # of a warm-up that is too long
EARLY, LATE = 0.1, 0.5  # of the run: an event before is one of its start, and after is none, however few the steps
FIRST = 0.03  # of the run: its first steps
EARLY_STEPS = 1000  # steps: over as many Adam's second moments average, with its usual β₂ of 0.999
WARM_UP, WARM_UP_SHARE = 500, 0.1  # steps where the length of an epoch is not known; of the planned run, at most
BATCH_MOST = 16.0  # times the batch; the noise of its gradient then is a quarter
TEMPERATURES = (1.0, 10.0)  # of answers that are too sure; networks in C. Guo et al., 2017, need up to about 3
GAIN_MOST = 0.1  # of what a curve gained: who waits for more stops while it learns
LEFT = 0.5  # of a loss that cannot become negative: nobody waits for an improvement by more
TYPED = 0.05  # likewise: the most that anybody types who does not have to wait out noise
VALIDATION_SHARE = 0.2  # of all data: a good share to hold out
VALIDATION_FACTORS = (2.0, 10.0)  # times as many examples: less hardly helps, more can hardly be had
VALIDATION_MOST = 0.3  # of all data: what is held out is not trained on
VALIDATION_LEAST = 100  # examples: fewer leave an accuracy unsure by five points


def significant(value: float, digits: int = 3) -> float:
    """A number as one would type it into a config."""
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True)
class Fix:
    """One thing to try: a verb, its numbers for this run, and why it should help."""

    action: str
    advice: str
    because: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a verb or a parameter that is not in the table: a pipeline could not apply it."""
        unknown = set(self.params) - set(VERBS[self.action].params)
        if unknown:
            message = f"{self.action} has no parameter {sorted(unknown)}"
            raise ValueError(message)

    def done(self, context: Context) -> bool:
        """Whether the caller says this is already in use, or has gone as far as it goes."""
        at_its_end = {"raise_learning_rate": too_high, "lower_learning_rate": too_low}.get(self.action)
        return VERBS[self.action].done(context) or (at_its_end is not None and at_its_end(context))


def restore(position: Position, because: str) -> Fix:
    """Go back to the checkpoint of a logged position."""
    return Fix("restore_best", f"Use the checkpoint of {position}.", because, {position.axis: position.at})


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


def clip(grad_norm: Measured | None, because: str, until: Position | None = None) -> Fix:
    """Bound the gradient a little above the run's ordinary norm: nine in ten that are no bursts stay below.

    Ordinary are the norms up to where the loss was sound, `until`; the usual bound where these are too few, or of every size.
    """
    norm = CLIP_DEFAULT if grad_norm is None else _ordinary(grad_norm, until) or CLIP_DEFAULT
    return Fix("clip_gradients", f"Clip the gradients' global norm at {norm:g}.", because, {"max_norm": norm})


def _ordinary(grad_norm: Measured, until: Position | None) -> float | None:
    norms = grad_norm.curve.values
    if until is not None:
        known = until.axis == grad_norm.curve.axis
        norms = norms[: int(np.searchsorted(grad_norm.curve.steps, until.at)) if known else 0]
        if norms.size < CLIP_LEAST:
            return None
    norms = norms[: _exploded(norms)]
    calm = norms[norms <= max(CLIP_CALM * median(norms), norms.min())]
    return significant(float(np.quantile(calm, CLIP_QUANTILE)), 2) if calm.size > CLIP_MOSTLY * norms.size else None


def _exploded(norms: FloatArray) -> int:
    """How many of the gradient norms (n,) come before a rise to the end, from one to the next, that explodes; n without one."""
    (falls,) = (np.diff(norms) <= 0.0).nonzero()
    began = int(falls[-1]) + 1 if falls.size else 0
    return began + 1 if norms[-1] > CLIP_LEFT * norms[began] > 0.0 else norms.size


def regularize(context: Context, because: str, *, drop: bool = True) -> tuple[Fix, ...]:
    """One notch more weight decay and, with `drop`, dropout than the run had; none where they are at their most."""
    params = {}
    decay = significant(context.weight_decay * 10) if context.weight_decay else DECAY_FIRST
    if min(decay, DECAY_MOST) > (context.weight_decay or 0.0):
        params["weight_decay"] = min(decay, DECAY_MOST)
    dropout = round(min((context.dropout or 0.0) + DROPOUT_NOTCH, DROPOUT_MOST), 2)
    if drop and dropout > (context.dropout or 0.0):
        params["dropout"] = dropout
    shown = " and ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in params.items())
    return (Fix("increase_regularization", f"Regularise more: {shown}.", because, params),) if params else ()


def longer(context: Context, epochs: float | None, factor: float, because: str) -> Fix:
    """Train `factor` times as long, in epochs where they are known, and at least as long as was planned."""
    ran = epochs or context.planned_epochs
    if ran:
        total = math.ceil(max(ran * factor, context.planned_epochs or 0.0))
        factor = significant(total / ran)
        return Fix("train_longer", f"Train {total} epochs in all.", because, {"factor": factor, "epochs": total})
    return Fix("train_longer", f"Train {factor:g} times as long.", because, {"factor": factor})


def scheduled(context: Context) -> bool:
    """Whether the caller says that the learning rate follows a schedule."""
    return VERBS["schedule_learning_rate"].done(context)


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


def steps_per_epoch(context: Context) -> float:
    """As the caller says, else by the sizes of data and batch; 0 where neither is known."""
    counted = -(-context.train_size // context.batch_size) if context.train_size and context.batch_size else 0
    return context.steps_per_epoch or counted


def warm_up(context: Context, because: str, curve: Measured | None = None) -> Fix:
    """One epoch of warm-up, or a customary number of steps; a tenth of the run, as planned or as a curve logs it, where that is less."""
    epoch = steps_per_epoch(context)
    most, last = WARM_UP_SHARE * epoch * (context.planned_epochs or 0.0), float(curve.curve.steps[-1]) if curve else 0.0
    most = most or WARM_UP_SHARE * last * (context.finished is not False) * (
        1.0 if curve and curve.curve.axis == "step" else epoch
    )
    steps = max(round(min(epoch or WARM_UP, most or np.inf)), 1)
    return Fix(
        "warm_up", f"Warm the learning rate up over {steps} step{'s' * (steps != 1)}.", because, {"steps": steps}
    )


def warm_up_for(at: Position, curve: Measured, context: Context, because: str) -> tuple[Fix, ...]:
    """A warm-up against what happened at a position of a curve: none where that is late, and a warm-up long over."""
    last = float(curve.curve.steps[-1])
    in_steps = 1.0 if at.axis == "step" else steps_per_epoch(context)
    if at.axis == "epoch":
        last = max(last, context.planned_epochs or 0.0)
    early = at.at <= EARLY * last or (0.0 < at.at * in_steps <= EARLY_STEPS and at.at <= LATE * last)
    return (warm_up(context, because, curve),) if early else ()


def begins(at: Position, curve: Measured) -> bool:
    """Whether a position is one of a curve's first steps, which are the largest: a jump there is the rate's before any batch's."""
    first, last = float(curve.curve.steps[0]), float(curve.curve.steps[-1])
    return not curve.resumed and at.at - min(first, 0.0) <= FIRST * last


def shorten_warm_up(schedule: Schedule, context: Context, because: str) -> Fix:
    """A quarter of the warm-up there was, in optimiser steps where they are known."""
    at = schedule.warmed_at
    per_position = 1.0 if at.axis == "step" else steps_per_epoch(context)
    if not per_position:
        return Fix(
            "shorten_warm_up", f"Warm up over a quarter of the time, not until {at}.", because, {"factor": SHORTER}
        )
    steps = max(round(at.at * per_position * SHORTER), 1)
    advice = f"Warm up over {steps} steps, not until {at}."
    return Fix("shorten_warm_up", advice, because, {"steps": steps, "factor": SHORTER})


def initialize(because: str) -> Fix:
    """Weights whose outputs are as large as their inputs."""
    advice = "Initialise with He's scheme: weights of variance 2 / inputs (1 / inputs before tanh or sigmoid), recurrent ones orthogonal."
    return Fix("fix_initialization", advice, because, {"scheme": "he"})


def cosine(because: str) -> Fix:
    """Let the learning rate fall to zero over the run."""
    return Fix("schedule_learning_rate", "Let the learning rate fall to zero by cosine.", because, {"kind": "cosine"})


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


def smaller_model(because: str) -> Fix:
    """Half the width."""
    return Fix("decrease_capacity", "Halve the model's width.", because, {"factor": 0.5})


def larger_model(because: str) -> Fix:
    """Four times the width: twice hardly shows."""
    return Fix("increase_capacity", "Make the model four times as wide.", because, {"factor": 4})


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


def change_optimizer(context: Context, because: str) -> Fix:
    """Adam, at the rate that goes with it: that of plain descent would be far too large."""
    rate = USUAL_RATES["adam"]
    instead = f", not at {context.learning_rate:g}" if context.learning_rate and context.learning_rate != rate else ""
    advice = f"Use Adam, at a learning rate of {rate:g}{instead}."
    return Fix("change_optimizer", advice, because, {"to": "adam", "learning_rate": rate})


def unregularized(context: Context, because: str) -> tuple[Fix, ...]:
    """Without the weight decay and the dropout there are; none where there are none."""
    used = {name: float(getattr(context, name)) for name in ("weight_decay", "dropout") if getattr(context, name)}
    shown = " and ".join(f"the {name.replace('_', ' ')} of {value:g}" for name, value in used.items())
    advice = f"Train without {shown}."
    return (Fix("decrease_regularization", advice, because, dict.fromkeys(used, 0.0)),) if used else ()


def drop_activation(name: str, before: str, because: str, below: float | None = None) -> Fix:
    """The last activation, which the loss applies itself; `below`: the floor that it puts under the loss."""
    advice = f"Drop the final {name} before {before}: pass it the raw output of the last layer."
    known = {"below": significant(below)} if below else {}
    return Fix("remove_output_activation", advice, because, {"activation": name, **known})


def bfloat16() -> Fix:
    """The range of single precision in half of its bits."""
    why = "float16 ends at 65504, bfloat16 at 3.4e38, as float32 does."
    return Fix("use_bf16", "Use bfloat16 where float16 is used.", why)


def normalize_layers(because: str) -> Fix:
    """What keeps signals, and gradients, of one size through the layers."""
    advice = "Normalise what goes into each activation to mean 0 and deviation 1 (batch or layer norm); add residual paths if deep."
    return Fix("add_normalization_layers", advice, because, {"mean": 0, "deviation": 1})


def normalize_inputs(because: str) -> Fix:
    """Zero mean, unit variance."""
    advice = "Normalise the inputs to zero mean and unit variance."
    return Fix("normalize_inputs", advice, because, {"mean": 0, "deviation": 1})


def standardize_targets(offset: Offset | None) -> tuple[Fix, ...]:
    """Zero mean, unit variance; nothing where nothing tells that they are far from 0."""
    if offset is None:
        return ()
    off = f"{offset.r2.name} began at {offset.r2.said(offset.r2.start)}"
    because = f"{off}: the first answers were {offset.deviations:.2g} standard deviations of the targets off."
    advice = "Subtract the mean of the training targets, and divide by their standard deviation; undo both in what the model answers."
    return (Fix("standardize_targets", advice, because),)


def move_threshold(shares: tuple[float, float] | None) -> Fix:
    """To the base rate, where the share of the positive class is known."""
    because = "Costs no training, and tells whether the scores rank."
    if not shares or shares[1] <= 0.0:
        return Fix("move_threshold", "Call positive what scores above the base rate.", because)
    at = significant(shares[1])
    return Fix("move_threshold", f"Call positive what scores above {at:g}, the base rate.", because, {"threshold": at})


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


def smooth_labels(because: str) -> Fix:
    """A tenth of every label for all classes together."""
    params = {"label_smoothing": SMOOTHING}
    return Fix("smooth_labels", f"Smooth the labels by {SMOOTHING:g}.", because, params)


def calibrate() -> Fix:
    """One temperature for all logits; of answers that are too sure it is above 1."""
    low, high = TEMPERATURES
    asked = f"Divide the logits by the temperature between {low:g} and {high:g} with the lowest validation loss."
    why = "Repairs the probabilities without training; the answers stay."
    return Fix("scale_temperature", asked, why, {"low": low, "high": high})


def monitor(metric: Measured, context: Context, because: str = "It is what did not get worse.") -> tuple[Fix, ...]:
    """Let checkpoints be chosen by a metric; none where they are."""
    if context.monitor in {metric.name, metric.curve.metric}:
        return ()
    return (Fix("change_metric", f"Choose checkpoints by {metric.name}.", because, {"to": metric.name}),)


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
