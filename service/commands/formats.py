"""Read about a log format that is read as it is, with a sample; or list them all."""

from __future__ import annotations

import argparse

from schemas.catalogue import FormatsOut
from schemas.wire import unknown
from service.terminal import tell, write
from service.wording.columns import hanging

UNKNOWN = 2  # exit code


def add(parser: argparse.ArgumentParser) -> None:
    """Which of them."""
    parser.add_argument("name", nargs="?", help="as --log-format takes it; without one, all are listed")


def run(arguments: argparse.Namespace) -> int:
    """Show one format, or a line of each."""
    formats = {one.name: one for one in FormatsOut.of().formats}
    if arguments.name is None:
        column = 2 + max(map(len, formats))
        lines = [line for one in formats.values() for line in hanging(one.name.ljust(column), one.title)]
    elif arguments.name in formats:
        one = formats[arguments.name]
        lines = [one.title, "", *(f"    {line}" for line in one.sample.splitlines()), "", one.page]
    else:
        tell(unknown("format", arguments.name, tuple(formats)))
        return UNKNOWN
    write("\n".join((*lines, "")).encode())
    return 0
