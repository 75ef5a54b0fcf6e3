"""Next to no gradient arrives, and nothing has been learnt.

What it means
    The weights hardly move, because what should move them dies on its way back through the layers, or never sets out:
    saturated or dead units, a badly scaled start, a detached graph. More epochs will not help.

How it is detected
    The model still guesses, and next to no gradient arrives. It guesses where no metric shows that anything is learnt,
    and one of these is so:

    - the loss of a classification ends within `LUCK` of ln C;
    - with another anchor, a `baseline` or a metric whose chance level is known, less than `LUCK` of the way from
      guessing to perfect is made;
    - without one, a metric that is a share of right answers has its median below `GOOD`;
    - nothing tells what guessing scores, and the loss has not fallen by more than `SIGMAS` noise levels; or it rose,
      never came below its start by `LITTLE` of its range, and the median norm is below `TINY` of the loss.

    Next to no gradient arrives where one of these is so:

    - the norms ended below `TINY` of the loss, or are exactly zero;
    - they ended `FALLEN` times below the first ones, and as far below the loss; where nothing tells what guessing
      scores, it takes `UNANCHORED` times below the first ones.

    Where every norm is exactly zero and the model learns, nothing is judged: they were read after the gradients were
    reset.

When it is wrong
    A model that has converged has small gradients too, and a low loss: what tells it apart is `num_classes`, a
    `baseline` or a metric. At the saddle of a slow start norms are small for a while.

Sources
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010:
      saturation and initialisation.
    Amazon SageMaker Debugger, rule VanishingGradient: 1e-7 as an absolute bound, here as a share of the loss.
"""

import numpy as np

from diagnosis.advice.check_fixes import check_trainable, overfit_one_batch
from diagnosis.advice.fix import Fix
from diagnosis.advice.models import initialize, normalize_layers
from diagnosis.advice.rates import learning_rate
from diagnosis.features import Features
from diagnosis.features.gradients import TINY, Vanished, guessing
from diagnosis.features.measured import Measured
from diagnosis.rule import Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run, shrinking

SURE = 0.75  # highest confidence where only a loss that never moved shows that it guesses

LAYERS = Cause(
    "Saturating activations in many layers, without normalisation or residual paths.",
    "Log the norm of each layer once: it shrinks from the last layer to the first.",
)
DEAD = Cause(
    "Units are dead or the start is badly scaled.",
    "Count outputs that are zero, or at their limits, over one batch: most are.",
)
DETACHED = Cause(
    "The loss has no path to the parameters: frozen, detached, or left out of the optimiser.",
    "After one backward pass, list the parameters whose gradient is None: there are some.",
)
CAUSES = (LAYERS, DEAD, DETACHED)
TEN = Context(num_classes=10)
CHANCE = flat(level=2.303, noise=1e-3)
GONE = shrinking(start=3.0, times=1e6)
RESET = "while the model learns: it is read after the gradients were reset"
EXAMPLES = (
    Fires("norms fall a millionfold at ln 10", run(TEN, loss=CHANCE, grad_norm=shrinking(start=0.3, times=1e6))),
    Fires("norms are exactly zero", run(loss=flat(), grad_norm=np.zeros(60))),
    Quiet("converged: small norms and a low loss", run(TEN, loss=falling(floor=0.01), grad_norm=GONE)),
    Quiet("at chance, with norms like any", run(TEN, loss=CHANCE, grad_norm=falling(start=0.3, floor=0.2))),
)


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
        return Skipped(f"{grad_norm.name} is always exactly 0 {RESET}") if learns else None
    fell, since = vanished.fell, grad_norm.curve.position(vanished.fell.since)
    how = f"fell from {fell.first:.3g} to {fell.last:.3g}"
    if zero:
        how = "is exactly zero from the start"
    elif not vanished.by_falling:
        how = f"is no more than {fell.last:.3g}"
    learnt = "is no better than guessing" if vanished.known else "has never moved"
    return Finding(
        summary=f"Vanishing gradients since {since}: {grad_norm.name} {how}, and {train_loss.name} {learnt}.",
        evidence=_evidence(vanished, grad_norm),
        series=(grad_norm.name, train_loss.name),
        since=since,
        points=grad_norm.n,
        ceiling=0.99 if vanished.known else SURE,
        causes=(DETACHED, DEAD, LAYERS) if fell.last == 0.0 else CAUSES,
        against=("Would be overturned if two checkpoints after it differ by more than rounding.",),
        fixes=_fixes(train_loss, features, dead=fell.last == 0.0),
    )


def _evidence(vanished: Vanished, norms: Measured) -> tuple[Evidence, ...]:
    last, first = f"the last values of {norms.name}", f"the first values of {norms.name} against its last"
    bound = None if vanished.by_falling else TINY
    tiny = Evidence("share_of_loss", vanished.share, bound, "of the loss", last, exceeds=vanished.by_falling)
    if not vanished.by_falling:
        return (tiny,)
    return Evidence("fall", min(vanished.fell.times, 1e300), vanished.bound, "times", first), tiny


def _fixes(loss: Measured, features: Features, *, dead: bool) -> tuple[Fix, ...]:
    layers = normalize_layers("Keeps gradients of one size through the layers.")
    scheme = initialize("Units start where they have a slope.")
    check_path = check_trainable(loss, "What gets no gradient at all is not reached by the loss.")
    context, guess = features.context, features.guess.level if features.guess else None
    one = overfit_one_batch("Tells in a minute whether anything can be learnt.", loss, context, guess)
    faster = learning_rate(context, 10.0, "The last thing to try: it cannot bring back what is zero.")
    return (check_path, scheme, layers, one) if dead else (layers, scheme, check_path, one, faster)
