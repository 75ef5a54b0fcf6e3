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


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("world_size", np.where(np.arange(N) < 150, 8.0, 7.0)),
        ("queue_len", np.where(np.arange(N) < 150, 8.0, 7.0)),
        ("seq_len", np.where(np.arange(N) == 149, np.nan, 512.0)),
        ("seq_len", np.arange(N) // 5.0),
    ],
    ids=["a node left", "a queue", "a value was not logged", "it changes all the time"],
)
def test_what_is_no_setting_of_the_task_explains_no_spike(name: str, setting: np.ndarray):
    """The jump is the run's own."""
    loss = 0.1 + 2.0 * np.exp(-np.arange(N) / 40) + 0.005 * np.random.default_rng(0).standard_normal(N)
    loss[150] += 3.0

    assert "loss_spike" in said(by_step(run(loss=loss, **{name: setting})))


def test_each_of_several_settings_explains_what_comes_after_its_changes():
    """Not only those of the one that is logged first."""
    loss = 0.1 + 2.0 * np.exp(-np.arange(N) / 40) + 0.005 * np.random.default_rng(0).standard_normal(N)
    loss[150] += 3.0
    sizes = {"crop_size": np.where(np.arange(N) < 60, 1.0, 2.0), "seq_len": np.where(np.arange(N) < 150, 1.0, 2.0)}

    assert "loss_spike" not in said(by_step(run(loss=loss, **sizes)))


def test_no_setting_explains_a_loss_that_ends_above_where_it_began():
    """A harder task is no harder than the first one was before anything was learnt."""
    thrown = np.append(0.1 + 2.0 * np.exp(-np.arange(150) / 40), np.full(150, 50.0))
    stage = np.where(np.arange(N) < 150, 1.0, 2.0)

    assert "divergence" in said(run(loss=thrown, val_loss=thrown, stage=stage))
