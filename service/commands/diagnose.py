"""Diagnose training logs: files, folders, archives, or `-` for standard input.

Several files are one run where they complement each other, else one run each, as with POST /diagnose; the answer is the
same to the byte. Exits with 0 where all is fine, 1 with findings of the --fail-on level, 2 where it cannot be read or judged.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from service.asking import PICTURE, REFUSED, UNJUDGED, add_options, answer_to, exit_code, query_of, sentence
from service.question.files import STDIN, parts_of
from service.refusals import Refusal
from service.representations import Representation, named, names
from service.settings import Settings
from service.terminal import takes_color, tell, write

ENDINGS = {"": "text", ".txt": "text", ".log": "text", ".md": "markdown"}
STDOUT = "-"
CANVAS = "canvas"  # what a picture's `render` calls its size and theme


def add(parser: argparse.ArgumentParser) -> None:
    """What may be asked."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a log, a folder or archive of logs, or - for standard input"
    )
    parser.add_argument("--format", choices=names(), help="how to answer: text, or what the name of --output says")
    parser.add_argument(
        "-o", "--output", type=_output, metavar="FILE", help="where to write the answer, instead of here, which is -"
    )
    add_options(parser)
    parser.add_argument(
        "--runs", choices=("one", "each"), help="whether several files are one run, or each one of its own"
    )
    parser.add_argument("--full", action="store_true", help="JSON with the values of each curve, and its smoothed form")
    parser.add_argument("--summary", action="store_true", help="the verdict in one line")
    parser.add_argument(
        "--color", action=argparse.BooleanOptionalAction, help="colour; a terminal has it without being asked"
    )
    parser.add_argument("--width", help="of a picture, in pixels")
    parser.add_argument("--height", help="of a picture, in pixels")
    parser.add_argument("--theme", choices=("light", "dark"), help="of a picture")


def run(arguments: argparse.Namespace) -> int:
    """Answer, and say with the exit code what was found."""
    try:
        settings = Settings.from_environment()
        medium = _medium(arguments)
        if arguments.color is None:
            arguments.color = arguments.output is None and takes_color(sys.stdout)
        query = query_of(arguments)
        if arguments.files.count(STDIN) > 1:
            raise Refusal("- is standard input, and can be read once.")
        parts = parts_of(arguments.files, settings.body, query.filename)
        answer = answer_to(parts, query, settings)
        _write(medium.of(answer.found, settings.public_url, query.shown), arguments.output)
    except REFUSED as refused:
        tell(sentence(refused))
        return UNJUDGED
    return exit_code(answer.found, arguments.fail_on)


def _output(name: str) -> Path | None:
    """Where to write; None for standard output."""
    return Path(name) if name != STDOUT else None


def _medium(arguments: argparse.Namespace) -> Representation:
    """What is asked for, or what the name of the output says; what it cannot take is refused before anything is read."""
    ending = arguments.output.suffix if arguments.output else ""
    name = arguments.format or ENDINGS.get(ending, ending.removeprefix("."))
    if name not in names():
        raise Refusal(f"{arguments.output}: what to write is not told by {ending}; say --format {', '.join(names())}.")
    medium = named(name)
    foreign = [option for option in PICTURE if getattr(arguments, option) is not None]
    if foreign and CANVAS not in medium.takes:
        raise Refusal(f"--{foreign[0]} is for pictures, and {medium.media_type} is none.")
    if medium.media_type == "image/png" and arguments.output is None and sys.stdout.isatty():
        raise Refusal("A terminal shows no PNG: name a file with --output, or send it on to a program.")
    return medium


def _write(rendered: bytes | str, output: Path | None) -> None:
    """Write the answer as it is; a terminal's prompt begins on a line of its own."""
    data = rendered if isinstance(rendered, bytes) else rendered.encode()
    if output is None:
        ended = b"\n" if sys.stdout.isatty() and not data.endswith(b"\n") else b""
        write(data + ended)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise Refusal(f"{output}: {error.strerror}.") from None
