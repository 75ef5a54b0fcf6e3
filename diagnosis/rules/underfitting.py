"""Training and validation are flat, close together, and poor.

What it means
    The model cannot even fit its training data: it is too small, too restrained, or looks at the wrong inputs. More
    epochs or more data do not help.

How it is detected
    Only a finished run is judged. One of these must show that it falls short:

    - Its level is poor: less than `SKILL` of the way from guessing to perfect, by `SURELY` standard errors, and
      validation is no better. What guessing scores must be known. It is known for a metric with a fixed chance level
      (R², MCC, kappa, AUC), and from `num_classes` with an accuracy or, less surely, a cross-entropy; of a classifier
      that begins at ln C beside one right answer in C, and hardly leaves that, C is. A `baseline` stands for it: of the
      curve that `monitor` names, else of the loss; beaten by `NO_BETTER` of the way, it is information only.
    - The learning rate dropped too early, to `COOLED` or less of its peak, and stayed there. The loss gained `STEEP` of
      its progress in the last quarter of the time before that drop, and less than `AFTER` times as much after it.
    - A softmax stands before a cross-entropy that applies its own. This puts a floor under the loss, ln(1 + (C − 1)/e)
      and 1 more for each wrong answer, and the loss ends within `ABOVE` of ln C above it. `RIGHT` of the way from
      chance to perfect must be made. Without `num_classes`, `MOSTLY` of the answers must be right, and loss and
      accuracy must have added up to the same all along.
    - No step is taken any more: after a large move, validation repeats to the last digit for `HALF` of the run, while
      the training loss still varies, and the rate had not come down to `ANNEALED` of its peak.
    - Dropout holds it back: it is `STRONG` or more, training ends worse than validation by `HELD_BACK` of what it
      learnt, and what guessing scores is not known.

    A model that is good, by `SKILLED` of the way or of all answers, is not blamed for an early drop, a standstill or
    dropout. Where nothing falls short and what guessing scores is not known either, the condition is skipped.

    Unless no step is taken any more, or a softmax is plain to see (`num_classes` is known, `MOSTLY` of the answers are
    right, and loss and accuracy added up to the same all along), two more things must hold:

    - Validation is worse than training by at most `GAP` of what training learnt. Beside a poor level, a gap of `NARROW`
      of the training loss is small as well, or of `NARROWER` where it is over `MODERATE` of what was learnt.
    - The loss rests: the last quarter of the run gained at most `RESTING` of its progress. A poor level may still move
      if the schedule has ended the run, if twice the training would leave it poor, if validation has few values and got
      better to the last, or if it is worse than guessing, or than the mean answer, and on its way to that. What
      dropout or a softmax holds up may still move if the schedule has ended the run.

    From `VERY_POOR` of the way on, or `BY_LOSS` where only the loss tells, noise in the task is as likely a reason; of
    numbers and of rankings (R², AUC, a `baseline`) it is at any level that beats guessing. The finding is then
    information only, but for an accuracy among three classes and more, and where an early drop, a standstill or a
    softmax is seen as well, or, at so poor a level, a rate or a regularisation that is far off. Without `num_classes`,
    a softmax alone is information only.

When it is wrong
    Some tasks are that hard: the labels themselves are noisy, and no model does better. Compare with a human or with
    another model before enlarging this one. A steady, straight fall is `slow_convergence`, which judges the level too.

Sources
    Stanford CS231n notes: validation that tracks training closely means that capacity is low.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: overfit first, regularise then.
"""

from diagnosis.advice.fix import Fix
from diagnosis.advice.ladder import REGULAR, SIZE, STEP, remedies
from diagnosis.advice.stopping import longer
from diagnosis.features import Features
from diagnosis.features.frozen import STEEP  # noqa: F401 - of several, the one that the page names
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.shortfall import GAP, RESTING, Shortfall, measure_shortfall
from diagnosis.features.skill import Skill
from diagnosis.features.standstill import HALF  # noqa: F401 - of several, the one that the page names
from diagnosis.findings.shortfalls import OF_TRAINING, said_of
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

LONGER = 3.0  # times the run: the training advised where validation has few values and got better to the last
SURE = 0.9  # highest confidence
UNSURE = 0.7  # highest confidence where noise in the task is as likely a reason
NO_ANCHOR = "an anchor for the level: context.num_classes, context.baseline, or a metric with a known chance level"
AGAINST = "The task's own noise may allow no better: a larger model that ends at the same level would overturn this."
ALIKE = "Soft targets, as in distillation, and other outputs that are bounded look alike: "
SEND = "send num_classes, and what the targets are."
TEN = Context(num_classes=10)
EXAMPLES = (
    Fires("rests at 80 % of ln 10", logged(TEN, loss=falling(floor=1.85), val_loss=falling(floor=1.9, seed=1))),
    Quiet("rests at 5 % of ln 10", logged(TEN, loss=falling(floor=0.1), val_loss=falling(floor=0.15, seed=1))),
)


@rule(
    severity=("warning", "info"),
    about="progress",
    causes=(SIZE, REGULAR, STEP),
    examples=EXAMPLES,
    points=10,
    supersedes=("plateau", "generalization_gap"),
    decides="stop",
    not_of_rewards="nobody knows the most there is, and what has come to it stays the same",
    exempt={"offset": "the level is judged against ln C, which holds without a constant added", "scale": "likewise"},
)
def check(
    train_loss: Measured, gap: Gap, skill: Skill | None, features: Features, context: Context
) -> Finding | Skipped | None:
    """Judge the resting level by what guessing scores, and by how the loss came to rest."""
    if not features.run.finished:
        return Skipped("the run is not finished: it may leave this level yet")
    short = measure_shortfall(train_loss, gap, features)
    if short is None:
        return Skipped(f"lacks {NO_ANCHOR}") if skill is None else None
    at = train_loss.position(train_loss.flat[0] if train_loss.flat else train_loss.index_after(1 - TAIL))
    at = at if short.stands is None else gap.validation.curve.position(short.stands)
    rests, end = short.lately <= RESTING and not short.distant, train_loss.said(train_loss.end)
    where = f"rests at {end} since {at}" if rests else f"has come to {end}"
    level, evidence = said_of(short, gap, context)
    causes, fixes = _remedies(short, gap, features)
    plain = short.very_poor and causes[0] is not SIZE  # then it is not the task that allows no better
    return Finding(
        summary=f"Underfitting: {train_loss.name} {where}, {level}.",
        evidence=(evidence, *_beside(short, rests=rests)),
        series=tuple(dict.fromkeys((train_loss.name, gap.validation.name, *(skill.series if skill else ())))),
        since=at,
        restore=gap.validation.best_position,
        points=train_loss.n,
        against=(ALIKE + SEND, AGAINST) if short.bounded else (AGAINST,),
        severity="warning" if short.warns or plain else "info",
        ceiling=SURE if short.sure or plain else UNSURE,
        asks=short.poor and rests and not short.cooled,
        causes=causes,
        fixes=fixes,
    )


def _beside(short: Shortfall, *, rests: bool) -> tuple[Evidence, Evidence]:
    gained, above = (
        "what training or validation, whichever is more, gained in the last quarter",
        "how far validation is above training",
    )
    near = GAP if short.apart <= GAP else None
    return (
        Evidence("resting", short.lately, RESTING if rests else None, PROGRESS, gained, exceeds=False),
        Evidence("gap", short.apart, near, OF_TRAINING, above, exceeds=False),
    )


def _remedies(short: Shortfall, gap: Gap, features: Features) -> tuple[tuple[Cause, ...], tuple[Fix, ...]]:
    """Causes, likeliest first, and what to do; more training where validation got better to the last."""
    causes, fixes = remedies(
        short, gap.validation, features.context, features.offset, annealed=features.schedule is not None
    )
    if not (short.falling or short.cooled):
        return causes, fixes
    more = longer(features.context, features.run.epochs_logged, LONGER, "Validation got better to the last.")
    first = fixes[0].action in {"raise_learning_rate", "standardize_targets"}
    return causes, (fixes[0], more, *fixes[1:]) if first else (more, *fixes)
