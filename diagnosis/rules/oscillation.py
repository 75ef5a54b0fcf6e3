"""The training loss swings widely instead of settling.

What it means
    Each step jumps across the valley instead of descending into it. Which checkpoint is good is a matter of luck.

How it is detected
    The training loss, averaged by epoch or over a hundredth of the run, scatters over its second half, from value to
    value or about its smooth course, and its last quarter is no calmer than `CALMING` times the two before. An accuracy
    in its place scatters by over `SLIGHT` of all answers. The share of progress that it takes:

    - `WIDE` where no validation loss is logged, or where the loss turns up and down more often than noise, by `TURNS`;
    - half of `WIDE` where validation swings by `WIDE` as well, or by half of it and `TOGETHER` with training: the noise
      of batches does not reach validation, and a training value averages over a whole epoch;
    - `ALONE` where validation is calm, unless it scatters by less than `CALM` of that: nothing but the batches differs
      then; `HOT` at a rate known to be far too high, where validation swings by half of `WIDE`.

    A level that never improved scatters too. One of these must show that there was something to settle:

    - the loss came down by `LEARNT` standard errors, at first or in its slope, and below what guessing scores;
    - validation swings too, by `PLAIN` of what guessing costs, beside an accuracy that improved or is good;
    - validation, of unknown worth, swings `TOGETHER` with training, and both began high, by `BOTH` values, or training
      reaches twice its low level again and again; alone, means over up to `EPOCHS` epochs do so, and began high, or go
      back up to where they began and turn more often than noise, by `OFTEN`; `FOURFOLD` where nothing was gained;
    - the loss turns more often than noise, by `TURNS`; an accuracy, or an error whose zero is perfect (by R² as well),
      by `MARKED` of its level; or both losses stay `WRONG` times as high as guessing, and validation jumps by `PLAIN`.

    Up to ten values within an epoch are averaged first. Without validation it is information if such were logged, or
    the swings stay below `ALONE`; nothing at a rate known to be far too low. Of fewer than `ENOUGH`, `ALTERNATELY` must
    leap so, or be by turns above and below; or both losses climb again by `WENT_UP`, but for one climb, as answers go.

When it is wrong
    Without a validation loss, very small batches look the same. Adversarial losses swing by nature, and with a rate
    that is raised again and again, which must be logged. A logged rate of at most `FAINT`, or one that had all but
    run out while moves stayed above `HELD` times what they were, is not to blame: small batches are.

Sources
    Google ML course, "Interpreting loss curves": an oscillating loss wants a lower learning rate and cleaner data.
    Stanford CS231n notes: the wiggle of the loss is related to the batch size.
"""

from diagnosis.advice import check_fixes, datasets, rates
from diagnosis.advice.usual_rates import too_high, too_low
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.rate import blameless, in_force
from diagnosis.features.swings import MARKED, Swings
from diagnosis.features.unsettled import ALONE, CALMING, LEARNT, TURNS, WRONG, Unsettled, measure_unsettled
from diagnosis.findings.few_swings import swings_of_few
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule, share_of
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

ENOUGH = 20  # values: fewer have no second half to speak of
NOWHERE = 0.01  # factor on the rate where nothing was learnt at it: at a tenth it swings as well
SURE = 0.99  # highest confidence
UNSURE = 0.70  # highest confidence where single batches were logged: of 32 such logs, 21 had too high a rate
STAYS = ("Would be overturned if the same swings stayed at a tenth of the learning rate.",)
GAINED = "what was learnt: the beginning above the second half, or the slope of that"
UNSEEN = "No validation loss is logged: noise of small batches or of random draws looks the same."
BATCHES = "Single batches were logged: their noise looks the same; log a validation loss, or a fixed sample's."
CAUSES = (
    Cause("The learning rate is too high.", "Log a fixed sample's loss: at a tenth of the rate it swings less."),
    Cause("The batch is too small.", "Log the loss of a fixed sample: it is calm."),
)
EXAMPLES = (
    Fires("swings by a third of its progress", run(loss=falling(start=2.3, floor=1.2, noise=0.36))),
    Quiet("ordinary noise", run(loss=falling(start=2.3, floor=1.2, noise=0.08))),
)


@rule(
    severity=("warning", "info"),
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=10,
    supersedes=("not_learning", "underfitting", "loss_spike", "plateau", "noisy_validation"),
    not_of_rewards="episodes scatter by what they are",
    exempt={"scale": "with num_classes, swings are held against guessing", "offset": "twice a level needs its zero"},
)
def check(
    train_loss: Measured, learning_rate: Measured | None, context: Context, features: Features
) -> Finding | Skipped | None:
    """Report swings that are the weights' own, with what shows it."""
    if train_loss.resumed:
        return Skipped(f"the log begins at {train_loss.position(0)}: what was gained before is not known")
    if train_loss.n < ENOUGH:
        return swings_of_few(train_loss, features, CAUSES, STAYS, ENOUGH)
    told = measure_unsettled(train_loss, learning_rate, features, hot=too_high(context))
    if told is None or (told.validation is None and too_low(context)):  # so small a step jumps across no valley
        return None
    learnt, unsure = told.witness in {"gain", "answers", "moves", "halves"}, _may_be_noise(told.swings)
    shrink, why = (told.swings.share / told.wide) ** 2, "Swings shrink with the step."
    val_loss, now = features.val_loss if told.validation else None, in_force(context, features.schedule)
    cooler = rates.lower(now, why) if learnt or too_high(context) else rates.learning_rate(now, NOWHERE, why)
    return Finding(
        summary=f"Oscillation: {train_loss.name} {_summary(told)}.",
        evidence=_evidence(told),
        series=(train_loss.name, *((val_loss.name,) if val_loss else ())),
        since=train_loss.position(train_loss.index_after(0.5)),
        points=train_loss.n,
        severity="info" if unsure else "warning",
        ceiling=UNSURE if unsure else SURE,
        against=(BATCHES if told.swings.batches else UNSEEN, *STAYS) if unsure else STAYS,
        causes=CAUSES[::-1] if (idle := blameless(features.schedule, train_loss)) else CAUSES,
        fixes=(
            *(() if idle else (cooler,)),
            rates.cosine("A falling rate settles by itself."),
            *datasets.larger_batch(context, "Swings shrink with the square root of its size.", shrink),
            check_fixes.highest_losses(context, "A few that are broken make some batches jump."),
        ),
    )


def _may_be_noise(swings: Swings) -> bool:
    """Whether nothing but the training loss tells, and it neither turns like no noise nor swings farther than that."""
    return swings.validated is None and swings.turns <= TURNS and (swings.batches or swings.share <= ALONE)


def _summary(told: Unsettled) -> str:
    if told.witness in {"turns", "wrong"}:
        return "goes up and down from value to value, and gets nowhere"
    if told.witness == "metric":
        return f"swings and gets nowhere, and its metric by ±{percent(told.swings.marked)} of its level"
    return f"swings by ±{share_of(told.swings.share, 'its progress')} over the second half of the run"


def _evidence(told: Unsettled) -> tuple[Evidence, ...]:
    swings, second = told.swings, "standard deviation over the second half of the run"
    quarter = "size of the moves in the last quarter of the run"
    calming = Evidence("calming", swings.calming, CALMING, "times the two quarters before", quarter)
    if told.witness == "turns":
        oftener = "how much oftener it turns than noise, which does at two values in three"
        return Evidence("turns", swings.turns, TURNS, ERRORS, oftener), calming
    if told.wrong:
        return Evidence("wrong", told.wrong, WRONG, "times what guessing scores", "both losses stay above"), calming
    if told.witness == "metric":
        return Evidence("scatter_of_metric", swings.marked, MARKED, "share of its level", second), calming
    found = [Evidence("scatter", swings.share, told.wide, PROGRESS, second)]
    if told.witness == "gain":
        found.append(Evidence("learnt", swings.learnt, LEARNT, ERRORS, GAINED))
    if right := told.right:
        answers = f"right by {right.name}: something was learnt"
        found.append(Evidence("right", right.right(right.end), None, "of all answers", answers))
    if told.validation and swings.validated is not None:
        weights = "the same of validation: the weights themselves swing"
        found.append(Evidence("scatter_of_validation", swings.validated, told.validation, PROGRESS, weights))
    return *found, calming
