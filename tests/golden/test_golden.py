"""Real runs and the answers that were approved for them; `python scripts/reports.py` writes them anew."""

from pathlib import Path

import pytest

from scripts.reports import answers

LOGS = sorted(Path(__file__).parent.glob("*/log.*"))
MOST = 10  # conditions shown on a real run


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_a_real_run_gets_the_approved_answer(log: Path):
    """Which conditions, how bad, since when, and every word a person would read: a change of any threshold shows here."""
    approved = {name: (log.parent / name).read_text() for name in ("conditions.txt", "report.txt")}

    assert approved == answers(log)


def test_every_run_says_where_it_comes_from():
    """A log nobody knows the origin of proves nothing."""
    for log in LOGS:
        assert "benchmarks/faults" in (log.parent / "SOURCE.md").read_text()


def test_most_conditions_are_shown_on_a_real_run():
    """Synthetic examples are easy on the rules."""
    shown = {line.split()[0] for log in LOGS for line in (log.parent / "conditions.txt").read_text().splitlines()[1:]}

    assert len(shown) >= MOST
