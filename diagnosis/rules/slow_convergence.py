"""The training loss falls steadily, but far too slowly.

What it means
    Every step goes the right way and none goes far: the curve is a straight line with no bend in sight, or only begins
    to fall faster when the run is over. Steps are too small for the distance.

How it is detected
    Only a finished run is judged. A loss falls significantly, by more than `SIGMAS` noise levels, in one of these ways:

    - Training falls in a straight line. Between `EVEN` and 1 − `EVEN` of the fall lies in the first half, and a
      straight line leaves at most `BENT` of the smoothed curve's variance unexplained, noise aside.
    - Validation falls in a straight line, `CALMER` times as bent at most, and training may have fallen with it for all
      that its noise shows. Validation has `ENOUGH` values, and fell by `SEEN` noise levels of training.
    - Training falls ever faster, or such a validation does: by `FIRST` of all in the first quarter already, by at most
      `GATHERED` in the first half, and no quarter by more than `SLACK` times the next, or the third by `FASTEST`.

    It must be far from its end, and the steps must be the reason:

    - A straight line does not rest: its last quarter brought `LATELY` of the fall, or may have within its noise.
    - A straight line, carried on by learning curves of three families, would take `FAR` times the run to gain half of
      what is left; beyond `LONGEST` times, only that its end is not in sight is said. Where it cannot be carried on,
      training's line is believed, and validation's is not.
    - Where `num_classes` is known, the loss is still above `ARRIVED` of ln C. A metric that can be perfect, judged
      where no loss is logged, would take as long to half of what is left at its own pace.
    - The learning rate was warmed up for no more than `WARMED` of the run, and not at all where the fall gets faster.
    - Validation, where it is logged, gained `FOLLOWED` of what training did, and may still do so over the second half.
      Otherwise a larger step would only memorise sooner. Of fewer than `ENOUGH` values, it only has to end below where
      it began.

When it is wrong
    A long power-law tail (every healthy language model) is not linear, and is left alone. A loss logged as a long
    running average is linear without being ill, and so is one during a warm-up that was not logged.

Sources
    Stanford CS231n notes, "Babysitting the learning process": low learning rates look linear.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: Adam at 3e-4 as a safe beginning.
"""

from diagnosis.advice.datasets import normalize_inputs, standardize_targets
from diagnosis.advice.ladder import OFFSET
from diagnosis.advice.rates import change_optimizer
from diagnosis.advice.rates import learning_rate as change_rate
from diagnosis.advice.stopping import longer
from diagnosis.features import Features
from diagnosis.features.forecast import LONGEST
from diagnosis.features.line import ENOUGH  # noqa: F401 - of several, the one that the page names
from diagnosis.features.measured import Measured
from diagnosis.features.slow_fall import BENT, EVEN, FAR, SIGMAS, SlowFall, measure_slow_fall
from diagnosis.rule import NOISE, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, linear
from diagnosis.synthetic import run as logged

HARDLY_BENT = 0.002  # share of the smoothed curve's variance off a straight line: then a tenfold step is safe to try
SURE = 0.9  # highest confidence
CAUSES = (
    Cause("The learning rate is too low.", "Run a tenth of the epochs at ×10: it falls several times as far."),
    Cause(
        "Gradients are small: inputs not normalised, saturated units, poor initialisation.",
        "Log the gradient norm per layer for 100 steps: the first layers get a hundredth of the last.",
    ),
)
AGAINST = (
    "Would be overturned if ten times the learning rate made it diverge at once.",
    "A loss logged as a running average over the whole run looks straight by itself.",
)
EXAMPLES = (
    Fires("a straight line from 2.3 to 2.0", logged(loss=linear())),
    Quiet("a bend", logged(loss=falling(tau=0.3))),
)


@rule(
    severity="warning",
    about="progress",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    supersedes=("underfitting",),
    lowers=("undertrained",),
    decides="continue",
    not_of_rewards="nobody knows how much of it is left, and a policy gets better step by step",
)
def check(
    train_loss: Measured, val_loss: Measured | None, features: Features, context: Context, run: Run
) -> Finding | Skipped | None:
    """Ask whether the fall is a straight line, and how far it is from its end."""
    if not run.finished:
        return Skipped("the run is not finished: its beginning may be straight by itself")
    if train_loss.before:
        return Skipped(train_loss.before)
    slow = measure_slow_fall(train_loss, val_loss, features)
    if slow is None:
        return None
    loss, tenfold = slow.line.curve, slow.line.bend < HARDLY_BENT
    falls = f"{loss.went('falls', 'rises')} {'ever faster' if slow.line.gathers else 'in a straight line'}"
    levels = f"from {loss.said(loss.start)} to {loss.said(loss.end)}"
    return Finding(
        summary=f"Slow convergence: {loss.name} {falls} {levels}, {_end(slow)}.",
        evidence=_evidence(slow, train_loss),
        series=(loss.name,),
        since=loss.position(0),
        points=loss.n,
        ceiling=SURE,
        causes=(OFFSET, *CAUSES) if features.offset else (),
        against=AGAINST,
        fixes=(
            *standardize_targets(features.offset),
            change_rate(context, 10.0 if tenfold else 3.0, "No bend in sight: steps are far too small."),
            change_optimizer(context, "Scales its steps to the gradients."),
            normalize_inputs("Badly scaled inputs make every safe step a small one."),
            longer(context, run.epochs_logged, 3, "If the learning rate cannot be raised, only time helps."),
        ),
    )


def _end(slow: SlowFall) -> str:
    end = "fastest when the run ended" if slow.line.gathers else "without a bend"
    if not slow.half_way:
        return end
    if slow.half_way > LONGEST:
        return f"{end}: where it ends is not in sight"
    return f"{end}; half of what is left to gain is forecast to take {slow.half_way:.1f} times the run"


def _evidence(slow: SlowFall, training: Measured) -> tuple[Evidence, ...]:
    line, name = slow.line, slow.line.curve.name
    noisy = f"; {training.name} may fall with it, and is too noisy to tell" if slow.of_validation else ""
    straight = f"what a straight line does not explain of {name}{noisy}"
    half = f"what fell in the first half of the run (over {100 * (1 - EVEN):g} % where a curve bends)"
    far = "how long it would take to gain half of what is left"
    if slow.half_way and slow.half_way > LONGEST:
        far += "; so far ahead a straight line tells only that it is long"
    return (
        Evidence("bend", line.bend, None if line.gathers else BENT, "share of variance", straight, exceeds=False),
        Evidence("first_half", line.first_half, None, "share of the fall", half),
        Evidence("fall_over_noise", line.sigmas, SIGMAS, NOISE, f"the whole fall of {name} against its noise"),
        *((Evidence("half_way", slow.half_way, FAR, "times the run", far),) if slow.half_way else ()),
    )
