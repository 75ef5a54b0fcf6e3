"""Training and validation are flat, close together, and poor.

What it means
    The model cannot even fit its training data: it is too small, too restrained, or looks at the wrong inputs. More
    epochs and more data do not help.

How it is detected
    The training loss has come to rest, validation is no more than `GAP` of the training progress worse, and the level
    is less than `SKILL` of the way from guessing to perfection. What guessing scores must be known: `baseline`,
    `num_classes` with an accuracy or a cross-entropy, or a metric with a fixed chance level (R², MCC, kappa, AUC).
    Without such an anchor the level cannot be judged, and the condition is skipped, but for two cases that need none: the
    loss fell by 15 % of its progress just before a drop of the learning rate, and came to rest there; or a dropout of
    `STRONG` and more leaves training worse than validation by `HELD_BACK` of its progress.

When it is wrong
    Some tasks are that hard: the labels themselves are noisy, and no model does better. Compare with a human or with
    another model before enlarging this one.

Sources
    Stanford CS231n notes: validation that tracks training closely means that capacity is low.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: overfit first, regularise then.
"""

from diagnosis.features import Features
from diagnosis.features.frozen import STEEP, measure_frozen
from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.skill import Skill
from diagnosis.fixes import Fix, drop_later, larger_model, learning_rate, overfit_one_batch
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SKILL = 0.60  # of the way from guessing to perfect; below, much of what can be learnt is not
VERY_POOR = 0.40  # likewise; between the two, the task's own noise is as likely
GOOD = 0.95  # of the way from guessing: whatever the drop has cost, it is little
SURE, UNSURE = 0.9, 0.7  # the most one can be sure
STRONG, HELD_BACK = 0.6, 0.15  # dropout, and share of training progress by which training is worse for it
HEAVY_DROPOUT, HEAVY_DECAY = 0.5, 0.3  # more than most networks bear
RESTING = 0.05  # share of progress gained in the last quarter; more is still moving
GAP = 0.20  # share of training's progress; a larger gap is another condition
NO_ANCHOR = "an anchor for the level: context.num_classes, context.baseline, or a metric with a known chance level"
AGAINST = "The task's own noise may allow no better: a larger model that ends at the same level would overturn this."

CAUSES = (
    Cause("The model is too small, or lacks inputs.", "Overfit one batch: if that works, its size is at fault."),
    Cause("Regularisation holds it back.", "Train without weight decay and dropout for a fifth of the epochs."),
    Cause("The learning rate is too low, or too high to settle.", "Run a tenth of the epochs at ×3 and ÷3."),
)
TOO_EARLY = Cause("The learning rate dropped too early.", "Go on from before the drop, at the rate before.")
TEN = Context(num_classes=10)
EXAMPLES = (
    Fires("rests at 80 % of ln 10", logged(TEN, loss=falling(floor=1.85), val_loss=falling(floor=1.9, seed=1))),
    Quiet("rests at 5 % of ln 10", logged(TEN, loss=falling(floor=0.1), val_loss=falling(floor=0.15, seed=1))),
)


@rule(
    severity="warning", causes=CAUSES, examples=EXAMPLES, points=10, supersedes=("plateau",), decides="stop",
    exempt={"offset": "the level is judged against ln C, which holds without a constant added", "scale": "likewise"},
)  # fmt: skip
def check(
    train_loss: Measured, gap: Gap, skill: Skill | None, features: Features, context: Context
) -> Finding | Skipped | None:
    """Judge the resting level by what guessing scores, and by how the loss came to rest."""
    if not features.run.finished:
        return Skipped("the run is not finished: it may leave this level yet")
    lately, apart = train_loss.share(-train_loss.tail.change), max(gap.share_of_progress, 0.0)
    frozen = None if skill is not None and skill.share >= GOOD else measure_frozen(train_loss, features.schedule)
    held = (context.dropout or 0.0) >= STRONG and gap.share_of_progress < -HELD_BACK
    if skill is None and frozen is None and not held:
        return Skipped(f"lacks {NO_ANCHOR}")
    poor = skill is not None and skill.share < SKILL
    if lately > RESTING or apart > GAP or not (poor or frozen or (held and skill is None)):
        return None
    at = train_loss.position(train_loss.flat[0] if train_loss.flat else train_loss.index_after(1 - TAIL))
    strong = (context.dropout or 0.0) >= HEAVY_DROPOUT or (context.weight_decay or 0.0) >= HEAVY_DECAY
    weaker = {name: 0.0 for name in ("weight_decay", "dropout") if getattr(context, name)}
    fixes = [
        larger_model("The training loss itself is poor: the model lacks room."),
        learning_rate(context, 3.0, "A step that is too small rests early."),
        overfit_one_batch("Tells a model that cannot learn from one that is merely too small."),
    ]
    if weaker:
        nothing = "There is nothing to regularise yet."
        fixes.insert(0 if strong else 1, Fix("decrease_regularization", "Train without it.", nothing, weaker))
    level = f"{percent(max(skill.share, 0.0))} of the way from guessing to perfect" if skill else ""
    evidence, causes = [], (CAUSES[1], CAUSES[0], CAUSES[2]) if strong else CAUSES
    if poor and skill is not None:
        way = "share of the way from guessing to perfect"
        evidence.append(Evidence("skill", skill.share, SKILL, way, skill.says, exceeds=False))
    elif held:
        level = f"with a dropout of {context.dropout:g} in its way"
        says = f"training above validation, at a dropout of {context.dropout:g}"
        evidence.append(Evidence("held_back", -gap.share_of_progress, HELD_BACK, "share of training progress", says))
    if frozen is not None:
        drop = frozen.drop
        level = f"where the learning rate dropped at {drop.at} while it was falling fast"
        says = f"in the last stretch before {drop.at}"
        evidence.append(Evidence("before_drop", frozen.before, STEEP, PROGRESS, says))
        causes = (TOO_EARLY, *CAUSES[:2])
        fixes.insert(0, drop_later(drop, "It was still falling fast then, and hardly moved afterwards."))
    return Finding(
        summary=f"Underfitting: {train_loss.name} rests at {train_loss.said(train_loss.end)} since {at}, {level}.",
        evidence=(
            *evidence,
            Evidence("resting", lately, RESTING, PROGRESS, "what the last quarter still gained", exceeds=False),
            Evidence("gap", apart, GAP, "share of training progress", "validation above training", exceeds=False),
        ),
        series=tuple(dict.fromkeys((train_loss.name, gap.validation.name, *(skill.series if skill else ())))),
        since=at,
        restore=gap.validation.best_position,
        points=train_loss.n,
        against=(AGAINST,),
        ceiling=SURE if skill is not None and skill.share < VERY_POOR else UNSURE,
        asks=poor,
        causes=causes,
        fixes=tuple(fixes),
    )
