"""The lowest loss a batch allows, against closed forms and against torch."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from service.examination.floors import levels

X = np.arange(8.0).reshape(4, 2)
TWICE = np.concatenate([X[:2], X[:2]])


def floor(
    loss: str, inputs: np.ndarray, targets: np.ndarray, classes: int | None = None, *, causal: bool = False
) -> float:
    """Only the floor."""
    return levels(loss, [inputs], targets, classes, causal=causal).floor


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        ("cross_entropy", np.array([0, 1, 2, 1])),
        ("mse", np.array([1.0, 2.0, 3.0, 4.0])),
        ("bce_with_logits", np.array([0.0, 1.0, 1.0, 0.0])),
    ],
)
def test_distinct_inputs_can_be_learnt_to_zero(loss: str, targets: np.ndarray):
    """Hard targets leave nothing."""
    assert 0.0 == floor(loss, X, targets, 3)


def test_contradictory_labels_leave_their_entropy():
    """One pair of four disagrees: ln 2 for half of the batch."""
    found = levels("cross_entropy", [TWICE], np.array([0, 1, 0, 2]), 3, causal=False)

    assert math.isclose(0.5 * math.log(2), found.floor)
    assert (2, 4) == (found.contradicting, found.repeated)


def test_contradictory_numbers_leave_their_variance():
    """The mean is the best answer to both."""
    assert math.isclose(0.5, floor("mse", TWICE, np.array([1.0, 5.0, 3.0, 5.0])))


def test_soft_targets_leave_their_entropy():
    """As torch reckons at the best answer there is."""
    soft = np.array([[0.7, 0.2, 0.1], [0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    best = F.cross_entropy(torch.tensor(soft).clamp_min(1e-12).log(), torch.tensor(soft))

    assert math.isclose(float(best), floor("cross_entropy", X, soft, 3), rel_tol=1e-6)


def test_soft_binary_targets_leave_their_entropy():
    """Likewise."""
    soft = np.array([0.1, 0.5, 0.9, 0.3])
    best = F.binary_cross_entropy(torch.tensor(soft), torch.tensor(soft))

    assert math.isclose(float(best), floor("bce_with_logits", X, soft), rel_tol=1e-6)


def test_a_causal_model_cannot_know_what_comes_later():
    """The first token is the same, the second is not: its successor cannot be told."""
    x, y = np.array([[1, 2], [1, 3]]), np.array([[2, 0], [3, 0]])

    assert 0.0 == floor("cross_entropy", x, y, 5)
    assert math.isclose(0.5 * math.log(2), floor("cross_entropy", x, y, 5, causal=True))


def test_ignored_labels_do_not_count():
    """−100 is no class."""
    found = levels("cross_entropy", [TWICE], np.array([0, 1, -100, 1]), 3, causal=False)

    assert 0.0 == found.floor


def test_expected_at_the_start():
    """Even odds, or an answer of zero."""
    assert math.isclose(math.log(10), levels("cross_entropy", [X], np.array([0, 1, 2, 3]), 10, causal=False).expected)
    assert math.isclose(
        math.log(2), levels("bce_with_logits", [X], np.array([0.0, 1, 1, 0]), None, causal=False).expected
    )
    assert math.isclose(7.5, levels("mse", [X], np.array([1.0, 2, 3, 4]), None, causal=False).expected)


def test_what_is_not_finite_is_like_nothing_else() -> None:
    """Examples of NaN are no repeats of each other, whatever their bytes are."""
    broken = np.full((4, 3), np.nan, np.float32)
    found = levels("cross_entropy", [broken], np.array([0, 1, 2, 3]), 4, causal=False)

    assert (0.0, 0, 0) == (found.floor, found.contradicting, found.repeated)
