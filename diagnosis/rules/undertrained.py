"""The loss was still clearly falling when training stopped.

What it means
    The run ended before it was done: the same training, continued, would give a better model.

How it is detected
    Over the last `WINDOW` of the run the loss (validation's where logged; training's where validation has too few values, and fell at each) fell significantly (in a short run over up to `HALF` of
    it) and by more than `RECENT` of its progress; and carried on by three families of learning curves, weighed by how well they fit, half as much
    training again would gain more than `EXPECTED` of the progress. Unfinished runs get this as information only, and so do
    runs of which only training was logged, or whose loss had come to rest before, which falls again when an unlogged rate decays.

When it is wrong
    A learning rate that decays to nothing makes the last stretch steep: that fall belongs to the schedule, and is not
    counted where the rate, or its schedule's name, is known; nor is what follows a late drop or a restart. A sudden drop near the
    end says nothing of what follows: a forecast between nothing and more than was gained so far is none. Language
    models always fall a little; a little is not counted.

Sources
    T. Domhan, J. T. Springenberg, F. Hutter, "Speeding up automatic hyperparameter optimization … by extrapolation of
    learning curves", 2015: the families.
    Google, "Deep Learning Tuning Playbook": if the best step is always in the last quarter, train longer.
"""

from diagnosis.features import Features
from diagnosis.features.forecast import refused
from diagnosis.features.measured import Measured
from diagnosis.features.schedule import ends_low, falls_after_rest
from diagnosis.fixes import learning_rate as change_rate
from diagnosis.fixes import longer, shorten_warm_up
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

WINDOW = 0.20  # of the run
RECENT = 0.025  # share of progress gained in the last window
EXPECTED = 0.05  # share of progress that half as much training again should gain
NOTHING, ALL = 0.02, 1.0  # likewise: a forecast between next to nothing and more than all so far is none
PROVEN, HALF = 15, 0.5  # points over which a fall is proven where the window has fewer, up to so much of the run
SIGMAS = 3.0  # standard errors by which the last window's end is below its start
SURE, UNSURE = 0.99, 0.8  # the most one can be sure; the latter where the forecast reaches down to nothing
AHEAD = 0.5  # of the run: half as much training again

CAUSES = (
    Cause(
        "Too few epochs for this learning rate.", "Go on from the last checkpoint for a fifth of the run: it falls on."
    ),
    Cause("The learning rate is too low.", "Run a tenth of the epochs at ×3: it is lower than this run was then."),
)
AGAINST = (
    "Would be overturned if a fifth more training gained nothing.",
    "If the learning rate was decayed to zero at the end, the last fall is the schedule's.",
)
RESTED = "It had come to rest and fell again at the end, as when the learning rate decays: log the rate, or name the scheduler."
TRAINING_ALONE = (
    "Only training was logged, which falls as long as anything can be learnt by heart: log a validation loss."
)
EXAMPLES = (
    Fires("stopped half way down", logged(loss=falling(tau=0.6), val_loss=falling(tau=0.6, seed=1))),
    Quiet("levelled out", logged(loss=falling(tau=0.15), val_loss=falling(tau=0.15, seed=1))),
)


@rule(
    severity=("warning", "info"),
    about="progress",
    causes=CAUSES,
    examples=EXAMPLES,
    points=8,
    decides="continue",
    lowers=("underfitting",),  # a level that still falls is not its last
)
def check(carried: Measured, features: Features, context: Context, run: Run) -> Finding | Skipped | None:
    """Ask whether it still falls, and what half as much training again should gain."""
    watched, val = carried, features.val_loss
    beside = val if val and carried is features.train_loss else None
    recent = watched.last(WINDOW)
    share, sigmas = watched.share(-recent.change), -recent.change / max(watched.end_error, 1e-300)
    if share <= RECENT or sigmas <= SIGMAS or ends_low(features.schedule, run):
        return None
    if not watched.last(min(max(WINDOW, PROVEN / watched.z.size), HALF)).falling:
        return None
    forecast = features.forecast
    if forecast is None:
        return Skipped(f"cannot be carried on: {refused(watched, features.schedule)}")
    expected, low, high = (watched.share(gain) for gain in forecast.gain(1.0 + AHEAD))
    if expected <= EXPECTED or (low <= NOTHING and high > ALL):
        return None
    factor = forecast.enough(EXPECTED * watched.progress)
    rested = features.schedule is None and falls_after_rest(watched)
    against = (RESTED, *AGAINST) if rested else AGAINST
    return Finding(
        summary=(
            f"Undertrained: {watched.name} was still {watched.went('falling', 'rising')} at the end; half as much training again should gain "
            f"about {percent(expected)} of what it has gained so far (between {percent(low)} and {percent(high)})."
            + (f" {beside.name} fell at each of its {beside.n} values." if beside else "")
        ),
        evidence=(
            Evidence("recent_gain", share, RECENT, PROGRESS, f"what {watched.name} gained over the last {percent(WINDOW)} of the run"),
            Evidence("gain_over_noise", sigmas, SIGMAS, ERRORS, "the same gain against the noise of the final level"),
            Evidence(
                "expected_gain",
                expected,
                EXPECTED,
                PROGRESS,
                f"what half as much training again should gain (nine times in ten between {percent(low)} and {percent(high)})",
            ),
        ),
        series=(watched.name, *((beside.name,) if beside else ())),
        since=watched.position(watched.index_after(1.0 - WINDOW)),
        points=watched.n,
        ceiling=SURE if low > 0.0 and not rested and not beside else UNSURE,
        severity="warning" if run.finished and val and not (rested or features.reward) else "info",
        against=against if val else (TRAINING_ALONE, *against),
        fixes=(
            *((shorten_warm_up(features.schedule, context, "The rate was still rising when the log ended."),) if features.schedule and features.schedule.still_warming else ()),
            longer(context, run.epochs_logged, factor, f"Then half a run more gains less than {percent(EXPECTED)} of the progress."),
            change_rate(context, 3.0, "Larger steps get there in fewer epochs, if they stay stable."),
        ),
    )  # fmt: skip
