"""`curve-diagnosis`: one command per file; the folder is the list.

A command has a docstring, which is its help, `add(parser)` for its arguments, and `run(arguments)`, which returns the exit
code. Only the one that is asked for is imported: `serve` needs no engine, `diagnose` no web.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from service.terminal import CannotWrite, open_what_is_closed, tell

UNWRITTEN = 2  # exit code: 1 would tell a pipeline of findings
BROKEN = 2  # exit code
DEFECT = "This is a defect of curve-diagnosis, not of the log: please report it, with what is above."
INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    open_what_is_closed()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = parser_of(words[:1]).parse_args(words)  # which imports, and may be waited for
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except CannotWrite as full:
        tell(full.detail)
        return UNWRITTEN
    except Exception:  # noqa: BLE001 - a defect of ours, which Python would end with 1
        tell(f"{traceback.format_exc()}{DEFECT}")
        return BROKEN
    return code


def parser_of(asked: Sequence[str]) -> argparse.ArgumentParser:
    """The arguments of the command that is asked for; of all of them, for the help, where none is."""
    parser = argparse.ArgumentParser(
        prog="curve-diagnosis", description="Reads training curves, and says what is wrong."
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    names = [entry.name for entry in pkgutil.iter_modules(__path__) if not entry.name.startswith("_")]
    for name in [name for name in names if name in asked] or names:
        module = importlib.import_module(f"{__name__}.{name}")
        title, _, rest = (module.__doc__ or "").strip().partition("\n")
        command = commands.add_parser(
            name, help=title.rstrip("."), description=f"{title}\n{rest}", formatter_class=argparse.RawDescriptionHelpFormatter
        )  # fmt: skip
        module.add(command)
        command.set_defaults(run=module.run)
    return parser


def _version() -> str:
    try:
        return version("curve-diagnosis")
    except PackageNotFoundError:
        return "0+unknown"
