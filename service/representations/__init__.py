"""One media type per file; the folder is the list, and JSON comes first."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Representation:
    """How one media type is made: `render(report, link, full=…)`, where `link` goes before every address."""

    media_type: str
    render: Callable[..., bytes | str]


@cache
def all_representations() -> Mapping[str, Representation]:
    """Every representation by its media type, the default first."""
    modules = [importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    modules.sort(key=lambda module: (not getattr(module, "DEFAULT", False), module.__name__))
    return {module.MEDIA_TYPE: Representation(module.MEDIA_TYPE, module.render) for module in modules}
