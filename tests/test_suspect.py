"""A validation that was never as good as training began is asked about its own path before the model is blamed."""

import numpy as np

from diagnosis.diagnose import diagnose
from diagnosis.report import Judged
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run

N = 40
TRAIN = falling(start=2.3, floor=0.6, n=N, tau=0.2)
RISING = np.linspace(2.4, 4.0, N) + flat(level=0.0, n=N, noise=0.02)


def first(**curves: np.ndarray) -> Judged:
    """What is said first of them."""
    return diagnose(run(Context(), **{"loss": TRAIN, **curves})).findings[0]


def test_a_validation_worse_than_training_began_whose_answers_stand_asks_how_it_is_treated():
    """Inputs that are not normalised there: the first epoch is best by chance alone."""
    val_loss = np.linspace(1.7, 2.4, N) + flat(level=0.0, n=N, noise=0.02)
    answers = 0.56 + flat(level=0.0, n=N, noise=0.005, seed=2)
    judged = first(loss=falling(start=1.3, floor=0.65, n=N, tau=0.2), val_loss=val_loss, val_accuracy=answers)

    assert "overfitting" == judged.condition
    assert "check_labels" == judged.fixes[0].action


def test_labels_of_another_order_are_looked_at_before_an_untrained_model_is_restored():
    """Answers that get worse than guesses are no overfitting."""
    judged = first(val_loss=RISING, val_accuracy=np.linspace(0.08, 0.03, N))

    assert "overfitting" == judged.condition
    assert "check_labels" == judged.fixes[0].action
    assert 1 == [fix.action for fix in judged.fixes].count("check_labels")


def test_answers_that_get_better_speak_for_the_path():
    """Then the loss is overconfident, and the model learns."""
    judged = first(val_loss=RISING, val_accuracy=np.linspace(0.3, 0.6, N))

    assert "check_labels" != judged.fixes[0].action


def test_inputs_that_were_not_scaled_are_no_reason_for_more_of_them():
    """A validation forty times as bad as training began jumps about as well."""
    jumping = 100.0 + flat(level=0.0, n=N, noise=15.0)
    judged = first(val_loss=jumping, val_accuracy=np.linspace(0.3, 0.6, N))

    assert "noisy_validation" == judged.condition
    assert "check_labels" == judged.fixes[0].action
    assert "val_loss" in judged.fixes[0].because


def test_a_validation_better_than_guessing_has_sound_labels_wherever_training_began():
    """Where the first tree learnt most of it, validation never gets to where training stood after that."""
    training, answers = falling(start=0.25, floor=0.003, n=N, tau=0.1), 0.76 + flat(level=0.0, n=N, noise=0.005, seed=2)
    curves = {"loss": training, "val_loss": np.linspace(0.55, 0.75, N), "val_accuracy": answers}
    known, unknown = (diagnose(run(Context(num_classes=classes), **curves)).findings[0] for classes in (2, None))

    assert "check_labels" != known.fixes[0].action
    assert "check_labels" == unknown.fixes[0].action


def test_a_validation_that_hardly_beats_guessing_and_is_far_above_training_asks_how_it_is_treated():
    """Better than guessing by some, at one and a half times what training's first epoch cost, and worse from there on."""
    training, answers = falling(start=0.4, floor=0.06, n=N, tau=0.1), np.linspace(0.38, 0.22, N)
    curves = {"loss": training, "val_loss": np.linspace(0.6, 0.72, N), "val_r2": answers}
    found = diagnose(run(Context(task="regression", baseline=1.0), **curves)).findings[0]

    assert "overfitting" == found.condition
    assert "check_labels" == found.fixes[0].action
    assert "validation's own code" in found.fixes[0].advice


def test_what_was_best_before_anything_was_learnt_is_not_restored():
    """There is nothing to go back to."""
    judged = first(val_loss=RISING, val_accuracy=np.linspace(0.08, 0.03, N))

    assert "restore_best" not in [fix.action for fix in judged.fixes]


def test_a_validation_that_loses_at_once_all_it_gained_asks_how_it_is_treated_after_going_back():
    """It did learn for an epoch: the checkpoint is free, and the next question is what it is fed."""
    val_loss = np.linspace(1.7, 4.5, N) + flat(level=0.0, n=N, noise=0.005)
    judged = first(val_loss=val_loss, val_accuracy=np.linspace(0.35, 0.2, N))

    assert ["restore_best", "check_labels"] == [fix.action for fix in judged.fixes[:2]]
    assert "validation's own code" in judged.fixes[1].advice


def test_a_validation_that_learnt_for_a_while_is_not_asked_how_it_is_treated():
    """Ordinary overfitting: it had learnt most of what there is."""
    val_loss = np.append(np.linspace(2.3, 1.0, N // 4), np.linspace(1.05, 3.5, N - N // 4))
    judged = first(val_loss=val_loss + flat(level=0.0, n=N, noise=0.02))

    assert "restore_best" == judged.fixes[0].action
    assert "check_labels" not in [fix.action for fix in judged.fixes]
