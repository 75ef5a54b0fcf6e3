"""The training loss swings widely instead of settling.

What it means
    Steps jump across the valley instead of going down into it. The last checkpoint is a matter of luck.

How it is detected
    Over the second half of the run the training loss, averaged over each epoch or a hundredth of the run, scatters from value to value or about its smooth course by more than `WIDE` of the progress, and does not calm down. Where
    validation is logged it must do so, or half of that `TOGETHER` with training or at a rate that is known to be far too high, and training half as much: the noise of batches does not reach validation, and an
    epoch averages over many weights. Else it takes `ALONE`, or a loss that goes up and down more often than noise, by `TURNS`. That something was learnt must show: the beginning stands `LEARNT` standard errors above the second half, or the fall is as sure; or training and validation go up and down `TOGETHER`, training to twice as high and more, and nothing tells how poor the level is; or, where validation swings too, and by `PLAIN` of what guessing costs, an accuracy that got better or is good; or it turns as said; or a metric whose zero means something, an accuracy or an error, swings by
    `MARKED` of its level. Noise between single steps is the batch's: where values are logged within an epoch, as many as ten are averaged in thought, and without a validation swings are information: of batches' noise they cannot be told. A run of fewer than `ENOUGH`
    values swings where training and validation go up again by `WENT_UP` of their fall, their highest move left out, and right answers come and go. What only came to what guessing scores has learnt nothing. Where a logged rate goes up again and again, the schedule swings.

When it is wrong
    Without validation, very small batches look the same; adversarial losses swing by what they are.

Sources
    Google ML course, "Interpreting loss curves": an oscillating loss wants a lower learning rate and cleaner data.
    Stanford CS231n notes: the wiggle of the loss is related to the batch size.
"""

from diagnosis.check_fixes import highest_losses
from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.rate import cycles, rate_at
from diagnosis.features.skill import SHARES, learns
from diagnosis.features.stuck import gets_nowhere
from diagnosis.features.swings import AVERAGED, MARKED, doubles, measure_swings
from diagnosis.features.wander import WENT_UP  # noqa: F401 - the page names it
from diagnosis.few_swings import swings_of_few
from diagnosis.fixes import cosine, larger_batch, lower, too_high
from diagnosis.fixes import learning_rate as slower
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, Skipped, percent, rule
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

ENOUGH = 20  # values: fewer have no second half to speak of
WIDE = 0.20  # share of progress: standard deviation from value to value, or about the smooth course
TOGETHER = 0.7  # correlation of what both do from value to value: then half of it is enough, for noise is not shared
HOT = 0.05  # likewise, at a rate far too high, where validation swings by half of `WIDE`
ALONE = 0.30  # likewise, where validation is calm; batches' noise stays below 0.25 in benchmarks/
CALMING = 0.5  # of the moves of the two quarters before: a last quarter below is settling
LEARNT = 4.0  # standard errors of the beginning above the second half, or of the slope: else nothing was learnt
TURNS = 3.0  # standard errors more often than noise turns: one in a thousand curves of noise does
SEEN = 0.01  # of what guessing costs, where that is known; nobody would notice less
PLAIN = 0.1  # of what guessing costs: swings as wide are no noise of a run at rest, whatever was gained since its first value
NOWHERE = 0.01  # times the rate, where nothing was learnt at it: a tenth swings as well
PARTS = 8  # of the run: a rate that rises in every two of those of the second half goes up again and again
SURE, UNSURE = 0.99, 0.70  # the most one can be sure; of 32 logs of single batches that swung, 21 had too high a rate
STAYS = ("Would be overturned if the same swings stayed at a tenth of the learning rate.",)
BATCHES = "Single batches were logged: their noise looks the same; log a validation loss, or a fixed sample's."
CAUSES = (Cause("The learning rate is too high.", "Log the loss of a fixed sample: it swings, at a tenth of the rate less."),
          Cause("The batch is too small.", "Log the loss of a fixed sample: it is calm."))  # fmt: skip
EXAMPLES = (
    Fires("swings by a third of its progress", run(loss=falling(start=2.3, floor=1.2, noise=0.36))),
    Quiet("ordinary noise", run(loss=falling(start=2.3, floor=1.2, noise=0.08))),
)


@rule(
    severity=("warning", "info"), about="stability", causes=CAUSES, examples=EXAMPLES, points=10, not_of_rewards="episodes scatter by what they are",
    supersedes=("not_learning", "underfitting", "loss_spike", "plateau", "noisy_validation"),
    exempt={"scale": "with num_classes, swings are held against what guessing costs"},
)  # fmt: skip
def check(train_loss: Measured, learning_rate: Measured | None, context: Context, features: Features) -> Finding | Skipped | None:  # noqa: C901 - the order of witnesses  # fmt: skip
    """Compare the scatter of the second half with the progress."""
    if train_loss.resumed:
        return Skipped(f"the log begins at {train_loss.position(0)}: what was gained before is not known")
    if train_loss.n < ENOUGH:
        return swings_of_few(train_loss, features, CAUSES, STAYS, ENOUGH)
    hot = too_high(context)  # then validation's swings are the rate's, though training averages them away
    if (swings := measure_swings(train_loss, features, HOT if hot else AVERAGED * WIDE)) is None:
        return None
    share, validated = swings.share, swings.validated
    both, turns = AVERAGED * WIDE if hot or swings.together > TOGETHER else WIDE, swings.turns > TURNS
    shared = validated is not None and validated > both
    wide = HOT if shared and hot else AVERAGED * WIDE if shared else WIDE if turns or validated is None else ALONE
    if share <= wide or swings.calming < CALMING:
        return None
    rate, guessing = rate_at(learning_rate, train_loss.curve), features.guess.level if features.guess else None
    plain = shared and guessing is not None and swings.of(guessing) > PLAIN  # a run at rest scatters by far less
    right = next((m for m in features.metrics if plain and m.curve.metric in SHARES and learns(m, context)), None)
    nowhere = gets_nowhere(train_loss, features)
    gained = swings.learnt > LEARNT and not nowhere
    alike = shared and features.gap is not None and swings.together > TOGETHER and features.skill is None and doubles(train_loss)  # fmt: skip
    learnt = gained or alike or right is not None
    alone = swings.marked > MARKED and not nowhere and (shared or validated is None)
    scheduled = rate is not None and cycles(rate[rate.size // 2 :], rate.size / PARTS)
    if scheduled or not (learnt or turns or alone) or (guessing and swings.of(guessing) < SEEN):
        return None
    second, why = "standard deviation over the second half of the run", "Swings shrink with the step."
    if learnt:
        summary = f"swings by ±{percent(share)} of its progress over the second half of the run"
        evidence = [Evidence("scatter", share, wide, PROGRESS, second)]
        if gained:
            evidence += [Evidence("learnt", swings.learnt, LEARNT, ERRORS, "what was learnt: the beginning above the second half, or the slope of that")]  # fmt: skip
        elif right:
            evidence += [Evidence("right", right.right(right.end), None, "of all answers", f"right by {right.name}: something was learnt")]  # fmt: skip
        if validated is not None and shared:
            evidence += [Evidence("scatter_of_validation", validated, both, PROGRESS, "the same of validation: the weights themselves swing")]  # fmt: skip
    elif turns:
        summary = "goes up and down from value to value, and gets nowhere"
        evidence = [Evidence("turns", swings.turns, TURNS, ERRORS, "how much oftener it turns than noise, which does at two values in three")]  # fmt: skip
    else:
        summary = f"swings and gets nowhere, and its metric by ±{percent(swings.marked)} of its level"
        evidence = [Evidence("scatter_of_metric", swings.marked, MARKED, "share of its level", second)]
    evidence += [Evidence("calming", swings.calming, CALMING, "times the two quarters before", "size of the moves in the last quarter of the run")]  # fmt: skip
    unsure = swings.batches and not turns
    return Finding(
        summary=f"Oscillation: {train_loss.name} {summary}.",
        evidence=tuple(evidence),
        series=(train_loss.name, *((features.val_loss.name,) if features.val_loss and shared else ())),
        since=train_loss.position(train_loss.index_after(0.5)), points=train_loss.n,
        severity="info" if unsure else "warning", ceiling=UNSURE if unsure else SURE,
        against=(BATCHES, *STAYS) if unsure else STAYS,
        fixes=(
            lower(context, why) if learnt or too_high(context) else slower(context, NOWHERE, why),
            cosine("A falling rate settles by itself."), *larger_batch(context, "Swings shrink with the square root of its size.", (share / wide) ** 2),
            highest_losses(context, "A few that are broken make some batches jump."),
        ),
    )  # fmt: skip
