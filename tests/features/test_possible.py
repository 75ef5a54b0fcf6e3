"""What cannot be is not judged, and said."""

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.features import measure
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

N = 20
SET = {"tp": 30.0, "fp": 10.0, "tn": 900.0, "fn": 60.0}


def notes(logged: Run) -> str:
    """What is noted when a run is measured."""
    return "; ".join(measure(logged).notes)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.linspace(0.1, 1.7, N), "1.7 is no share from 0 to 1"),
        (np.full(N, -0.2), "a share of -0.2 cannot be"),
        (np.linspace(30.0, 125.0, N), "125 is neither a share from 0 to 1 nor percent"),
    ],
)
def test_an_accuracy_that_cannot_be_is_noted_and_not_judged(values: np.ndarray, says: str):
    """Whoever judges by it is told nothing true; whoever hides it lets a broken metric pass."""
    logged = run(loss=falling(n=N), accuracy=values)

    assert f"accuracy: not judged, because {says}" in notes(logged)
    assert measure(logged).train_metric is None
    assert not [j for j in diagnose(logged).findings if "accuracy" in j.finding.series]


@pytest.mark.parametrize(
    "values", [np.linspace(0.1, 1.0, N), np.linspace(3.0, 90.0, N), np.linspace(0.1, 1.0000001, N)]
)
def test_shares_and_percent_are_judged(values: np.ndarray):
    """Both are how an accuracy is written; a last bit too much is rounding."""
    logged = run(loss=falling(n=N), accuracy=values)

    assert "" == notes(logged)
    assert measure(logged).train_metric is not None


def test_few_percent_of_many_classes_are_judged():
    """Among a thousand classes, 1.7 % is a beginning."""
    logged = run(Context(num_classes=1000), loss=falling(n=N, start=6.9, floor=6.0), accuracy=np.linspace(0.1, 1.7, N))

    assert "" == notes(logged)


def test_fewer_than_no_examples_are_noted_and_not_judged():
    """A negative count is a bug in the caller's code, which nobody else will tell of."""
    logged = run(loss=falling(n=N), **{name: np.full(N, count) for name, count in (SET | {"tp": -5.0}).items()})

    assert "tp: not judged, because -5 examples cannot be counted" in notes(logged)
    assert measure(logged).confusion is None


def test_counts_of_ever_another_set_are_noted_and_not_judged():
    """Counts that are never reset add up every epoch: no epoch can be told from them."""
    grown = np.arange(1.0, N + 1.0)
    logged = run(loss=falling(n=N), **{f"val_{name}": count * grown for name, count in SET.items()})

    assert "they add up to 1000 examples in one place and to 2e+04 in another" in notes(logged)
    assert measure(logged).confusion is None


def test_a_last_batch_that_is_smaller_is_no_other_set():
    """Counts of single batches differ at the end of each epoch."""
    sizes = np.where(np.arange(N) % 5 == 4, 0.3, 1.0)
    logged = run(loss=falling(n=N), **{name: count * sizes for name, count in SET.items()})

    assert measure(logged).confusion is not None


@pytest.mark.parametrize("beside", ["train_commit_loss", "vq_loss", "codebook/loss"])
def test_the_perplexity_of_a_codebook_is_set_aside(beside: str):
    """Fewer entries in use is no gain: it would excuse a divergence."""
    diverging = np.concatenate((np.linspace(1.07, 1.0, N), np.linspace(1.0, 1.6, N)))
    curves = {"train_loss": diverging, "val_loss": diverging + 0.02, "val_perplexity": np.geomspace(24.0, 4.7, 2 * N)}
    alone, told = run(**curves), run(**curves, **{beside: np.linspace(0.04, 0.5, 2 * N)})

    assert "codebook" not in notes(alone)
    assert "entries are in use" in notes(told)
    assert [j.condition for j in diagnose(told).findings] == ["divergence"]


@pytest.mark.parametrize("beside", ["quantization_bits", "codebook_accuracy", "loss_of_commits"])
def test_the_perplexity_of_a_language_model_is_judged_whatever_else_is_logged(beside: str):
    """It is the exponential of the loss, or there is no loss of a codebook."""
    loss = falling(start=4.6, floor=3.0)
    overfit = falling(start=4.6, floor=3.1) + 0.03 * np.clip(np.arange(loss.size) - 25.0, 0.0, None)
    curves = {"loss": loss, "perplexity": np.exp(loss), "val_perplexity": np.exp(overfit)}
    report = diagnose(run(**curves, **{beside: np.full(loss.size, 8.0)}))

    assert "overfitting" in {j.condition for j in report.findings}
