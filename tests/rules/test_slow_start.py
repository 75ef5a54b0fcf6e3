import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.late_start import ALONE, LATE, MOVED, POINTS, SIGMAS, STEEPER
from diagnosis.rule import Finding, Skipped, all_rules
from diagnosis.rules.slow_start import LONG
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, linear, run
from tests.rules.asking import ask, numbers, resumed

RULE = all_rules()["slow_start"]
judge, found = ask("slow_start")
N = 100
JITTER = 0.002 * np.random.default_rng(0).standard_normal(N)


def late(onset: int, n: int = N, before: float = 0.0) -> np.ndarray:
    """A level that is left at an index, then an exponential; `before` is lost on the way there, as a share."""
    steps = np.arange(n)
    fall = 2.0 * np.exp(-np.maximum(steps - onset, 0) / (0.1 * n))
    return 0.3 + fall * (1 - before) + 2.0 * before * (1 - np.minimum(steps / onset, 1.0)) + JITTER[:n]


def test_the_onset_is_found_and_told():
    """Where it set in, as logged, and what share of the run that took."""
    finding = found(loss=late(40))

    assert finding.until is not None
    assert 40 <= finding.until.at <= 43
    assert numbers(finding)["onset"].value == pytest.approx(0.42, abs=0.02)
    assert numbers(finding)["onset"].bound == LATE
    assert "learning sets in at epoch 4" in finding.summary
    assert finding.severity == "warning"


@pytest.mark.parametrize(("plateau", "onset", "fires"), [(1.8, 45, True), (0.8, 45, False), (1.8, 25, False)])
def test_a_plateau_after_a_first_step_hides_no_late_onset(plateau: float, onset: int, *, fires: bool):
    """A language model counts words at once, and learns what follows what much later; a drop at the end of what is learnt is none."""
    steps = np.arange(N)
    first = (2.6 - plateau) * np.exp(-steps / 2.0)
    fall = (plateau - 0.3) * (1 - np.exp(-np.maximum(steps - onset, 0) / 12.0))
    finding = judge(loss=plateau + first - fall + JITTER)

    assert fires == isinstance(finding, Finding)
    if isinstance(finding, Finding):
        assert "stays at 1.8" in finding.summary
        assert finding.since is not None
        assert finding.since.at == N // 10


@pytest.mark.parametrize(("onset", "fires"), [(13, True), (7, False)])
def test_an_onset_within_the_named_share_is_an_ordinary_beginning(onset: int, *, fires: bool):
    """A tenth of the run."""
    assert fires == (judge(loss=late(onset)) is not None)


@pytest.mark.parametrize(("onset", "fires"), [(POINTS + 1, True), (POINTS - 3, False)])
def test_a_few_values_are_no_level(onset: int, *, fires: bool):
    """In a short run a third of it is a point or two."""
    assert fires == (judge(loss=late(onset, n=16)) is not None)


@pytest.mark.parametrize(("before", "fires"), [(MOVED, True), (4 * MOVED, False)])
def test_what_moved_before_was_learning(before: float, *, fires: bool):
    """Half of what is lost before the onset is lost half-way to it."""
    assert fires == (judge(loss=late(40, before=before)) is not None)


def test_a_fall_that_is_no_steeper_than_before_has_no_onset():
    """A straight line makes its first twentieth after a twentieth of the run."""
    assert judge(loss=linear(start=2.0, end=1.0, n=N)) is None
    assert numbers(found(loss=late(40)))["steeper"].value > STEEPER


def test_a_fall_within_the_noise_has_no_onset():
    """It cannot be placed."""
    quiet = late(40) - JITTER

    assert numbers(found(loss=quiet + 10 * JITTER))["progress_over_noise"].value > SIGMAS
    assert judge(loss=quiet + 150 * JITTER) is None


def warmed(share: float) -> np.ndarray:
    """A rate that is warmed up over this share of the run."""
    return 0.1 * np.minimum((np.arange(N) + 1) / (share * N), 1.0)


def test_a_warm_up_of_ordinary_length_explains_it():
    """The rate was too low until then, by design."""
    assert judge(loss=late(16), lr=warmed(0.8 * LONG)) is None
    assert judge(loss=late(16), lr=np.full(N, 0.1)) is not None


def test_a_long_warm_up_is_said_and_is_the_first_thing_to_shorten():
    """As information: the run does what it was told."""
    finding = found(Context(steps_per_epoch=50), loss=late(40), lr=warmed(0.4))

    assert finding.severity == "info"
    assert finding.fixes[0].action == "shorten_warm_up"
    assert finding.fixes[0].params == {"steps": round(39 * 50 / 4), "factor": 0.25}
    assert finding.causes[0].cause == "The warm-up is too long."


def test_learning_that_sets_in_long_after_the_warm_up_is_not_its_doing():
    """It had the full rate for most of that time."""
    finding = found(loss=late(60), lr=0.01 * warmed(0.05))

    assert finding.severity == "warning"
    assert [fix.action for fix in finding.fixes][:2] == ["raise_learning_rate", "shorten_warm_up"]


def test_a_fall_that_a_drop_of_the_rate_set_off_is_no_onset():
    """Learning was possible only from then on."""
    assert judge(loss=late(40), lr=np.where(np.arange(N) < 40, 0.1, 0.01)) is None


def test_a_drop_late_in_a_run_that_learnt_is_no_onset():
    """A quarter of the progress came first."""
    steps = np.arange(N)
    grokking = 1.0 + 1.0 * np.exp(-steps / 5) - 0.9 / (1 + np.exp(-(steps - 70) / 2)) + JITTER

    assert judge(loss=grokking) is None


def test_an_unfinished_run_is_judged_by_its_plan():
    """A share of what is planned; without a plan, nothing can be said."""
    running = late(40)

    assert isinstance(judge(Context(finished=False), loss=running), Skipped)
    assert isinstance(judge(Context(planned_epochs=200), loss=running), Finding)
    assert judge(Context(planned_epochs=1000), loss=running) is None


def test_the_onset_stays_where_it_is_as_the_run_goes_on():
    """Fed epoch by epoch, the finding is steady once the descent is clear."""
    places = []
    for n in range(50, N + 1, 5):
        finding = judge(Context(planned_epochs=N), loss=late(40)[:n])
        assert isinstance(finding, Finding)
        assert finding.until is not None
        places.append(finding.until.at)

    assert max(places) - min(places) <= 2


def test_a_slow_start_explains_a_slow_convergence():
    """And both are never said together."""
    assert RULE.supersedes == ("slow_convergence",)
    assert RULE.decides is None


LOOK_ALIKES = {
    "a fast first drop": falling(tau=0.03, n=N),
    "an exponential": falling(tau=0.4, n=N),
    "a power law": np.arange(1.0, N + 1) ** -0.3,
    "a level": flat(n=N),
    "a rise": np.linspace(1.0, 2.0, N),
    "a hump first": np.interp(np.arange(N), [0, 20, 40, 99], [1.0, 1.5, 0.5, 0.3]),
    "a constant": np.ones(N),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """What falls from its first value on, or never, starts like any other."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_steps_say_the_same_as_epochs():
    """And a thinned log as well."""
    whole, thinned = found(loss=late(40)), found(loss=late(40)[::2])

    assert numbers(thinned)["onset"].value == pytest.approx(numbers(whole)["onset"].value, abs=0.02)


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """A few points have no onset."""
    assert judge(val_loss=falling()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=np.linspace(1, 0, RULE.points - 1)), Skipped)


def test_it_stands_in_the_whole_answer():
    """Attention, with the onset in the headline."""
    answer = diagnose(run(loss=late(40)))

    assert "slow_start" in {j.condition for j in answer.findings}
    assert answer.status == "attention"


def test_a_log_that_begins_in_the_middle_of_a_run_has_no_beginning():
    """What looks like a shelf is where it was resumed."""
    assert resumed("slow_start", loss=late(40)) == Skipped("the log begins at epoch 200: what came before is not known")


def test_what_is_learnt_by_heart_is_no_start():
    """Training sinks from the first value on, validation stands still until something is learnt that holds for it too."""
    by_heart = np.linspace(0.69, 0.6, N) - np.where(np.arange(N) > 45, 0.008 * (np.arange(N) - 45), 0.0)
    stands = 0.69 - np.where(np.arange(N) > 45, 0.008 * (np.arange(N) - 45), 0.0) + 0.2 * JITTER
    finding = found(loss=by_heart, val_loss=stands)

    assert judge(loss=by_heart) is None
    assert "while loss sinks" in finding.summary
    assert "memorised" in finding.causes[0].cause
    assert not {"fix_initialization", "normalize_inputs"} & {fix.action for fix in finding.fixes}
    assert ("val_loss",) == finding.series
    assert numbers(finding)["onset"].bound == ALONE
    assert finding.until is not None
    assert 45 <= finding.until.at <= 55
    assert judge(loss=falling(n=N), val_loss=0.69 - 0.002 * np.arange(N)) is None


def test_the_rate_is_raised_first_unless_it_is_high_already():
    """Larger steps leave any level sooner; where they may not be borne, the start itself is mended first."""
    usual, high = Context(optimizer="adam", learning_rate=1e-3), Context(optimizer="adam", learning_rate=1e-2)
    first = {
        name: found(context, loss=late(40)) for name, context in (("unknown", None), ("usual", usual), ("high", high))
    }

    assert {"unknown": "raise_learning_rate", "usual": "raise_learning_rate", "high": "fix_initialization"} == {
        name: finding.fixes[0].action for name, finding in first.items()
    }
    assert ["learning rate" in first[name].causes[0].cause for name in ("usual", "high")] == [True, False]
    far = found(Context(optimizer="sgd", learning_rate=5.0), loss=late(40))
    assert ("lower_learning_rate", 0.03) == (far.fixes[0].action, far.fixes[0].params["learning_rate"])


def test_training_that_stands_still_with_validation_learns_nothing_by_heart():
    """A first value before the weights were thrown hides its onset, and not that it stood still."""
    stands = late(40)
    training = np.concatenate(([stands[0] - 0.1], stands[1:]))
    finding = found(loss=training, val_loss=stands + 0.01)

    assert ("val_loss",) == finding.series
    assert "sinks" not in finding.summary
    assert {"add_data", "increase_regularization"}.isdisjoint(fix.action for fix in finding.fixes)


@pytest.mark.parametrize("sinks", [0.0, 0.08], ids=["its first average alone", "as validation does"])
def test_training_that_does_not_leave_validation_behind_learns_nothing_by_heart(sinks: float):
    """The first value averages the way to the level it stays at; and what sinks with validation is a slow beginning."""
    stands = late(40) - sinks * np.minimum(np.arange(N) / 40.0, 1.0)
    training = stands - 0.05
    training[0] += 0.5

    finding = found(loss=training, val_loss=stands)
    assert "sinks" not in finding.summary
    assert {"add_data", "increase_regularization"}.isdisjoint(fix.action for fix in finding.fixes)


def test_memorising_that_sets_in_late_is_no_slow_start():
    """Validation never was better than training began: what is learnt from there on is learnt by heart."""
    late = np.concatenate((flat(n=30), falling(n=40)))
    worse = np.concatenate((flat(n=30, seed=1), 2.3 + 0.02 * np.arange(40.0)))

    assert judge(loss=late, val_loss=late + 0.01) is not None
    assert judge(loss=late / 4, val_loss=7.0 * late) is not None  # on another scale
    assert judge(loss=late, val_loss=worse) is None


@pytest.mark.parametrize(("share", "severity"), [(0.15, "info"), (0.3, "warning")])
def test_a_start_that_costs_little_of_the_run_is_worth_knowing_only(share: float, severity: str):
    """No remedy of it wins back more than that."""
    assert severity == found(loss=late(round(share * N))).severity


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("course", "fires"),
    [
        (np.where(np.arange(N) < 40, 1.0, np.exp(-np.maximum(np.arange(N) - 40, 0) / 10)), True),
        (np.exp(-np.arange(N) / 30), False),
        (1.0 - np.arange(N) / N, False),
    ],
    ids=["sets in at once", "an exponential", "a straight line"],
)
def test_noise_does_not_hide_that_nothing_moved_before_a_loss_set_in_at_once(
    course: np.ndarray, seed: int, *, fires: bool
):
    """Two per cent of the level, as small batches have: the lowest of forty values is as far down by chance."""
    loss = (0.2 + 2.0 * course) * (1.0 + 0.015 * np.random.default_rng(seed).standard_normal(N))

    assert fires == isinstance(judge(loss=loss), Finding)
