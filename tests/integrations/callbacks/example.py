"""A file of examples/callbacks, imported as a user's script would import its copy."""

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from scripts.listening import ROOT

FOLDER = ROOT / "examples" / "callbacks"


def example(name: str) -> Any:
    """The module in `name`.py."""
    spec = spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
