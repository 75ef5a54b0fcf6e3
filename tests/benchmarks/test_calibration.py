"""The formula of confidence, refitted on findings that can be counted by hand."""

import numpy as np

from benchmarks.calibration import (
    NOW,
    Findings,
    capped,
    ceilings,
    claimed,
    findings,
    isotonic,
    proposals,
    refitted,
    unseen,
)
from tests.benchmarks.records import RECORD


def made(right: list[bool], margin: float = 1.0, condition: str = "overfitting") -> Findings:
    """As many findings of one condition, all as far past their bound."""
    n = len(right)
    same = np.full(n, margin)
    tasks = np.array(["a", "b"] * n)[:n]
    few = Findings(np.array([condition] * n), tasks, same, np.full(n, 40.0), np.full(n, 0.99), np.zeros(n, bool), same, np.array(right))  # fmt: skip
    given = claimed(few, NOW)
    return Findings(few.condition, tasks, same, few.points, few.ceiling, few.lowered, given, few.right)


def test_the_formula_is_the_one_of_the_engine():
    """With today's constants, what is claimed is what the engine gives, but for its two digits."""
    f = findings([RECORD])

    assert f.condition.tolist()[0] == "overfitting"
    np.testing.assert_allclose(f.given, claimed(f, NOW), atol=0.0051)


def test_constants_follow_what_is_right():
    """Findings that are right half of the time are to claim little."""
    timid = claimed(made([True, False] * 20), refitted(made([True, False] * 20)))

    assert timid.max() < made([True]).given[0]


def test_a_ceiling_is_drawn_to_the_average_and_caps():
    """Ten of ten right at an average of one is one; a ceiling only lowers."""
    f = made([True] * 10)

    assert {"overfitting": 1.0} == ceilings(f)
    assert {0.6} == set(capped(f, f.given, {"overfitting": 0.6}))


def test_a_rule_that_claims_too_much_is_told_its_ceiling():
    """Three of ten right, at far more than that."""
    assert "propose `ceiling=0.30`" in proposals(made([True] * 3 + [False] * 7))


def test_what_is_judged_was_not_fitted_on():
    """Where the two tasks disagree, each gets what the other taught."""
    f = made([True, False] * 10)

    np.testing.assert_allclose([0.0, 1.0] * 10, unseen(f, isotonic))
