"""Training and validation are flat, close together, and poor.

What it means
    The model cannot even fit its training data: it is too small, too restrained, or looks at the wrong inputs. More
    epochs and more data do not help.

How it is detected
    The training loss has come to rest, validation is no more than `GAP` of the training progress worse, and the level
    is less than `SKILL` of the way from guessing to perfection. What guessing scores must be known: `baseline`,
    `num_classes` with an accuracy or a cross-entropy, or a metric with a fixed chance level (R², MCC, kappa, AUC).
    Without such an anchor the level cannot be judged, and the condition is skipped.

When it is wrong
    Some tasks are that hard: the labels themselves are noisy, and no model does better. Compare with a human or with
    another model before enlarging this one.

Sources
    Stanford CS231n notes: validation that tracks training closely means that capacity is low.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: overfit first, regularise then.
"""

from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.features.skill import Skill
from diagnosis.fixes import Fix, larger_model, learning_rate, overfit_one_batch
from diagnosis.rule import PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SKILL = 0.40  # of the way from guessing to perfect; below, most of what can be learnt is not
RESTING = 0.05  # share of progress gained in the last quarter; more is still moving
GAP = 0.20  # share of training's progress; a larger gap is another condition
AGAINST = "The task's own noise may allow no better: a larger model that ends at the same level would overturn this."

CAUSES = (
    Cause(
        "The model is too small, or lacks the right inputs.",
        "Overfit one batch: if that fails, the model is at fault, else its size.",
    ),
    Cause("Regularisation holds it back.", "Train without weight decay and dropout for a fifth of the epochs."),
    Cause(
        "The learning rate is too low to leave the plateau, or too high to settle.",
        "Run a tenth of the epochs at ×3 and ÷3.",
    ),
)
EXAMPLES = (
    Fires(
        "rests at 80 % of ln 10",
        logged(Context(num_classes=10), loss=falling(floor=1.85), val_loss=falling(floor=1.9, seed=1)),
    ),
    Quiet(
        "rests at 5 % of ln 10",
        logged(Context(num_classes=10), loss=falling(floor=0.1), val_loss=falling(floor=0.15, seed=1)),
    ),
)


@rule(
    severity="warning",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    supersedes=("plateau",),
    decides="stop",
    exempt={"offset": "the level is judged against ln C, which holds without a constant added", "scale": "likewise"},
)
def check(train_loss: Measured, gap: Gap, skill: Skill, context: Context, run: Run) -> Finding | Skipped | None:
    """Judge the resting level by what guessing scores."""
    if not run.finished:
        return Skipped("the run is not finished: it may leave this level yet")
    lately, apart = train_loss.share(-train_loss.tail.change), max(gap.share_of_progress, 0.0)
    if lately > RESTING or apart > GAP or skill.share >= SKILL:
        return None
    at = train_loss.position(train_loss.flat[0] if train_loss.flat else train_loss.index_after(1 - TAIL))
    weaker = {name: 0.0 for name in ("weight_decay", "dropout") if getattr(context, name)}
    unbound = Fix("decrease_regularization", "Train without it.", "There is nothing to regularise yet.", weaker)
    way = "share of the way from guessing to perfect"
    return Finding(
        summary=(
            f"Underfitting: {train_loss.name} rests at {train_loss.said(train_loss.end)} since {at}, "
            f"{percent(max(skill.share, 0.0))} of the way from guessing to perfect."
        ),
        evidence=(
            Evidence("skill", skill.share, SKILL, way, skill.says, exceeds=False),
            Evidence("resting", lately, RESTING, PROGRESS, "what the last quarter still gained", exceeds=False),
            Evidence("gap", apart, GAP, "share of training progress", "validation above training", exceeds=False),
        ),
        series=tuple(dict.fromkeys((train_loss.name, gap.validation.name, *skill.series))),
        since=at,
        restore=gap.validation.best_position,
        points=train_loss.n,
        against=(AGAINST,),
        fixes=(
            overfit_one_batch("Tells a model that cannot learn from one that is merely too small."),
            *([unbound] if weaker else []),
            larger_model("The training loss itself is poor: the model lacks room."),
            learning_rate(context, 3.0, "A step that is too small rests early."),
        ),
    )
