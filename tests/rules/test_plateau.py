import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.noise import noise_level
from diagnosis.features.plateau import LENGTH_SHARE
from diagnosis.features.rest import GAIN, LEARNT, LENGTH, NOISY, PLANNED, VALUES
from diagnosis.features.schedule import ANNEALED as DECAYED
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.plateau import CLIMBING, CREEPS, DROP, RESTED
from diagnosis.run import Context
from diagnosis.synthetic import by_step, falling, flat, run
from tests.rules.asking import ask, numbers

RULE = all_rules()["plateau"]
judge, found = ask("plateau")
N = 100


def resting(since: int = 50) -> np.ndarray:
    """A straight fall from 1 to 0 that rests from an index on."""
    return np.interp(np.arange(N), [0, since], [1.0, 0.0])


def actions(finding: Finding) -> list[str]:
    """What is advised, in order."""
    return [fix.action for fix in finding.fixes]


def test_a_rest_as_long_as_the_named_share_fires():
    """Just over it, and not just under it."""
    rest = int(N * LENGTH)
    long = np.concatenate((np.linspace(1.0, 0.3, N - rest - 3), np.zeros(rest + 3)))
    short = np.concatenate((np.linspace(1.0, 0.3, N - rest + 4), np.zeros(rest - 4)))
    finding = found(loss=long)

    assert LENGTH > LENGTH_SHARE
    assert judge(loss=short) is None
    assert numbers(finding)["length"].value == pytest.approx(LENGTH, abs=0.05)
    assert numbers(finding)["length"].bound == LENGTH


def test_what_never_moved_has_no_plateau():
    """Progress must be more than the named number of noise levels."""
    jitter = np.where(np.arange(N) % 2, 0.1, -0.1)
    noise = noise_level(jitter)
    for times, fires in ((1.15, True), (0.85, False)):
        assert fires == (judge(loss=times * LEARNT * noise * resting() + jitter) is not None)


@pytest.mark.parametrize("since", [30, 50, 70])
def test_since_is_where_the_rest_began(since: int):
    """Within a few epochs, and the summary says for how much of the run."""
    finding = found(loss=resting(since))

    assert finding.since is not None
    assert abs(finding.since.at - since) <= 5
    assert f"since {finding.since}" in finding.summary


@pytest.mark.parametrize(("noise", "fires"), [(1.3, False), (0.5, True)])
def test_within_much_noise_training_must_rest_as_well(noise: float, *, fires: bool):
    """A validation that swings by a good part of its progress would hide what training still gains."""
    swinging = resting() + noise * NOISY * np.random.default_rng(5).standard_normal(N)

    assert fires == (judge(loss=np.linspace(1, 0, N), val_loss=swinging) is not None)
    assert judge(loss=resting(), val_loss=swinging) is not None


def test_validation_is_watched_where_it_was_logged():
    """A training loss that still falls does not keep validation's plateau from being said."""
    assert found(loss=np.linspace(1, 0, N), val_loss=resting()).series == ("val_loss",)
    assert judge(loss=resting(), val_loss=np.linspace(1, 0, N)) is None


def test_the_slope_that_is_left_is_told_in_shares_of_progress():
    """Per tenth of the run, between its bounds."""
    drift = np.interp(np.arange(N), [50, N - 1], [0.0, -0.01])
    slope = numbers(found(loss=resting() + drift))["slope"]

    assert slope.value == pytest.approx(-0.01 * (N - 1) / 10 / 49, rel=0.1)
    assert "between -0." in slope.says


def test_fixes_stop_restore_or_drop_the_rate_at_that_epoch():
    """With the position as logged."""
    finding = found(loss=resting())
    fixes = {fix.action: fix.params for fix in finding.fixes}

    assert ["stop_early", "restore_best", "schedule_learning_rate"] == list(fixes)
    assert finding.since is not None
    assert fixes["schedule_learning_rate"] == {"kind": "step", "at": finding.since.at, "factor": DROP}


@pytest.mark.parametrize(("last", "advised"), [(1.1 * DECAYED, True), (0.9 * DECAYED, False)])
def test_a_rate_that_was_lowered_already_is_not_lowered_again(last: float, *, advised: bool):
    """Down to the named share of its highest."""
    rates = np.interp(np.arange(N), [0, 10, N - 1], [0.1, 1.0, last])

    assert advised == ("schedule_learning_rate" in actions(found(loss=resting(), lr=rates)))


@pytest.mark.parametrize(("scheduler", "asks"), [(None, True), ("none", True), ("step", False), ("cosine", False)])
def test_a_schedule_that_is_still_to_come_is_waited_for(scheduler: str | None, *, asks: bool):
    """A pause before a scheduled drop looks the same."""
    finding = found(Context(scheduler=scheduler), loss=resting())

    assert asks == finding.asks
    assert asks == (len(finding.against) == 1)


@pytest.mark.parametrize(("times", "asks"), [(1.5, False), (0.5, True)])
def test_a_metric_that_still_climbs_is_waited_for(times: float, *, asks: bool):
    """By more than the named share of its progress in the last quarter."""
    last = times * CLIMBING
    climbing = np.interp(np.arange(N), [0, 74, N - 1], [0.0, 1.0 - last, 1.0])
    finding = found(loss=resting(), val_loss=resting(), val_accuracy=climbing)

    assert asks == finding.asks
    assert asks != any("val_accuracy still improves" in line for line in finding.against)
    assert asks == (finding.fixes[0].action == "stop_early")
    assert asks or finding.fixes[0].params == {"to": "val_accuracy"}


def test_a_metric_that_is_watched_itself_is_no_witness():
    """Accuracies alone: the one that rests is the one that is judged."""
    finding = found(accuracy=1 - resting(), val_accuracy=1 - resting())

    assert finding.series == ("val_accuracy",)
    assert finding.asks


def test_it_is_only_worth_knowing():
    """A finished run with a plateau is healthy, and nothing is asked of it; a running one may stop."""
    over, running = diagnose(run(loss=resting())), diagnose(run(Context(finished=False), loss=resting()))

    assert ("healthy", "none") == (over.status, over.decision.action)
    assert ("healthy", "stop") == (running.status, running.decision.action)
    assert running.decision.because == ("plateau",)


def test_look_alikes_stay_quiet():
    """A long power-law tail, a fall that goes on, a level that never moved."""
    for values in (np.arange(1.0, 401) ** -0.3, falling(tau=0.5, n=N), flat(n=N, noise=0.0)):
        assert judge(loss=values) is None


def test_it_is_skipped_without_a_loss_or_with_too_few_values():
    """Fewer cannot tell a rest from a pause."""
    assert judge(lr=falling()) == Skipped("lacks a loss")
    assert isinstance(judge(loss=np.ones(RULE.points - 1)), Skipped)


def test_the_position_is_that_of_the_log():
    """A rest found in steps is said in steps, at one that was logged."""
    steps = 50.0 * np.arange(N)
    drift = np.interp(np.arange(N), [50, N - 1], [0.0, -0.01])
    log = Log((Series("loss", resting() + drift, 1000.0 + steps, "step"),), "test")
    finding = RULE.judge(measure(assemble(log)))

    assert isinstance(finding, Finding)
    assert finding.since is not None
    assert finding.since.axis == "step"
    assert finding.since.at in 1000.0 + steps
    assert abs(finding.since.at - 1000 - 50 * 50) <= 5 * 50
    assert numbers(finding)["slope"].value == pytest.approx(-0.01 * (N - 1) / 10 / 49, rel=0.1)


def test_a_loss_that_halves_again_and_again_is_at_no_rest():
    """Flat against the whole fall, and still a decade down over the second half; a floor makes it one."""
    decades = 10.0 ** -np.linspace(0, 4, N)

    assert judge(loss=decades) is None
    assert found(loss=decades + 0.01) is not None


def test_a_schedule_that_has_run_out_is_named():
    """A tenth of the run at next to no rate: that the loss stands still there says nothing about the model."""
    rates = np.where(np.arange(N) < N // 2, 0.1, 1e-5)
    course = np.interp(np.arange(N), [0, N // 2], [2.0, 1.0])
    stopped = found(loss=course, lr=rates)

    assert "the schedule ended the run" in stopped.summary
    assert stopped.causes[0].cause.startswith("The schedule has run out")
    assert "schedule_learning_rate" not in {fix.action for fix in stopped.fixes}
    assert "the schedule ended" not in found(loss=course, lr=np.full(N, 0.1)).summary


@pytest.mark.parametrize(("floor", "creeps"), [(250.0, True), (390.0, False)])
def test_of_a_loss_that_learnt_a_far_mean_first_small_changes_are_worth_waiting_for(floor: float, *, creeps: bool):
    """By what the mean was worth it hardly moves, and by its own level it does; of classes there is no far mean."""
    loss = np.concatenate((np.geomspace(11000.0, 400.0, 12), np.linspace(399.0, floor, N - 12))) + flat(n=N, level=0.0)
    made, counted = found(val_loss=loss, loss=loss), found(val_loss=loss, loss=loss, val_accuracy=flat(n=N, level=0.9))

    assert [creeps, False] == [CREEPS in finding.against for finding in (made, counted)]
    assert "stop_early" == made.fixes[0].action
    assert creeps == (made.fixes[0].params["min_delta"] < 0.011 * loss[-1])


def test_a_poor_run_that_goes_on_is_not_told_to_stop():
    """It wants a change."""
    course = np.interp(np.arange(N), [0, N // 2], [2.3, 2.0])

    assert not found(Context(num_classes=10, finished=False), loss=course).asks
    assert found(Context(num_classes=10, finished=True), loss=course).asks
    assert found(Context(finished=False), loss=course).asks


@pytest.mark.parametrize(("times", "asks"), [(0.9, False), (1.1, True)])
def test_a_run_that_goes_on_is_stopped_once_it_has_rested_for_long(times: float, *, asks: bool):
    """Shorter rests are reported, and end nothing."""
    rested = found(Context(finished=False), loss=resting(since=round(N * (1.0 - times * RESTED))))

    assert asks == rested.asks


@pytest.mark.parametrize(("times", "asks"), [(0.8, False), (1.3, True)])
def test_a_run_that_goes_on_is_not_stopped_for_few_values(times: float, *, asks: bool):
    """A rest of a few values may be chance, however large a share of a young run it is."""
    n = round(times * VALUES / 0.6)
    rested = found(Context(finished=False), loss=np.interp(np.arange(n), [0, round(0.4 * n)], [1.0, 0.0]))

    assert numbers(rested)["length"].value >= RESTED
    assert asks == rested.asks


@pytest.mark.parametrize(("times", "asks"), [(0.9, False), (1.1, True)])
def test_a_run_that_has_much_before_it_is_not_stopped(times: float, *, asks: bool):
    """A rest is held against what was planned."""
    loss = resting(since=40)
    share = numbers(found(loss=loss))["length"].value
    planned = round(N * share / (times * PLANNED))

    assert asks == found(Context(finished=False, planned_epochs=planned), loss=loss).asks


@pytest.mark.parametrize(("noise", "asks"), [(GAIN / 5, True), (5 * GAIN, False)])
def test_a_run_that_may_still_gain_behind_its_noise_is_not_stopped(noise: float, *, asks: bool):
    """At the steepest slope that fits what was seen, over as long again."""
    swinging = resting(since=40) + noise * np.random.default_rng(5).standard_normal(N)

    assert asks == found(Context(finished=False), loss=swinging).asks


def test_behind_its_noise_a_rest_is_as_long_as_that_of_training():
    """Validation shows nothing for half of the run; training, over the same half, falls by a tenth of all it gained."""
    noisy = resting() + 0.4 * np.random.default_rng(3).standard_normal(resting().size)
    still = resting() - np.concatenate((np.zeros(40), np.linspace(0.0, 0.45, resting().size - 40)))

    assert judge(loss=resting(), val_loss=noisy) is not None
    assert judge(loss=still, val_loss=noisy) is None


def test_a_rest_that_training_was_thrown_out_of_is_none():
    """Smoothed over, one validation in the middle of a burst is an outlier; the training was up for all of it."""
    loss, val = falling(n=300, tau=0.05), falling(n=15, tau=0.05, seed=1)
    thrown, seen = loss.copy(), val.copy()
    thrown[165:190] += 3.0
    seen[8] += 3.0

    assert RULE.judge(measure(by_step(loss, val)))
    assert RULE.judge(measure(by_step(thrown, seen))) is None


@pytest.mark.parametrize(("reached", "asks"), [(0.6, False), (0.95, True)], ids=["coming down", "down"])
def test_a_logged_rate_that_is_coming_down_is_waited_for(reached: float, *, asks: bool):
    """Nobody named the schedule; the cosine is seen, and most runs gain while it ends."""
    share = np.arange(60) / 60 * reached
    loss = 0.3 + 2.0 * np.exp(-share / (0.05 * reached))
    rate = 1e-3 * 0.5 * (1.0 + np.cos(np.pi * share))
    finding = found(
        Context(finished=False, planned_epochs=round(60 / reached)), loss=loss, val_loss=loss + 0.1, lr=rate
    )

    assert asks == finding.asks


@pytest.mark.parametrize(("gained", "expected"), [(0.03, "metric"), (0.0, "loss")])
def test_the_checkpoint_is_the_metrics_where_that_got_better_while_the_loss_rests(gained: float, expected: str):
    """By more than its noise; a metric that rests as well leaves it to the loss."""
    jitter = np.random.default_rng(0).standard_normal((2, N))
    loss = resting(30) + 0.003 * jitter[0]
    accuracy = 0.3 + 0.55 * (1 - resting(30)) + gained * np.linspace(0, 1, N) + 0.001 * jitter[1]
    accuracy[90:] = accuracy[80:90]
    finding = found(val_loss=loss, val_accuracy=accuracy)
    back = next((fix for fix in finding.fixes if fix.action == "restore_best"), None)

    assert finding.restore is not None
    assert back is None or back.params == {"epoch": finding.restore.at}
    if expected == "metric":
        assert finding.restore.at >= 70
    else:
        assert finding.restore.at == loss.argmin()


@pytest.mark.parametrize(("floor", "off"), [(1.0, "± 0.1"), (0.02, "% of its progress")])
def test_what_is_said_of_a_rest_is_true_of_the_values(floor: float, off: str):
    """Nearly all lie where it says, a lone one does not; beside a level near 0 how far off is said in shares of progress."""
    loss = floor + resting(30) + 0.1 * np.where(np.arange(N) % 2, 1, -1)
    loss[60] += 5.0
    summary = found(loss=loss).summary

    assert "95 % of the values" in summary
    assert off in summary


def test_a_rest_that_is_not_the_whole_run_is_not_said_to_be():
    """Of a thousand epochs all but the first three: that is 99.7 %."""
    finding = found(loss=np.where(np.arange(1000) < 3, 14.0, 0.05 + 1e-4 * np.random.default_rng(0).random(1000)))

    assert "for 100 %" not in finding.summary
    assert "99." in finding.summary


def test_a_patience_as_long_as_the_rest_saves_nothing_and_is_not_advised():
    """It stood once before for longer, while it was worse: whoever waits that out waits to the end."""
    first = [0.879, 0.610, 0.187, 0.182, 0.188, 0.185, 0.201, 0.193, 0.198, 0.207, 0.196, 0.188, 0.199, 0.189, 0.192]
    then = [0.193, 0.205, 0.194, 0.190, 0.183, 0.194, 0.185, 0.182, 0.182, 0.181, 0.181, 0.185, 0.184, 0.182, 0.175]

    fixes = [fix.action for fix in found(val_loss=np.array(first + then)).fixes]

    assert ["restore_best", "schedule_learning_rate"] == fixes
