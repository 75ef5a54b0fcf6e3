"""The training loss falls steadily, but far too slowly.

What it means
    Every step goes the right way and none goes far: the curve is a straight line with no bend in sight, or only begins to
    fall faster when the run is over. Steps are too small for the distance.

How it is detected
    Over a finished run the training loss (validation's where training is too noisy to tell and has not come to rest)
    falls significantly and nearly linearly: between `EVEN` and 1 − `EVEN` of the fall lies in the first half, and a straight
    line leaves less than `BENT` of the smoothed variance unexplained. Carried on by learning curves of three families, it would
    take `FAR` times the run to gain half of what is left; where ln C is known, most of the way from guessing is still ahead. A
    fall of either that has moved from the beginning and gains pace from quarter to quarter is as slow. Where validation
    gained less than `FOLLOWED` of what training did, a larger step would only memorise sooner.

When it is wrong
    A long power-law tail (every healthy language model) is not linear, and is left alone. A warm-up that lasts most
    of the run, or a loss logged as a long running average, is linear without being ill.

Sources
    Stanford CS231n notes, "Babysitting the learning process": low learning rates look linear.
    A. Karpathy, "A Recipe for Training Neural Networks", 2019: Adam at 3e-4 as a safe beginning.
"""

from diagnosis.features import Features
from diagnosis.features.forecast import measure_forecast
from diagnosis.features.line import ENOUGH, FOLLOWED, Line, followed, gathering, jumps, line_of, may_follow  # noqa: F401 - the page names it
from diagnosis.features.measured import Measured
from diagnosis.fixes import change_optimizer, longer, normalize_inputs
from diagnosis.fixes import learning_rate as change_rate
from diagnosis.rule import NOISE, Cause, Evidence, Finding, Fires, Quiet, Skipped, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, linear
from diagnosis.synthetic import run as logged

EVEN = 0.37  # share of the fall in the first half; an exponential that levels out has over 0.8 there
BENT = 0.012  # share of the smoothed curve's variance off a straight line; an S-shaped fall has more
HARDLY_BENT = 0.002  # likewise: then a tenfold step is safe to try
FAR = 1.5  # times the run, to half of what is left: a levelling-out curve is there sooner
CALMER = 0.4  # of the bend that training may have: the most of a validation that speaks for it
SEEN = 0.5  # noise levels of training, that validation must have fallen: else nobody could see it
SIGMAS = 6.0  # noise levels: less is not a steady fall
WARMED = 0.5  # of the run: a learning rate that was warmed up for longer explains a line
ARRIVED = 0.30  # of ln C: a loss below has come most of the way, however straight

CAUSES = (
    Cause("The learning rate is too low.", "Run a tenth of the epochs at ×10: it falls several times as far."),
    Cause(
        "Gradients are small: inputs not normalised, saturated units, poor initialisation.",
        "Log the gradient norm per layer for 100 steps: the first layers get a hundredth of the last.",
    ),
)
AGAINST = (
    "Would be overturned if ten times the learning rate diverged at once.",
    "A loss logged as a running average over the whole run looks straight by itself.",
)
EXAMPLES = (
    Fires("a straight line from 2.3 to 2.0", logged(loss=linear())),
    Quiet("a bend", logged(loss=falling(tau=0.3))),
)


@rule(
    severity="warning", about="progress", causes=CAUSES, examples=EXAMPLES, points=10, supersedes=("generalization_gap", "underfitting"),
    lowers=("undertrained",), decides="continue", not_of_rewards="nobody knows how much of it is left, and a policy gets better step by step",
)  # fmt: skip
def check(
    train_loss: Measured, val_loss: Measured | None, features: Features, context: Context, run: Run
) -> Finding | Skipped | None:
    """Ask whether the fall is a straight line, and how far it is from its end."""
    if not run.finished:
        return Skipped("the run is not finished: its beginning may be straight by itself")
    if train_loss.before:
        return Skipped(train_loss.before)
    straight = _straight(train_loss, val_loss)
    if straight is None or straight.sigmas <= SIGMAS or not followed(train_loss, val_loss):
        return None
    loss, bend, sigmas, first_half = straight.curve, straight.bend, straight.sigmas, straight.first_half
    guessing = context.guessing if loss.curve.metric == "loss" else None
    arrived = guessing is not None and loss.end < ARRIVED * guessing
    warmed = (features.schedule.warm_up_end if features.schedule else None) or 0.0
    if arrived or warmed > (0.0 if straight.gathers else WARMED):  # then the schedule explains the line
        return None
    forecast = None if straight.gathers else measure_forecast(loss, features.schedule)
    far = forecast.half_way if forecast is not None else None
    if far < FAR if far is not None else loss is not train_loss and not straight.gathers:
        return None
    how = "ever faster" if straight.gathers else "in a straight line"
    end = "fastest when the run ended" if straight.gathers else "without a bend"
    noisy = "" if loss is train_loss else f"; {train_loss.name} may fall with it, and is too noisy to tell"
    says = f"what a straight line does not explain of {loss.name}{noisy}"
    evidence = [
        Evidence("bend", bend, None if straight.gathers else BENT, "share of variance", says, exceeds=False),
        Evidence("first_half", first_half, None, "share of the fall", f"what fell in the first half of the run (over {100 * (1 - EVEN):g} % where a curve bends)"),
        Evidence("fall_over_noise", sigmas, SIGMAS, NOISE, f"the whole fall of {loss.name} against its noise"),
    ]  # fmt: skip
    if far:
        end += f"; half of what is left would take {far:.0f} times the run"
        evidence.append(Evidence("half_way", far, FAR, "times the run", "how long it would take to gain half of what is left"))  # fmt: skip
    return Finding(
        summary=f"Slow convergence: {loss.name} {loss.went('falls', 'rises')} {how} from {loss.said(loss.start)} to {loss.said(loss.end)}, {end}.",
        evidence=tuple(evidence),
        series=(loss.name,),
        since=loss.position(0),
        points=loss.n,
        ceiling=0.9,
        against=AGAINST,
        fixes=(
            change_rate(context, 10.0 if bend < HARDLY_BENT else 3.0, "No bend in sight: steps are far too small."),
            change_optimizer(context, "Scales its steps to the gradients."),
            normalize_inputs("Badly scaled inputs make every safe step a small one."),
            longer(context, run.epochs_logged, 3, "If the learning rate cannot be raised, only time helps."),
        ),
    )


def _straight(training: Measured, validation: Measured | None) -> Line | None:
    """The straight fall of training, else validation's where training's noise hides it, else a fall that gathers pace."""
    seen = validation if validation and validation.n >= ENOUGH and validation.start - validation.end > SEEN * training.grid_noise else None  # fmt: skip
    calm = line_of(seen, BENT * CALMER, EVEN) if seen and may_follow(training, seen) and not jumps(training) else None
    return line_of(training, BENT, EVEN) or calm or gathering(training) or (gathering(seen) if seen else None)
