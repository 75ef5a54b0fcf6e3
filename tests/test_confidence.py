import math

import pytest

from diagnosis.confidence import DOUBT_PER_DOUBLING, HALF_SURE_POINTS, LEAST, LOWERED, MOST, confidence
from diagnosis.rule import CLEAR, FACT, Evidence, Finding


def finding(*evidence: Evidence, points: int = 10**5, ceiling: float = 0.99) -> Finding:
    """Any finding that rests on this evidence."""
    return Finding("Something.", evidence, ("loss",), None, (), points=points, ceiling=ceiling)


def past(times: float, bound: float | None = 1.0, *, exceeds: bool = True) -> Evidence:
    """Evidence that is this many times its bound, on the side that counts."""
    value = times if bound is None else bound * times if exceeds else bound / times
    return Evidence("measure", value, bound, "noise levels", "what was measured", exceeds)


@pytest.mark.parametrize("times", [1.0, 1.5, 2.0, 4.0, 8.0])
def test_every_doubling_past_the_bound_removes_the_same_share_of_the_doubt(times: float):
    """The formula, written out."""
    doubt = DOUBT_PER_DOUBLING ** (math.log2(times) + 0.5)

    assert LEAST + (MOST - LEAST) * (1 - doubt) == pytest.approx(confidence(finding(past(times))), abs=0.006)


def test_farther_past_the_bound_is_surer_on_either_side():
    """Whether more or less is worse."""
    for exceeds in (True, False):
        sure = [confidence(finding(past(times, 0.2, exceeds=exceeds))) for times in (1.0, 1.3, 2.0, 4.0, 16.0)]

        assert sorted(sure) == sure
        assert sure[0] < sure[-1]


def test_the_weakest_of_the_evidence_decides():
    """A chain of reasons is as strong as that."""
    strong, weak = past(16.0), past(1.2)

    assert confidence(finding(weak)) == confidence(finding(strong, weak, strong))


def test_what_was_not_compared_says_nothing():
    """A number without a bound is there to be read."""
    assert confidence(finding(past(3.0))) == confidence(finding(past(3.0), past(0.001, None)))
    assert past(3.0, None).margin is None


def test_a_bound_that_is_not_met_is_worth_no_more_than_one_just_met():
    """Evidence cannot count below nothing."""
    assert confidence(finding(past(1.0))) == confidence(finding(past(0.1))) == confidence(finding())


def test_more_points_are_surer():
    """At the named number the amount of data alone halves what the evidence claims."""
    sure = [confidence(finding(past(4.0), points=points)) for points in (0, 5, 20, 100, 10**5)]
    half = confidence(finding(past(4.0), points=int(HALF_SURE_POINTS)))

    assert sorted(sure) == sure
    assert sure[0] == LEAST
    assert (sure[-1] + LEAST) / 2 == pytest.approx(half, abs=0.011)


def test_what_speaks_against_it_takes_its_share():
    """Of the certainty above one half."""
    plain, lowered = confidence(finding(past(4.0))), confidence(finding(past(4.0)), lowered=True)

    assert LEAST + LOWERED * (plain - LEAST) == pytest.approx(lowered, abs=0.011)


def test_certainty_is_never_claimed():
    """However far past, on however many points."""
    assert confidence(finding(past(1e30), points=FACT - 1)) <= MOST < 1


def test_a_fact_is_as_sure_as_anything():
    """What was read off and not estimated needs no sample, and no margin."""
    assert confidence(finding(past(1.0), points=FACT)) == MOST
    assert confidence(finding(past(1.0), points=FACT - 1)) < MOST


def test_a_ceiling_is_kept():
    """A rule that cannot be sure says so."""
    assert confidence(finding(past(100.0), ceiling=0.7)) == 0.7


@pytest.mark.parametrize(
    ("value", "bound", "exceeds", "margin"),
    [
        (2.0, 1.0, True, 1.0),
        (8.0, 1.0, True, 3.0),
        (0.5, 1.0, True, -1.0),
        (0.5, 1.0, False, 1.0),
        (3.0, 0.0, True, CLEAR),
        (math.inf, 1.0, True, CLEAR),
        (-1.0, 1.0, True, 0.0),
        (0.0, 1.0, False, CLEAR),
        (-2.0, 0.4, False, CLEAR),
        (0.0, 0.0, True, 0.0),
    ],
)
def test_a_margin_is_counted_in_doublings(value: float, bound: float, margin: float, *, exceeds: bool):
    """Where no ratio can be formed, it is clear or nothing."""
    assert margin == Evidence("measure", value, bound, "unit", "says", exceeds).margin
