"""One media type per file; the folder is the list, and JSON comes first."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Representation:
    """How one media type is made: `render(report, link, full=…, canvas=…)`.

    `link` goes before every address, `full` adds the curves' values, `canvas` is what a picture is drawn on.
    """

    media_type: str
    render: Callable[..., bytes | str]


@cache
def all_representations(folder: str = __name__) -> Mapping[str, Representation]:
    """Every representation by its media type, the default first; `folder` is the package that holds them."""
    entries = pkgutil.iter_modules(importlib.import_module(folder).__path__)
    modules = [importlib.import_module(f"{folder}.{entry.name}") for entry in entries if not entry.ispkg]
    modules.sort(key=lambda module: (not getattr(module, "DEFAULT", False), module.__name__))
    return {module.MEDIA_TYPE: Representation(module.MEDIA_TYPE, module.render) for module in modules}
