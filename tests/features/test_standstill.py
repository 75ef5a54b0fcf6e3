import numpy as np
import pytest

from diagnosis.features import measure
from diagnosis.features.standstill import repeats_from, stands_from
from diagnosis.synthetic import falling, flat, run

N = 24
STOPPED = np.append([1.3627912, 0.9942391, 0.9605549], np.full(N - 3, 0.9605549))
BATCHES = falling(n=N, tau=0.05, noise=0.01)


def stands(validation: np.ndarray, loss: np.ndarray = BATCHES, score: np.ndarray | None = None) -> int | None:
    """From which validation on nothing moves."""
    found = measure(run(loss=loss, val_loss=validation, **({} if score is None else {"val_accuracy": score})))
    assert found.train_loss is not None
    return stands_from(found.train_loss, found.val_loss, found.val_metric)


def test_a_validation_that_stops_amid_large_moves_and_repeats_to_the_last_digit_stands_still() -> None:
    """The same weights on the same examples give the same number."""
    assert 2 == stands(STOPPED)


@pytest.mark.parametrize(
    ("validation", "loss", "score"),
    [
        (np.round(0.5 + 0.8 * np.exp(-np.arange(N) / 1.2), 4), BATCHES, None),
        (np.where(np.arange(N) == N - 1, 0.9605548, STOPPED), BATCHES, None),
        (np.append(falling(n=14), np.full(10, 0.5)), BATCHES, None),
        (np.full(N, 0.9605549), BATCHES, None),
        (STOPPED, np.append(BATCHES[:3], np.full(N - 3, 0.4)), None),
        (STOPPED, BATCHES, 0.6 + flat(level=0.0, n=N, noise=0.01)),
    ],
    ids=["converged, and rounded", "moves", "not for long", "never moved", "no batches differ", "its metric moves"],
)
def test_what_looks_like_it_does_not(validation: np.ndarray, loss: np.ndarray, score: np.ndarray | None) -> None:
    """Each of these has another reason."""
    assert stands(validation, loss, score) is None


CREPT = np.append(0.5 + np.geomspace(0.3, 1e-6, N - 6), np.full(6, 0.5000009))


@pytest.mark.parametrize(
    ("validation", "loss", "since"),
    [
        (CREPT, BATCHES, N - 6),
        (STOPPED, BATCHES, 2),
        (np.round(CREPT, 4), BATCHES, None),
        (np.round(CREPT, 2), BATCHES, None),
        (CREPT[::-1], BATCHES, None),
        (np.append(CREPT[:-6], np.full(6, 0.9)), BATCHES, None),
        (CREPT, np.append(BATCHES[:3], np.full(N - 3, 0.4)), None),
    ],
    ids=["rate that ran out", "stopped", "rounded", "rounded to less", "moves", "ruined", "no batches differ"],
)
def test_what_repeats_itself_at_its_best_takes_no_step(
    validation: np.ndarray, loss: np.ndarray, since: int | None
) -> None:
    """Ever smaller moves, down to none, amid batches that differ: of a level that is poor, that tells what to mend."""
    found = measure(run(loss=loss, val_loss=validation))
    assert found.train_loss is not None
    assert since == repeats_from(found.train_loss, found.val_loss)
