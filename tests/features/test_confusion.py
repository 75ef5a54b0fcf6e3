import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.confusion import DERIVED, measure_confusion
from diagnosis.run import Context, Run
from diagnosis.synthetic import counted, falling, run

TP, FP, TN, FN = 30.0, 10.0, 900.0, 60.0


def table(n: int = 6, prefix: str = "", **changed: float) -> dict[str, np.ndarray]:
    """The same four counts at every one of `n` positions."""
    counts = {"tp": TP, "fp": FP, "tn": TN, "fn": FN, **changed}
    return {prefix + name: np.full(n, value) for name, value in counts.items()}


def derived(logged: Run) -> dict[str, np.ndarray]:
    """The curves made of counts, by name."""
    confusion = measure_confusion(logged)
    assert confusion is not None
    return {curve.name: curve.values for curve in confusion.derived}


def test_counts_become_the_metrics_of_the_textbook():
    """Precision, recall and their kin, written out."""
    found = derived(run(None, **table(prefix="val_")))
    precision, recall, specificity = TP / (TP + FP), TP / (TP + FN), TN / (TN + FP)
    expected = {
        "precision": precision,
        "recall": recall,
        "specificity": specificity,
        "f1": 2 * precision * recall / (precision + recall),
        "balanced_accuracy": (recall + specificity) / 2,
        "accuracy": (TP + TN) / (TP + FP + TN + FN),
        "mcc": (TP * TN - FP * FN) / ((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN)) ** 0.5,
    }

    assert {f"{DERIVED}val_{name}" for name in expected} == set(found)
    for name, value in expected.items():
        np.testing.assert_allclose(found[f"{DERIVED}val_{name}"], value)


def test_what_is_nought_by_nought_has_no_value():
    """Nothing called positive: no precision, no MCC; recall is zero all the same."""
    found = derived(run(None, **table(tp=0.0, fp=0.0)))

    assert f"{DERIVED}precision" not in found
    assert f"{DERIVED}mcc" not in found
    assert 0.0 == found[f"{DERIVED}recall"].max()


@pytest.mark.parametrize("counts", [table(tp=0, fp=0, tn=0, fn=0), table(tp=-1), table(tp=np.nan), {"tp": np.ones(5)}])
def test_what_is_no_table_gives_nothing(counts: dict[str, np.ndarray]):
    """Nothing counted, less than nothing, no numbers, or one count of four."""
    assert measure_confusion(run(None, **counts)) is None


def test_counts_summed_over_classes_are_no_table_of_two_classes():
    """Of one against the rest, every wrong answer is an FP and an FN: the many TN are no accuracy."""
    wrong = np.arange(10.0, 20.0)
    summed = {"tp": 100 - wrong, "fp": wrong, "fn": wrong, "tn": 900 - wrong}

    assert measure_confusion(run(None, **summed)) is None


def test_counts_of_unequal_length_meet_where_all_are_logged():
    """A position is one where all four stand."""
    counts = table(10)
    counts["fp"] = counts["fp"][:7]

    assert 7 == derived(run(None, **counts))[f"{DERIVED}recall"].size


def test_validation_goes_before_training():
    """And training is looked at where it is alone."""
    both = {**table(prefix="train_"), **table(prefix="val_", tp=0.0, fn=90.0)}

    assert 0.0 == derived(run(None, **both))[f"{DERIVED}val_recall"].max()
    assert f"{DERIVED}train_recall" in derived(run(None, **table(prefix="train_")))


def test_counts_that_say_no_split_are_validations_where_anything_is():
    """As the run is logged, so are they read."""
    alone = measure_confusion(run(None, loss=falling(n=6), **table()))
    beside = measure_confusion(run(None, loss=falling(n=6), val_loss=falling(n=6), **table()))

    assert alone is not None
    assert beside is not None
    assert {"train_metric"} == {curve.role for curve in alone.derived}
    assert {"val_metric"} == {curve.role for curve in beside.derived}


def test_a_logged_metric_is_judged_before_a_derived_one():
    """What is made of counts serves where nothing is logged; `monitor` chooses among it."""
    counts = counted(np.linspace(0, 0.8, 20), share=0.2)
    logged = measure(run(None, val_accuracy=np.linspace(0.5, 0.9, 20), **counts))
    first = measure(run(None, **counts))
    chosen = measure(run(Context(monitor="val_f1"), **counts))

    assert logged.val_metric is not None
    assert first.val_metric is not None
    assert chosen.val_metric is not None
    assert "val_accuracy" == logged.val_metric.name
    assert "derived/val_balanced_accuracy" == first.val_metric.name
    assert "derived/val_f1" == chosen.val_metric.name


def test_of_metrics_by_class_the_least_found_is_looked_at():
    """One class of ten that is not found is what is looked for."""
    logged = run(None, val_recall_class_0=np.full(9, 0.9), val_recall_class_1=np.zeros(9), val_accuracy=np.full(9, 0.9))
    confusion = measure_confusion(logged)

    assert confusion is not None
    assert "val_recall_class_1" == confusion.curves["recall"].name


def test_a_metric_of_the_first_answers_is_none_of_a_class():
    """`recall_at_5` is of retrieval."""
    assert measure_confusion(run(None, val_recall_at_5=np.full(9, 0.1), val_accuracy=np.full(9, 0.9))) is None


def test_averages_over_examples_are_accuracy_in_other_words():
    """Weighted and micro averages stand in for it."""
    confusion = measure_confusion(run(None, val_macro_f1=np.full(9, 0.4), val_weighted_f1=np.full(9, 0.9)))

    assert confusion is not None
    assert {"macro_f1", "micro"} == set(confusion.curves)
