"""Training is logged by step and validation more rarely: it is averaged before the two are compared.

What it means
    One batch is no match for a whole validation set. In one picture the scatter of single steps hides the gap, and
    the last step may lie on either side of validation by chance. Nothing is wrong with the run.

How it is detected
    At least `FINER` training values are logged from one validation to the next, in the median and on average over the
    log, and they do not stand for an epoch each: their positions are not whole epochs, nor, where `context` tells the
    steps of an epoch, are they spaced by `NEARLY` of one or more. Every comparison in this report then uses the
    average of the training values over the stretch before each validation; this finding says so.

When it is wrong
    The logger may have averaged already, over its logging interval or with a running mean. Then averaging again
    changes nothing for the worse.

Sources
    Hugging Face `Trainer`: the loss is a mean over `logging_steps`, evaluation comes every `eval_steps`.
    Keras: the training loss of an epoch is the average over its batches, validation is taken at its end.
"""

from diagnosis.advice.check_fixes import average_over_epoch
from diagnosis.features.gap import FINER, Gap
from diagnosis.features.measured import Measured
from diagnosis.rule import FACT, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.synthetic import by_step, falling, run

PLENTY = 100  # values per validation: fractions of one no longer matter
ALREADY = "Would be overturned if each logged training value were an average over the same stretch already."
CAUSES = (
    Cause(
        "Training is logged by step, validation once in a while.",
        "Average the steps of the last epoch: that is what to compare.",
    ),
    Cause("The logger smooths training over its own interval.", "Log one value a step for an epoch: it scatters more."),
)
EXAMPLES = (
    Fires("twenty steps for each validation", by_step(falling(n=600, noise=0.2), falling(n=30, floor=0.3, seed=1))),
    Quiet("both once an epoch", run(loss=falling(noise=0.2), val_loss=falling(floor=0.3, seed=1))),
)


@rule(severity="info", about="logging", causes=CAUSES, examples=EXAMPLES, points=2)
def check(train_loss: Measured, val_loss: Measured, gap: Gap) -> Finding | None:
    """Say how many training values were averaged for each validation, and what that did to their scatter."""
    averaged = gap.averaged
    if averaged is None:
        return None
    count = averaged.per_validation
    often = f"{count:.3g}" if count < PLENTY else f"{count:.0f}"
    name, stretch = train_loss.name, "the stretch before each validation before the two are compared"
    values = f"logged of {name} from one validation to the next, as a rule"
    single = averaged.scatter / gap.learnt if gap.learnt > 0.0 else None
    return Finding(
        summary=f"{name} is logged {often} times for each {val_loss.name}: it is averaged over {stretch}.",
        evidence=(
            Evidence("values_per_validation", count, FINER, "values", values),
            *(() if single is None else _scatter(name, single, count)),
        ),
        series=(name, val_loss.name),
        since=None,
        points=FACT,
        against=(ALREADY,),
        fixes=(average_over_epoch(_off(single, count), count),),
    )


def _scatter(name: str, single: float, count: float) -> tuple[Evidence, Evidence]:
    of_one = f"standard deviation of a single value of {name}"
    of_mean = "standard deviation of the average of so many, if they are independent"
    return (
        Evidence("scatter_of_one", single, None, PROGRESS, of_one),
        Evidence("scatter_averaged", single / count**0.5, None, PROGRESS, of_mean),
    )


def _off(single: float | None, count: float) -> str:
    if single is None:  # nothing was learnt that it could be a share of
        return "A single value is that of one batch, an average that of all."
    mean = percent(single / count**0.5)
    return f"A single value is off by ±{percent(single)} of what was learnt, an average by ±{mean}."
