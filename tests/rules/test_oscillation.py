import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.swings import BINS
from diagnosis.rule import Skipped, all_rules
from diagnosis.rules.oscillation import CALMING, LEARNT, SEEN, WIDE
from diagnosis.run import Context, Curve, Run
from diagnosis.synthetic import falling, flat, spiked
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["oscillation"]
judge, found = ask("oscillation")
N = 100
JITTER = np.random.default_rng(5).standard_normal(N)


def swinging(width: float, *, last: float = 1.0) -> np.ndarray:
    """A fall by one that swings over its second half, in the last quarter times `last`."""
    size = np.where(np.arange(N) < N // 2, 0.0, np.where(np.arange(N) < 3 * N // 4, 1.0, last))
    return np.concatenate((np.linspace(2.0, 1.0, 40), np.ones(N - 40))) + width * size * JITTER


def test_the_narrowest_swings_that_fire_are_the_named_share_of_progress():
    """Measured about the smooth course, over the second half."""
    width = faintest(lambda width: judge(loss=swinging(width)) is not None, 0.01, 0.4)
    scatter = numbers(found(loss=swinging(width)))["scatter"]

    assert scatter.value == pytest.approx(WIDE, rel=1e-3)
    assert scatter.bound == WIDE
    assert 0.7 * width < WIDE * 1.3


def test_what_was_learnt_must_show():
    """The beginning stands the named standard errors above the second half; a level that only swings is another condition."""

    def beginning(height: float) -> np.ndarray:
        return np.concatenate((np.full(20, height), np.zeros(N - 20))) + 0.3 * JITTER

    height = faintest(lambda height: judge(loss=beginning(height)) is not None, 0.0, 1.0)

    assert numbers(found(loss=beginning(height)))["learnt"].value == pytest.approx(LEARNT, rel=1e-3)


def test_swings_as_wide_as_the_whole_fall_are_named():
    """A falling loss that swings by as much as it falls is no healthy one."""
    assert judge(loss=np.linspace(1.0, 0.0, N) + 0.6 * JITTER) is not None


def test_where_guessing_is_known_swings_are_held_against_it():
    """With a metric that shows learning, a level that swings by a fifth of what guessing costs is enough."""
    context, metric = Context(num_classes=10), np.full(N, 0.7)
    wide = WIDE * np.log(10) * 1.3

    assert "of what guessing costs" in found(context, loss=3.0 + wide * JITTER, accuracy=metric).summary
    assert judge(context, loss=3.0 + 0.5 * wide * JITTER, accuracy=metric) is None
    assert judge(context, loss=3.0 + wide * JITTER, accuracy=np.full(N, 0.1)) is None
    assert judge(loss=3.0 + wide * JITTER, accuracy=metric) is None


def test_two_witnesses_need_less_each():
    """A beginning that stands out a little will do where a metric shows learning as well."""

    def beginning(height: float) -> np.ndarray:
        return np.concatenate((np.full(20, height), np.zeros(N - 20))) + 0.3 * JITTER

    def least(level: float) -> float:
        context, metric = Context(num_classes=10), np.full(N, level)
        return faintest(lambda height: judge(context, loss=beginning(height), accuracy=metric) is not None, -0.2, 1.0)

    assert least(0.7) < least(0.1)


def test_swings_that_nobody_would_notice_against_guessing_are_none():
    """Below the named share of what guessing costs."""
    small = SEEN * np.log(10) / 0.4

    assert judge(Context(num_classes=10), loss=1.0 + 0.8 * small * swinging(0.4)) is None
    assert judge(Context(num_classes=10), loss=1.0 + 2.0 * small * swinging(0.4)) is not None


def test_values_within_an_epoch_are_batches():
    """Where fewer are averaged than would calm them, wider swings are ordinary."""
    values, steps = swinging(0.35), Context(steps_per_epoch=20)
    curve = Curve("loss", "train_loss", "loss", values, np.arange(N, dtype=float), "step")
    by_step = measure(Run((curve,), steps))

    assert judge(loss=values) is not None
    assert RULE.judge(by_step) is None


def test_swings_of_a_rate_that_goes_up_again_and_again_are_the_schedules():
    """Logged beside the loss, it explains them."""
    cycling = 0.1 * (1.1 - np.arange(N) % 10 / 10)

    assert judge(loss=swinging(0.4), lr=cycling) is None
    assert judge(loss=swinging(0.4), lr=np.linspace(0.1, 0.0, N)) is not None


def test_rewards_are_not_judged():
    """Episodes scatter by what they are."""
    assert judge(reward=-swinging(0.4)) is None
    assert judge(psnr=-swinging(0.4)) is not None


def test_swings_that_calm_down_are_settling():
    """The last quarter against the one before; just above the named share it does not calm."""
    last = faintest(lambda last: judge(loss=swinging(0.5, last=last)) is not None, 0.2, 1.0)

    assert numbers(found(loss=swinging(0.5, last=last)))["calming"].value == pytest.approx(CALMING, rel=1e-3)


def test_it_is_dated_from_the_middle():
    """The second half is what was judged."""
    finding = found(loss=swinging(0.4))

    assert finding.since is not None
    assert finding.since.at == N // 2


def test_fixes_lower_the_rate_tenfold_first():
    """With the rate and the batch known, in numbers."""
    fixes = {
        fix.action: fix.params for fix in found(Context(learning_rate=0.1, batch_size=32), loss=swinging(0.4)).fixes
    }

    assert ["lower_learning_rate", "schedule_learning_rate", "increase_batch_size", "check_labels"] == list(fixes)
    assert fixes["lower_learning_rate"] == {"factor": 0.1, "learning_rate": 0.01}
    assert fixes["schedule_learning_rate"] == {"kind": "cosine"}
    assert fixes["increase_batch_size"] == {"factor": 2, "batch_size": 64}


def test_noise_between_single_steps_is_the_batchs():
    """A fine log is averaged into a hundred bins first: what swings per step is calm per bin."""
    loud = falling(start=2.0, floor=1.0, n=100 * BINS, noise=0.4)

    assert judge(loss=loud) is None
    assert judge(loss=swinging(0.4)) is not None


LOOK_ALIKES = {
    "ordinary noise": falling(n=N, noise=0.1),
    "one spike": spiked(falling(n=N), at=(80,), height=2.0),
    "a level with noise": flat(n=N, noise=0.5),
    "a fall that never ends": np.linspace(2, 1, N),
    "a rise": np.linspace(1, 2, N),
    "a constant": np.ones(N),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stay_quiet(name: str):
    """Noise, spikes, and what never learnt."""
    assert judge(loss=LOOK_ALIKES[name]) is None


def test_it_is_skipped_without_a_training_loss_or_with_too_few_values():
    """Swings need a while to be seen."""
    assert judge(val_loss=falling()) == Skipped("lacks a training loss")
    assert isinstance(judge(loss=falling(n=RULE.points - 1)), Skipped)


def test_it_explains_its_spikes():
    """The tallest swing is no event of its own."""
    assert "loss_spike" in RULE.supersedes
