"""How a unit of knowledge is declared: a module of a folder, whose docstring is its page and whose parameters are what it needs.

Rules, checks of models and readers are such (docs/adr/0002).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from types import ModuleType, UnionType
from typing import get_args, get_origin

SECTIONS = ("What it means", "How it is detected", "When it is wrong", "Sources")


def modules_of(folder: str) -> Mapping[str, ModuleType]:
    """Every module of a package, by its name."""
    package = importlib.import_module(folder)
    names = [entry.name for entry in pkgutil.iter_modules(package.__path__)]
    return {name: importlib.import_module(f"{folder}.{name}") for name in names}


def page_of(docstring: str) -> tuple[str, dict[str, str]]:
    """The claim of the first line, and the text under each of the four headings."""
    lines = inspect.cleandoc(docstring).splitlines()
    page: dict[str, list[str]] = {}
    heading = None
    for line in lines[1:]:
        if line in SECTIONS:
            heading = line
            page[heading] = []
        elif heading:
            page[heading].append(line)
    return (lines[0] if lines else ""), {name: inspect.cleandoc("\n".join(text)) for name, text in page.items()}


def may_be_none(hint: object) -> bool:
    """Whether a parameter of this type is wanted, not needed."""
    return get_origin(hint) is UnionType and type(None) in get_args(hint)
