import pytest

from diagnosis.advice.verbs import VERBS
from diagnosis.examining.model_check import all_checks
from diagnosis.reader import all_readers
from diagnosis.rule import all_rules
from schemas.catalogue import ConditionsOut, FormatsOut, all_conditions, condition


def test_every_condition_is_listed_by_its_name() -> None:
    """The folders of rules and of checks are the catalogue."""
    assert sorted({*all_rules(), *all_checks()}) == [c.name for c in ConditionsOut.of().conditions]


@pytest.mark.parametrize("name", all_conditions())
def test_a_condition_explains_itself(name: str) -> None:
    """What it means, how it is detected, when that is wrong, and what it really says of its own example."""
    found = condition(name)

    assert found is not None
    assert "" not in {found.title, found.meaning, found.how, found.when_wrong, found.sources}
    assert found.example is not None
    assert name == found.example.finding["condition"]
    assert found.causes
    assert {fix.action for fix in found.fixes} <= set(VERBS)
    assert {fix["action"] for fix in found.example.finding["fixes"]} <= {fix.action for fix in found.fixes}


def test_an_unknown_condition_is_none() -> None:
    """The web makes a 404 of it."""
    assert condition("bad_luck") is None


def test_every_format_is_listed_our_own_first() -> None:
    """The folder of readers is the list."""
    assert ["json", *sorted(all_readers())] == [f.name for f in FormatsOut.of().formats]


def test_every_format_has_a_sample() -> None:
    """One looks at the sample to know which it is."""
    assert all(f.sample and f.title for f in FormatsOut.of().formats)
