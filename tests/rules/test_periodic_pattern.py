import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.repetition import HIGH
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, flat, run, spiked
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["periodic_pattern"]
judge, found = ask("periodic_pattern")
EPOCHS, STEPS = 8, 50
N = EPOCHS * STEPS
RNG = np.random.default_rng
ORDER = np.tile(RNG(0).standard_normal(STEPS), EPOCHS)
FALL = falling(n=N, noise=0.05)
STAIR = 2.0 - 0.2 * (np.arange(N) // STEPS) + 0.03 * RNG(1).standard_normal(N)
MEAN = np.concatenate([np.cumsum(e) / np.arange(1, STEPS + 1) for e in falling(n=N, noise=0.1, tau=0.5).reshape(EPOCHS, STEPS)])  # fmt: skip


def by_step(loss: np.ndarray, context: Context | None = None, **others: np.ndarray) -> Run:
    """A loss logged every step, from step 1, beside curves logged likewise."""
    steps = np.arange(1.0, loss.size + 1)
    series = [Series("loss", loss, steps, "step"), *(Series(k, v, steps, "step") for k, v in others.items())]
    return assemble(Log(tuple(series), "example"), context or Context(steps_per_epoch=STEPS))


def told(run: Run) -> Finding:
    """The finding about a run."""
    finding = RULE.judge(measure(run))
    assert isinstance(finding, Finding)
    return finding


def test_data_in_the_same_order_are_to_be_shuffled():
    """With the period, the share of it, and where it is highest."""
    finding = told(by_step(FALL + 0.3 * ORDER))

    assert "every 50 steps, one epoch" in finding.summary
    assert "same order" in finding.causes[0].cause
    assert ["shuffle_data", "skip_batches", "average_over_epoch"] == [fix.action for fix in finding.fixes]
    assert numbers(finding)["predicted"].value > 0.9
    places = next(fix for fix in finding.fixes if fix.action == "skip_batches").params["at"]
    assert all(abs((place - 1) % STEPS - ORDER[:STEPS].argmax()) <= 2 for place in places)


def test_without_the_length_of_an_epoch_the_period_is_found_as_well():
    """It is only said that it is one epoch where that is known."""
    finding = told(by_step(FALL + 0.3 * ORDER, Context()))

    assert "every 50 steps;" in finding.summary


def test_what_repeats_from_one_validation_to_the_next_is_told_so_and_puts_no_rate_first():
    """Nobody said how many steps an epoch has; a loss that jumps where it is validated goes by the data."""
    at = np.arange(STEPS, N + 1.0, STEPS)
    restarts = FALL - 0.3 * (np.arange(N) % STEPS) / STEPS
    series = (
        Series("loss", restarts, np.arange(1.0, N + 1), "step"),
        Series("val_loss", falling(n=at.size), at, "step"),
    )
    finding = told(assemble(Log(series, "example"), Context()))

    assert "every 50 steps, from one validation to the next;" in finding.summary
    assert "same order" in finding.causes[0].cause


def test_a_sawtooth_without_a_logged_rate_may_be_a_rate_that_restarts():
    """It asks for the rate before it asks to shuffle; a rate that is logged, or a period of one epoch, speaks for the data."""
    restarts = FALL - 0.3 * (np.arange(N) % STEPS) / STEPS
    unknown, epoch = told(by_step(restarts, Context())), told(by_step(restarts))
    level = told(by_step(restarts, Context(), lr=np.full(N, 0.1)))

    assert ["schedule_learning_rate", "shuffle_data"] == [fix.action for fix in unknown.fixes]
    assert "learning rate goes up" in unknown.causes[0].cause
    assert epoch.fixes[0].action == level.fixes[0].action == "shuffle_data"


def test_whole_epochs_have_no_batches_to_look_at():
    """What is logged once an epoch names no batch."""
    finding = found(loss=FALL + 0.3 * ORDER)

    assert ["shuffle_data", "average_over_epoch"] == [fix.action for fix in finding.fixes]


def test_a_mean_that_starts_anew_harms_only_the_log():
    """The first fix is to log otherwise."""
    finding = told(by_step(MEAN))

    assert "harms only the log" in finding.summary
    assert "mean that starts anew" in finding.causes[0].cause
    assert finding.fixes[0].action == "average_over_epoch"


def test_a_step_down_each_epoch_is_learning_by_heart():
    """Stop earlier, and regularise."""
    finding = told(by_step(STAIR))

    assert "by heart" in finding.causes[0].cause
    assert ["stop_early", "increase_regularization"] == [fix.action for fix in finding.fixes][:2]


def test_stairs_stand_after_the_overfitting_that_they_tell_of_and_waves_before():
    """What is learnt by heart costs on validation; a wave spoils what is learnt from."""
    turned = {"val_loss": np.interp(np.arange(STAIR.size), [0, 40, STAIR.size], [1.2, 0.9, 1.4])}
    stairs, waves = (diagnose(run(loss=loss, **turned)).findings for loss in (STAIR, FALL + 0.3 * ORDER))

    assert ["overfitting", "periodic_pattern"] == [judged.condition for judged in stairs[:2]]
    assert "periodic_pattern" == waves[0].condition


def test_a_rate_that_restarts_with_it_explains_it():
    """Logged, or said to restart with another period than the epoch's."""
    wave = FALL + 0.3 * np.tile(RNG(4).standard_normal(40), N // 40)
    saw = 0.1 * (1.01 - np.arange(N) % 40 / 40)

    assert RULE.judge(measure(by_step(wave, lr=saw))) is None
    assert RULE.judge(measure(by_step(wave, Context(scheduler="cosine_with_restarts")))) is None
    assert RULE.judge(measure(by_step(wave, lr=np.linspace(0.1, 0.0, N)))) is not None


def test_a_known_rate_is_no_longer_among_the_causes():
    """It did not go up."""
    unknown, known = told(by_step(FALL + 0.3 * ORDER)), told(by_step(FALL + 0.3 * ORDER, lr=np.full(N, 0.1)))

    assert len(unknown.causes) == len(known.causes) + 1


def test_steps_of_a_stepped_rate_are_the_schedules():
    """A loss that steps down with it is as it should be."""
    rate = 0.5 ** (np.arange(N) // STEPS)

    assert RULE.judge(measure(by_step(STAIR, lr=rate))) is None


def test_a_cycle_lower_than_the_named_share_of_progress_is_not_worth_a_word():
    """Nobody would notice it on the curve."""
    clean = falling(n=N, noise=0.0)
    height = faintest(lambda height: judge(loss=clean + height * ORDER) is not None, 1e-4, 0.3)

    assert numbers(found(loss=clean + height * ORDER))["height"].value == pytest.approx(HIGH, rel=1e-3)


def test_epochs_may_be_periodic_as_well():
    """Shards that come round every five epochs."""
    rng = RNG(9)
    shards = np.tile(rng.standard_normal(5), 20)
    finding = found(loss=falling(n=100) + 0.3 * shards)

    assert "every 5 epochs" in finding.summary


def test_it_is_steady_from_a_third_of_the_run():
    """Fed epoch by epoch."""
    values = FALL + 0.5 * ORDER
    verdicts = [isinstance(RULE.judge(measure(by_step(values[: k * STEPS]))), Finding) for k in range(4, EPOCHS + 1)]

    assert all(verdicts)


def test_it_explains_swings_and_spikes():
    """They are what comes again."""
    report = diagnose(by_step(FALL + 1.0 * ORDER))

    assert "periodic_pattern" in {j.condition for j in report.findings}
    assert not {"oscillation", "loss_spike"} & {j.condition for j in report.findings}


LOOK_ALIKES = {
    "ordinary noise": falling(n=N, noise=0.2),
    "wander": FALL + 0.02 * np.cumsum(RNG(2).standard_normal(N)),
    "spikes here and there": spiked(FALL, at=(60, 175, 201, 333), height=1.0),
    "a level": flat(n=N),
    "one wave": FALL + np.sin(np.arange(N) * 2 * np.pi / N),
    "a fall without noise": falling(n=N, noise=0.0),
    "a fall like 1/x": 1.0 / (1.0 + np.arange(N)),
}


@pytest.mark.parametrize("context", [Context(), Context(steps_per_epoch=STEPS)])
@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str, context: Context):
    """Whether or not the length of an epoch is known."""
    assert RULE.judge(measure(by_step(LOOK_ALIKES[name], context))) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """Three cycles need some values."""
    assert judge(val_loss=falling()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=falling(n=RULE.points - 1)), Skipped)
    assert run(loss=falling()).curves


@pytest.mark.parametrize("loss", [FALL + 0.3 * ORDER, MEAN, STAIR], ids=["profile", "mean", "stair"])
def test_what_is_said_to_be_shuffled_is_not_blamed_for_its_order(loss: np.ndarray):
    """The other explanations are left, and no place of the cycle has batches of its own to look at."""
    finding = told(by_step(loss, Context(steps_per_epoch=STEPS, shuffle=True)))
    ordered = told(by_step(loss, Context(steps_per_epoch=STEPS)))
    advised = {fix.action for fix in diagnose(by_step(loss, Context(shuffle=True))).findings[0].fixes}

    assert any("same order" in cause.cause for cause in ordered.causes)
    assert not any("same order" in cause.cause for cause in finding.causes)
    assert "same order" not in finding.summary
    assert len(finding.causes) == 5
    assert advised
    assert not {"shuffle_data", "skip_batches"} & advised


def test_of_shuffled_data_and_a_logged_rate_it_is_something_done_in_every_cycle():
    """Neither the order nor the rate is left to blame for a profile of its own."""
    finding = told(by_step(FALL + 0.3 * ORDER, Context(shuffle=True), lr=np.full(N, 0.1)))

    assert "once in every cycle" in finding.causes[0].cause
    assert "said to be shuffled" in finding.summary
    assert ["average_over_epoch"] == [fix.action for fix in finding.fixes]


def test_steps_that_were_logged_beside_the_mean_of_an_epoch_are_looked_at():
    """Lightning logs one quantity twice: sorted data show in its steps alone."""
    rng = np.random.default_rng(4)
    steps = np.tile(rng.standard_normal(32), 12) * 0.3 + 2.3 + 0.02 * rng.standard_normal(32 * 12)
    epochs = steps.reshape(12, 32).mean(axis=1)
    series = (
        Series("train_loss_step", steps, np.arange(steps.size, dtype=float), "step"),
        Series("train_loss_epoch", epochs, np.arange(12.0), "epoch"),
        Series("val_loss", np.linspace(2.31, 2.30, 12), np.arange(12.0), "epoch"),
    )
    finding = told(assemble(Log(series, "lightning_csv")))

    assert "train_loss_step repeats every 32 steps" in finding.summary
    assert "shuffle_data" == finding.fixes[0].action


def test_spikes_at_like_distances_in_shuffled_data_are_spikes():
    """Between them nothing repeats: they are told with the steps from one to the next, and looked at first."""
    loss = 1.0 + falling(n=690, noise=0.2)
    loss[200::61] += 20.0 + 5.0 * RNG(3).standard_normal(loss[200::61].size)
    asked = by_step(loss, Context(steps_per_epoch=46, shuffle=True))
    said = all_rules()["loss_spike"].judge(measure(asked))

    assert RULE.judge(measure(asked)) is None
    assert isinstance(said, Finding)
    assert "one every 61 steps" in said.summary
    assert said.fixes[0].action == "skip_batches"
