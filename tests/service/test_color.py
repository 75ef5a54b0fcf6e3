import io
import re

import pytest

from diagnosis import diagnose
from diagnosis.synthetic import falling, run, turning
from service.representations.text import render
from service.terminal import takes_color

REPORT = diagnose(run(loss=falling(), val_loss=turning(at=20)))
ESCAPE = re.compile(r"\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_colour_changes_nothing_but_colour() -> None:
    """The same letters in the same columns, and none of it unasked."""
    painted = render(REPORT, color=True)

    assert "\x1b" not in render(REPORT)
    assert render(REPORT) == ESCAPE.sub("", painted)
    assert painted.startswith("\x1b[1;33mATTENTION\x1b[0m")
    assert "\x1b[1;32mtry first\x1b[0m" in painted


def test_every_colour_ends_on_its_line() -> None:
    """What follows is not painted, however the text is cut by lines."""
    for line in render(REPORT, color=True).splitlines():
        codes = ESCAPE.findall(line)
        assert ["\x1b[0m"] * (len(codes) // 2) == codes[1::2]


@pytest.mark.parametrize(
    ("stream", "environment", "expected"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_a_terminal_is_coloured_unless_somebody_objects(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, environment: dict[str, str], *, expected: bool
) -> None:
    """As no-color.org asks; a file or a pipe never is."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == takes_color(stream)
