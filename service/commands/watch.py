"""Watch a log that grows: the diagnosis is redrawn whenever the file changes.

The run is taken for unfinished, unless --context says finished=true or planned_epochs=N. A file that is cut, replaced or not
there yet is waited for. Ctrl-C ends it, with the exit code of the last verdict. Where the output is no terminal, each new
verdict is one line.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from service.asking import REFUSED, UNJUDGED, add_options, answer_to, exit_code, query_of, sentence
from service.growing import Look, looks
from service.question.files import STDIN
from service.refusals import Refusal
from service.representations.text import render
from service.screen import draw, screen
from service.settings import Settings
from service.terminal import takes_color, tell, write

EVERY, LEAST = 2.0, 0.1  # seconds between two looks


def add(parser: argparse.ArgumentParser) -> None:
    """What may be asked."""
    parser.add_argument("file", metavar="FILE", help="a log that is being written")
    add_options(parser)
    parser.add_argument("--every", type=float, default=EVERY, metavar="SECONDS", help="between two looks (%(default)g)")
    parser.add_argument("--once", action="store_true", help="look once, and end")
    parser.add_argument(
        "--color", action=argparse.BooleanOptionalAction, help="colour; a terminal has it without being asked"
    )


def run(arguments: argparse.Namespace) -> int:
    """Look again and again, until somebody ends it."""
    color = takes_color(sys.stdout) if arguments.color is None else arguments.color
    try:
        settings = Settings.from_environment()
        said = {pair.partition("=")[0] for pair in arguments.context}
        query = query_of(arguments, None if said & {"finished", "planned_epochs"} else {"finished": False})
        if arguments.file == STDIN:
            raise Refusal("Standard input cannot be watched: name a file, or ask `curve-diagnosis diagnose -`.")
    except REFUSED as refused:
        tell(sentence(refused))
        return UNJUDGED

    def drawn(_: Look, look: Look) -> bool:
        return draw(*_scene(look, settings.public_url, arguments.file), color=color)

    seen = looks(arguments.file, lambda part: answer_to([part], query, settings).found, settings.body)
    if arguments.once:
        last = once(seen)
    elif sys.stdout.isatty():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # the terminal is left in order, whoever ends it
        with screen():
            last = follow(seen, arguments.every, drawn)
    else:
        last = follow(seen, arguments.every, _told)
        return exit_code(last.found, arguments.fail_on) if last.found else UNJUDGED
    if last.found is None:
        tell(last.trouble or "The log was not read yet.")
        return UNJUDGED
    write(render(last.found, settings.public_url, color=color).encode())
    return exit_code(last.found, arguments.fail_on)


def follow(seen: Iterator[Look | None], every: float, show: Callable[[Look, Look], bool]) -> Look:
    """Show every look, beside the one before it, until nobody reads on or Ctrl-C is pressed; the last one."""
    last = Look(None)
    with suppress(KeyboardInterrupt):
        for look in seen:
            before, last = last, look or last
            if not show(before, last):
                break
            time.sleep(max(every, LEAST))
    return last


def once(seen: Iterator[Look | None]) -> Look:
    """One look; at a log that does not end with a line, a second, at all of it."""
    first, second = next(seen), next(seen)
    looked = [look for look in (second, first) if look]
    return next((look for look in looked if look.found and not look.trouble), looked[0])


def _scene(look: Look, link: str, file: str) -> tuple[str, str]:
    """What is drawn, and the line at the foot: what keeps it from being newer, where there is anything."""
    text = render(look.found, link) if look.found else "Waiting for a log that can be read."
    name = Path(file).name  # a long path would leave no room for what is said of it
    return text, look.trouble.replace(file, name) or f"Ctrl-C ends · {name}"


def _told(before: Look, look: Look) -> bool:
    """A line for each new verdict; what cannot be read is said once."""
    if look.trouble and look.trouble != before.trouble:
        tell(look.trouble)
    lines = [render(each.found, summary=True) if each.found else "" for each in (before, look)]
    return lines[0] == lines[1] or write(lines[1].encode())
