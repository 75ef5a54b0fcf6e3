"""Loss and metric disagree about the same model.

What it means
    The validation loss gets worse while the metric holds: right answers stay right, and only the wrong ones become more
    confident. Or the metric gets worse while the loss holds: ever more answers turn wrong, by a little. Or the loss
    falls while the metric never leaves the bottom, or gets worse: it is not what is optimised.

How it is detected
    Either the validation loss gets worse and the validation metric holds. All of these must be so:

    - the loss gave back `GIVEN_BACK` of its progress, or of `LEAST_PROGRESS` of what training learnt where that is
      more, and ends `SIGMAS` standard errors above its best; since that best, the training loss fell by as many;
    - the metric is one where higher is better, or counts mistakes; it was logged over the same part of the run, and
      shows that something was learnt;
    - the metric lost no more than the largest of `KEPT` of its progress, `AS_GOOD` standard errors, `ONE_IN` of all
      answers and, where `val_size` is given, `COUNTED` standard errors of a share of so many examples;
    - that is at most `TELLING` of what the metric has gained since its first value, or since guessing;
    - `monitor` does not name the validation loss, and the run is finished or the loss is not coming down again.

    Or the validation metric gets worse and the validation loss holds. All of these must be so:

    - the loss gave back no more than `HOLDS` of its progress; `monitor` does not name it;
    - the metric, one of right or wrong answers, lost more than `OF_METRIC` of what it had gained, `ANSWERS` of all
      answers, `SIGMAS` standard errors, and what chance takes of so many examples where these are known;
    - it got worse over the `LASTED` of the run since its best, or more, and no other metric of validation gained then.

    Or the run is finished, and the metric never left the bottom, or went against the loss. All of these must be so:

    - the metric stayed within `BOTTOM` of the way from guessing to perfect, without rising; or it is an F1, a recall or
      a precision, and 0 for the second half of the run; or it is a share of right answers, low, and the same number
      throughout, or a share of mistakes that is 1; or it was best at first, and got `TWICE` as bad in a sure course, or
      for the second half of the run; or it gained at most `STIRRED` of all answers, and its cross-entropy is below
      `CHEAP` times ln 2 a wrong answer; or it is a share of right answers below `MANY` that went no farther than
      `WITHIN` noise levels, while a positive loss on the same examples came down to `HALVED` of its first value; or it
      is an F1 below `HALVED` of an average precision of `RANKED` or more;
    - the training loss fell by `SIGMAS` standard errors after the first tenth of the run, and had `EARLY` of its
      progress by the middle, or `LINE` where a positive loss on the metric's examples more than halved beside a metric
      that went no farther than `WITHIN` noise levels, unless the metric got worse, or all is wrong and that loss was
      best by the middle; that loss fell by as many;
    - where `num_classes` is known, a cross-entropy came below `AHEAD` times ln C. Both have `VALUES` values or more.

When it is wrong
    The metric is too coarse to move, or a penalty on the weights falls within the loss. Where probabilities ship rather
    than answers, the overfitting counts that is reported beside it. Some metrics start to move very late, and one may
    after the last epoch.

Sources
    C. Guo et al., "On calibration of modern neural networks", 2017: the loss overfits while accuracy improves.
    Google ML course, "Interpreting loss curves": contradictory metrics.
"""

from diagnosis.advice.losses import calibrate, smooth_labels
from diagnosis.advice.models import regularize
from diagnosis.advice.stopping import monitor, restore
from diagnosis.features import Features
from diagnosis.features.agreement import Held
from diagnosis.features.disagreement import GIVEN_BACK, SIGMAS, VALUES, measure_disagreement
from diagnosis.features.fallen import ANSWERS, HOLDS, LASTED, OF_METRIC, Fallen  # noqa: F401 - likewise
from diagnosis.features.measured import Measured
from diagnosis.features.outgrown import outgrown
from diagnosis.features.skill import SHARES
from diagnosis.findings.deaf_metrics import deaf
from diagnosis.findings.fallen_metrics import let_go
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, turning
from diagnosis.synthetic import run as logged

SURE = (
    Cause(
        "Wrong answers become more confident.",
        "Fit one temperature on validation logits: the loss falls, the metric stays.",
    ),
    Cause("A few wrong labels carry the loss.", "Leave out the worst hundredth of validation: the rise goes."),
)
TURNED = turning(at=20)
EXAMPLES = (
    Fires(
        "accuracy holds, the loss turns",
        logged(loss=falling(), val_loss=TURNED, val_accuracy=1.0 - falling(start=0.9, floor=0.2, tau=0.1, noise=0.003)),
    ),
    Fires("F1 stays at zero", logged(loss=falling(), val_f1=flat(level=0.0, noise=0.0))),
    Quiet("accuracy turns too", logged(loss=falling(), val_loss=TURNED, val_accuracy=1.0 - 0.3 * TURNED)),
    Quiet("good from the start", logged(loss=falling(), val_accuracy=flat(level=0.97, noise=0.002))),
)


@rule(
    severity="warning",
    about="validation",
    causes=SURE,
    examples=EXAMPLES,
    points=VALUES,
    decides="stop",
    exempt={"offset": "that a loss has halved while its metric went nowhere is seen without a constant only"},
)
def check(train_loss: Measured, features: Features) -> Finding | None:
    """Ask whether the metric followed the loss, upwards and downwards."""
    found = measure_disagreement(train_loss, features)
    if found is None:
        return None
    if isinstance(found.how, Held):
        return _sure(found.how, found.loss, found.metric, features.run.context)
    if isinstance(found.how, Fallen):
        return let_go(found.how, found.loss, found.metric, features.run.context)
    return deaf(found.how, found.loss, found.metric)


def _sure(found: Held, loss: Measured, metric: Measured, context: Context) -> Finding:
    at, best = loss.best_position, metric.best_position
    measure, of = found.measure
    went = f"{loss.name} went from {loss.said(loss.best)} to {loss.said(loss.end)}"
    kept = f"{metric.name} ended at {metric.said(metric.end)}, {metric.said(metric.best)} at its best"
    return Finding(
        summary=f"Loss and metric disagree since {at}: {loss.name} gave back {found.says}, {metric.name} held.",
        evidence=(
            Evidence("rebound", of * found.gave_back, of * GIVEN_BACK, measure, went),
            Evidence("rebound_over_noise", found.sigmas, SIGMAS, ERRORS, "the same rise against the noise of the end"),
            Evidence("metric_lost", found.lost, found.allowed, PROGRESS, kept, exceeds=False),
        ),
        series=(loss.name, metric.name),
        since=at,
        about="progress" if outgrown(at, metric) == at else None,  # what only held is no better for it
        restore=best,
        points=min(loss.n, metric.n),
        asks=False,
        against=("Would be overturned if probabilities ship rather than answers: then it is overfitting.",),
        fixes=(
            *((calibrate(),) if metric.curve.metric in SHARES else ()),
            restore(best, f"{metric.name} is best there."),
            *monitor(metric, context),
            *regularize(context, "Keeps the logits small.", drop=False),
            smooth_labels("No answer can become that confident."),
        ),
    )
