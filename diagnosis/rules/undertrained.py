"""The loss was still clearly falling when training stopped.

What it means
    The run ended before it was done: the same training, continued, would give a better model.

How it is detected
    Over the last `WINDOW` of the run, the loss gained more than `RECENT` of its progress, and more than `SIGMAS`
    standard errors of its final level. It fell significantly over that window, which in a short run is widened to
    hold `PROVEN` points, up to `HALF` of the run. And if it is carried on by three families of learning curves,
    weighed by how well they fit, then training longer by `AHEAD` of the run should gain more than `EXPECTED` of the
    progress. It is validation's loss that is judged, if it is logged. Exceptions:

    - Where validation has fewer than `CARRIED` values, `FEWEST` at least, and fell at each of them along with
      training, by `WITH_IT` of training's fall in all and by `LAST` of its mean fall at the end, the training loss is
      judged.
    - Nothing is reported where the learning rate ended on purpose: it fell to `ANNEALED` of its peak, or it is not
      logged, the run is finished and its scheduler is named as one that decays to nothing.
    - Where the forecast reaches from less than `NOTHING` to more than `MUCH` of the progress, as after a late start, it
      is no number to go by. Nothing is reported then if the last `LATELY` values brought nothing; nor if it reaches
      beyond `ALL`, as after a sudden drop near the end, unless the window gained `FALLS` and the run fell on: in the
      window's last quarter at over `PACE` of the pace of its fastest, and in its first at over `BEGINS` of it.
    - The condition is left undecided where the loss cannot be carried on: it has turned, it swings too much, the rate
      restarts, or changed too late. If that was a warm-up for over half of a run that fell on, that is reported.
    - It is information instead of a warning while the run goes on, where no validation loss is logged, for a reward,
      and where the loss had come to rest and fell again at the end while no learning rate is logged: that is what a
      decay of the rate looks like. Likewise where the window is widened to `HALF` and only training, with which
      validation fell, surely falls; and where the forecast begins at `BARELY` of the progress or less, while
      validation is more than `BEHIND` of what training learnt behind it, and falls ever farther behind.

When it is wrong
    A learning rate that decays to nothing makes the last stretch steep: that fall belongs to the schedule, and nobody
    knows where neither the rate nor the schedule's name is given. Language models always fall a little; a little is
    not counted.

Sources
    T. Domhan, J. T. Springenberg, F. Hutter, "Speeding up automatic hyperparameter optimization … by extrapolation of
    learning curves", 2015: the families.
    Google, "Deep Learning Tuning Playbook": if the best step is always in the last quarter, train longer.
"""

from diagnosis.advice.datasets import standardize_targets
from diagnosis.advice.fix import Fix
from diagnosis.advice.ladder import OFFSET
from diagnosis.advice.rates import learning_rate as change_rate
from diagnosis.advice.stopping import longer
from diagnosis.advice.warm_ups import shorten_warm_up
from diagnosis.features import Features
from diagnosis.features.carried import CARRIED  # noqa: F401 - of several, the one that the page names
from diagnosis.features.cut_short import EXPECTED, RECENT, SIGMAS, WINDOW, CutShort, measure_cut_short
from diagnosis.features.measured import Measured
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling
from diagnosis.synthetic import run as logged

SURE = 0.99  # highest confidence
UNSURE = 0.8  # highest confidence after a rest, for training in validation's place, or if the forecast may be nothing

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
RESTED = (
    "It had come to rest and fell again at the end, as when the learning rate decays: "
    "log the rate, or name the scheduler."
)
TRAINING_ALONE = (
    "Only training was logged, which falls as long as anything can be learnt by heart: log a validation loss."
)
SOONER = "Larger steps get there in fewer epochs, if they stay stable."
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
    """Report a loss that still fell, and what half as much training again should gain."""
    told, val_loss = measure_cut_short(carried, features), features.val_loss
    if not isinstance(told, CutShort):
        return Skipped(told) if told else None
    against = (RESTED, *AGAINST) if told.rested else (told.doubted, *AGAINST) if told.doubted else AGAINST
    sure = told.low > 0.0 and not (told.rested or told.beside or told.doubted)
    known = run.finished and val_loss and not (told.rested or told.doubted or features.reward)
    return Finding(
        summary=_summary(carried, told),
        evidence=_evidence(carried, told),
        series=(carried.name, *((told.beside.name,) if told.beside else ())),
        since=carried.position(carried.index_after(1.0 - WINDOW)),
        points=carried.n,
        ceiling=SURE if sure else UNSURE,
        severity="warning" if known else "info",
        about="rest" if told.doubted else None,  # what is surer is said first
        causes=(OFFSET, *CAUSES) if features.offset else (),
        against=against if val_loss else (TRAINING_ALONE, *against),
        fixes=_fixes(told, features, context),
    )


def _summary(carried: Measured, told: CutShort) -> str:
    still = f"{carried.name} was still {carried.went('falling', 'rising')} at the end"
    gain = f"half as much training again should gain about {percent(told.expected)} of what it has gained so far"
    between = f"between {percent(told.low)} and {percent(told.high)}"
    also = f" {told.beside.name} fell at each of its {told.beside.n} values." if told.beside else ""
    ahead = "what more training would gain cannot be told yet" if told.vague else f"{gain} ({between})"
    return f"Undertrained: {still}; {ahead}.{also}"


def _evidence(carried: Measured, told: CutShort) -> tuple[Evidence, ...]:
    recent = f"what {carried.name} gained over the last {percent(WINDOW)} of the run"
    between = f"nine times in ten between {percent(told.low)} and {percent(told.high)}"
    ahead = f"what half as much training again should gain ({between})"
    expected = () if told.unforeseen else (Evidence("expected_gain", told.expected, EXPECTED, PROGRESS, ahead),)
    return (
        Evidence("recent_gain", told.recent, RECENT, PROGRESS, recent),
        Evidence("gain_over_noise", told.sigmas, SIGMAS, ERRORS, "the same gain against the noise of the final level"),
        *expected,
    )


def _fixes(told: CutShort, features: Features, context: Context) -> tuple[Fix, ...]:
    # What goes on well keeps its rate, and what swings with the order of its data gets no larger steps.
    schedule, then = features.schedule, f"half a run more gains less than {percent(EXPECTED)} of the progress."
    until = f"Then {then}" if told.after < EXPECTED else f"Even then half a run more should gain {percent(told.after)}."
    until = "That shows what there is to gain." if told.vague or features.offset else until
    sooner: tuple[Fix, ...] = ()
    if schedule and (schedule.still_warming or told.unforeseen) and schedule.warm_up_end:
        rose = "was still rising when the log ended" if schedule.still_warming else "rose for most of the run"
        sooner = (shorten_warm_up(schedule, context, f"The rate {rose}."),)
    return (
        *standardize_targets(features.offset),
        *sooner,
        longer(context, features.run.epochs_logged, told.enough, until),
        *((change_rate(context, 3.0, SOONER),) if features.run.finished and not features.cycle else ()),
    )
