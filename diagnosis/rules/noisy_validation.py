"""Validation jumps about far more than training does.

What it means
    The best epoch, early stopping and every comparison between runs are partly a matter of luck. What validation says
    of overfitting or of a gap is worth less.

How it is detected
    The noise of validation from one value to the next is more than `TIMES` that of training and more than `SHARE` of
    what was learnt, by training or by validation, whichever learnt more. Both must hold over the whole run and over
    its second half: a run that has calmed down is fine. Lone peaks count as noise in both curves.

    - Where training is logged more often, it is averaged to as many values first.
    - While training goes on, it takes `EARLY` times that share: there may be more to learn.
    - Training must have learnt `LEARNT` times its own noise: else it is no calmer than validation.
    - Validation must have been better than guessing by `CHANCE` of it, where that is known: else it tells nothing. Nor
      does it where the metrics of both are no better.
    - Validation must have more than `LEVELS` different values in the second half: else they are rounded.
    - Validation must not have risen by `DWARFED` times that noise since its best: jumps grow with a loss, and hide no
      such rise.
    - Where a logged learning rate dropped, the values after its last drop must not lie within `CALM` of that noise.

    An accuracy tells whether the size of the validation set explains the jumps, where `val_size` is given or the steps
    in which the accuracy moves tell it. They are the model's own where the accuracy jumps by more than `SWING` times
    the standard error of so many answers; else the set is too small. Such jumps are no finding while the run goes on.
    Where a logged learning rate had all but run out, and jumps stayed above `HELD` times what they were, they are not.

    Fewer than `HANDFUL` examples, by `val_size` or by those steps, are worth knowing even where the curve is calm: the
    same few are asked each time. So are two and more single values that jump by over half of what was learnt out of a
    curve that is calm otherwise, as `loss_spike` counts jumps, while training does not.

When it is wrong
    A training value is an average over an epoch, a validation shows one checkpoint: some more noise is normal. Where
    the jumps are the model's own, a larger validation set does not calm them: lower the learning rate late, or look at
    batch normalisation.

Sources
    Google, "Deep Learning Tuning Playbook":
      step-to-step variance comes from small validation sets and late learning rates.
    tensorflow/addons#2498 and MultimediaTechLab/YOLO#237:
      early stopping fires on a validation subset that is drawn anew.
"""

from dataclasses import replace

from diagnosis.advice.datasets import enlarge_validation
from diagnosis.advice.fix import Fix
from diagnosis.advice.rates import cosine, learning_rate
from diagnosis.advice.stopping import stop_early
from diagnosis.features import Features
from diagnosis.features.budget import Budget, few_examples, measure_budget
from diagnosis.features.gap import Gap
from diagnosis.features.guessing import never_beaten
from diagnosis.features.jitter import MOST, SHARE, TIMES, Jitter, measure_jitter
from diagnosis.features.measured import Measured
from diagnosis.features.rate import HELD, in_force, refuted  # noqa: F401 - of several, the one that the page names
from diagnosis.features.skill import all_guess
from diagnosis.findings.few_examples import of_a_handful
from diagnosis.findings.lone_validations import of_lone_values
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SMALL = Cause(
    "The validation set is too small.",
    "Evaluate one checkpoint on each half of it: they are as far apart as two epochs.",
)
DRAWN = Cause("Validation draws other examples each time.", "Evaluate one checkpoint twice: it gives two numbers.")
JUMPS = Cause(
    "The model itself jumps: the learning rate is high late, or batch-norm statistics lag.",
    "Evaluate the average of the last five checkpoints, epoch by epoch: that is calm.",
)
CAUSES = (SMALL, DRAWN, JUMPS)
UNLIKE = "Would be overturned if one checkpoint, validated on other examples, gave nearly the same loss."
EXAMPLES = (
    Fires("ten times training's noise", logged(loss=falling(), val_loss=falling(floor=0.3, noise=0.12, seed=1))),
    Quiet("twice training's noise", logged(loss=falling(noise=0.06), val_loss=falling(floor=0.3, noise=0.12, seed=1))),
)


@rule(
    severity="warning",
    about="validation",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    not_of_rewards="a few episodes scatter, and training's mean is of many",
    lowers=("overfitting", "generalization_gap", "undertrained"),
)
def check(validation: Measured, pair: Gap, val_metric: Measured | None, features: Features, run: Run) -> Finding | None:
    """Compare the noise of validation with that of training, and with what was learnt."""
    found = measure_jitter(validation, pair, features.schedule, finished=run.finished)
    if found is None:
        few = of_a_handful(validation, few_examples(val_metric, run.context), (SMALL,), UNLIKE, run.context)
        return few or of_lone_values(validation, pair, (JUMPS, DRAWN), UNLIKE)
    if never_beaten(validation, features.guess) or all_guess(features.metrics, features.context):
        return None  # a calmer one would tell nothing else
    train_loss, budget = pair.training, measure_budget(val_metric, run.context)
    own = budget is not None and budget.owns
    if own and not run.finished:
        return None  # it is the model that jumps, and may calm down with its learning rate
    drawn = own and refuted(features.schedule, validation)
    jumps = f"{validation.name} jumps by ±{share_of(found.share, 'what was learnt')} from one validation to the next"
    times = f"{found.times:.0f} times" if found.times < MOST else "a thousand times and more"
    return Finding(
        summary=f"Noisy validation: {jumps}, {times} as much as {train_loss.name}.",
        evidence=(*_evidence(found, validation, train_loss), *(_told(budget) if budget else ())),
        series=tuple(dict.fromkeys((validation.name, train_loss.name, *((budget.name,) if budget else ())))),
        since=None,
        points=validation.n,
        causes=(DRAWN, SMALL, JUMPS) if drawn else (JUMPS, SMALL, DRAWN) if own else (SMALL, DRAWN, JUMPS),
        against=(UNLIKE,),
        fixes=_fixes(found, validation, budget, in_force(run.context, features.schedule), own=own and not drawn),
    )


def _evidence(found: Jitter, validation: Measured, train_loss: Measured) -> tuple[Evidence, Evidence]:
    against = f"scatter of {validation.name} against that of {train_loss.name}, logged as often"
    scatter = f"scatter of {validation.name} from one validation to the next (standard deviation)"
    return (
        Evidence("times_training", found.times, TIMES, NOISE, against),
        Evidence("noise", found.share, found.bound, PROGRESS, scatter),
    )


def _told(budget: Budget) -> tuple[Evidence, Evidence]:
    """The noise budget: what the size of the set allows, and what was seen."""
    chance = f"what chance does to a score on {budget.counted}"
    worth = f"a difference below {budget.believable:.2g} is not worth believing"
    scatter = f"scatter from one validation to the next; {budget.says}"
    return (
        Evidence("standard_error", budget.error, None, budget.name, f"{chance}; {worth}"),
        Evidence("jitter", budget.jitter, None, budget.name, scatter),
    )


def _fixes(
    found: Jitter, validation: Measured, budget: Budget | None, context: Context, *, own: bool
) -> tuple[Fix, ...]:
    """`own`: the jumps are the model's, and nothing speaks against its steps."""
    known = replace(context, val_size=budget.examples) if budget else context
    larger = enlarge_validation(
        known, (found.share / SHARE) ** 2, "Noise shrinks with the square root of the examples."
    )
    chance = f"A single gain below {share_of(2 * found.share, 'what was learnt')} may well be chance"
    waiting = stop_early(validation, f"{chance}; it takes patience, as no `min_delta` can tell.")
    late = cosine("Small late steps keep the model where it is.")
    if own:
        return late, learning_rate(context, 0.3, "The model jumps with its steps."), waiting, larger
    return larger, waiting, late
