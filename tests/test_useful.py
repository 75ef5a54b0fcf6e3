"""What is not worth advising to a run, by what was said of it and by what it logged."""

from dataclasses import replace

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.advice.clipping import clip
from diagnosis.advice.datasets import augment
from diagnosis.advice.fix import Fix
from diagnosis.advice.rates import cosine
from diagnosis.advice.stopping import restore
from diagnosis.advice.useful import LARGER, useful
from diagnosis.advice.verbs import OF_NETWORKS, VERBS
from diagnosis.advice.warm_ups import warm_up
from diagnosis.features import measure
from diagnosis.run import Context, Position, Source, Task
from diagnosis.synthetic import falling, run, turning

WHY = "It should help here."
RISING = np.minimum(np.arange(60) / 20, 1.0)


def test_trees_are_not_told_what_only_networks_can_do():
    """They overfit as networks do, and have no dropout, no layers and no optimiser."""
    report = diagnose(run(Context(optimizer="LightGBM"), loss=falling(), val_loss=turning(at=20)))
    advised = {fix.action for judged in report.findings for fix in judged.fixes}

    assert {"restore_best", "stop_early", "add_data"} <= advised
    assert not advised & OF_NETWORKS


def test_what_only_networks_have_is_of_the_table():
    """Every one of them is a verb."""
    assert OF_NETWORKS <= set(VERBS)


def test_a_logged_warm_up_is_not_advised_again():
    """Nor to a log that begins later; to any other it is."""
    plain, warmed = measure(run(loss=falling())), measure(run(loss=falling(), lr=0.1 * RISING))

    assert useful(warm_up(Context(), WHY), plain)
    assert not useful(warm_up(Context(), WHY), warmed)
    assert useful(clip(None, WHY), warmed)


def test_a_rate_that_was_seen_to_fall_to_zero_is_not_told_to():
    """A drop elsewhere may still be."""
    annealed = measure(run(loss=falling(), lr=0.1 * (1.0 - np.arange(60) / 60)))

    assert not useful(cosine(WHY), annealed)
    assert not useful(cosine(WHY), measure(run(loss=falling(), lr=0.1 * (1.0 - np.arange(60) / 120))))
    assert useful(cosine(WHY), measure(run(loss=falling(), lr=np.full(60, 0.1))))
    assert useful(cosine(WHY), measure(run(loss=falling(), lr=np.where(np.arange(60) < 40, 0.1, 0.02))))
    assert useful(restore(Position("epoch", 3), WHY), annealed)


@pytest.mark.parametrize(("every", "said"), [(None, False), (1, False), (5, True)])
def test_a_checkpoint_that_may_not_have_been_kept_is_not_all_that_is_offered(every: int | None, *, said: bool):
    """Where to go back to stays the same."""
    report = diagnose(run(Context(checkpoint_every=every), loss=falling(), val_loss=turning(at=20)))
    back = next(fix for fix in report.findings[0].fixes if fix.action == "restore_best")

    assert said == back.advice.endswith(", or the nearest of those kept every 5 epochs.")
    assert report.decision.restore is not None
    assert back.params == {"epoch": report.decision.restore.at}


def test_the_checkpoint_of_what_is_monitored_may_not_have_been_kept_either():
    """No finding looks at it: it is put in when the report has been made of one piece."""
    context = Context(checkpoint_every=5, monitor="val_accuracy")
    answers = 0.5 + 0.2 * np.exp(-((np.arange(60) - 31.0) ** 2) / 200)
    report = diagnose(run(context, loss=falling(), val_loss=turning(at=20), val_accuracy=answers))
    back = [fix for judged in report.findings for fix in judged.fixes if fix.action == "restore_best"]

    assert [{"epoch": 31}] == [fix.params for fix in back]
    assert back[0].advice.endswith(", or the nearest of those kept every 5 epochs.")


def test_what_the_caller_does_is_not_advised():
    """By context."""
    assert not useful(clip(None, WHY), measure(run(Context(gradient_clipping=1.0), loss=falling())))


@pytest.mark.parametrize(("factor", "of_use"), [(1.02, False), (LARGER, True)])
def test_a_validation_set_is_not_made_larger_by_next_to_nothing(factor: float, *, of_use: bool):
    """Less noise than that takes off cannot be seen."""
    fix = Fix("enlarge_validation_set", "Validate on more.", "It is noisy.", {"size": 100, "factor": factor})

    assert of_use == useful(fix, measure(run(loss=falling())))


@pytest.mark.parametrize(
    ("scheduler", "action", "of_use"),
    [
        ("CosineAnnealingWarmRestarts", "warm_up", True),
        ("linear_with_warmup", "warm_up", False),
        ("constant_with_warmup", "schedule_learning_rate", True),
        ("cosine", "schedule_learning_rate", False),
    ],
)
def test_a_scheduler_is_known_by_what_it_does(scheduler: str, action: str, *, of_use: bool):
    """Restarts are warm without warming up, and a constant rate is none that falls."""
    assert of_use != Fix(action, "Do it.", "It helps.").done(Context(scheduler=scheduler))


def test_what_is_far_above_the_usual_is_not_raised_nor_a_heavy_dropout_made_heavier():
    """Adam at six times its usual rate, and nine units in ten dropped, have room only the other way."""
    higher, more = Fix("raise_learning_rate", WHY, WHY, {}), Fix("increase_regularization", WHY, WHY, {})
    plain, hot = (measure(run(Context(optimizer="adam", learning_rate=rate), loss=falling())) for rate in (1e-3, 6e-3))

    assert (True, False) == (useful(higher, plain), useful(higher, hot))
    assert useful(more, plain)
    assert not useful(more, measure(run(Context(dropout=0.9), loss=falling())))


def test_at_just_five_times_the_usual_rate_none_is_raised_tenfold():
    """A round number is no way past the bound."""
    round_one = measure(run(Context(optimizer="adam", learning_rate=5e-3), loss=falling()))

    assert not useful(Fix("raise_learning_rate", WHY, WHY, {"factor": 10.0}), round_one)


@pytest.mark.parametrize(
    ("task", "kind", "of_use"), [("language_model", "json", False), (None, "nano_gpt", False), (None, "json", True)]
)
def test_sentences_are_not_augmented(task: Task | None, kind: str, *, of_use: bool):
    """As the caller says, or as only logs of language models look."""
    asked = replace(run(Context(task=task), loss=falling()), source=Source(kind))

    assert of_use == useful(augment(WHY), measure(asked))
