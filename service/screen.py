"""A picture of text that is redrawn in a terminal: in place, in one write, and without a trace when it ends."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from service.terminal import write
from service.wording.color import painted
from service.wording.columns import cut

ELSEWHERE, BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # a screen of its own without a cursor, and back
HOME, TO_THE_RIGHT, BELOW = "\x1b[H", "\x1b[K", "\x1b[J"  # nothing is cleared before it is written over: no flicker
END = "\n"
FOOT = 2  # lines: an empty one, and what is being watched


@contextmanager
def screen() -> Iterator[None]:
    """A screen of its own for as long as it lasts; what was there before comes back."""
    write(ELSEWHERE.encode())
    try:
        yield
    finally:
        write(BACK.encode())


def draw(text: str, foot: str, *, color: bool) -> bool:
    """Show as much as there is room for, and a line at the foot; whether anybody sees it."""
    columns, rows = shutil.get_terminal_size()
    shown = fitted(text.splitlines(), columns, rows - FOOT)
    lines = [painted(line) if color else line for line in shown]
    stamp = time.strftime("%H:%M:%S")
    picture = "".join(f"{line}{TO_THE_RIGHT}{END}" for line in (*lines, "", cut(f"{stamp} · {foot}", columns)))
    return write(f"{HOME}{picture.removesuffix(END)}{BELOW}".encode())


def fitted(lines: Sequence[str], columns: int, rows: int) -> list[str]:
    """Lines that fit a terminal; those that do not are counted."""
    room = max(rows, 1)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"… {len(lines) - room + 1} more lines; all of them are shown at the end"]
    return [cut(line, columns) for line in lines]
