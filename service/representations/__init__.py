"""One media type per file; the folder is the list, and JSON comes first."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

OF_CHECK = f"{__name__}.of_check"  # the folder of those of a model's check


@dataclass(frozen=True)
class Representation:
    """How one media type is made: `render(report, link, …)`, where `link` goes before every address.

    What else `render` takes (`full`, `summary`, `color`, …) is told by its own parameters.
    """

    media_type: str
    render: Callable[..., bytes | str]

    @cached_property
    def takes(self) -> frozenset[str]:
        """The names of what may be asked of it."""
        return frozenset(inspect.signature(self.render).parameters)

    def of(self, report: object, link: str, asked: Mapping[str, Any]) -> bytes | str:
        """Make it as asked; what this medium does not know means nothing to it."""
        return self.render(report, link, **{name: value for name, value in asked.items() if name in self.takes})


def names(folder: str = __name__) -> tuple[str, ...]:
    """What there is, by the names of the files, without importing any of them."""
    entries = pkgutil.iter_modules(importlib.import_module(folder).__path__)
    return tuple(entry.name for entry in entries if not entry.ispkg)


def named(name: str, folder: str = __name__) -> Representation:
    """One representation by the name of its file."""
    module = importlib.import_module(f"{folder}.{name}")
    return Representation(module.MEDIA_TYPE, module.render)


@cache
def all_representations(folder: str = __name__) -> Mapping[str, Representation]:
    """Every representation by its media type, the default first; `folder` is the package that holds them."""
    modules = [importlib.import_module(f"{folder}.{name}") for name in names(folder)]
    modules.sort(key=lambda module: (not getattr(module, "DEFAULT", False), module.__name__))
    return {module.MEDIA_TYPE: Representation(module.MEDIA_TYPE, module.render) for module in modules}
