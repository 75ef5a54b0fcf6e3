from dataclasses import replace

import numpy as np

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.headline import headline
from diagnosis.report import Judged, Outcomes
from diagnosis.rule import Finding, Severity, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, turning

FEATURES = measure(run(loss=falling(), val_loss=turning(at=20)))


def clear(*names: str) -> Outcomes:
    """These were looked for, and not found."""
    return Outcomes(names, {}, ())


def judged(name: str, severity: Severity) -> Judged:
    """A finding that stands."""
    finding = Finding(f"{name} was found.", (), ("loss",), None, (), points=10)
    rule = all_rules().get(name) or replace(all_rules()["overfitting"], name=name)
    return Judged(rule, finding, severity, 0.9, ())


def test_the_headline_of_a_healthy_run_says_what_was_checked_and_where_it_stands():
    """With the best value as logged; never an empty answer."""
    val = falling(seed=1)
    said = headline("healthy", (), clear("a", "b", "c"), measure(run(loss=falling(), val_loss=val)))

    assert said == (
        f"Nothing wrong among 3 conditions checked; val_loss is best at epoch {val.argmin()} ({val.min():.4g})."
    )
    assert headline("healthy", (), clear("a"), measure(run(lr=falling()))).endswith("1 condition checked.")


def test_the_headline_of_a_metric_says_its_best_value_as_logged():
    """Not turned over."""
    accuracy = 1 - falling(start=0.9)

    assert f"({accuracy.max():.4g})" in headline("healthy", (), clear(), measure(run(accuracy=accuracy)))


def test_the_headline_names_what_a_checkpoint_is_chosen_by():
    """Validation's metric where validation has no loss; the training loss is best at the end, whatever was learnt."""
    error = turning(at=20)
    said = headline("healthy", (), clear("a"), measure(run(train_loss=falling(), val_mse=error)))

    assert said.endswith(f"; val_mse is best at epoch {error.argmin()} ({error.min():.4g}).")


def test_the_headline_of_infos_is_that_of_health():
    """They are worth knowing, not the news."""
    assert headline("healthy", (judged("plateau", "info"),), clear("a"), FEATURES).startswith("Nothing wrong")


def test_what_may_be_graver_elsewhere_is_named_in_one_sentence_too():
    """Whoever reads no more than that is to know of a gap; a plateau is no news."""
    infos = (judged("generalization_gap", "info"), judged("plateau", "info"))

    assert headline("healthy", infos, clear("a", "b"), FEATURES).startswith(
        "Nothing wrong among 2 conditions checked; worth knowing: generalization gap"
    )
    assert "worth knowing" not in headline("healthy", infos[1:], clear("a"), FEATURES)


def test_the_headline_is_the_worst_finding():
    """Or, where nothing can be concluded, why."""
    first, second = judged("first", "warning"), judged("insufficient_data", "info")
    plateau = judged("a_plateau", "info")

    assert headline("attention", (first, second), clear(), FEATURES) == "first was found."
    assert headline("inconclusive", (plateau, second), clear(), FEATURES) == "insufficient_data was found."


def test_a_healthy_run_whose_validation_is_too_short_to_judge_says_so():
    """Whoever sees a validation loss expects that it was looked at; whoever asked not to, or logs none, does not."""
    two = {"loss": falling(n=50), "val_loss": np.array([1.0, 0.8])}

    assert "whether it overfits cannot be told (too short: val_loss has 2 points" in diagnose(run(**two)).headline
    assert "overfits" not in diagnose(run(**two), ignore={"overfitting"}).headline
    assert "overfits" not in diagnose(run(loss=two["loss"])).headline
    assert "overfits" not in diagnose(run(loss=falling(n=50), val_loss=falling(n=50, seed=1))).headline


def test_the_headline_of_a_run_that_has_not_moved_yet_says_so_and_names_no_best_value():
    """Ten of a hundred epochs may be those of a slow start: nothing is wrong, and nothing was gained."""
    context = Context(num_classes=10, planned_epochs=100, finished=False)
    still, moves = (
        diagnose(run(context, loss=loss)).headline for loss in (np.full(10, 2.3), np.linspace(2.3, 1.9, 10))
    )

    assert still.endswith(" conditions checked; so far, loss stays at chance level (ln 10 = 2.3) over all 10 values.")
    assert "so far" not in moves
    assert "best at epoch 9" in moves
    assert "so far" not in diagnose(run(context, loss=np.full(10, 2.3)), ignore={"not_learning"}).headline
