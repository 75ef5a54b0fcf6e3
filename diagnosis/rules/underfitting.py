"""Training and validation are flat, close together, and poor.

What it means
    The model cannot even fit its training data: it is too small, too restrained, or looks at the wrong inputs. More epochs or data do not help.

How it is detected
    The level is less than `SKILL` of the way from guessing to perfection, its noise aside, validation's no better, and validation is
    no more than `GAP` of the training progress worse (or `NARROW` of the loss that is left). What guessing scores must be known:
    `baseline`, `num_classes` with an accuracy or, less surely, a cross-entropy, or a metric with a fixed chance level (R², MCC, kappa, AUC). The loss
    has come to rest, or the schedule has ended the run, or carried on for as long again it would be poor still.
    Without such an anchor the level cannot be judged, and the condition is skipped, but for three cases that need none: the
    loss fell by 15 % of its progress just before a drop of the learning rate, and came to rest there; validation, stopped amid large moves, repeats to
    the last digit for `HALF` of the run; or a dropout of `STRONG` and more leaves training worse than validation by `HELD_BACK` of its progress. Between `VERY_POOR` of the way and `SKILL`
    the task's own noise is as likely: but for an accuracy among three classes and more that is worth knowing, and no warning. A loss that rests on
    ln(1 + (C − 1)/e) and 1 more for each wrong answer has a softmax before a cross-entropy that applies its own; where `num_classes` is not known, loss and accuracy must have added up to the same while answers became right. What these two hold
    up, softmax and dropout, is told once the schedule has ended though it still moves; of a softmax, loss and accuracy must have added up so from the start.

When it is wrong
    Some tasks are that hard: the labels themselves are noisy, and no model does better. Compare with a human or with
    another model before enlarging this one. A steady, straight fall is `slow_convergence`, and says the same of the level.

Sources
    Stanford CS231n notes: validation that tracks training closely means that capacity is low.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: overfit first, regularise then.
"""

from diagnosis.features import Features
from diagnosis.features.floor import ABOVE  # noqa: F401 - its page tells the number
from diagnosis.features.frozen import STEEP
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.shortfall import GAP, HELD_BACK, NARROW, RESTING, SKILL, STRONG, Shortfall, measure_shortfall  # noqa: F401 - its page tells the numbers
from diagnosis.features.skill import Skill
from diagnosis.features.standstill import HALF
from diagnosis.fixes import longer
from diagnosis.ladder import REGULAR, SIZE, STEP, remedies
from diagnosis.rule import PROGRESS, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

VERY_POOR = 0.40  # of the way from guessing to perfect; between the two, the task's own noise is as likely
BINARY = 2  # classes: among more, labels are hardly ever so noisy
BY_LOSS = 0.25  # likewise, where only the loss tells: of text, none is near 0
LONGER = 3.0  # times the run, where a few validations got better to the last
SURE, UNSURE = 0.9, 0.7  # the most one can be sure
WAY, OF_TRAINING, GUESS = "share of the way from guessing to perfect", "share of training progress", "share of what guessing scores"  # fmt: skip
NO_ANCHOR = "an anchor for the level: context.num_classes, context.baseline, or a metric with a known chance level"
AGAINST = "The task's own noise may allow no better: a larger model that ends at the same level would overturn this."

ALIKE = "Soft targets, as in distillation, and other outputs that are bounded look alike: send num_classes, and what the targets are."
TEN = Context(num_classes=10)
EXAMPLES = (
    Fires("rests at 80 % of ln 10", logged(TEN, loss=falling(floor=1.85), val_loss=falling(floor=1.9, seed=1))),
    Quiet("rests at 5 % of ln 10", logged(TEN, loss=falling(floor=0.1), val_loss=falling(floor=0.15, seed=1))),
)


@rule(
    severity=("warning", "info"), about="progress", causes=(SIZE, REGULAR, STEP), examples=EXAMPLES, points=10, supersedes=("plateau", "generalization_gap"), decides="stop", not_of_rewards="nobody knows the most there is, and what has come to it stays the same",
    exempt={"offset": "the level is judged against ln C, which holds without a constant added", "scale": "likewise"},
)  # fmt: skip
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
    level, evidence = _level(short, gap, skill, context)
    causes, fixes = remedies(short, gap.validation, context)
    if short.falling:
        more = longer(context, features.run.epochs_logged, LONGER, "Validation got better to the last.")
        fixes = (fixes[0], more, *fixes[1:]) if causes[0] is STEP else (more, *fixes)
    rests, apart, end = short.lately <= RESTING, short.apart, train_loss.said(train_loss.end)
    where = f"rests at {end} since {at}" if rests else f"has come to {end}"
    gained = "what the last quarter of the run still gained"
    late = Evidence("resting", short.lately, RESTING if rests else None, PROGRESS, gained, exceeds=False)
    between = Evidence("gap", apart, GAP if apart <= GAP else None, OF_TRAINING, "how far validation is above training", exceeds=False)  # fmt: skip
    many = (context.num_classes or 0) > BINARY
    far = skill is not None and skill.share < (BY_LOSS if skill.metric == "loss" else VERY_POOR)
    sure = (many and short.floor is not None) or short.stands is not None or far
    plain = context.num_classes is not None if short.floor else not short.poor or short.stands is not None
    told = many and skill is not None and skill.metric == "accuracy"
    return Finding(
        summary=f"Underfitting: {train_loss.name} {where}, {level}.",
        evidence=(evidence, late, between),
        series=tuple(dict.fromkeys((train_loss.name, gap.validation.name, *(skill.series if skill else ())))),
        since=at,
        restore=gap.validation.best_position,
        points=train_loss.n,
        against=(AGAINST,) if plain or short.poor else (ALIKE, AGAINST),
        severity="warning" if sure or told or short.frozen or plain else "info",
        ceiling=SURE if sure else UNSURE,
        asks=short.poor and rests,
        causes=causes,
        fixes=fixes,
    )


def _level(short: Shortfall, gap: Gap, skill: Skill | None, context: Context) -> tuple[str, Evidence]:
    """What is poor about the level, in words and as a number."""
    if short.frozen is not None:
        at = short.frozen.drop.at
        says = f"what was gained in the last stretch before {at}"
        return f"where the learning rate dropped at {at} while it was falling fast", Evidence("before_drop", short.frozen.before, STEEP, PROGRESS, says)  # fmt: skip
    if short.floor is not None:
        level = f"on the floor of a softmax applied twice ({short.floor.level:.3g} for {short.floor.classes} classes), with {percent(short.floor.right)} of the answers right"
        return level, Evidence("above_floor", short.floor.above, short.floor.within, GUESS, "how far the loss is above that floor and 1 for each wrong answer", exceeds=False)  # fmt: skip
    if short.stands is not None:
        return f"where {gap.validation.name} repeats to the last digit: no step is taken any more", Evidence("standing_still", 1 - short.stands / gap.validation.n, HALF, "share of the run", "since when each validation has been the same number")  # fmt: skip
    if short.poor and skill is not None:
        level = f"{'' if skill.metric == 'loss' else f'{skill.series[0]} '}{percent(max(skill.share, 0.0))} of the way from guessing to perfect"
        return level, Evidence("skill", skill.share, SKILL, WAY, skill.says, exceeds=False)
    says = f"how far training is above validation, at a dropout of {context.dropout:g}"
    return f"with a dropout of {context.dropout:g} in its way", Evidence("held_back", -gap.share_of_progress, HELD_BACK, OF_TRAINING, says)  # fmt: skip
