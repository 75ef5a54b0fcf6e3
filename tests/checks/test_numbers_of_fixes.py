"""What a check of a model advises can be applied as it is: with names and numbers."""

from typing import Any

import pytest

from diagnosis.advice.fix import Fix
from diagnosis.examining.check import check
from diagnosis.examining.examined import examined


def first(condition: str, **changes: Any) -> Fix:
    """The first fix of one finding."""
    report = check(examined(**changes))
    return next(judged for judged in report.findings if judged.condition == condition).fixes[0]


@pytest.mark.parametrize(
    ("batch", "params"),
    [
        ({"outside": 3, "low": 1.0, "high": 10.0}, {"low": 0, "high": 9, "add": -1.0}),
        ({"outside": 3, "low": 0.0, "high": 255.0}, {"ignore": 255}),
        ({"outside": 3, "low": -1.0, "high": 9.0}, {"ignore": -1}),
        ({"outside": 8, "low": -1.0, "high": 1.0, "fit": "soft"}, {"add": 1, "divide": 2}),
        ({"outside": 8, "low": 0.0, "high": 4.0, "fit": "soft"}, {"divide": 4.0}),
        ({"outside": 8, "low": -0.2, "high": 1.3, "fit": "soft"}, {"low": 0, "high": 1}),
    ],
)
def test_labels_out_of_range_are_put_right_by_number(batch: dict[str, Any], params: dict[str, float]):
    """What to add, to divide by or to ignore."""
    fix = first("target_out_of_range", batch=batch, attempts=[], used=None, after=None, gradients=None)

    assert ("check_labels", params) == (fix.action, fix.params)


def test_dead_parameters_are_named_with_their_share():
    """Two of four, in one module."""
    dead = ["0.weight", "0.bias"]
    fix = first("dead_parameters", gradients={"missing": dead}, after={"unmoved": dead})

    assert ("attach_graph", {"names": dead}) == (fix.action, fix.params)
    assert "2 of 4 parameters, of 0" in fix.because


def test_held_parameters_are_named():
    """All of them, and where they are."""
    held = ["0.weight", "0.bias", "2.weight", "2.bias"]
    fix = first(
        "no_trainable_parameters",
        model={"trainable": 0, "frozen": held},
        attempts=[],
        used=None,
        after=None,
        attached=False,
        gradients=None,
    )

    assert ("check_trainable_parameters", {"names": held}) == (fix.action, fix.params)
    assert "4 of 4 parameters, of 0, 2, lack it" in fix.advice


def test_shuffling_says_how_many_classes_a_batch_would_hold():
    """Thirty-two labels drawn from ten classes hold nearly all of them."""
    assert "a batch of 32 labels then holds about 9.7 of 10 classes" in first("single_class_batch", batch={"seen": 1, "share": 1.0}).advice  # fmt: skip
