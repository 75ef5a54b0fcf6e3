"""docs/ is what the code says today."""

import pytest

from diagnosis.reader import all_readers
from diagnosis.rule import Fires, Quiet, all_rules
from schemas.catalogue import condition
from scripts.pages import pages


@pytest.mark.parametrize("path", pages(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_is_what_the_code_says(path):
    """Stale is red: `make docs` writes it anew."""
    assert path.read_text() == pages()[path]


def test_every_condition_and_format_has_its_page_and_no_page_is_left_over():
    """One word: the file, the page, the address."""
    named = {path.stem for path in pages()} - {"index"}
    there = {path.stem for path in pages() for path in path.parent.glob("*.md")} - {"index"}

    assert {*all_rules(), *all_readers(), "json"} == named
    assert named == there


@pytest.mark.parametrize("name", all_rules())
def test_a_condition_page_has_all_its_parts(name: str):
    """Numbers, causes, fixes, a run that shows it and a near miss."""
    found = condition(name)

    assert found is not None
    assert all((found.meaning, found.how, found.when_wrong, found.sources, found.causes, found.fixes, found.example))
    assert {Fires, Quiet} == {type(example) for example in all_rules()[name].examples}


@pytest.mark.parametrize("name", all_rules())
def test_every_number_a_page_speaks_of_is_told(name: str):
    """A name in capitals means nothing to a reader without its value."""
    found = condition(name)
    assert found is not None

    spoken = {
        word.strip("`") for word in found.how.replace("\n", " ").split() if word.startswith("`") and word[1:2].isupper()
    }

    assert spoken <= {threshold.name + rest for threshold in found.thresholds for rest in ("", "`,", "`.", "`;", "`:")}
