"""No pattern of a reader may take a time that grows with the square of what a stranger sends."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator

import pytest

import diagnosis
from diagnosis.reader import Document, all_readers
from diagnosis.reading.console import Line

# `^\s*` in a text of blank lines begins at each of them, and runs to the end of all of them each time.
RUNS_ON = re.compile(r"\^\\s[*+]")


def patterns(value: object) -> Iterator[re.Pattern[str]]:
    """The patterns in a constant of a module."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Line):
        yield value.pattern
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from patterns(each)


def every() -> Iterable[tuple[str, re.Pattern[str]]]:
    """Every pattern of the engine that looks at many lines at once, and where it stands."""
    for module in pkgutil.walk_packages(diagnosis.__path__, "diagnosis."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in patterns(value):
                if pattern.flags & re.MULTILINE:
                    yield f"{module.name}.{name}", pattern


def test_no_pattern_runs_on_over_blank_lines() -> None:
    """One that did took a minute for 40 KB of them."""
    found = list(every())

    assert len(found) > 10
    assert [] == [name for name, pattern in found if RUNS_ON.search(pattern.pattern)]


@pytest.mark.parametrize(
    "unit", ["\n", " \n", "\t", " ", "Epoch 1/2\n", "Epoch GPU_mem a ", "a" * 50 + "\n", "[" * 20, "1 "]
)
def test_every_reader_looks_at_a_megabyte_of_the_same(unit: str) -> None:
    """And comes back: with a pattern whose time grows with the square, it would not within this test's life."""
    document = Document.of(("epoch 1 loss 2\nepoch 2 loss 1\n" + unit * (10**6 // len(unit))).encode())

    assert {True, False} >= {reader.recognises(document) for reader in all_readers().values()}
