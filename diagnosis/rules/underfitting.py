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

import math

from diagnosis.features.gap import Gap
from diagnosis.features.measured import TAIL, Measured
from diagnosis.fixes import Fix, learning_rate
from diagnosis.names import METRICS
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SKILL = 0.50  # of the way from guessing to perfect; below, most of what can be learnt is not
RESTING = 0.05  # share of progress gained in the last quarter; more is still moving
GAP = 0.20  # share of training's progress; a larger gap is another condition
ANCHORED = {m.name: m.chance for m in METRICS.values() if m.chance is not None}

CAUSES = (
    Cause("The model is too small, or lacks the right inputs.", "Overfit one batch: if that fails, the model is at fault, else its size."),
    Cause("Regularisation holds it back.", "Train without weight decay and dropout for a fifth of the epochs."),
    Cause("The learning rate is too low to leave the plateau, or too high to settle.", "Run a tenth of the epochs at ×3 and ÷3."),
)  # fmt: skip
EXAMPLES = (
    Fires("rests at 80 % of ln 10", logged(Context(num_classes=10), loss=falling(floor=1.85), val_loss=falling(floor=1.9, seed=1))),
    Quiet("rests at 5 % of ln 10", logged(Context(num_classes=10), loss=falling(floor=0.1), val_loss=falling(floor=0.15, seed=1))),
)  # fmt: skip


@rule(
    severity="warning",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    supersedes=("plateau",),
    decides="stop",
    exempt={"offset": "the level is judged against ln C, which holds without a constant added", "scale": "likewise"},
)
def check(
    train_loss: Measured,
    gap: Gap,
    train_metric: Measured | None,
    val_metric: Measured | None,
    context: Context,
    run: Run,
) -> Finding | Skipped | None:
    """Judge the resting level by the best anchor there is."""
    if not run.finished:
        return Skipped("the run is not finished: it may leave this level yet")
    judged = _skill(train_loss, train_metric, val_metric, context)
    if judged is None:
        return Skipped(
            "lacks an anchor to judge the level by: context.num_classes, context.baseline, or a metric whose chance level is known"
        )
    skill, says, series = judged
    lately = train_loss.share(-train_loss.tail.change)
    if lately > RESTING or gap.share_of_progress > GAP or skill >= SKILL:
        return None
    at = train_loss.position(train_loss.flat[0] if train_loss.flat else train_loss.index_after(1 - TAIL))
    weaker = {name: 0.0 for name in ("weight_decay", "dropout") if getattr(context, name)}
    return Finding(
        summary=f"Underfitting: {train_loss.name} rests at {train_loss.said(train_loss.end)} since {at}, {max(skill, 0):.0%} of the way from guessing to perfect.",
        evidence=(
            Evidence("skill", skill, SKILL, "share of the way from guessing to perfect", says, exceeds=False),
            Evidence("gap", max(gap.share_of_progress, 0.0), None, "share of training progress", f"validation above training; below {GAP:.0%} it is no question of overfitting"),
            Evidence("remaining_slope", lately, RESTING, "share of progress", "what the last quarter still gained", exceeds=False),
        ),
        series=(train_loss.name, gap.validation.name, *series),
        since=at,
        points=train_loss.n,
        against=("The task's own noise may allow no better: a larger model that ends at the same level would overturn this.",),
        fixes=(
            Fix("overfit_one_batch", "Try to overfit one batch.", "Tells a model that cannot from one that is merely too small."),
            *([Fix("decrease_regularization", "Train without weight decay and dropout.", "Regularisation costs fit, and there is nothing to regularise yet.", weaker)] if weaker else []),
            Fix("increase_capacity", "Double the model's width.", "The training loss itself is poor: the model lacks room.", {"factor": 2}),
            learning_rate(context, 3.0, "A step that is too small rests early."),
        ),
    )  # fmt: skip


def _skill(
    loss: Measured, train_metric: Measured | None, val_metric: Measured | None, context: Context
) -> tuple[float, str, tuple[str, ...]] | None:
    """Share of the way from guessing to perfect, what it was judged by, and the series used."""
    classes = context.num_classes if context.num_classes and context.num_classes > 1 else None
    for metric in (train_metric, val_metric):
        if metric is None:
            continue
        chance = ANCHORED.get(metric.curve.metric)
        if metric.curve.metric == "accuracy" and classes:
            chance = 1.0 / classes
        if chance is not None:
            level = metric.sign * metric.end / metric.scale
            return (
                (level - chance) / (1.0 - chance),
                f"{metric.name} {level:.3g} between chance {chance:.3g} and 1",
                (metric.name,),
            )
    if loss.curve.metric != "loss":
        return None
    if context.baseline is not None:
        gained = 1.0 - loss.end / context.baseline if context.baseline > 0 else None
        return (
            (gained, f"{loss.name} {loss.end:.4g} against the baseline {context.baseline:.4g}", ())
            if gained is not None
            else None
        )
    if classes and context.task in {None, "classification"}:
        return (
            1.0 - loss.end / math.log(classes),
            f"{loss.name} {loss.end:.4g} against ln {classes} = {math.log(classes):.3g}",
            (),
        )
    return None
