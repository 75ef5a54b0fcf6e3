"""The files of examples/callbacks can be copied one by one; that they work is seen by `make test-integrations`."""

import ast
import sys
from pathlib import Path

import pytest

from scripts.listening import ROOT

FILES = sorted((ROOT / "examples" / "callbacks").glob("*.py"))
FRAMEWORKS = {"keras", "lightning", "pytorch_lightning", "torch", "transformers"}


def shared(path: Path) -> str:
    """The part of a file that asks the service."""
    text = path.read_text(encoding="utf-8")
    return text[text.index("# ---- The doctor") : text.index("\n# ---- The ", text.index("# ---- The doctor") + 1)]


def test_all_ask_the_service_in_the_same_words() -> None:
    """A copy in each file, because each is copied alone; mend one, and mend them all."""
    assert 4 == len(FILES)
    assert 1 == len({shared(path) for path in FILES})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_needs_its_framework_and_nothing_else(path: Path) -> None:
    """The standard library comes with Python."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    foreign = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"IPython"}

    assert foreign <= FRAMEWORKS
    assert 1 <= len(foreign) <= 2


def test_every_option_of_the_page_is_one() -> None:
    """The table of the README, and the signature."""
    page = (ROOT / "examples" / "callbacks" / "README.md").read_text(encoding="utf-8")
    listed = {line[3:].partition("=")[0] for line in page.splitlines() if line.startswith("| `")}
    doctor = next(
        node for node in ast.parse(shared(FILES[0])).body if isinstance(node, ast.ClassDef) and node.name == "Doctor"
    )
    made = next(node for node in doctor.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")

    assert {each.arg for each in [*made.args.args[2:], *made.args.kwonlyargs]} == listed
