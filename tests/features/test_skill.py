import math

import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.skill import ANCHORED, GOOD, LUCK, SHARES, Skill, learns
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run


def skill_of(context: Context | None = None, **levels: float) -> Skill | None:
    """Measure the skill of a run that stays at these levels."""
    return measure(run(context, **{name: flat(level=level, noise=0.0) for name, level in levels.items()})).skill


def test_a_loss_alone_has_no_anchor():
    """Without knowing what guessing scores no level is good or poor."""
    assert skill_of(loss=2.3) is None
    assert skill_of(Context(num_classes=1), loss=2.3) is None
    assert skill_of(accuracy=0.7, loss=2.3) is None


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_a_cross_entropy_is_judged_by_ln_c(classes: int):
    """Guessing has no skill, half of ln C has half, zero is perfect."""
    guessing = math.log(classes)
    for level, share in ((guessing, 0.0), (guessing / 2, 0.5), (1e-12, 1.0), (2 * guessing, -1.0)):
        skill = skill_of(Context(num_classes=classes), loss=level)

        assert skill is not None
        assert share == pytest.approx(skill.share, abs=1e-9)
        assert skill.series == ("loss",)
        assert f"{guessing:.4g}" in skill.says


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_an_accuracy_is_judged_by_chance_in_either_unit(scale: float):
    """0.55 of ten classes is half the way from 0.1 to 1, and so is 55."""
    skill = skill_of(Context(num_classes=10), accuracy=0.55 * scale, loss=2.3)

    assert skill is not None
    assert skill.share == pytest.approx(0.5)
    assert skill.series == ("accuracy",)


@pytest.mark.parametrize(("metric", "chance"), ANCHORED.items())
def test_metrics_with_a_fixed_chance_level_need_no_context(metric: str, chance: float):
    """R², MCC, kappa and AUC bring their anchor along."""
    for share in (0.0, 0.5, 1.0):
        skill = skill_of(**{f"val_{metric}": chance + share * (1 - chance)})

        assert skill is not None
        assert share == pytest.approx(skill.share, abs=1e-9)


def test_the_callers_baseline_wins_over_ln_c():
    """What the caller says guessing scores is better known than ours."""
    skill = skill_of(Context(num_classes=10, baseline=4.0), loss=1.0)

    assert skill is not None
    assert skill.share == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("monitor", "metric", "share"),
    [("val_accuracy", "accuracy", -3.0), ("val_loss", "loss", 0.25), (None, "loss", 0.25), ("val_rmse", "rmse", -0.5)],
)
def test_a_baseline_is_held_against_what_monitor_names_else_against_the_loss(
    monitor: str | None, metric: str, share: float
):
    """An accuracy of nine in ten says nothing of a loss."""
    curves = {"loss": 0.6, "val_accuracy": 0.2} if metric != "rmse" else {"loss": 0.6, "val_rmse": 1.2}
    skill = skill_of(Context(num_classes=10, baseline=0.8, monitor=monitor), **curves)

    assert skill is not None
    assert (metric, True) == (skill.metric, skill.reference)
    assert skill.share == pytest.approx(share)


@pytest.mark.parametrize("baseline", [0.0, -1.0])
def test_a_baseline_that_cannot_be_improved_upon_is_no_anchor(baseline: float):
    """Below zero there is no way from guessing to zero."""
    assert skill_of(Context(baseline=baseline), loss=1.0) is None


@pytest.mark.parametrize(("task", "judged"), [(None, True), ("classification", True), ("regression", False)])
def test_ln_c_is_an_anchor_for_a_classification_only(task: str | None, *, judged: bool):
    """A mean squared error has nothing to do with the number of classes."""
    assert judged == (skill_of(Context(num_classes=10, task=task), loss=1.0) is not None)


def test_the_training_metric_is_judged_before_validations():
    """Underfitting is seen where the model has seen the data."""
    skill = skill_of(Context(num_classes=2), accuracy=0.75, val_accuracy=0.6)

    assert skill is not None
    assert skill.series == ("accuracy",)
    assert skill.share == pytest.approx(0.5)


def test_a_metric_without_an_anchor_gives_way_to_the_next():
    """F1 has no fixed chance level; the loss beside it may."""
    skill = skill_of(Context(num_classes=10), f1=0.5, loss=math.log(10) / 2)

    assert skill is not None
    assert skill.series == ("loss",)


def test_a_metric_that_stands_in_for_a_loss_is_not_judged_by_ln_c():
    """Only a loss is a cross-entropy."""
    assert skill_of(Context(num_classes=10, baseline=2.0), f1=0.5) is None


def test_the_final_level_is_judged():
    """Where it ended, not where it was best."""
    accuracy = np.concatenate((np.full(40, 0.9), np.full(40, 0.55)))
    skill = measure(run(Context(num_classes=10), accuracy=accuracy)).skill

    assert skill is not None
    assert skill.share == pytest.approx(0.5)


def metric_of(context: Context, **series: np.ndarray) -> bool:
    """Whether the one metric of this run shows that something is learnt."""
    metric = measure(run(context, **series)).train_metric
    assert metric is not None
    return learns(metric, context)


@pytest.mark.parametrize(("times", "learnt"), [(1.1, True), (0.9, False)])
def test_an_accuracy_must_beat_chance_by_more_than_luck(times: float, *, learnt: bool):
    """Just over the named share of the way it is learning, just under it is fitting noise."""
    level = 0.1 + times * LUCK * 0.9

    assert learnt == metric_of(Context(num_classes=10), accuracy=flat(level=level, noise=0.0))
    assert learnt == metric_of(Context(num_classes=10), accuracy=flat(level=100 * level, noise=0.0))


@pytest.mark.parametrize("metric", sorted(SHARES))
def test_without_an_anchor_a_share_of_right_answers_was_good_from_the_start(metric: str):
    """No balanced guess reaches that far; a constant one is a constant answer, and an error is no share."""
    for level, good in ((1.05 * GOOD, True), (0.95 * GOOD, False)):
        assert good == metric_of(Context(), **{metric: flat(level=level, noise=0.002)})
        assert not metric_of(Context(), **{metric: flat(level=level, noise=0.0)})
    assert not metric_of(Context(), mape=flat(level=0.9, noise=0.002))


def test_without_an_anchor_a_metric_that_improves_for_sure_is_learning():
    """A rise beyond the noise of its end overturns a flat loss; a wander within it does not."""
    rising = np.linspace(0.1, 0.4, 60)

    assert metric_of(Context(), accuracy=rising)
    assert metric_of(Context(), mae=1 - rising)
    assert not metric_of(Context(), accuracy=rising[::-1].copy())
    assert not metric_of(Context(), accuracy=flat(level=0.3, noise=0.05))


def test_an_accuracy_that_rose_at_once_and_rests_has_learnt():
    """It has no trend, as values of one level hardly count as many; an answer that is always the same has learnt nothing."""
    rests = np.concatenate((np.linspace(0.25, 0.5, 12), flat(level=0.5, n=40, noise=0.004)))
    one = np.where(np.arange(52) < 1, 0.3, 0.55)
    lucky = np.array([0.2, 0.5, 0.4, 0.6, 0.5, 0.4, 0.6, 0.4, 0.7, 0.5, 0.4, 0.6])  # ten coins each

    for scale in (1.0, 100.0):
        assert metric_of(Context(), accuracy=scale * rests)
        assert not metric_of(Context(), accuracy=scale * one)
        assert not metric_of(Context(), accuracy=scale * lucky)
        assert not metric_of(Context(), accuracy=scale * (0.4 + (rests - 0.4) / 3))


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_level_of_a_noisy_score_is_known_as_well_as_its_noise_lets_it(scale: float):
    """In shares of the way from guessing, in either unit; of a calm one it is known."""
    noisy = scale * flat(level=0.5, noise=0.1)
    skill = measure(run(Context(num_classes=10), val_accuracy=noisy, loss=falling())).skill
    calm = skill_of(Context(num_classes=10), accuracy=0.5, loss=2.3)

    assert skill is not None
    assert skill.error == pytest.approx(0.1 / 0.9 * math.sqrt(0.5 * math.pi / 4), rel=0.4)
    assert calm is not None
    assert calm.error == pytest.approx(0.0, abs=1e-9)
