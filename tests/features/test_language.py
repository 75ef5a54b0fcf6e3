"""A log that is a language model's says so, and what it says is noted."""

import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Run

STEPS = np.arange(10.0, 110.0, 10.0)
NATS = np.linspace(1.3, 1.1, 10)


def logged(context: Context | None = None, **series: np.ndarray) -> Run:
    """Names as people write them."""
    return assemble(Log(tuple(Series(name, values, STEPS, "step") for name, values in series.items()), "json"), context)


@pytest.mark.parametrize(
    "series",
    [
        {"eval_loss": NATS, "eval_perplexity": np.exp(NATS).round(2)},
        {"loss": NATS, "mean_token_accuracy": 1.0 - NATS / 3},
    ],
)
def test_a_perplexity_of_the_loss_or_an_accuracy_of_tokens_is_a_language_models(series: dict[str, np.ndarray]) -> None:
    """Neither is logged of anything else."""
    features = measure(logged(**series))

    assert "language_model" == features.context.task
    assert any("language model" in note for note in features.notes)


@pytest.mark.parametrize(
    "series",
    [{"loss": NATS, "val_accuracy": 1.0 - NATS / 3}, {"loss": NATS, "perplexity": np.linspace(90.0, 400.0, 10)}],
    ids=["an accuracy", "a codebook"],
)
def test_nothing_else_is_taken_for_one(series: dict[str, np.ndarray]) -> None:
    """The perplexity of a codebook is no exponential of the loss."""
    assert measure(logged(**series)).context.task is None


def test_what_the_caller_says_wins() -> None:
    """Whoever says regression means it."""
    run = logged(Context(task="other"), eval_loss=NATS, eval_perplexity=np.exp(NATS))

    assert "other" == measure(run).context.task


def test_a_tagger_of_tokens_is_no_language_model() -> None:
    """It is measured by F1, or has so many classes."""
    tagged = logged(loss=NATS, val_token_accuracy=1.0 - NATS / 3, val_f1=1.0 - NATS / 2)

    assert measure(tagged).context.task is None
    assert measure(logged(Context(num_classes=2), val_loss=NATS, val_perplexity=np.exp(NATS))).context.task is None
