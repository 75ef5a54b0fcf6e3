"""What counts as found, missed and wrong, on a handful of runs that can be counted by hand."""

from benchmarks.outcomes import ACROSS, Outcome
from benchmarks.scoreboard import by_condition, calibration, latency, macro, scores, summary


def outcome(fault: str, expected: str, found: dict[str, str], tolerated: str = "", name: str = "run") -> Outcome:
    """A run whose every finding is given at 0.95."""
    sure = dict.fromkeys(found, 0.95)
    return Outcome(name, name, fault, frozenset(expected.split()), frozenset(tolerated.split()), found, sure)


OVERFITS = outcome("overfitting", "overfitting", {"overfitting": "warning", "plateau": "info"}, name="a")
MISSED = outcome("overfitting", "overfitting", {"oscillation": "warning"}, name="b")
HEALTHY = outcome("healthy", "", {"overfitting": "warning"}, name="c")
BORNE = outcome("healthy", "", {"underfitting": "warning", "loss_spike": "info"}, "underfitting", name="d")
BOARD = [OVERFITS, MISSED, HEALTHY, BORNE]


def test_found_missed_and_wrong_are_counted_by_condition():
    """One found, one missed, one wrong: half of everything."""
    (score,) = scores(BOARD, ["overfitting"])

    assert (1, 1, 1) == (score.found, score.missed, score.wrong)
    assert (0.5, 0.5, 0.5) == (score.precision, score.recall, score.f1)


def test_a_tolerated_finding_counts_as_nothing():
    """It is neither a hit nor a false alarm."""
    (score,) = scores(BOARD, ["underfitting"])

    assert (0, 0, 0, 0) == (score.found, score.missed, score.wrong, score.information)


def test_wrong_information_is_held_against_a_condition_only_where_it_is_never_more():
    """A plateau is never more than information; a spike can be, so its information is counted apart."""
    plateau, spike = scores(BOARD, ["plateau", "loss_spike"])

    assert (1, 0) == (plateau.wrong, plateau.information)
    assert (0, 1) == (spike.wrong, spike.information)


def test_the_macro_score_is_over_what_is_due():
    """A condition that is only ever wrong has no recall to average."""
    assert 0.5 == macro(scores(BOARD))[0]


def test_a_condition_without_a_rule_is_missed_and_said():
    """What nobody can find is no excuse."""
    said = by_condition([outcome("unheard_of", "unheard_of", {})])

    assert "| `unheard_of` (no rule yet) | 0 | 1 | 0 | 0 | – | 0.00 |" in said


def test_only_healthy_runs_count_for_false_alarms():
    """Tolerated or not, a warning on a healthy run is one; the second line leaves tolerated ones out."""
    lines = summary(BOARD).splitlines()

    assert lines[0].endswith("100.0 % (2 of 2; 15.8 to 100.0 %)")
    assert "50.0 % (1 of 2;" in lines[1]
    assert "50.0 % (1 of 2;" in lines[3]


def test_calibration_leaves_tolerated_findings_out():
    """Five findings can be right or wrong; the tolerated one cannot."""
    assert "| 0.9 | 5 | 0.950 | 0.200 |" in calibration(BOARD)


def test_a_group_of_runs_has_no_latency():
    """Only runs are timed."""
    group = outcome(ACROSS, "unstable_across_runs", {})

    assert "median 0.00" in latency([OVERFITS, group])
