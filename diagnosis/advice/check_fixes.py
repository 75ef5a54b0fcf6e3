"""Fixes that look before anything is changed: each says where to look, and what a sound run would show there."""

from __future__ import annotations

import numpy as np

from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.usual_rates import times_usual, too_high, too_low
from diagnosis.advice.verbs import PLENTY
from diagnosis.features.broken import Broken
from diagnosis.features.climb import ended
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.period import Period
from diagnosis.run import Context, Position, number, spoken

A_FEW = 20  # examples: enough to see by eye what is wrong, and few enough to learn by heart in a minute
FEW = 100  # examples: the loss of fewer says little of a model
MANY = 1000  # examples: enough to tell two losses of one model apart, and evaluated in seconds
LEARNT = 0.1  # of what guessing scores: a batch learnt by heart is below
LISTED = 3  # last cycles whose highest places are named


def few(context: Context | None) -> int:
    """Enough examples to look at, and no more than there are."""
    return min(A_FEW, (context.train_size if context else None) or A_FEW)


def flip_sign(loss: Measured, because: str) -> Fix:
    """The loss that a step the right way goes below is the one the run began with."""
    began, last = loss.said(loss.start), loss.said(ended(loss))
    advice = f"Check the sign of the loss and of the update, and flip it if it is wrong: {loss.name} went from {began} to {last}; with the sign right it {loss.went('falls below', 'rises above')} {began}."
    return Fix("flip_loss_sign", advice, because, {"below": significant(loss.start, 4)} if loss.sign > 0 else {})


def doubt_sign(broken: Broken, loss: Measured | None, context: Context) -> tuple[Fix, ...]:
    """Where a loss ran away upwards until it broke, at a rate that is small, or usual if it gathered speed slowly."""
    if loss is None or not (broken.of_loss and broken.only_rose):
        return ()
    times = times_usual(context)
    if not too_low(context) and (times is None or times > 1.0 or broken.leapt):
        return ()
    return (flip_sign(loss, "What only rises at so small a rate may well ascend."),)


def check_trainable(loss: Measured, because: str) -> Fix:
    """The weights of the first and the last checkpoint: what is the same in both is held, not reached, or not stepped."""
    first, last = loss.position(0), loss.curve.position(loss.n - 1)
    asked = f"Compare the weights at {first} and at {last}: what is the same in both lacks requires_grad, a place in the optimiser, or step()."
    return Fix("check_trainable_parameters", asked, because, {"at": [first.at, last.at]})


def check_labels(because: str, context: Context | None = None, of: str = "") -> Fix:
    """Whether a label is that of its input; by chance one in C is."""
    count = few(context)
    asked = f"Check on {count} examples{of} that labels belong to their inputs"
    chance = context.num_classes if context and (context.num_classes or 0) > 1 else None
    asked += f": all must, and of labels at random {count / chance:.2g} would." if chance else "."
    return Fix("check_labels", asked, because, {"examples": count})


def check_validation(at: Position, context: Context) -> Fix:
    """NaN and infinity in what validation reads and computes, where training is sound."""
    size = f" of {context.val_size} examples" if context.val_size else ""
    advice = f"Validate the checkpoint of {at} batch by batch{size}, and look at the first whose loss is not finite."
    because = "Training went on with finite values, so the weights are sound."
    return Fix("check_labels", advice, because, {"at": [at.at, at.at]})


def compare_treatment(training: str, validation: str, context: Context, because: str = "") -> Fix:
    """Whether both splits are prepared alike: scaled, cut, and read by the same words; and their losses computed alike."""
    count = few(context)
    advice = (
        f"Evaluate {count} training examples by validation's own code: the loss must be the one logged as {training}."
    )
    because = (
        because
        or f"{validation} was never near what {training} began with: its inputs or labels are prepared otherwise."
    )
    return Fix("check_labels", advice, because, {"examples": count})


def validate_again(before: Position, at: Position, validation: Measured) -> Fix:
    """A validation that leapt in one step, by the checkpoint before that: what it scores today is the data's, or the code's."""
    was = validation.said(float(validation.z[np.searchsorted(validation.x, before.at)]))
    asked = f"Validate the checkpoint of {before} once more: if it is no longer {was}, what is validated on changed."
    because = "What is learnt by heart shows more and more; all at once, for good, is a change of data or code."
    return Fix("check_labels", asked, because, {"at": [before.at, at.at]})


def what_changed(before: Position, at: Position) -> Fix:
    """What is not the same after a step as before it: it shows in what was read, weighted or loaded there."""
    asked = f"Compare what is trained on at {before} and at {at}: the data, the weights of the loss, a checkpoint loaded in between."
    because = "A level that changes at once, and for good, is what such a change looks like."
    return Fix("check_labels", asked, because, {"at": [before.at, at.at]})


def check_numbers(before: Position | None, at: Position, context: Context, *, grew: bool, stepped: bool = False) -> Fix:
    """NaN and infinity in what was read between the last sound value and the first that is none; likelier where nothing `grew` before.

    Steps may have been taken before a first value that is none (`stepped`): then weights may have grown as well, unseen.
    """
    first = before.at if before and before.axis == at.axis else at.at
    steps = at.at - first if at.axis == "step" else (at.at - first) * context.steps_an_epoch
    count = round(steps * (context.batch_size or 0))
    those = f"the {count} examples" if count else "the examples"
    where = f"between {at.axis} {spoken(first)} and {spoken(at.at)}" if first != at.at else f"up to {at}"
    advice = f"Check inputs and labels for NaN and infinity, in {those} read {where} first."
    at_once = "It broke in one step, from an ordinary value." if before else "It was so before anything was learnt."
    if stepped and not before:
        at_once = "It takes seconds: if all are finite, weights grew within the steps before that value."
    because = "What is not finite itself breaks a loss at any rate." if grew else at_once
    return Fix("check_labels", advice, because, {"at": [first, at.at], **({"examples": count} if count else {})})


def highest_losses(context: Context, because: str) -> Fix:
    """Examples that are broken stand out by their loss."""
    count = few(context)
    asked = f"Look at the {count} training examples with the highest loss: are their labels right?"
    return Fix("check_labels", asked, because, {"examples": count})


def overfit_one_batch(
    because: str, loss: Measured | None = None, context: Context | None = None, untaught: float | None = None
) -> Fix:
    """The cheapest test there is of model, loss and optimiser together, with the loss that tells its outcome.

    `untaught`: what a model scores that has learnt nothing, where that is known.
    """
    count = few(context)
    tells = loss is not None and loss.sign > 0 and loss.z.min() > 0.0 and loss.curve.metric == "loss"
    level = untaught or _untaught(loss, context) if loss and tells else None
    params: dict[str, float] = {"examples": count}
    asked = f"Try to overfit one batch of {count} examples"
    if level:
        params["below"] = significant(LEARNT * level, 2)
        asked += f": a sound model takes the loss below {params['below']:g}"
    return Fix("overfit_one_batch", f"{asked}.", because, params)


def _untaught(loss: Measured, context: Context | None) -> float | None:
    """What guessing scores, else where a run began that learnt nothing, or its middle: it may begin with a blow-up, or be one at a rate far too high."""
    if context and (context.guessing or too_high(context)):
        return context.guessing
    return min(loss.start, median(loss.z))


def check_metric(name: str) -> Fix:
    """By hand, from the raw outputs of a few examples."""
    asked = f"Recompute {name} from the raw outputs of {A_FEW} examples: axis of the argmax, threshold, averaging."
    why = "A metric that does not follow a falling loss is more often miscomputed than true."
    return Fix("recompute_metric", asked, why, {"metric": name, "examples": A_FEW})


def eval_mode(because: str, context: Context | None = None) -> Fix:
    """Dropout and augmentation off, as many examples of training as of validation where that is known, one checkpoint."""
    known = [size for size in (context.val_size, context.train_size) if size] if context else []
    size = max(min([PLENTY if context and context.val_size else MANY, *known]), FEW)
    if context and context.train_size:
        size = min(size, context.train_size)
    some = f"{size} example{'s' * (size != 1)}"
    asked = f"Evaluate {some} of the training split in evaluation mode with the validation code, and compare that."
    return Fix("use_eval_mode", asked, because, {"examples": size})


def average_over_epoch(because: str, values: float | None = None) -> Fix:
    """What a whole validation can be compared with; `values` logged so often are one average."""
    count = max(round(values), 1) if values else None
    asked = (
        f"Log the average of every {count} training values beside validation."
        if count
        else "Log training's average over each epoch beside validation."
    )
    return Fix("average_over_epoch", asked, because, {"values": count} if count else {})


def look_at(loss: Measured, at: list[int | float], because: str, *, more: bool = False) -> tuple[Fix, ...]:
    """The batches behind single values of a loss logged by step; the value of an epoch tells no batch."""
    curve = loss.curve
    if curve.axis != "step" or not at:
        return ()
    width = number((curve.steps[-1] - curve.steps[0]) / max(loss.n - 1, 1))
    width = max(round(width), 1) if width > 1 else 1
    places = ", ".join(map(spoken, at)) + (" …" if more else "")
    upto = f"the {spoken(width)} steps up to {'each of ' * (len(at) > 1)}" if width > 1 else "step "
    asked = f"Look at the batches of {upto}{places}, and leave out what is broken."
    return (Fix("skip_batches", asked, because, {"at": at, "width": width}),)


def highest_of_cycle(loss: Measured, found: Period) -> tuple[Fix, ...]:
    """The batches at which the last cycles were highest."""
    highest = found.origin - found.points * (1 - (float(found.profile.argmax()) + 0.5) / found.profile.size)
    places = [int(highest - back * found.points) for back in range(LISTED)][::-1]
    return look_at(loss, [number(loss.curve.steps[max(place, 0)]) for place in places], "The cycle is highest there.")


def log_losses(values: int, because: str) -> Fix:
    """Enough of both losses to judge by."""
    return Fix(
        "log_losses",
        f"Log the training and the validation loss, {values} values of each or more.",
        because,
        {"values": values},
    )
