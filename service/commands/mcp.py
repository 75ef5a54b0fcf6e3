"""Serve chat assistants over the Model Context Protocol, on standard input and output.

An assistant's host starts it; its tools diagnose a run and read the pages of the conditions. Needs the extra `mcp`:
pip install 'curve-diagnosis[mcp]'
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from service.terminal import tell

LACKING = 2  # exit code
INSTALL = "The Model Context Protocol needs the extra `mcp`: pip install 'curve-diagnosis[mcp]'"


def add(_parser: argparse.ArgumentParser) -> None:
    """Nothing may be said: PUBLIC_URL and the limits come from the environment."""


def run(_arguments: argparse.Namespace) -> int:
    """Answer until the host closes the connection."""
    if find_spec("mcp") is None:
        tell(INSTALL)
        return LACKING
    from service.assistant import server  # noqa: PLC0415 - only where the extra is installed

    server().run("stdio")
    return 0
