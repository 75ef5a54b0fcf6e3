"""The loss was still clearly falling when training stopped.

What it means
    The run ended before it was done: the same training, continued, would give a better model.

How it is detected
    Over the last `WINDOW` of the run the loss (validation's where logged) fell significantly and by more than `RECENT`
    of its progress. If its gains go on shrinking as they did between the last two such windows, half as much training
    again would gain more than `EXPECTED` of the progress. Unfinished runs get this as information only.

When it is wrong
    A learning rate that decays to nothing makes the last stretch steep: that fall belongs to the schedule, and a longer
    run with the same end would not go on falling. Language models always fall a little; a little is not counted.

Sources
    Google, "Deep Learning Tuning Playbook": if the best step is always in the last quarter, train longer.
"""

from diagnosis.features.measured import Measured
from diagnosis.fixes import cosine, longer
from diagnosis.fixes import learning_rate as change_rate
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

WINDOW = 0.20  # of the run
RECENT = 0.02  # share of progress gained in the last window
EXPECTED = 0.03  # share of progress that half as much training again should gain
SIGMAS = 3.0  # standard errors by which the last window's end is below its start
DECAYED = 0.10  # of its highest: a learning rate this low has ended the run on purpose
AHEAD = 0.5  # of the run: half as much training again

CAUSES = (
    Cause("Too few epochs for this learning rate.", "Continue from the last checkpoint for a fifth of the run."),
    Cause("The learning rate is too low.", "Run a tenth of the epochs at ×3: it should get there sooner."),
)
TO_ZERO = ("cosine", "linear", "onecycle", "polynomial")  # schedules that end the run at next to nothing
AGAINST = (
    "Would be overturned if a fifth more training gained nothing.",
    "If the learning rate was decayed to zero at the end, the last fall is the schedule's.",
)
EXAMPLES = (
    Fires("stopped half way down", logged(loss=falling(tau=0.6), val_loss=falling(tau=0.6, seed=1))),
    Quiet("levelled out", logged(loss=falling(tau=0.15), val_loss=falling(tau=0.15, seed=1))),
)


@rule(severity=("warning", "info"), causes=CAUSES, examples=EXAMPLES, points=10, decides="continue")
def check(watched: Measured, learning_rate: Measured | None, context: Context, run: Run) -> Finding | None:
    """Compare what the last window gained with the one before, and carry that on."""
    start = watched.index_after(1.0 - WINDOW)
    span, whole = watched.z.size - 1 - start, watched.z.size - 1
    before = max(start - span, 0)
    recent = watched.last(WINDOW)
    gained = -recent.change
    share, sigmas = watched.share(gained), gained / max(watched.end_error, 1e-300)
    if not recent.falling or share <= RECENT or sigmas <= SIGMAS or _annealed(learning_rate, run):
        return None
    earlier = float(watched.s[before] - watched.s[start]) * span / max(start - before, 1) if start else gained
    ratio = min(max(gained / earlier, 0.0) if earlier > 0 else 1.0, 1.0)
    windows = AHEAD * whole / span
    ahead = ratio * (1 - ratio**windows) / (1 - ratio) if ratio < 1.0 else windows
    expected = share * ahead
    if expected <= EXPECTED:
        return None
    low, high = (watched.share(-bound * (recent.end - recent.start)) * ahead for bound in (recent.high, recent.low))
    reach = f"of half as much training again; between {percent(max(low, 0.0))} and {percent(high)}"
    return Finding(
        summary=(
            f"Undertrained: {watched.name} was still {watched.went('falling', 'rising')} at the end; half as much training again should gain "
            f"about {percent(expected)} of what it has gained so far."
        ),
        evidence=(
            Evidence("recent_gain", share, RECENT, PROGRESS, f"over the last {percent(WINDOW)} of the run"),
            Evidence("gain_over_noise", sigmas, SIGMAS, ERRORS, "the same gain against the noise of the final level"),
            Evidence("expected_gain", expected, EXPECTED, PROGRESS, reach),
        ),
        series=(watched.name,),
        since=watched.position(start),
        points=watched.n,
        severity="warning" if run.finished else "info",
        against=AGAINST,
        fixes=(
            longer(
                context, run.epochs_logged, 1.5, f"About {percent(expected)} of the progress so far is still to be had."
            ),
            change_rate(context, 3.0, "Larger steps get there in fewer epochs, if they stay stable."),
            cosine("The end of a falling schedule gains what constant steps cannot."),
        ),
    )


def _annealed(rates: Measured | None, run: Run) -> bool:
    """Whether the learning rate had decayed to next to nothing when the run ended."""
    if rates is not None and rates.curve.values.max() > 0:
        return bool(rates.curve.values[-1] <= DECAYED * rates.curve.values.max())
    return run.finished and any(kind in str(run.context.scheduler).lower() for kind in TO_ZERO)
