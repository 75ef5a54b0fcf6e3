import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.features.cut_short import AHEAD, EXPECTED, RECENT, SIGMAS, WINDOW
from diagnosis.features.schedule import ANNEALED as DECAYED
from diagnosis.features.schedule import TO_ZERO
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat
from diagnosis.synthetic import run as logged
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["undertrained"]
judge, found = ask("undertrained")
N = 100
SHARES = np.arange(N) / (N - 1)
JITTER = np.random.default_rng(0).standard_normal(N)


def ending(recent: float, before: float | None = None) -> np.ndarray:
    """A fall by one of which `recent` lies in the last window, and `before` in the one before it."""
    before = recent if before is None else before
    return 1.0 - np.interp(SHARES, [0, 1 - 2 * WINDOW, 1 - WINDOW, 1], [0, 1 - recent - before, 1 - recent, 1])


@pytest.mark.parametrize(("times", "fires"), [(1.2, True), (0.8, False)])
def test_the_last_window_must_have_gained_the_named_share(times: float, *, fires: bool):
    """Language models always fall a little; a little is not counted."""
    assert fires == (judge(loss=ending(times * RECENT)) is not None)


def test_what_is_to_be_expected_must_be_worth_it():
    """Exponentials that level out earlier and earlier: the faintest that fires just exceeds the named gain."""
    tau = faintest(lambda tau: judge(loss=np.exp(-SHARES / tau)) is not None, 0.1, 1.0)
    expected = numbers(found(loss=np.exp(-SHARES / tau)))["expected_gain"]

    assert expected.value == pytest.approx(EXPECTED, rel=1e-3)


def test_a_fall_that_goes_on_evenly_is_carried_on():
    """Half as much training again gains about half of what was gained so far."""
    finding = found(loss=1.0 - SHARES)
    expected = numbers(finding)["expected_gain"]

    assert expected.value == pytest.approx(0.5, rel=0.15)
    assert expected.bound == EXPECTED
    assert f"about {100 * expected.value:.0f} % of what it has gained so far" in finding.summary


@pytest.mark.parametrize("tau", [0.4, 0.6, 0.8])
def test_the_forecast_of_an_exponential_is_about_right(tau: float):
    """Within a half of what it really would have gained, which lies in the interval."""
    values = falling(tau=tau, n=N, noise=0.0)
    whole = 2.3 - 0.1
    end, later = whole * np.exp(-(N - 1) / (tau * N)), whole * np.exp(-(1.5 * N - 1) / (tau * N))
    truth = (end - later) / (whole - end)
    expected = numbers(found(loss=values))["expected_gain"]
    low, high = (float(part.rpartition(" ")[2]) for part in expected.says.split(" %")[:2])

    assert expected.value == pytest.approx(truth, rel=0.5)
    assert low <= 100 * truth <= high


def test_the_forecast_has_an_interval():
    """It holds the forecast, is not empty, and is as wide as the noise makes it."""
    widths = []
    for noise in (0.002, 0.02):
        expected = numbers(found(loss=1.0 - SHARES + noise * JITTER))["expected_gain"]
        low, high = (float(part.rpartition(" ")[2]) for part in expected.says.split(" %")[:2])
        widths.append(high - low)

        assert 0 <= low <= 100 * expected.value + 0.5
        assert 100 * expected.value - 0.5 <= high < 200
    assert widths[0] < widths[1]


def test_a_fall_within_the_noise_of_the_end_is_none():
    """The same fall, calm and loud."""
    course = ending(0.1)

    assert numbers(found(loss=course + 0.002 * JITTER))["gain_over_noise"].value > SIGMAS
    assert judge(loss=course + 0.15 * JITTER) is None


def test_a_rebound_is_no_fall():
    """What rises at its end is not undertrained."""
    assert judge(loss=np.interp(SHARES, [0, 0.8, 1], [1.0, 0.0, 0.3])) is None


def test_an_unfinished_run_gets_it_as_information():
    """Of course it is still falling."""
    falls = 1.0 - SHARES
    assert "warning" == found(loss=falls, val_loss=falls).severity
    assert "info" == found(Context(finished=False), loss=falls, val_loss=falls).severity
    assert "info" == found(Context(planned_epochs=2 * N), loss=falls, val_loss=falls).severity


def test_training_alone_is_information_and_asks_for_validation():
    """It falls as long as anything can be learnt by heart."""
    finding = found(loss=1.0 - SHARES)

    assert "info" == finding.severity
    assert "log a validation loss" in finding.against[0]


def test_a_fall_after_a_rest_is_information_where_no_rate_is_logged():
    """As of a rate that is kept and then decays; one that never rested, or whose rate is known and kept, only has to go on."""
    rested = np.interp(SHARES, [0, 0.2, 0.8, 1], [2.0, 1.0, 1.0, 0.7]) + 0.01 * JITTER
    falls = np.interp(SHARES, [0, 0.2, 1], [2.0, 1.0, 0.7]) + 0.01 * JITTER

    def severity(loss: np.ndarray, **others: np.ndarray) -> str | None:
        return found(loss=loss, val_loss=loss, **others).severity

    assert "info" == severity(rested)
    assert "rate" in found(loss=rested, val_loss=rested).against[0]
    assert {"warning"} == {severity(falls), severity(rested, lr=np.full(N, 0.1))}


def test_since_is_the_beginning_of_the_last_window():
    """In the log's own positions."""
    finding = found(loss=1.0 - SHARES)

    assert finding.since is not None
    assert finding.since.at == round(N * (1 - WINDOW))


@pytest.mark.parametrize(
    ("context", "params"),
    [
        (Context(), {"factor": 4.0, "epochs": 400}),
        (Context(planned_epochs=100), {"factor": 4.0, "epochs": 400}),
    ],
)
def test_a_line_is_to_be_trained_as_long_as_can_be_foreseen(context: Context, params: dict[str, float]):
    """In all, so that they can be set."""
    assert params == found(context, loss=1.0 - SHARES).fixes[0].params


def test_training_is_advised_until_the_gains_are_small():
    """A curve that is nearly done needs half as much again, not four times."""
    assert found(loss=falling(tau=0.4, n=N)).fixes[0].params == {"factor": 1.5, "epochs": 150}


@pytest.mark.parametrize(
    ("rates", "why"),
    [(np.where(SHARES < 0.8, 0.1, 0.05), "changed late"), (0.1 * (1 - 0.5 * (4 * SHARES % 1)), "restarts")],
)
def test_what_a_change_of_the_rate_has_done_is_not_carried_on(rates: np.ndarray, why: str):
    """A fall after a late drop, or within a cycle, belongs to the schedule."""
    verdict = judge(loss=1.0 - SHARES, lr=rates)

    assert isinstance(verdict, Skipped)
    assert why in verdict.why


def test_a_fall_right_after_a_warm_up_that_took_most_of_the_run_needs_no_forecast():
    """What more would gain nobody can tell; that the run was ended in its fall is sure, and that its warm-up was too long."""
    rate = 1e-3 * np.minimum(SHARES / 0.8, 1.0)
    falls = 4.0 + 6.0 * np.exp(-3.0 * np.cumsum(rate) / 1e-3 / N) + 0.01 * JITTER
    rests = 4.0 + 6.0 * np.exp(-40.0 * np.cumsum(rate) / 1e-3 / N) + 0.01 * JITTER
    finding = found(loss=falls, val_loss=falls + 0.1, lr=rate)

    assert "warning" == finding.severity
    assert "cannot be told" in finding.summary
    assert "shorten_warm_up" == finding.fixes[0].action
    assert "expected_gain" not in numbers(finding)
    assert judge(loss=rests, val_loss=rests + 0.1, lr=rate) is None
    assert isinstance(judge(Context(finished=False), loss=falls, val_loss=falls + 0.1, lr=rate), Skipped)


@pytest.mark.parametrize(("onset", "fires"), [(0.67, True), (0.95, False)])
def test_a_run_that_ends_soon_after_it_began_to_learn_falls_at_its_end(onset: float, *, fires: bool):
    """However vague a forecast is then; a single drop near the end is none."""
    loss = 0.69 - 0.02 * SHARES - 0.85 * np.maximum(SHARES - onset, 0.0) * (0.33 / (1.0 - onset))

    assert fires == isinstance(judge(loss=loss, val_loss=loss + 0.002), Finding)


def test_fixes_go_on_then_faster():
    """With the rate known, in numbers."""
    finding = found(Context(learning_rate=0.001), loss=1.0 - SHARES)

    assert ["train_longer", "raise_learning_rate"] == [fix.action for fix in finding.fixes]
    assert finding.fixes[1].params == {"factor": 3.0, "learning_rate": 0.003}


@pytest.mark.parametrize(("last", "fires"), [(1.1 * DECAYED, True), (0.9 * DECAYED, False)])
def test_a_rate_that_has_decayed_to_next_to_nothing_ended_the_run_on_purpose(last: float, *, fires: bool):
    """The steep last stretch belongs to the schedule."""
    rates = 0.1 * (1 - (1 - last) * SHARES)

    assert fires == (judge(loss=1.0 - SHARES, lr=rates) is not None)


@pytest.mark.parametrize("kind", TO_ZERO)
def test_a_schedule_that_ends_at_zero_is_taken_at_its_word(kind: str):
    """Where the caller says that the run is over; else it has not come there yet."""
    assert judge(Context(finished=True, scheduler=kind.title()), loss=1.0 - SHARES) is None
    assert judge(Context(finished=False, scheduler=kind), loss=1.0 - SHARES) is not None
    assert judge(Context(finished=True, scheduler="step"), loss=1.0 - SHARES) is not None


def test_a_logged_rate_tells_more_than_the_name_of_its_schedule():
    """A constant rate did not decay, whatever it was called; one that was logged as zero tells nothing."""
    context = Context(finished=True, scheduler="cosine")

    assert judge(context, loss=1.0 - SHARES, lr=np.full(N, 0.1)) is not None
    assert judge(context, loss=1.0 - SHARES, lr=np.zeros(N)) is None


def test_validation_is_watched_where_it_was_logged():
    """Training always falls a little further."""
    assert found(loss=1.0 - SHARES, val_loss=1.1 - SHARES + 0.001 * JITTER).series == ("val_loss",)
    assert judge(loss=1.0 - SHARES, val_loss=falling(tau=0.1, n=N)) is None


LOOK_ALIKES = {
    "levelled out": falling(tau=0.15, n=N),
    "a power-law tail": np.arange(1.0, N + 1) ** -1.0,
    "a level": flat(n=N),
    "a rise": SHARES,
    "a constant": np.ones(N),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What gains next to nothing at its end is done."""
    assert judge(loss=LOOK_ALIKES[name]) is None


@pytest.mark.parametrize("at", [0.85, 0.9])
def test_a_late_drop_is_not_carried_on(at: float):
    """A forecast between nothing and more than all that was gained so far is none."""
    dropped = 2.3 - 2.0 / (1 + np.exp((at - SHARES) / 0.02)) + 0.01 * JITTER

    assert judge(loss=dropped, val_loss=dropped) is None


def test_a_vague_forecast_is_no_number_to_go_by():
    """It still falls after its late start, and what is left is between nothing and nearly as much again."""
    falls = [2.3, 2.28, 2.05, 1.55, 1.1, 0.85, 0.7, 0.6, 0.54, 0.51, 0.5]
    finding = found(loss=np.array([2.3] * 5 + falls))
    gain = numbers(finding)["expected_gain"]

    assert "should gain" not in finding.summary
    assert finding.fixes[0].params["factor"] == 1.0 + AHEAD
    assert "between 0 % and" in gain.says


def test_what_came_to_rest_after_a_late_start_is_not_carried_on():
    """Nineteen in twenty of all that was gained came at once: what follows is between nothing and as much again."""
    late = [0.69, 0.65, 0.55, 0.42, 0.33, 0.27, 0.23, 0.21, 0.2, 0.19, 0.19, 0.19]

    assert judge(loss=np.array([0.693] * 8 + late)) is None


@pytest.mark.parametrize("n", [15, 35])
def test_a_window_of_few_points_is_proven_by_those_before(n: int):
    """Seven noisy values alone are no trend; the half of a short run is."""
    course = 2.0 - np.linspace(0, 1, n) ** 2 + 0.03 * JITTER[:n]

    assert found(loss=course, val_loss=course).severity == "warning"


@pytest.mark.parametrize("n", [10, 11, 14, 20])
def test_a_short_run_is_judged_by_what_it_has(n: int):
    """The window before the last may not exist: then what was gained is taken to go on."""
    finding = found(loss=np.linspace(1, 0, n))

    assert numbers(finding)["expected_gain"].value > EXPECTED


def test_it_is_skipped_without_a_loss_or_with_too_few_values():
    """Fewer cannot tell a trend."""
    assert judge(lr=flat()) == Skipped("lacks a loss")
    assert isinstance(judge(loss=np.linspace(1, 0, RULE.points - 1)), Skipped)


def test_where_validation_has_too_few_values_training_is_carried_on_if_it_fell_at_each():
    """Fine-tunes are evaluated three to six times."""
    steep = falling(start=4.3, floor=2.0, n=N, tau=0.8, noise=0.0)
    finding, turned = seldom(steep, steep[:: N // 5]), seldom(steep, np.array([4.2, 3.9, 3.6, 3.7]))

    assert isinstance(finding, Finding)
    assert "warning" == (finding.severity or "warning")
    assert "fell at each of its 5 values" in finding.summary
    assert not isinstance(turned, Finding)


def seldom(loss: np.ndarray, validated: np.ndarray) -> Finding | Skipped | None:
    """What the rule says of a training loss at every step and a validation now and then."""
    steps = np.arange(1.0, 1.0 + loss.size)
    evaluated = np.linspace(loss.size / validated.size, loss.size, validated.size)
    noisy = loss + 0.01 * np.random.default_rng(1).standard_normal(loss.size)
    log = Log((Series("loss", noisy, steps, "step"), Series("eval_loss", validated, evaluated, "step")), "json")
    return RULE.judge(measure(assemble(log)))


def test_a_warm_up_that_outlasts_the_run_is_shortened_first():
    """Its rate never reached its height: that is no late change of the schedule."""
    loss = np.linspace(4.3, 3.7, N) + 0.005 * np.random.default_rng(2).standard_normal(N)
    finding = found(loss=loss, val_loss=loss + 0.01, lr=np.linspace(1e-6, 1e-4, N))

    assert "shorten_warm_up" == finding.fixes[0].action
    assert isinstance(judge(Context(planned_epochs=1000, finished=False), loss=loss, val_loss=loss + 0.01, lr=np.linspace(1e-6, 1e-4, N)), Skipped)  # fmt: skip


TEN_TRAIN = np.array([2.414, 1.896, 1.694, 1.56, 1.471, 1.409, 1.362, 1.322, 1.292, 1.265])
TEN_VALIDATED = np.array([2.021, 1.779, 1.611, 1.509, 1.439, 1.401, 1.355, 1.34, 1.307, 1.311])


def test_a_short_run_whose_noise_hides_that_validation_falls_is_told_by_training():
    """As information: one value of ten that is higher than the one before proves no rest beside a training that falls."""
    finding = found(loss=TEN_TRAIN, val_loss=TEN_VALIDATED)
    rests = np.append(TEN_TRAIN[:5], 1.41 + 0.004 * JITTER[:5])

    assert finding.severity == "info"
    assert any("only training" in line for line in finding.against)
    assert judge(loss=rests, val_loss=TEN_VALIDATED) is None
    assert judge(val_loss=TEN_VALIDATED) is None


@pytest.mark.parametrize(("ahead", "severity"), [(True, "info"), (False, "warning")])
def test_a_forecast_that_begins_at_nothing_warns_of_no_validation_that_falls_behind(severity: str, *, ahead: bool):
    """Ten values of a validation that training leaves behind: soon it may rise."""
    val = np.array([0.5486, 0.4244, 0.3711, 0.3399, 0.3482, 0.3308, 0.3304, 0.307, 0.3062, 0.2914])
    train = np.array([0.7705, 0.4469, 0.3483, 0.3004, 0.2665, 0.2464, 0.2293, 0.2107, 0.2018, 0.1855])

    along = 0.98 * val + 0.0005 * JITTER[:10]

    assert found(loss=train if ahead else along, val_loss=val).severity == severity


def test_where_nobody_sees_an_end_none_is_promised():
    """Of a straight line, so far ahead as one can see, as much is still to gain by its own forecast."""
    line, bends = found(loss=1.0 - SHARES), found(loss=falling(tau=0.4, n=N, noise=0.0))
    (on,), (enough,) = ([fix for fix in f.fixes if fix.action == "train_longer"] for f in (line, bends))

    assert on.because.startswith("Even then half a run more should gain")
    assert enough.because.endswith(f"gains less than {100 * EXPECTED:.0f} % of the progress.")


@pytest.mark.parametrize("finished", [True, False])
def test_a_rate_with_which_a_run_goes_on_well_is_left_alone(*, finished: bool):
    """What is not over yet has not ended too soon."""
    context = Context(planned_epochs=4 * N, finished=finished)

    told = found(context, val_loss=falling(tau=0.6, n=N))

    assert finished == ("raise_learning_rate" in {fix.action for fix in told.fixes})


def test_what_swings_with_the_order_of_its_data_is_shuffled_before_any_step_is_larger():
    """By itself, a fall that was cut short wants a larger rate as well."""
    wave = 0.3 * np.sin(np.arange(8 * 23) * 2 * np.pi / 23)
    calm = {"val_loss": falling(tau=0.6, n=wave.size, seed=1)}
    both = (diagnose(logged(loss=falling(tau=0.6, n=wave.size) + w, **calm)).findings for w in (wave, 0.0 * wave))
    told = [next(judged for judged in findings if judged.condition == RULE.name) for findings in both]

    assert [False, True] == ["raise_learning_rate" in {fix.action for fix in judged.finding.fixes} for judged in told]
