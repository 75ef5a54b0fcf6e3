"""Read about a condition: what it means, how it is detected, when that is wrong, and what to do; or list them all."""

from __future__ import annotations

import argparse

from schemas.catalogue import ConditionsOut, all_conditions, condition
from schemas.wire import unknown
from service.pages.condition import conditions_page, page
from service.terminal import tell, write

UNKNOWN = 2  # exit code


def add(parser: argparse.ArgumentParser) -> None:
    """Which of them."""
    parser.add_argument("name", nargs="?", help="as a finding names it; without one, all are listed")


def run(arguments: argparse.Namespace) -> int:
    """Show a page, or the list, in Markdown."""
    if arguments.name is None:
        write(conditions_page(ConditionsOut.of()).encode())
        return 0
    found = condition(arguments.name)
    if found is None:
        tell(unknown("condition", arguments.name, all_conditions()))
        return UNKNOWN
    write(page(found).encode())
    return 0
