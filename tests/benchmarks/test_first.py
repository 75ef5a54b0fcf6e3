"""Whether what is said first is what is wrong, on runs that can be counted by hand."""

import pytest

from benchmarks.first import faulty, firsts, is_due, is_due_past_tolerated, shows
from benchmarks.outcomes import Outcome


def told(fault: str, expected: str, *found: str, tolerated: str = "", shown: str = "") -> Outcome:
    """A run whose findings were given in this order."""
    due, may, so = (frozenset(names.split()) for names in (expected, tolerated, shown))
    return Outcome("run", "run", fault, due, may, dict.fromkeys(found, "warning"), shown=so)


@pytest.mark.parametrize(
    ("found", "right"),
    [(("overfitting",), 1), (("oscillation", "overfitting"), 0), (("plateau", "overfitting"), 0), ((), 0)],
)
def test_the_first_finding_decides(found: tuple[str, ...], right: int):
    """A true finding in the second place does not help."""
    assert right == is_due(told("overfitting", "overfitting", *found, tolerated="plateau"))


def test_a_tolerated_finding_is_skipped_only_where_that_is_counted():
    """What is neither due nor tolerated is never skipped."""
    behind = told("overfitting", "overfitting", "plateau", "overfitting", tolerated="plateau")
    wrong = told("overfitting", "overfitting", "oscillation", "overfitting", tolerated="plateau")

    assert (False, True, False) == (is_due(behind), is_due_past_tolerated(behind), is_due_past_tolerated(wrong))


def test_what_shows_beside_the_fault_is_no_lie():
    """The judge signed both, and only one was put in."""
    run = told("loss_spike", "loss_spike", "undertrained", tolerated="undertrained", shown="undertrained loss_spike")

    assert (False, True) == (is_due(run), shows(run))


def test_information_that_is_due_does_not_stand_for_the_fault():
    """How a curve was averaged is true of many runs, and is not what is wrong with them."""
    said = told("divergence", "divergence incomparable_averaging", "incomparable_averaging")

    assert not is_due(said)


def test_a_fault_that_no_log_could_show_is_replaced_by_what_is_due():
    """It still counts under that; a run in which nothing is due does not count."""
    hidden = told("vanishing_gradients", "not_learning", "vanishing_gradients", tolerated="vanishing_gradients")
    nothing = told("vanishing_gradients", "", "vanishing_gradients", tolerated="vanishing_gradients")

    assert not is_due(hidden)
    assert {"not_learning": [hidden]} == faulty([hidden, nothing])


def test_every_fault_weighs_the_same_in_the_mean():
    """Three runs of one fault are right, the only one of another is not: three quarters of the runs, half of the faults."""
    lines = firsts([*[told("overfitting", "overfitting", "overfitting")] * 3, told("divergence", "divergence")])

    assert "75.0 % (3 of 4;" in lines[0]
    assert lines[0].endswith("mean over the faults 50.0 %")
