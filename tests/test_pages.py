"""docs/ is what the code says today."""

import pytest

from diagnosis.examining import model_check
from diagnosis.examining.model_check import all_checks
from diagnosis.reader import all_readers
from diagnosis.rule import Fires, Quiet, all_rules
from schemas.catalogue import Described, all_conditions, condition
from scripts.pages import pages


@pytest.mark.parametrize("path", pages(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_is_what_the_code_says(path):
    """Stale is red: `make docs` writes it anew."""
    assert path.read_text() == pages()[path]


def test_every_condition_and_format_has_its_page_and_no_page_is_left_over():
    """One word: the file, the page, the address."""
    named = {path.stem for path in pages()} - {"index"}
    there = {path.stem for path in pages() for path in path.parent.glob("*.md")} - {"index"}

    assert {*all_conditions(), *all_readers(), "json"} == named
    assert named == there


def described(name: str) -> list[Described]:
    """What is said of a condition: of a curve, of a model, or of both."""
    found = condition(name)
    assert found is not None
    return [found, *([found.in_model] if found.in_model else [])]


@pytest.mark.parametrize("name", all_conditions())
def test_a_condition_page_has_all_its_parts(name: str):
    """Numbers, causes, fixes, a run or a model that shows it and a near miss."""
    for found in described(name):
        parts = (found.meaning, found.how, found.when_wrong, found.sources, found.causes, found.fixes, found.example)
        assert all(parts)
    if name in all_rules():
        assert {Fires, Quiet} == {type(example) for example in all_rules()[name].examples}
    if name in all_checks():
        kinds = {model_check.Fires, model_check.Quiet}
        assert kinds == {type(example) for example in all_checks()[name].examples}


@pytest.mark.parametrize("name", all_conditions())
def test_every_number_a_page_speaks_of_is_told(name: str):
    """A name in capitals means nothing to a reader without its value."""
    for found in described(name):
        words = (
            word.strip("`") for word in found.how.replace("\n", " ").split() if word[:1] == "`" and word[1:2].isupper()
        )
        names = {threshold.name.partition(".")[0] for threshold in found.thresholds}
        told = {name + rest for name in names for rest in ("", "`,", "`.", "`;", "`:")}
        assert set(words) <= told
