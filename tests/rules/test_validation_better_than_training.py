import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.lead import OFTEN, SHARE, SIGMAS
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.validation_better_than_training import ACTIVE, EASIER, LARGE, LEAK, PENALTY
from diagnosis.run import Context
from diagnosis.synthetic import falling, run
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["validation_better_than_training"]
judge, found = ask("validation_better_than_training")
N = 100
TRAIN = falling(start=1.0, floor=0.0, n=N, noise=0.0)
LEARNT = float(TRAIN[0] - TRAIN[-1])
JITTER = np.random.default_rng(0).standard_normal((2, N))


@pytest.mark.parametrize(("times", "fires"), [(1.05, True), (0.95, False)])
def test_better_by_the_named_share_of_what_was_learnt_fires(times: float, *, fires: bool):
    """By less, nobody would see it."""
    assert fires == (judge(loss=TRAIN, val_loss=TRAIN - times * SHARE * LEARNT) is not None)


def test_it_must_be_beyond_the_noise():
    """The faintest that fires is the named number of standard errors."""

    def noisy(calm: float) -> dict[str, np.ndarray]:
        return {"loss": TRAIN + JITTER[0] / calm, "val_loss": TRAIN - 0.05 + JITTER[1] / calm}

    calm = faintest(lambda calm: judge(**noisy(calm)) is not None, 2.0, 100.0)

    assert numbers(found(**noisy(calm)))["better_over_noise"].value >= SIGMAS


def test_it_may_jump_if_it_is_always_better():
    """What training learnt is held against its own noise."""
    loss, jumps = 1.0 + 0.1 * TRAIN, 0.05 * JITTER[0]

    assert judge(loss=loss, val_loss=loss - 0.3 + jumps) is not None
    assert judge(loss=loss + jumps, val_loss=loss - 0.3) is None


@pytest.mark.parametrize(("share", "fires"), [(OFTEN + 0.08, True), (OFTEN - 0.08, False)])
def test_it_must_be_better_most_of_the_time(share: float, *, fires: bool):
    """A curve that is better now and worse then is neither."""
    val = TRAIN + np.where(np.arange(N) < N - 0.5 * N * share, 0.1, -0.1)

    assert fires == (judge(loss=TRAIN, val_loss=val) is not None)


@pytest.mark.parametrize("tau", [0.3, 0.6, 1.0])
def test_what_half_an_epoch_of_averaging_explains_is_quiet(tau: float):
    """Validation measures the end of the epoch over which training is averaged."""
    fine = falling(start=2.0, floor=0.0, tau=tau, n=12 * 50, noise=0.0)
    val = fine[49::50]

    assert judge(loss=fine.reshape(12, 50).mean(axis=1), val_loss=val) is None
    assert judge(loss=fine.reshape(12, 50).mean(axis=1), val_loss=val - 0.1) is not None


@pytest.mark.parametrize(("times", "severity"), [(1.05, "warning"), (0.95, None)])
def test_a_large_difference_is_a_warning(times: float, severity: str | None):
    """Once training is over, where the caller leaves neither dropout nor augmentation to explain it."""
    series = {"loss": TRAIN, "val_loss": TRAIN - times * LARGE * LEARNT}

    for context in (Context(dropout=0.0), Context(augmentation=False)):
        assert severity == found(context, **series).severity


@pytest.mark.parametrize(
    "context",
    [
        Context(),
        Context(dropout=0.5),
        Context(dropout=0.0, augmentation="mixup"),
        Context(dropout=0.0, finished=False),
    ],
)
def test_a_large_difference_that_may_be_meant_is_none(context: Context):
    """Mixup, heavy augmentation and dropout make one of half of what was learnt in good runs."""
    assert found(context, loss=TRAIN, val_loss=TRAIN - 2 * LARGE * LEARNT).severity is None


def test_causes_are_ordered_by_what_is_known():
    """Dropout first, leakage last; the bare loss where the accuracy is no better; the split where there is no dropout."""
    series = {"loss": TRAIN, "val_loss": TRAIN - 0.1}
    accuracy = {"accuracy": 1 - TRAIN, "val_accuracy": 1 - TRAIN}
    ahead = {"accuracy": 0.8 - 0.8 * TRAIN, "val_accuracy": 0.9 - 0.8 * TRAIN}
    bare = Context(dropout=0.0, augmentation=False)

    assert (ACTIVE, LEAK) == (found(**series).causes[0], found(**series).causes[-1])
    assert found(Context(dropout=0.3), **series).causes[0] == ACTIVE
    assert found(bare, **series, **accuracy).causes[0] == PENALTY
    assert found(bare, **series, **ahead).causes[0] == EASIER
    assert all(set(found(c, **series).causes) == set(RULE.causes) for c in (bare, Context(dropout=0.3)))


def test_the_first_fix_is_to_measure_alike():
    """It tells at once how much of it is how training is measured."""
    assert found(loss=TRAIN, val_loss=TRAIN - 0.1).fixes[0].action == "use_eval_mode"


def test_it_does_not_spoil_a_healthy_run():
    """Information, not an alarm."""
    report = diagnose(run(loss=TRAIN + 0.01 * JITTER[0], val_loss=TRAIN - 0.1 + 0.01 * JITTER[1]))

    assert report.status == "healthy"
    assert "validation_better_than_training" in {j.condition for j in report.findings}


LOOK_ALIKES = {
    "as good": (TRAIN, TRAIN),
    "worse": (TRAIN, TRAIN + 0.2),
    "better only in the first epochs": (TRAIN, TRAIN - np.where(np.arange(N) < N // 3, 0.2, 0.0)),
    "nothing learnt": (1 + 0.1 * JITTER[0], 0.5 + 0.1 * JITTER[1]),
    "flat": (np.full(N, 1.0), np.full(N, 0.5)),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """And so do the first few epochs of a healthy run."""
    train, val = LOOK_ALIKES[name]

    assert judge(loss=train, val_loss=val) is None


def test_without_both_losses_or_with_too_few_values_it_is_skipped():
    """And the reason names what is lacking."""
    short = RULE.points - 1

    assert judge(val_loss=TRAIN) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=TRAIN[:short], val_loss=TRAIN[:short] - 0.3), Skipped)


@pytest.mark.parametrize(("dips", "fires"), [(0.0, True), (0.05, False)])
def test_a_lead_that_is_large_and_steady_needs_less_proof(dips: float, *, fires: bool):
    """Validations that jump, all of them a twentieth of what was learnt below training but where the lead dips."""
    loss = falling(start=1.3, floor=0.2, n=12, noise=0.002)
    lead = 0.06 - 0.03 * np.random.default_rng(2).standard_normal(12)
    lead[8:10] -= dips

    assert (judge(loss=loss, val_loss=loss - lead) is not None) == fires


@pytest.mark.parametrize(("gained", "fires"), [(0.09, True), (0.0, False)])
def test_a_training_that_shows_nothing_learnt_may_hide_what_validation_shows(gained: float, *, fires: bool):
    """Then the lead is held against what validation gained; where that learnt nothing either, one is harder than the other."""
    noise = 0.01 * np.random.default_rng(0).standard_normal((2, 25))
    validation = 1.09 - gained * (1.0 - np.exp(-np.arange(25) / 3)) + 0.5 * noise[1] - (0.0 if gained else 0.06)
    finding = judge(loss=1.075 + noise[0], val_loss=validation)

    assert fires == isinstance(finding, Finding)
    assert not isinstance(finding, Finding) or "val_loss is 0.0" in finding.summary


@pytest.mark.parametrize(("dropout", "action"), [(0.8, "decrease_regularization"), (0.2, "use_eval_mode")])
def test_where_hardly_any_unit_is_left_in_training_it_is_taken_away_first(dropout: float, action: str):
    """What a dropout of 0.8 leaves of the model is the question, not how training is measured."""
    curves = {"loss": falling(start=2.5, floor=0.5), "val_loss": falling(floor=0.3, seed=1)}

    assert action == found(Context(dropout=dropout), **curves).fixes[0].action


@pytest.mark.parametrize(("tau", "said"), [(0.6, True), (0.02, False)])
def test_averaging_that_explains_nothing_is_not_said_to_be_taken_out(tau: float, *, said: bool):
    """Of a loss at rest half an epoch is nothing."""
    fine = falling(start=2.0, floor=0.0, tau=tau, n=12 * 50, noise=0.0)
    finding = found(loss=fine.reshape(12, 50).mean(axis=1), val_loss=fine[49::50] - 0.1)

    assert said == ("averaging taken out" in finding.summary)
    assert said == ("averaging taken out" in finding.evidence[0].says)


@pytest.mark.parametrize(("times", "told"), [(8.0, True), (8.5, False)])
def test_a_training_loss_that_is_a_whole_number_of_times_validations_is_a_sum(times: float, *, told: bool):
    """Over as many accumulated batches: no dropout does that, and no easier split."""
    val_loss = 0.6 + 2.0 * np.exp(-np.arange(40) / 15.0)
    first = found(loss=times * np.exp(0.5 / 15.0) * (val_loss - 0.6) + times * 0.6, val_loss=val_loss).causes[0]

    assert told == ("8 times validation's all along: a sum over 8 accumulated batches" in first.cause)


def test_a_lead_that_was_there_before_anything_was_learnt_is_no_dropouts():
    """In a straight fall of a hundred epochs the first tells hardly less than the last: the split, or a term of the loss."""
    line = np.linspace(4.1, 3.9, N)

    assert found(loss=line, val_loss=line - 0.1).causes[0] == EASIER
    assert found(Context(augmentation="mixup"), loss=line, val_loss=line - 0.1).causes[0] == ACTIVE


@pytest.mark.parametrize(
    ("context", "advised"),
    [
        (Context(val_size=360), False),
        (Context(augmentation=True), False),
        (Context(dropout=0.3), False),
        (Context(val_size=120), True),
        (Context(), True),
    ],
)
def test_more_examples_are_asked_for_where_luck_of_the_draw_may_be_the_reason(context: Context, *, advised: bool):
    """Of so many there is hardly any, and elsewhere the reason is known."""
    fixes = {fix.action for fix in found(context, loss=TRAIN, val_loss=TRAIN - 0.1).fixes}

    assert advised == ("enlarge_validation_set" in fixes)
