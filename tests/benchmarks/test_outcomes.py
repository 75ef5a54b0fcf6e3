"""Records as the engine sees them, and as groups."""

from benchmarks.corpus import groups, to_run
from benchmarks.outcomes import judged
from tests.benchmarks.records import HEALTHY, RECORD


def test_a_group_is_judged_once_and_its_folds_each():
    """What is due across the folds is one outcome more."""
    folds = [{**HEALTHY, "name": f"fold-{i}", "group": "folds", "expected_across": ["unstable_across_runs"]} for i in (0, 1)]  # fmt: skip
    outcomes = judged(folds)

    assert ["fold-0", "fold-1", "folds"] == [outcome.name for outcome in outcomes]
    assert frozenset({"unstable_across_runs"}) == outcomes[-1].expected
    assert {"folds": folds} == groups([*folds, RECORD])


def test_what_the_engine_does_not_know_of_a_context_is_left_out():
    """A record may say more than a request."""
    assert 60 == to_run(RECORD).context.planned_epochs
