import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.run import Run
from diagnosis.synthetic import run
from tests.rules.asking import by_step

N, EVERY = 300, 50
LENGTH = 2.0 + np.minimum(np.arange(N) // EVERY, 4)


def staged(heights: float = 2.0) -> np.ndarray:
    """Learnt anew after each of four changes."""
    since = np.arange(N) - EVERY * (LENGTH - 2.0)
    return 0.1 + heights * np.exp(-since / 4) + 0.005 * np.random.default_rng(0).standard_normal(N)


def said(asked: Run) -> set[str]:
    """What is wrong with it, by name."""
    return {j.condition for j in diagnose(asked).findings if j.severity != "info"}


BLAMED = {"loss_spike", "periodic_pattern", "exploding_gradients", "divergence", "oscillation"}


def test_a_loss_that_jumps_where_a_logged_setting_changes_is_not_blamed_for_it():
    """A curriculum gets harder on purpose, and is learnt again each time."""
    norm = np.where(np.diff(LENGTH, prepend=2.0) > 0, 30.0, 1.0) * np.ones(N)
    asked = by_step(run(loss=staged(), grad_norm=norm, seq_len=LENGTH))
    bare = by_step(run(loss=staged(), grad_norm=norm))

    assert said(bare) & BLAMED
    assert not said(asked) & BLAMED
    assert any("seq_len changes at step 50, 100" in note for note in measure(asked).notes)


@pytest.mark.parametrize("end", [N // 2 + 20, 2 * EVERY + 12])
def test_a_curriculum_that_just_got_harder_has_not_diverged(end: int):
    """The loss of the stage before says nothing of this one."""
    assert "divergence" not in said(by_step(run(loss=staged()[:end], seq_len=LENGTH[:end])))


def test_a_jump_elsewhere_is_still_one():
    """Between two changes a setting explains nothing."""
    loss = staged()
    loss[130] += 4.0
    asked = by_step(run(loss=loss, seq_len=LENGTH))

    assert "loss_spike" in said(asked)


@pytest.mark.parametrize("name", ["loss_scale", "skipped_steps", "participants"])
def test_what_changes_in_steps_because_something_broke_is_no_setting(name: str):
    """A scaler halves at an overflow: that follows from the jump."""
    assert said(by_step(run(loss=staged(), **{name: LENGTH}))) & BLAMED
