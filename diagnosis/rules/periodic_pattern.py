"""The training loss repeats the same shape again and again.

What it means
    Something in the training comes round: the same examples in the same order, a logger's mean that starts anew every
    epoch, examples known by heart since their last visit, or a learning rate that is put back up.

How it is detected
    The loss is folded by every period its autocorrelation shows, and by the length of an epoch where that is known
    (steps_per_epoch, fractional epochs). More than `SHARE` of a cycle is what the other cycles predict, and all cycles
    agree far better than with their phases turned at random (features/period.py); the mean cycle is `HIGH` of the
    progress. A stair whose moves shrink as one over the place in the epoch is a running mean, another stair is
    memorisation; a jump up and a way down, where no rate is logged and the period is not known to be an epoch, is a rate
    that restarts; a profile of its own is the order of the data, where those are not said to be shuffled. Where a logged
    rate rises in every cycle, or a scheduler says so, the schedule explains it and nothing is reported.

When it is wrong
    Batches of like length, or a curriculum that comes round, repeat on purpose. Fewer than three cycles, or an epoch of
    fewer than three logged values, show nothing.

Sources
    Google ML course, "Interpreting loss curves": repetitive steps want the training set shuffled.
    ultralytics/yolov3#303 (the running mean starts anew); J. Howard, J. Whitaker, "Can LLMs learn from a single example?", 2023: stairs.
"""

import numpy as np

from diagnosis.check_fixes import average_over_epoch, highest_of_cycle
from diagnosis.features import Features
from diagnosis.features.cycle import measure_cycle
from diagnosis.features.measured import Measured
from diagnosis.features.period import SHARE, Period
from diagnosis.features.rate import cycles, rate_at, says_restarts, stepped
from diagnosis.fixes import Fix, regularize, shuffle, significant, stop_early
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context, Position, number, spoken
from diagnosis.synthetic import falling, run

HIGH = 0.02  # share of progress from bottom to top of the mean cycle; nobody would notice less

ORDER = Cause("The data come in the same order in every epoch.", "Shuffle for two epochs: the pattern is gone.")
MEAN = Cause("The logged loss is a mean that starts anew every epoch.", "Log the loss of each step: no pattern.")
HEART = Cause("Examples are known by heart from the epoch before.", "Validate at every boundary: training steps down, validation does not.")  # fmt: skip
RATE = Cause("The learning rate goes up again and again.", "Log the rate beside the loss: it has the same period.")
EDGE = Cause("Something is done once in every cycle: a validation, a reset of states.", "Move it by half a cycle: the pattern moves with it.")  # fmt: skip
SEED = Cause("The shuffle starts from the same seed every time.", "Print the first ten indices of two epochs: they are the same.")  # fmt: skip
CAUSES = (ORDER, MEAN, HEART, RATE)
SHUFFLED = (EDGE, MEAN, HEART, RATE, SEED)  # where the caller says that the order is new in every epoch
WAVE = 0.3 * np.sin(np.arange(120) * 2 * np.pi / 12)
EXAMPLES = (
    Fires("the same wave in each of ten epochs", run(loss=falling(n=120) + WAVE)),
    Quiet("ordinary noise", run(loss=falling(n=120, noise=0.2))),
    Quiet("the rate restarts with it", run(loss=falling(n=120) + WAVE, lr=0.01 * (1.01 - np.arange(120) % 12 / 12))),
)


@rule(
    severity="warning", about="stability", causes=CAUSES, examples=EXAMPLES, points=24, not_of_rewards="what a policy learns from is never the same again",
    supersedes=("oscillation", "loss_spike", "slow_start", "noisy_validation", "validation_better_than_training"),
)  # fmt: skip
def check(finest: Measured, learning_rate: Measured | None, context: Context, features: Features) -> Finding | None:
    """Fold the loss by its clearest period, and say what the cycle looks like."""
    values = finest.sign * finest.curve.values
    found = features.cycle
    if found is None or finest.share(found.height) <= HIGH:
        return None
    cycle = measure_cycle(values, found)
    rate = rate_at(learning_rate, finest.curve)
    if rate is None and says_restarts(context.scheduler) and not found.epoch:
        return None
    if rate is not None and (cycles(rate, found.points) or (cycle.is_stair and stepped(rate, found.points))):
        return None
    causes = SHUFFLED if context.shuffle else CAUSES
    likeliest = MEAN if cycle.is_running_mean else HEART if cycle.is_stair else causes[0]
    if cycle.is_sawtooth and rate is None and not found.epoch:
        likeliest = RATE
    others = tuple(cause for cause in causes if cause is not likeliest and (cause is not RATE or rate is None))
    epoch = ", one epoch" if found.epoch and found.length != 1.0 else ""
    shown = {
        MEAN: "a mean that starts anew each time, which harms only the log",
        HEART: "a step down each time and little in between, as of examples known by heart",
        RATE: "a jump up each time and a slow way down, as of a learning rate that restarts",
        ORDER: "the same ups and downs each time, as of data in the same order",
        EDGE: "the same ups and downs each time, though the data are said to be shuffled",
    }[likeliest]
    return Finding(
        summary=f"Periodic: {finest.name} repeats every {spoken(number(significant(found.length, 4)))} {finest.curve.axis}s{epoch}; it looks like {shown}.",
        evidence=(
            Evidence("predicted", found.share, SHARE, "share of a cycle", f"what of each of {found.cycles} cycles the others predict"),
            Evidence("agreement", found.surely, found.bound, "standard deviations", "how much better the cycles agree than if each began at a random place, times that share"),
            Evidence("height", finest.share(found.height), HIGH, PROGRESS, "the mean cycle from its bottom to its top"),
            Evidence("stair", cycle.stair, None, "correlation", "likeness of the mean cycle to the step of a stair (1 is one)"),
            Evidence("calming", cycle.calming, None, "power", "how moves shrink within a cycle (−1: as those of a running mean)"),
        ),
        series=(finest.name,),
        since=finest.curve.position(0),
        points=finest.n,
        causes=(likeliest, *others),
        against=("Batches sorted by length, or shards visited in turn on purpose, do no harm.",),
        fixes=_fixes((likeliest, *others), found, finest, context, features.val_loss),
    )  # fmt: skip


def _fixes(causes: tuple[Cause, ...], found: Period, loss: Measured, context: Context, val: Measured | None) -> tuple[Fix, ...]:  # fmt: skip
    every = Position(loss.curve.axis, number(found.length))
    mixed = shuffle(every, loss.share(found.height), "Every batch is then like any other.")
    average = average_over_epoch("A mean that starts anew draws stairs.", found.points)
    stop = stop_early(val or loss, "What is known by heart is learnt no better by another visit.")
    asked = "Log the learning rate; if it restarts with the loss, let it fall once, by cosine."
    once = Fix("schedule_learning_rate", asked, "Nothing is wrong with restarts that are wanted.", {"kind": "cosine"})
    look = () if context.shuffle else highest_of_cycle(loss, found)  # of shuffled data no place has its own batch
    return {
        HEART: (stop, *regularize(context, "Makes learning by heart dearer."), average),
        RATE: (once, mixed),
        EDGE: (average, once) if RATE in causes else (average,),
        MEAN: (average, mixed, *look),
        ORDER: (mixed, *look, average),
    }[causes[0]]
