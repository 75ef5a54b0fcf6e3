"""Next to no gradient arrives, and nothing has been learnt.

What it means
    The weights hardly move, because what should move them dies on its way back through the layers, or never sets out:
    saturated or dead units, a badly scaled start, a detached graph. More epochs will not help.

How it is detected
    The model still guesses: its loss is within a tenth of ln C, a metric with a known chance level is at it, or nothing
    moves at all, or the loss once rose and never came clearly below its start. And its gradient norms have fallen `FALLEN` times below the first ones (`UNANCHORED` times, where nothing
    but stillness shows that it guesses), or are less than `TINY` of the loss, or exactly zero.

When it is wrong
    A model that has converged has small gradients too, and a low loss: it is told apart by `num_classes`, a
    `baseline` or a metric, and where there is none of them, only a loss that never moved counts. A norm that is read
    after the gradients were reset is zero, however well the model learns. At the saddle of a slow start norms are small
    for a while.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010: saturation and initialisation.
    Amazon SageMaker Debugger, rule VanishingGradient: 1e-7 as an absolute bound, here as a share of the loss.
"""

import numpy as np

from diagnosis.check_fixes import check_trainable, overfit_one_batch
from diagnosis.features import Features
from diagnosis.features.gradients import FALLEN, TINY, UNANCHORED, guessing  # noqa: F401 - the page names them
from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, initialize, learning_rate, normalize_layers
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run, shrinking

SURE = 0.75  # the most one can be sure where nothing but stillness shows that it guesses

LAYERS = Cause(
    "Saturating activations in many layers, without normalisation or residual paths.",
    "Log the norm of each layer once: it shrinks from the last layer to the first.",
)
DEAD = Cause("Units are dead or the start is badly scaled.", "Count outputs that are zero, or at their limits, over one batch: most are.")  # fmt: skip
DETACHED = Cause(
    "The loss has no path to the parameters: frozen, detached, or left out of the optimiser.",
    "After one backward pass, list the parameters whose gradient is None: there are some.",
)
CAUSES = (LAYERS, DEAD, DETACHED)
TEN = Context(num_classes=10)
EXAMPLES = (
    Fires("norms fall a millionfold at ln 10", run(TEN, loss=flat(level=2.303, noise=1e-3), grad_norm=shrinking(start=0.3, times=1e6))),
    Fires("norms are exactly zero", run(loss=flat(), grad_norm=np.zeros(60))),
    Quiet("converged: small norms and a low loss", run(TEN, loss=falling(floor=0.01), grad_norm=shrinking(start=3.0, times=1e6))),
    Quiet("at chance, with norms like any", run(TEN, loss=flat(level=2.303, noise=1e-3), grad_norm=falling(start=0.3, floor=0.2))),
)  # fmt: skip


@rule(
    severity="warning",
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=8,
    exempt={"offset": "a loss is at chance at ln C only without a constant added", "scale": "likewise"},
)
def check(grad_norm: Measured, train_loss: Measured, features: Features, context: Context) -> Finding | Skipped | None:
    """Ask whether the model still guesses, then whether its gradients are gone."""
    zero, vanished = not grad_norm.curve.values.any(), features.vanished
    if vanished is None:
        metrics = (features.train_metric, features.val_metric)
        learns = zero and not guessing(train_loss, metrics, features.skill, context)[0]
        return Skipped(f"{grad_norm.name} is always exactly 0 while the model learns: it is read after the gradients were reset") if learns else None  # fmt: skip
    fell, share = vanished.fell, vanished.share
    since = grad_norm.curve.position(fell.since)
    how = (
        f"fell from {fell.first:.3g} to {fell.last:.3g}" if vanished.by_falling else f"is no more than {fell.last:.3g}"
    )
    how = "is exactly zero from the start" if zero else how
    learnt = "is no better than guessing" if vanished.known else "has never moved"
    tiny = Evidence("share_of_loss", share, TINY, "of the loss", f"the last values of {grad_norm.name}", exceeds=False)
    gone = Evidence("fall", min(fell.times, 1e300), vanished.bound, "times", f"the first values of {grad_norm.name} against its last")  # fmt: skip
    return Finding(
        summary=f"Vanishing gradients since {since}: {grad_norm.name} {how}, and {train_loss.name} {learnt}.",
        evidence=(tiny,) if not vanished.by_falling else (gone, Evidence("share_of_loss", share, None, tiny.unit, tiny.says)),
        series=(grad_norm.name, train_loss.name),
        since=since,
        points=grad_norm.n,
        ceiling=0.99 if vanished.known else SURE,
        causes=(DETACHED, DEAD, LAYERS) if fell.last == 0.0 else CAUSES,
        against=("Would be overturned if two checkpoints after it differ by more than rounding.",),
        fixes=_fixes(train_loss, context, dead=fell.last == 0.0),
    )  # fmt: skip


def _fixes(loss: Measured, context: Context, *, dead: bool) -> tuple[Fix, ...]:
    layers = normalize_layers("Keeps gradients of one size through the layers.")
    scheme = initialize("Units start where they have a slope.")
    check_path = check_trainable(loss, "What gets no gradient at all is not reached by the loss.")
    one = overfit_one_batch("Tells in a minute whether anything can be learnt.", loss, context)
    faster = learning_rate(context, 10.0, "The last thing to try: it cannot bring back what is zero.")
    return (check_path, scheme, layers, one) if dead else (layers, scheme, check_path, one, faster)
