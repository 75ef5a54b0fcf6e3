"""The formula of confidence, refitted on findings that can be counted by hand."""

from dataclasses import replace

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
    blank = Findings(
        condition=np.array([condition] * n),
        task=np.array(["a", "b"] * n)[:n],
        margin=np.full(n, margin),
        points=np.full(n, 40.0),
        ceiling=np.full(n, 0.99),
        lowered=np.zeros(n, dtype=bool),
        given=np.zeros(n),
        alarm=np.ones(n, dtype=bool),
        right=np.array(right),
    )
    return replace(blank, given=claimed(blank, NOW))


def test_the_formula_is_the_one_of_the_engine():
    """With today's constants, what is claimed is what the engine gives, but for its two digits."""
    f = findings([RECORD])

    assert f.condition.tolist()[0] == "overfitting"
    np.testing.assert_allclose(f.given, claimed(f, NOW), atol=0.0051)


def test_constants_follow_what_is_right():
    """Findings that are right half of the time are to claim little."""
    timid = claimed(made([True, False] * 20), refitted(made([True, False] * 20), {}))

    assert timid.max() < made([True]).given[0]


def test_a_ceiling_is_for_those_who_claim_too_much_and_only_lowers():
    """Ten of ten right need none; five of ten get the half that is right."""
    good, poor = made([True] * 10), made([True, False] * 5)

    assert {} == ceilings(good)
    assert {"overfitting": 0.5} == ceilings(poor)
    assert {0.5} == set(capped(poor, poor.given, {"overfitting": 0.5}))
    assert set(good.given) == set(capped(good, good.given, {"overfitting": 1.0}))


def test_a_rule_that_claims_too_much_is_told_its_ceiling():
    """Three of ten right, at far more than that."""
    assert "propose `ceiling=0.30`" in proposals(made([True] * 3 + [False] * 7))


def test_what_is_judged_was_not_fitted_on():
    """Where the two tasks disagree, each gets what the other taught."""
    f = made([True, False] * 10)

    np.testing.assert_allclose([0.0, 1.0] * 10, unseen(f, isotonic))
