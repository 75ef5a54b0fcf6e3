"""Facts that no examination writes are refused, whoever wrote them."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnosis.errors import InvalidExamination
from diagnosis.examining.check import check
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def facts() -> dict[str, Any]:
    """Those of a sound model."""
    return dataclasses.asdict(examined())


def test_facts_survive_a_round_trip():
    """What was read can be written and read again."""
    assert examined() == Examination.of(facts())


@pytest.mark.parametrize(
    "nonsense",
    [
        None, [], {}, {"asked": 1}, facts() | {"more": 1}, {k: v for k, v in facts().items() if k != "batch"}, facts() | {"used": 7}, facts() | {"used": None},
        facts() | {"notes": ["x" * 1000]}, facts() | {"notes": ["x"] * 5000}, facts() | {"device": 3}, facts() | {"attached": 1},
        facts() | {"curve": {"steps": [0, 1], "loss": [1.0]}}, facts() | {"curve": {"steps": [1, 0], "loss": [1.0, 1.0]}},
        facts() | {"operand": {"rms": float("nan"), "largest": 1.0}}, facts() | {"model": facts()["model"] | {"parameters": 1 << 80}},
    ],
)  # fmt: skip
def test_nonsense_is_refused(nonsense: object):
    """With the one error that the caller knows."""
    with pytest.raises(InvalidExamination):
        Examination.of(nonsense)


@settings(max_examples=300, deadline=None)
@given(section=st.sampled_from(sorted(facts())), value=PLAIN, inside=st.booleans(), which=st.integers(0, 40))
def test_arbitrary_facts_are_refused_or_judged(section: str, value: object, *, inside: bool, which: int):
    """Never another error, and never a check that raises."""
    said = facts()
    if inside and isinstance(said[section], dict) and said[section]:
        names = sorted(said[section])
        said[section] = said[section] | {names[which % len(names)]: value}
    else:
        said[section] = value
    try:
        examination = Examination.of(said)
    except InvalidExamination:
        return

    assert not check(examination).bugs
