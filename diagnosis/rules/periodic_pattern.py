"""The training loss repeats the same shape again and again.

What it means
    Something in the training comes round: the same examples in the same order, a logger's mean that starts anew every
    epoch, examples known by heart since their last visit, or a learning rate that is put back up.

How it is detected
    The training loss, as finely as it was logged, is cut into cycles, less its mean over one period. The periods tried
    are the length of an epoch, where that is known (`steps_per_epoch`, fractional epochs, another curve logged once an
    epoch), else from one validation to the next, and those that the autocorrelation of the loss shows; not one that
    goes up and down from value to value. It takes `CYCLES` cycles of `LEAST` values, the middle one `HIGH` of the
    progress high. The cycles must agree:

    - of an epoch's length, each is predicted to `SHARE` by the others, and they agree `SIGMAS` standard deviations
      better than cycles that each begin at a random place; with fewer than `SHORT` values, as of any other length;
    - of any other length, these two numbers multiplied exceed `SURE`, or `SURE_SHORT` with fewer than `SHORT` values
      in a cycle; else twice `SURE` where `PEAKED` of its power is in two neighbouring places, as of spikes.

    What the cycle looks like tells the likeliest cause:

    - a step down, by a correlation of `STAIR`, and next to no climb in between, by `CLIMBS`: examples known by heart;
      a running mean where the moves shrink like the place in the cycle to the power of `CALMS`, or faster;
    - a jump up and a way down, by the same correlation, where no rate is logged and the period is neither an epoch nor
      from one validation to the next: a learning rate that restarts;
    - anything else: the order of the data, or, where they are said to be shuffled, something done once in every cycle.

    Nothing is reported where the schedule explains it: a logged rate rises in every two cycles, or drops at once in
    every two of a stair; the scheduler's name tells of restarts, no rate is logged, and no epoch is as long; a logged
    setting changes as often; or only spikes of one value repeat, other than once an epoch, in data said to be shuffled.

When it is wrong
    Batches sorted by length, or a curriculum that comes round, repeat on purpose. Few cycles show nothing.

Sources
    Google ML course, "Interpreting loss curves": repetitive steps want the training set shuffled.
    ultralytics/yolov3#303 (the running mean starts anew).
    J. Howard, J. Whitaker, "Can LLMs learn from a single example?", 2023: stairs.
"""

import numpy as np

from diagnosis.advice import datasets, models, stopping
from diagnosis.advice.check_fixes import average_over_epoch, highest_of_cycle
from diagnosis.advice.fix import Fix, significant
from diagnosis.features import Features
from diagnosis.features.folding import LEAST  # noqa: F401 - of several, the one that the page names
from diagnosis.features.measured import Measured
from diagnosis.features.period import SHARE
from diagnosis.features.repetition import HIGH, Repetition, measure_repetition
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Subject, rule, stretch
from diagnosis.run import Context, Position, number
from diagnosis.synthetic import falling, run

ORDER = Cause("The data come in the same order in every epoch.", "Shuffle for two epochs: the pattern is gone.")
MEAN = Cause("The logged loss is a mean that starts anew every epoch.", "Log the loss of each step: no pattern.")
HEART = Cause(
    "Examples are known by heart from the epoch before.",
    "Validate at every boundary: training steps down, validation does not.",
)
RATE = Cause("The learning rate goes up again and again.", "Log the rate beside the loss: it has the same period.")
EDGE = Cause(
    "Something is done once in every cycle: a validation, a reset of states.",
    "Move it by half a cycle: the pattern moves with it.",
)
SEED = Cause("The shuffle starts from the same seed every time.", "Print ten indices of two epochs: the same ten.")
CAUSES = (ORDER, MEAN, HEART, RATE)
SHUFFLED = (EDGE, MEAN, HEART, RATE, SEED)  # where the caller says that the order is new in every epoch
SHOWN = {
    MEAN: "a mean that starts anew each time, which harms only the log",
    HEART: "a step down each time and little in between, as of examples known by heart",
    RATE: "a jump up each time and a slow way down, as of a learning rate that restarts",
    ORDER: "the same ups and downs each time, as of data in the same order",
    EDGE: "the same ups and downs each time, though the data are said to be shuffled",
}
AFTER: dict[Cause, Subject] = {HEART: "progress", MEAN: "logging"}  # nothing is wrong with what it learns from
WAVE = 0.3 * np.sin(np.arange(120) * 2 * np.pi / 12)
EXAMPLES = (
    Fires("the same wave in each of ten epochs", run(loss=falling(n=120) + WAVE)),
    Quiet("ordinary noise", run(loss=falling(n=120, noise=0.2))),
    Quiet("the rate restarts with it", run(loss=falling(n=120) + WAVE, lr=0.01 * (1.01 - np.arange(120) % 12 / 12))),
)


@rule(
    severity="warning",
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=24,
    not_of_rewards="what a policy learns from is never the same again",
    supersedes=("oscillation", "loss_spike", "slow_start", "noisy_validation", "validation_better_than_training"),
)
def check(finest: Measured, learning_rate: Measured | None, context: Context, features: Features) -> Finding | None:
    """Fold the loss by its clearest period, and say what the cycle looks like."""
    found = measure_repetition(finest, features.cycle, learning_rate, context)
    if found is None:
        return None
    causes, period = _causes(found, context), found.period
    every = stretch(number(significant(period.length, 4)), finest.curve.axis) + period.says
    return Finding(
        summary=f"Periodic: {finest.name} repeats every {every}; it looks like {SHOWN[causes[0]]}.",
        evidence=_evidence(found),
        series=(finest.name,),
        since=finest.curve.position(0),
        points=finest.n,
        about=AFTER.get(causes[0]),
        causes=causes,
        against=("Batches sorted by length, or shards visited in turn on purpose, do no harm.",),
        fixes=_fixes(causes, found, finest, features),
    )


def _causes(found: Repetition, context: Context) -> tuple[Cause, ...]:
    causes = SHUFFLED if context.shuffle else CAUSES
    likeliest = {"sawtooth": RATE, "mean": MEAN, "stair": HEART, "profile": causes[0]}[found.shape]
    return (likeliest, *(c for c in causes if c is not likeliest and not (c is RATE and found.rated)))


def _evidence(found: Repetition) -> tuple[Evidence, ...]:
    period, cycle = found.period, found.cycle
    predicted = f"share of each of the {period.cycles} cycles that the others predict"
    better = "how much better the cycles agree than if each began at a random place, weighted by that share"
    stair = "likeness of the mean cycle to the step of a stair (1 is one)"
    calming = "how moves shrink within a cycle (0: not at all; −1: as those of a running mean)"
    return (
        Evidence("predicted", period.share, SHARE, "share of a cycle", predicted),
        Evidence("agreement", period.surely, period.bound, "standard deviations", better),
        Evidence("height", found.height, HIGH, PROGRESS, "the mean cycle from its bottom to its top"),
        Evidence("stair", cycle.stair, None, "correlation", stair),
        Evidence("calming", cycle.calming, None, "as a power of the place in it", calming),
    )


def _fixes(causes: tuple[Cause, ...], found: Repetition, loss: Measured, features: Features) -> tuple[Fix, ...]:
    context, watched = features.context, features.val_loss or loss
    every = Position(loss.curve.axis, number(found.period.length))
    mixed = datasets.shuffle(every, found.height, "Every batch is then like any other.")
    stop = stopping.stop_early(watched, "What is known by heart is learnt no better by another visit.")
    average = average_over_epoch("A mean that starts anew draws stairs.", found.period.points)
    asked = "Log the learning rate; if it restarts with the loss, let it fall once, by cosine."
    once = Fix("schedule_learning_rate", asked, "Nothing is wrong with restarts that are wanted.", {"kind": "cosine"})
    look = () if context.shuffle else highest_of_cycle(loss, found.period)  # shuffled, no place has its own batch
    return {
        HEART: (stop, *models.regularize(context, "Makes memorising harder."), average),
        RATE: (once, mixed),
        EDGE: (average, once) if RATE in causes else (average,),
        MEAN: (average, mixed, *look),
        ORDER: (mixed, *look, average),
    }[causes[0]]
