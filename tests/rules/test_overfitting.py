import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.advice.stopping import BELIEVED, PATIENCE_LEAST, PATIENCE_SHARE
from diagnosis.features import measure
from diagnosis.features.few_rises import STEADY
from diagnosis.features.memorising import GIVEN_BACK, LEARNT, LEAST_PROGRESS, SIGMAS, TURNED
from diagnosis.features.overfit import HALVED, LASTED, OF_METRIC, PLENTY, SEVERE, SEVERE_LEARNT, STILL_FALLING
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.overfitting import UNSEEN
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, run, turning
from tests.rules.asking import ask, faintest, numbers, resumed

RULE = all_rules()["overfitting"]
judge, found = ask("overfitting")
N = 100
TRAIN = np.linspace(1.0, 0.0, N)
JITTER = np.random.default_rng(0).standard_normal(N)


def rebounding(rise: float) -> np.ndarray:
    """Validation that falls by one, rests, and ends higher by `rise`."""
    return np.interp(np.arange(N), [0, 40, 60, 80], [1.0, 0.0, 0.0, rise])


def test_giving_back_more_than_the_named_share_fires_and_less_does_not():
    """A share of validation's own progress."""
    finding = found(loss=TRAIN, val_loss=rebounding(1.02 * GIVEN_BACK))

    assert judge(loss=TRAIN, val_loss=rebounding(0.98 * GIVEN_BACK)) is None
    assert numbers(finding)["rebound"].value == pytest.approx(1.02 * GIVEN_BACK, rel=1e-3)
    assert numbers(finding)["rebound"].bound == GIVEN_BACK
    assert f"gave back {102 * GIVEN_BACK:.0f} % of its progress" in finding.summary


def test_a_rise_within_the_noise_of_the_final_level_is_none():
    """The faintest that fires is the named number of standard errors."""

    def noisy(calm: float) -> dict[str, np.ndarray]:
        return {"loss": TRAIN, "val_loss": rebounding(0.5) + JITTER / calm}

    calm = faintest(lambda calm: judge(**noisy(calm)) is not None, 1.0, 50.0)

    assert numbers(found(**noisy(calm)))["rebound_over_noise"].value == pytest.approx(SIGMAS, rel=0.05)


@pytest.mark.parametrize(("times", "fires"), [(1.03, True), (0.97, False)])
def test_where_the_metric_got_worse_as_well_a_share_of_that_will_do(times: float, *, fires: bool):
    """Two witnesses: by more than the same share of what the metric gained; a metric that holds is none."""
    val = rebounding(times * HALVED * GIVEN_BACK)
    worse, slightly, held = (0.9 - 0.8 * rebounding(2 * share * GIVEN_BACK) for share in (1.0, 0.4, 0.0))

    assert fires == (judge(loss=TRAIN, val_loss=val, val_accuracy=worse) is not None)
    assert judge(loss=TRAIN, val_loss=val, val_accuracy=slightly) is None
    assert judge(loss=TRAIN, val_loss=val, val_accuracy=held) is None


@pytest.mark.parametrize(("rise", "severity"), [(0.97 * SEVERE, None), (1.03 * SEVERE, "error")])
def test_losing_all_that_was_gained_is_an_error(rise: float, severity: str | None):
    """Below that it is the usual warning."""
    assert severity == found(loss=TRAIN, val_loss=rebounding(rise)).severity
    assert RULE.severity[0] == "warning"


@pytest.mark.parametrize(("times", "fires"), [(1.3, True), (0.7, False)])
def test_where_validation_hardly_improved_trainings_progress_is_the_measure(times: float, *, fires: bool):
    """A share of a share of what training learnt; else any wobble of a flat validation loss were all of its progress."""
    rise = times * GIVEN_BACK * LEAST_PROGRESS
    val = np.interp(np.arange(N), [0, 5, 60, 80], [1.0005, 1.0, 1.0, 1.0 + rise])

    assert fires == (judge(loss=TRAIN, val_loss=val) is not None)


@pytest.mark.parametrize(("times", "fires"), [(1.3, True), (0.7, False)])
def test_training_must_have_gone_on_falling(times: float, *, fires: bool):
    """By the named share of its progress since validation was best; else both are ill of something else."""
    share = times * STILL_FALLING
    train = np.interp(np.arange(N), [0, 40, 60, 99], [1.0, share, share, 0.0])
    val = np.interp(np.arange(N), [0, 50, 80], [1.0, 0.0, 0.2])

    assert fires == (judge(loss=train, val_loss=val) is not None)


def test_training_must_have_fallen_by_more_than_its_noise():
    """The same fall, calm and loud."""
    train = np.interp(np.arange(N), [0, 40, 60, 99], [1.0, 0.1, 0.1, 0.0])
    val = np.interp(np.arange(N), [0, 50, 80], [1.0, 0.0, 0.5])

    flicker = np.where(np.arange(N) % 2, 1.0, -1.0)

    assert judge(loss=train + 0.001 * flicker, val_loss=val) is not None
    assert judge(loss=train + 0.05 * flicker, val_loss=val) is None


@pytest.mark.parametrize("turn", [15, 20, 40])
def test_since_is_the_best_logged_epoch(turn: int):
    """The checkpoint one would restore, not a smoothed guess of it."""
    val = turning(at=turn)
    finding = found(loss=falling(), val_loss=val)

    assert Position("epoch", int(val.argmin())) == finding.since
    assert abs(int(val.argmin()) - turn) <= 5
    assert finding.fixes[0].params == {"epoch": int(val.argmin())}


def test_after_a_flat_bottom_it_begins_with_the_rise_and_goes_back_to_the_best():
    """Which of many equal epochs was the best is chance; what is restored is the best all the same."""
    val = np.interp(np.arange(N), [0, 20, 60, N - 1], [1.0, 0.0, 0.0, 0.6])
    val[24] -= 0.002
    finding = found(loss=TRAIN, val_loss=val)

    assert finding.since is not None
    assert abs(finding.since.at - 60) <= 3
    assert finding.restore == Position("epoch", 24)
    assert numbers(finding)["onset"].value == finding.since.at
    assert "since epoch" in finding.summary


def test_what_it_cost_not_to_stop_is_said():
    """The share of the run after the best checkpoint."""
    val = np.interp(np.arange(N), [0, 29, N - 1], [1.0, 0.0, 1.0])

    assert numbers(found(loss=TRAIN, val_loss=val))["cost"].value == pytest.approx(0.70, abs=0.03)


@pytest.mark.parametrize(("times", "fires"), [(0.9, True), (1.1, False)])
def test_training_that_turned_itself_is_ill_of_something_else(times: float, *, fires: bool):
    """It must not have given back the named share of what it gained since."""
    train = np.interp(np.arange(N), [0, 60, 80], [1.0, 0.0, 1.0 / (1.0 + 1.0 / (times * TURNED)) * 0.6])
    val = np.interp(np.arange(N), [0, 24, 80], [1.0, 0.0, 0.5])

    assert fires == (judge(loss=train, val_loss=val) is not None)


@pytest.mark.parametrize(("times", "severity"), [(1.05, "error"), (0.95, None)])
def test_validation_that_began_near_its_best_has_little_to_lose(times: float, severity: str | None):
    """The first validation of a finetuned model may come after most was learnt; what training learnt is lost, or not."""
    val = np.interp(np.arange(N), [0, 20, 60, 80], [0.01, 0.0, 0.0, times * SEVERE_LEARNT])
    finding = found(loss=TRAIN, val_loss=val)

    assert severity == finding.severity
    assert "of what training learnt" in finding.summary


def test_all_that_was_gained_is_lost_but_the_accuracy_holds_is_no_error():
    """Only the confidence of wrong answers has grown."""
    held = 0.9 - 0.5 * np.maximum(1.0 - np.arange(N) / 40, 0.0)
    series = {"loss": TRAIN, "val_loss": rebounding(1.5 * SEVERE)}

    assert found(**series).severity == "error"
    assert found(**series, val_accuracy=held).severity is None


def test_fixes_start_with_what_is_free():
    """Restore, stop in time, then data, augmentation, regularisation and a smaller model."""
    context = Context(weight_decay=0.0, dropout=0.4)
    finding = found(context, loss=falling(), val_loss=turning(at=20))
    fixes = {fix.action: fix.params for fix in finding.fixes}

    assert [
        "restore_best",
        "stop_early",
        "add_data",
        "augment_data",
        "increase_regularization",
        "decrease_capacity",
    ] == list(fixes)
    assert fixes["increase_regularization"] == {"weight_decay": 0.01, "dropout": 0.5}


def test_how_much_of_the_run_came_after_the_best_point_is_said():
    """What stopping in time would have saved."""
    val = np.interp(np.arange(N), [0, 29, 30, N - 1], [1.0, 0.0, 0.0, 1.0])
    (stop,) = (fix for fix in found(loss=TRAIN, val_loss=val).fixes if fix.action == "stop_early")

    assert 66 <= int(stop.because.partition(" %")[0]) <= 74


def test_patience_and_the_smallest_change_come_from_the_run():
    """A tenth of its length, at least a few; and twice the noise of its validation."""
    for n in (20, 200):
        val = np.interp(np.arange(n), [0, n / 3, n - 1], [1.0, 0.0, 1.0]) + 0.004 * np.random.default_rng(1).normal(
            size=n
        )
        fixes = {fix.action: fix.params for fix in found(loss=np.linspace(1, 0, n), val_loss=val).fixes}

        assert fixes["stop_early"]["patience"] == max(PATIENCE_LEAST, round(PATIENCE_SHARE * n))
        assert fixes["stop_early"]["min_delta"] == pytest.approx(BELIEVED * 0.004, rel=0.6)


def test_an_accuracy_that_is_as_good_as_ever_speaks_against_it():
    """Then only the confidence of wrong answers grows; an accuracy that falls as well speaks for it."""
    good, bad = (
        1 - falling(start=0.5, tau=0.05, noise=0.002),
        np.append(np.linspace(0.5, 0.9, 20), np.linspace(0.9, 0.6, 40)),
    )
    for accuracy, said in ((good, True), (bad, False)):
        finding = found(loss=falling(), val_loss=turning(at=20), val_accuracy=accuracy)

        assert said == any("val_accuracy is as good as ever" in line for line in finding.against)
    assert len(found(loss=falling(), val_loss=turning(at=20)).against) == 1


LOOK_ALIKES = {
    "a gap without a rise": (falling(), falling(floor=0.5, seed=1)),
    "validation noise": (falling(), falling(floor=0.5, noise=0.2, seed=1)),
    "both rise": (turning(at=20, rise=0.05), turning(at=20, rise=0.05, seed=2)),
    "one bad last epoch": (falling(), np.append(falling(n=59, seed=1), 3.0)),
    "both rest": (falling(tau=0.05), falling(tau=0.05, seed=1)),
    "a bump that closes": (TRAIN, np.interp(np.arange(N), [0, 30, 50, 80], [1.0, 0.2, 0.6, 0.0])),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Noise, gaps, and what hits training as well."""
    train, val = LOOK_ALIKES[name]

    assert judge(loss=train, val_loss=val) is None


def test_it_is_skipped_without_validation_or_with_too_few_values():
    """And the reason names what is lacking."""
    short = RULE.points - 1

    assert judge(loss=TRAIN) == Skipped("lacks a validation loss")
    assert judge(loss=TRAIN[:short], val_loss=rebounding(0.5)[:short]) == Skipped(
        f"too short: val_loss has {short} points, {RULE.points} are needed"
    )


def test_it_explains_the_gap_and_asks_to_stop():
    """A growing gap is its consequence."""
    assert {"generalization_gap", "undertrained", "plateau"} <= set(RULE.supersedes)
    assert RULE.decides == "stop"


def test_validation_alone_that_rises_is_named_with_less_certainty():
    """A missing training curve is said, and never taken for health."""
    finding = found(val_loss=rebounding(0.5))

    assert finding.ceiling == UNSEEN
    assert finding.severity is None
    assert "Training is not logged" in " ".join(finding.against)


def test_a_monitored_metric_that_holds_stops_nothing():
    """What ships is as good as ever: the loss alone is no reason to stop."""
    rising = 1.0 - falling(start=0.9, floor=0.2, n=N, noise=0.0)
    series = {"loss": TRAIN, "val_loss": rebounding(0.5), "val_accuracy": rising}

    assert not found(Context(monitor="val_accuracy"), **series).asks
    assert found(Context(monitor="val_loss"), **series).asks


def test_a_short_rise_of_a_run_that_goes_on_may_pass_yet():
    """Such rises are taken back more often than not; of a run that is over, it is all there is to say."""
    turn = int((1.0 - 0.5 * LASTED) * N)
    logged = {"loss": TRAIN, "val_loss": np.interp(np.arange(N), [0, turn, N - 1], [1.0, 0.0, 0.5])}

    assert judge(Context(finished=False), **logged) is None
    assert found(Context(finished=True), **logged).since == Position("epoch", turn)


@pytest.mark.parametrize(("times", "fires"), [(0.9, False), (1.1, True)])
def test_who_has_learnt_next_to_nothing_yet_has_nothing_by_heart(times: float, *, fires: bool):
    """While a run goes on and guessing is known: a slow start moves both losses a little, either way."""
    context = Context(num_classes=10, finished=False)
    train = np.log(10) * (1.0 - times * LEARNT * np.linspace(0.0, 1.0, N))
    validation = np.log(10) * (1.0 + 0.2 * LEARNT * rebounding(2.0))

    assert fires == (judge(context, loss=train, val_loss=validation) is not None)
    assert judge(Context(num_classes=10), loss=train, val_loss=validation) is not None


def test_a_few_bad_validations_do_not_hide_it():
    """Three of twenty values stand twice as high as the rest: they are no noise of the others."""
    val_loss = np.array(
        [
            2.2,
            1.74,
            2.44,
            1.22,
            1.08,
            0.99,
            0.94,
            1.93,
            0.93,
            0.95,
            0.98,
            1.02,
            1.03,
            1.09,
            1.11,
            1.16,
            1.2,
            2.24,
            1.29,
            1.33,
        ]
    )

    assert isinstance(judge(loss=falling(start=2.1, floor=0.1, tau=0.165, n=20), val_loss=val_loss), Finding)


EPOCHS = 60
ANSWERS = 1.0 - 0.9 * np.exp(-np.arange(EPOCHS) / 12)
FORGOT = np.concatenate((np.linspace(0.1, 0.85, 20), np.linspace(0.85, 0.45, 40)))


def test_where_validation_has_no_loss_its_metric_is_judged():
    """Against training's metric, or beside a training loss that fell; a loss more must not hide what two metrics show."""
    alone, beside = found(acc=ANSWERS, val_acc=FORGOT), found(loss=falling(n=EPOCHS), acc=ANSWERS, val_acc=FORGOT)
    unpaired = found(loss=falling(n=EPOCHS), val_acc=FORGOT)

    assert ("val_acc", "acc") == alone.series == beside.series
    assert ("val_acc", "loss") == unpaired.series
    assert beside.restore == unpaired.restore == Position("epoch", 19)
    assert all(numbers(finding)["rebound"].bound == OF_METRIC for finding in (beside, unpaired))
    assert (
        "more than it had ever gained" in found(loss=falling(n=EPOCHS), val_r2=np.linspace(0.4, -0.2, EPOCHS)).summary
    )
    assert judge(loss=falling(n=EPOCHS), acc=ANSWERS, val_acc=0.85 * ANSWERS) is None


def test_a_metric_that_comes_and_goes_has_not_turned():
    """Right answers move in steps; a tenth of what was gained is soon lost, and won again."""
    lost = np.concatenate((ANSWERS[:50], ANSWERS[49] - np.linspace(0, 0.12, 10)))

    assert judge(loss=falling(n=EPOCHS), acc=ANSWERS, val_acc=lost) is None


def test_what_training_gained_before_the_best_validation_does_not_count():
    """The first average still has the first steps in it: a language model that comes to rest at single letters fits nothing by heart."""
    steps = np.concatenate((np.linspace(4.5, 3.1, 20), np.full(480, 3.19))) + 0.02 * np.random.default_rng(
        0
    ).standard_normal(500)
    val_loss = np.concatenate(([3.19, 3.26, 3.34, 3.27], np.full(16, 3.25)))
    later = steps - np.concatenate((np.zeros(60), np.linspace(0.0, 0.5, 440)))

    def judged(values: np.ndarray) -> object:
        series = (
            Series("loss", values, np.arange(500.0), "step"),
            Series("val_loss", val_loss, np.arange(24.0, 500.0, 25.0), "step"),
        )
        return RULE.judge(measure(assemble(Log(series, "x"), None)))

    assert judged(steps) is None
    assert isinstance(judged(later), Finding)


@pytest.mark.parametrize("evaluations", [3, 4, 5])
def test_the_stairs_of_few_epochs_are_no_noise_of_training(evaluations: int):
    """A language model tuned for three epochs steps down at each; evaluated within them it turns after one and a half."""
    steps, epochs = np.arange(600.0), 3
    loss = 0.9 - 0.22 * (steps // 200) - 0.0002 * steps + 0.04 * np.random.default_rng(0).standard_normal(600)
    at = np.arange(1, epochs * evaluations + 1) * 200 / evaluations - 1
    val_loss = 0.56 + 0.14 * np.exp(-at / 150) + 0.25 * np.maximum(at / 600 - 0.5, 0.0) ** 1.2
    series = (Series("loss", loss, steps, "step"), Series("eval_loss", val_loss, at, "step"))

    assert isinstance(RULE.judge(measure(assemble(Log(series, "x"), None))), Finding)


def few(*validations: float, train: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """A run of few validations, and as many values of training unless said otherwise."""
    return {
        "loss": np.linspace(1.0, 0.1, len(validations)) if train is None else train,
        "val_loss": np.array(validations),
    }


@pytest.mark.parametrize(
    "validations",
    [(1.2, 0.8, 0.7, 0.8, 0.95, 1.1), (0.8, 0.95, 1.15), (1.0, 0.7, 1.0, 1.2), (1.0, 0.6, 0.8, 1.0, 1.2, 1.1, 1.3)],
)
def test_few_validations_that_turn_are_named(validations: tuple[float, ...]):
    """As of a fine-tuning: their bends look like noise, and they rise all the same."""
    finding = found(**few(*validations))

    assert finding.restore == Position("epoch", int(np.argmin(validations)))
    assert finding.fixes[0].action == "restore_best"


def test_a_last_value_alone_is_no_rise_and_no_clearance():
    """One more tells; until then it cannot be judged."""
    for validations in ((1.0, 0.8, 1.1), (1.0, 0.7, 0.6, 0.55, 0.8)):
        skipped = judge(**few(*validations))

        assert isinstance(skipped, Skipped)
        assert f"{len(validations)} values of val_loss are too few" in skipped.why


@pytest.mark.parametrize(("times", "fires"), [(1.03, True), (0.97, False)])
def test_of_few_values_each_late_one_stands_well_above_the_best(times: float, *, fires: bool):
    """By the named share of what validation gained."""
    finding = judge(**few(1.4, 0.4, 0.4 + times * STEADY, 2.4))  # the last jumps: alone it tells nothing

    assert fires == isinstance(finding, Finding)
    if isinstance(finding, Finding):
        assert numbers(finding)["rebound_at_least"].value == pytest.approx(times * STEADY, rel=1e-6)


@pytest.mark.parametrize(("before", "fires"), [(0.55, True), (0.75, False)])
def test_a_few_values_that_had_risen_as_far_before_tell_nothing(before: float, *, fires: bool):
    """It came down again then."""
    assert fires == isinstance(judge(**few(1.2, 0.4, 0.4 + before, 0.2, 0.9, 0.8)), Finding)


def test_of_few_values_the_rise_must_be_a_part_of_what_training_gained_meanwhile():
    """A little worse while training goes down by ten times as much is how a gap opens."""
    assert not isinstance(judge(**few(0.50, 0.53, 0.55, train=np.array([3.0, 1.0, 0.1]))), Finding)
    assert isinstance(judge(**few(0.50, 0.53, 0.55, train=np.array([0.6, 0.55, 0.5]))), Finding)


def test_of_few_values_each_late_one_of_training_is_better():
    """Else both are ill of something else."""
    assert judge(**few(0.8, 0.95, 1.15, train=np.array([1.0, 1.1, 0.9]))) is None


def test_a_run_that_goes_on_is_not_judged_by_a_few_values_of_each():
    """A few epochs more tell; where training is logged by step, the validations are what there will be."""
    under_way = Context(finished=False, planned_epochs=30)

    assert judge(under_way, **few(0.8, 0.95, 1.15)) is None
    assert isinstance(judge(under_way, **few(0.8, 0.95, 1.15), lr=np.ones(3)), Finding | None)


@pytest.mark.parametrize("offset", [0.0, 4.0, 8.0])
def test_how_far_a_fall_at_the_very_beginning_went_decides_nothing(offset: float):
    """The first epoch of a regression learns the mean of what is predicted; what comes after turns all the same."""
    steps = np.arange(N)
    train, val = (offset * np.exp(-1.0 * steps) + curve for curve in (TRAIN, 0.5 + 0.5 * rebounding(0.9)))
    finding = found(loss=train, val_loss=val)

    assert finding.severity is None
    assert ("after its first fall" in finding.summary) == (offset > 4.0)


@pytest.mark.parametrize(("back", "fires"), [(0.1, True), (0.4, False)])
def test_after_such_a_fall_what_overshot_and_settled_is_no_rise(back: float, *, fires: bool):
    """A small regression is at its end after a tenth of the run: beside so short a rest of its fall, how it settled looks large."""
    t = np.arange(N) / N
    fall = np.exp(-t / 0.02)
    train = 0.5 + 0.5 * fall + 0.002 * np.exp(-t / 0.2)
    top = np.interp(t, [0.08, 0.2, 0.4, 0.6], [0.0, 1.0, 1.0, 1.0 - back])

    assert fires == (judge(loss=train, val_loss=0.5 + 0.5 * fall + 0.03 * top) is not None)


def test_one_wrong_answer_more_of_a_few_dozen_is_no_second_witness():
    """Of 38 examples it is less than one standard error; of 3800, a hundred are more."""
    val, wrong = (
        rebounding(1.5 * HALVED * GIVEN_BACK),
        np.interp(np.arange(N), [0, 10, 60, 80], [0.1, 0.0, 0.0, 1 / 38]),
    )
    curves = {"loss": TRAIN, "val_loss": val, "val_accuracy": 1.0 - wrong}

    assert judge(Context(val_size=38), **curves) is None
    assert judge(Context(val_size=3800), **curves) is not None


def test_after_such_a_fall_a_rise_must_be_a_good_part_of_what_came_after_and_of_what_training_gained():
    """Else it is the wobble of a curve that rests."""
    steps = np.arange(N)
    fall = 8.0 * np.exp(-1.0 * steps)

    assert judge(loss=fall + TRAIN, val_loss=fall + 0.5 + 0.5 * rebounding(0.2)) is None
    assert judge(loss=fall + 4.0 * TRAIN, val_loss=fall + 0.5 + 0.5 * rebounding(0.9)) is None


def test_validation_that_was_never_better_than_training_began_asks_for_the_labels():
    """Learnt by heart is then everything: what is shuffled looks so, and no less what validation was taken from elsewhere."""
    train = np.linspace(2.3, 0.1, N)
    shuffled, usual = (found(loss=train, val_loss=np.linspace(start, 4.0, N)) for start in (2.31, 1.5))

    assert ["restore_best", "check_labels"] == [fix.action for fix in shuffled.fixes[:2]]
    assert "labels" in shuffled.causes[0].cause.lower()
    assert "check_labels" not in {fix.action for fix in usual.fixes}
    right = found(loss=train, val_loss=np.linspace(2.31, 4.0, N), val_accuracy=np.linspace(0.1, 0.4, N))
    assert "check_labels" not in {fix.action for fix in right.fixes}


@pytest.mark.parametrize(("right", "fires"), [(0.2, False), (0.9, True)])
def test_a_model_whose_answers_are_never_better_than_guesses_knows_nothing_by_heart(right: float, *, fires: bool):
    """Where the number of classes is known, whatever its two losses do; among many classes, several times one in C is no guess."""
    loss, val, few = 50.0 + falling(noise=0.0), 50.0 + turning(at=20), flat(level=right, noise=0.004)

    assert fires == (judge(Context(num_classes=5), loss=loss, val_loss=val, accuracy=few) is not None)
    assert judge(loss=loss, val_loss=val, accuracy=few) is not None
    assert judge(Context(num_classes=1000), loss=loss, val_loss=val, accuracy=few / 10) is not None


def test_labels_at_random_are_learnt_by_heart_as_soon_as_training_surely_leaves_chance():
    """A few right answers more than guesses, all of training: validation loses what it never had, and the labels come first."""
    learnt = {"loss": 2.31 - 0.09 * (1 - TRAIN) + 0.001 * JITTER, "accuracy": 0.10 + 0.07 * (1 - TRAIN)}
    learnt |= {"val_loss": 2.312 + 0.07 * (1 - TRAIN) + 0.001 * JITTER, "val_accuracy": 0.09 + 0.003 * JITTER}
    finding = found(Context(num_classes=10), **learnt)

    assert "check_labels" == finding.fixes[0].action
    assert "never better than guessing" in finding.summary
    drifts = learnt | {"accuracy": 0.10 + 0.02 * (1 - TRAIN) + 0.02 * JITTER}
    assert judge(Context(num_classes=10), **drifts) is None


def test_a_metric_that_was_better_before_the_checkpoint_speaks_of_its_own():
    """The loss went on falling while answers got worse: who ships answers goes back further."""
    val_loss = np.interp(np.arange(N), [0, 40, N], [2.0, 0.6, 1.0])
    early, late = (np.interp(np.arange(N), [0, at, N], [0.3, 0.85, 0.7]) + 0.002 * JITTER for at in (15, 40))
    said = [found(loss=TRAIN, val_loss=val_loss, val_accuracy=right).against for right in (early, late)]

    assert [True, False] == [any("val_accuracy was better at epoch" in line for line in against) for against in said]


def test_a_checkpoint_that_has_learnt_nothing_is_not_shipped_where_answers_got_better_since():
    """By its loss a small model of a hard task is best before it begins."""
    val_loss = np.concatenate(([2.303], np.linspace(2.34, 3.9, N - 1)))
    right = np.interp(np.arange(N), [0, 60, N], [0.1, 0.27, 0.25]) + 0.002 * JITTER
    finding = found(loss=2.3 * TRAIN, val_loss=val_loss, val_accuracy=right)

    assert "restore_best" == finding.fixes[0].action
    assert 40 < finding.fixes[0].params["epoch"] < 80
    assert finding.restore is not None
    assert finding.fixes[0].params["epoch"] == finding.restore.at


@pytest.mark.parametrize(("floor", "smaller"), [(1.9, False), (0.1, True)])
def test_a_model_that_cannot_fit_its_training_data_is_not_made_smaller(floor: float, *, smaller: bool):
    """Validation turned, and training rests at four fifths of what guessing costs: there is no room to give away."""
    loss = 2.3 - (2.3 - floor) * (1.0 - np.exp(-np.arange(N) / 25))
    validation = 2.3 - (2.3 - floor) * np.interp(np.arange(N), [0, 40, N - 1], [0.0, 0.6, 0.3])

    finding = found(Context(num_classes=10), loss=loss, val_loss=validation)

    assert ("decrease_capacity" in [fix.action for fix in finding.fixes]) == smaller


def test_what_is_learnt_anew_after_a_jump_costs_what_was_learnt_before():
    """Other examples from epoch 30 on: training recovers, and validation, of the ones before, gets worse and worse."""
    loss = np.concatenate((falling(n=30, start=2.2, floor=0.1), falling(n=30, start=3.5, floor=0.1, seed=1)))
    kept = falling(n=30, start=2.2, floor=0.15, seed=2)
    worse = np.concatenate((kept, np.linspace(0.8, 1.8, 30)))
    settled = np.concatenate((kept, np.linspace(0.9, 0.6, 30)))

    restore = found(loss=loss, val_loss=worse).restore

    assert restore is not None
    assert restore.at < 30
    assert judge(loss=loss, val_loss=settled) is None


def test_a_jump_of_training_is_held_against_training_in_whatever_units():
    """Where validation is an accuracy, a loss a thousand times as large has jumped no farther."""
    x = np.arange(100) / 100
    level = 2.2 * np.exp(-x / 0.05) + 2.0 * np.maximum(x - 0.3, 0.0)
    loss = 0.1 + 2.2 * np.exp(-x / 0.05) + 1.6 * np.where(x > 0.5, np.exp(-(x - 0.5) / 0.03), 0.0)
    noise = np.random.default_rng(0).standard_normal((2, 100))
    right = np.clip(1.0 - (0.15 + level) / 3 + 0.005 * noise[1], 0.0, 1.0)
    verdicts = [
        [j.condition for j in diagnose(run(loss=times * (loss + 0.02 * noise[0]), val_accuracy=of * right)).findings]
        for times, of in ((1.0, 1.0), (1e-3, 1.0), (1e3, 1.0), (1.0, 100.0))
    ]

    assert [verdicts[0]] * 4 == verdicts


@pytest.mark.parametrize("before", [[300.0], [1000.0, 60.0], [1000.0, 300.0, 100.0, 40.0, 20.0]])
def test_a_beginning_hundreds_of_times_as_high_hides_no_rise(before: list[float]):
    """Targets far from 0: the model learns their mean first, in one value or in several, and what comes after is what counts."""
    t = np.arange(50) / 50
    train = np.append(before, 0.05 + 2.0 * np.exp(-6.0 * t) + 0.01 * JITTER[:50])
    val = np.append(before, 0.3 + 2.0 * np.exp(-8.0 * t) + 1.2 * np.maximum(t - 0.3, 0.0) + 0.02 * JITTER[50:])
    finding = found(loss=train, val_loss=val)

    assert "after its first fall" in finding.summary
    assert "check_labels" not in {fix.action for fix in finding.fixes}
    assert judge(Context(num_classes=10), loss=train, val_loss=np.sort(val)[::-1]) is None


@pytest.mark.parametrize(("curves", "fires"), [({}, False), ({"loss": np.array([1.0, 0.8, 0.5])}, True)])
def test_a_few_validations_that_only_rise_tell_nothing_without_training(curves: dict[str, np.ndarray], *, fires: bool):
    """Nothing was ever gained: training may rise as well."""
    verdict = judge(val_loss=np.array([1.0, 1.2, 1.4]), **curves)

    assert fires == isinstance(verdict, Finding)
    assert fires or isinstance(verdict, Skipped)


@pytest.mark.parametrize(("finished", "asks"), [(False, False), (True, True)])
def test_a_rise_of_a_validation_that_jumps_about_stops_no_run_that_goes_on(finished: bool, asks: bool):  # noqa: FBT001
    """It may well be chance, and more of it will tell; once the run is over, there is nothing to wait for."""
    jumping = rebounding(0.9) + 0.15 * JITTER
    context = Context(finished=finished, planned_epochs=200)

    assert found(context, loss=TRAIN, val_loss=jumping).asks == asks
    assert found(context, loss=TRAIN, val_loss=rebounding(0.9)).asks


@pytest.mark.parametrize(("rise", "fires"), [(0.9 * PLENTY, False), (1.1 * PLENTY, True)])
def test_a_rise_far_beyond_the_bound_counts_though_training_had_next_to_nothing_left(rise: float, *, fires: bool):
    """Boosted trees know their data by heart when validation turns."""
    known = np.maximum(np.exp(-np.arange(N) / 6.0), 1e-3 * np.exp(-np.arange(N) / 300.0))

    assert fires == isinstance(judge(loss=known, val_loss=rebounding(rise * GIVEN_BACK)), Finding)


def test_where_training_was_thrown_up_meanwhile_that_has_cost_what_was_lost():
    """Whatever it gained afterwards."""
    known = np.maximum(np.exp(-np.arange(N) / 6.0), 1e-3 * np.exp(-np.arange(N) / 300.0))
    thrown = known + np.where((np.arange(N) > 60) & (np.arange(N) < 72), 0.3, 0.0)

    assert not isinstance(judge(loss=thrown, val_loss=rebounding(2 * PLENTY * GIVEN_BACK)), Finding)


def test_what_a_jump_of_training_cost_for_good_is_not_learnt_by_heart():
    """Corrupt batches threw both up: what training gains afterwards, it gains back."""
    steps = np.arange(N)
    thrown = np.where(steps < 50, np.exp(-steps / 10.0), 0.6 * np.exp(-(steps - 50) / 200.0)) + 0.005 * JITTER
    worse = np.where(steps < 50, np.exp(-steps / 10.0), 0.7) + 0.005 * JITTER[::-1]

    assert judge(loss=thrown, val_loss=worse) is None
    assert {"loss_spike", "divergence"} & {
        j.condition for j in diagnose(run(Context(), loss=thrown, val_loss=worse)).findings
    }


@pytest.mark.parametrize(("lost", "fires"), [(0.015, False), (0.03, True)])
def test_an_accuracy_that_lost_one_answer_in_a_hundred_has_not_turned(lost: float, *, fires: bool):
    """However little it had gained since its first value: so many come and go among a few hundred examples."""
    train = np.interp(np.arange(N), [0, N - 1], [0.90, 0.99])
    val = np.interp(np.arange(N), [0, 40, 80], [0.89, 0.92, 0.92 - lost])

    assert fires == isinstance(judge(train_accuracy=train, val_accuracy=val), Finding)


@pytest.mark.parametrize(
    ("accuracy", "fires"), [((0.5, 0.33), True), ((0.5, 0.5), False)], ids=["worse too", "as good"]
)
def test_a_metric_that_gets_worse_as_well_lets_a_noisy_training_tell_as_much(
    accuracy: tuple[float, float], *, fires: bool
):
    """Rewards compared with chosen and rejected swapped: whoever logs a noisy training loss beside it is told no less."""
    rng = np.random.default_rng(2)
    loss = np.linspace(0.70, 0.65, 25) + rng.normal(0.0, 0.02, 25)
    curves = {"loss": loss, "val_loss": np.linspace(0.7155, 0.8076, 25), "val_accuracy": np.linspace(*accuracy, 25)}

    assert isinstance(judge(**curves), Finding) == fires


def test_a_validation_that_comes_down_to_training_again_knows_nothing_by_heart():
    """Statistics of batch normalisation that lag at a tiny rate throw validation up at first."""
    loss = np.linspace(0.29, 0.2135, 20)
    hump = np.concatenate((np.linspace(0.137, 0.262, 4), np.linspace(0.259, 0.2123, 16)))

    assert judge(loss=loss, val_loss=hump) is None
    assert isinstance(judge(loss=loss - 0.1, val_loss=hump), Finding)


def test_a_loss_that_rose_by_decades_is_told_though_training_turned_at_the_end():
    """A likelihood without bound: what validation lost was lost long before."""
    loss = np.concatenate((np.geomspace(1.6, 0.27, 54), np.linspace(0.29, 0.65, 6)))
    rose = np.concatenate((np.linspace(1.57, 1.39, 8), np.geomspace(1.4, 2e4, 52)))

    assert found(loss=loss, val_loss=rose).severity == "error"


def test_a_log_that_begins_in_the_middle_of_a_run_does_not_know_what_all_that_was_gained_was():
    """A resumed detector's validation rises from its first value on: that is worth a warning, and no error."""
    curves = {"loss": np.linspace(0.064, 0.058, 60), "val_loss": np.linspace(0.37, 0.41, 60)}
    finding = resumed("overfitting", **curves)

    assert isinstance(finding, Finding)
    assert (finding.severity or "warning", found(**curves).severity) == ("warning", "error")


@pytest.mark.parametrize("accuracy", [True, False])
def test_a_validation_below_a_training_that_is_made_harder_overfits_all_the_same(*, accuracy: bool):
    """Mixup holds training above validation all along; what was learnt is lost, and coming back is not being back."""
    course = np.arange(80.0)
    val_loss = np.interp(course, [0, 20, 55, 79], [2.2, 0.4, 1.2, 0.9])
    val_accuracy = {"val_accuracy": np.interp(course, [0, 20, 55, 79], [0.1, 0.85, 0.6, 0.68])} if accuracy else {}

    assert isinstance(judge(loss=falling(n=80, start=3.8, floor=1.55), val_loss=val_loss, **val_accuracy), Finding)


@pytest.mark.parametrize(
    ("late", "first"), [(0.5, "metric_loss_mismatch"), (0.06, "overfitting")], ids=["climbs", "holds"]
)
def test_it_stands_before_a_metric_that_only_held_and_behind_one_that_went_on_climbing(late: float, first: str):
    """An accuracy at its top by then is no better for it; a detector's precision that rises for long after is what ships."""
    precision = 1.0 - falling(start=0.9, floor=0.2, tau=late, noise=0.003)
    report = diagnose(run(loss=falling(), val_loss=turning(at=20), val_accuracy=precision))

    assert {"overfitting", "metric_loss_mismatch"} <= {j.condition for j in report.findings}
    assert first == report.findings[0].condition


@pytest.mark.parametrize(("examples", "fires"), [(None, True), (200, True), (12, False)])
def test_a_turn_on_a_handful_of_examples_is_none_of_others(examples: int | None, *, fires: bool):
    """Said by the caller; nothing is said of it, and why."""
    verdict = judge(Context(val_size=examples), loss=falling(), val_loss=turning(at=20))

    assert fires == isinstance(verdict, Finding)
    assert fires or "12 examples" in str(verdict)


def test_the_steps_of_an_accuracy_betray_a_handful():
    """Twelfths of all answers are those of twelve."""
    right = np.round(12 * np.interp(np.arange(60), [0, 20, 59], [0.2, 0.9, 0.6])) / 12

    assert isinstance(judge(loss=falling(), val_loss=turning(at=20), val_accuracy=right), Skipped)


@pytest.mark.parametrize("end", [0.45, 0.52, 0.66, 1.0])
def test_a_few_values_each_higher_than_the_one_before_are_a_rise_however_steep(end: float):
    """A fine-tuning of six epochs: the steeper the rise, the more it looks like the noise of so few."""
    loss, val_loss = (np.array([1.0, 0.6, 0.4, 0.28, 0.2, 0.15]), np.append([1.0, 0.5], np.linspace(0.313, end, 4)))

    assert found(loss=loss, val_loss=val_loss).since == Position("epoch", 2)
    val_loss[4] = 0.33  # and back again
    assert end > 0.6 or not isinstance(judge(loss=loss, val_loss=val_loss), Finding)


def test_a_rise_that_gathers_speed_to_the_last_value_began_where_it_turned():
    """The last step is the longest, and far from all of it."""
    loss = np.array([1.5, 1.2, 1.05, 0.95, 0.8, 0.6, 0.45, 0.3, 0.2, 0.15])
    val_loss = np.array([2.0, 1.6, 1.3, 1.15, 1.05, 1.01, 1.11, 1.46, 1.73, 2.19])

    assert found(loss=loss, val_loss=val_loss).since == Position("epoch", 5)


@pytest.mark.parametrize("classes", [None, 10])
def test_a_few_hundredths_beside_all_that_is_learnt_of_classes_are_no_rise_after_a_first_fall(classes: int | None):
    """Validation began far below guessing and went back by next to nothing of that; of what began anywhere, its own fall counts."""
    early = np.array([0.28, 0.16, 0.22, 0.13, 0.124, 0.14, 0.122, 0.121, 0.117, 0.118, 0.116, 0.116])
    val = np.concatenate((early, 0.116 + 0.016 * (1 - np.exp(-np.arange(48) / 6)) + 0.001 * JITTER[:48]))
    train = 1.07 * np.exp(-np.arange(60) / 2.0) + 0.0014 + 0.012 * np.exp(-np.arange(60) / 20)
    answered = judge(Context(num_classes=classes), loss=train, val_loss=val)

    assert isinstance(answered, Finding) == (classes is None)


@pytest.mark.parametrize(
    ("epochs", "rate", "tuned"), [(5, None, True), (30, None, False), (30, 2e-5, True), (5, 1e-3, False)]
)
def test_nobody_chooses_how_wide_a_model_is_that_is_only_tuned(epochs: int, rate: float | None, *, tuned: bool):
    """After a few epochs, or at a rate for nothing else; smaller steps are advised where the rate is not known to be small."""
    val_loss = np.concatenate(([0.34, 0.35], np.linspace(0.49, 0.9, epochs - 2)))
    context = Context(optimizer="adamw" if rate else None, learning_rate=rate)
    asked = run(context, loss=0.4 * 0.4 ** np.arange(epochs), val_loss=val_loss)
    actions = [fix.action for fix in next(j for j in diagnose(asked).findings if j.condition == "overfitting").fixes]

    assert tuned == ("decrease_capacity" not in actions)
    assert (tuned and rate is None) == ("lower_learning_rate" in actions)


def test_a_metric_that_grew_carries_something_over():
    """The loss was best at once, the word error rate went on falling: nothing speaks for labels of another kind."""
    loss = np.array([0.3, 0.065, 0.01, 0.0024, 0.0007, 0.0003, 0.0002, 0.0002, 0.0002, 0.0001])
    curves = (
        Series("loss", loss, np.arange(500.0, 5001.0, 500.0), "step"),
        Series("eval_loss", np.array([0.321, 0.358, 0.394, 0.412, 0.42]), np.arange(1000.0, 5001.0, 1000.0), "step"),
        Series("eval_wer", np.array([0.789, 0.748, 0.743, 0.744, 0.745]), np.arange(1000.0, 5001.0, 1000.0), "step"),
    )
    grew, alone = (assemble(Log(logged, "example")) for logged in (curves, curves[:2]))

    told, untold = (next(j for j in diagnose(r).findings if j.condition == "overfitting").fixes for r in (grew, alone))

    assert "check_labels" not in {fix.action for fix in told}
    assert "check_labels" in {fix.action for fix in untold}


def test_what_is_to_be_stopped_is_not_gone_on_with():
    """Five values are too few for a trend, but not for this one: no other finding says to double them."""
    asked = run(loss=np.array([0.41, 0.22, 0.1, 0.04, 0.02]), val_loss=np.array([0.34, 0.35, 0.49, 0.62, 0.7]))

    report = diagnose(asked)

    assert report.decision.action == "stop"
    assert {"overfitting", "insufficient_data"} <= {j.condition for j in report.findings}
    assert "train_longer" not in {fix.action for j in report.findings for fix in j.fixes}


@pytest.mark.parametrize("after", ["falls", "rises"])
def test_a_validation_that_leaps_once_and_rises_no_more_was_changed_and_is_not_stopped(after: str):
    """Other labels, or other code: the checkpoint from before the step tells, and no data have to be collected."""
    loss, steps = 0.1 + 0.6 * np.exp(-np.arange(50) / 10.0), np.arange(50)
    tail = 0.24 - 0.0015 * (steps - 25) if after == "falls" else 0.24 + 0.012 * (steps - 25)
    val_loss = loss + 0.05 + np.where(steps >= 25, tail, 0.0) + 0.004 * JITTER[:50]

    report = diagnose(run(loss=loss, val_loss=val_loss))
    told = next(j for j in report.findings if j.condition == "overfitting")
    first = told.fixes[0]

    if after == "rises":
        assert (report.decision.action, first.action) == ("stop", "restore_best")
        return
    assert report.decision.action == "none"
    assert "in one step" in told.finding.summary
    assert ("check_labels", {"at": [24, 25]}) == (first.action, first.params)
    assert f"no longer {val_loss[24]:.4g}" in first.advice
    assert {"check_labels", "restore_best"} == {fix.action for fix in told.fixes}
