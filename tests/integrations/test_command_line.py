"""The command line as somebody types it: pipes, terminals, signals."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.listening import ROOT, listening

pytestmark = pytest.mark.integration
COMMAND = (sys.executable, "-m", "service.commands")
DIGITS = ROOT / "examples" / "logs" / "digits.csv"
ROWS, COLUMNS = 24, 72
PATIENCE = 30.0  # seconds; a busy machine may need some of them to import scipy
ESCAPE = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and so would its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Terminal:
    """A terminal that a command runs in."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self.master, self.process, self.shown = master, process, ""

    def wait_for(self, text: str) -> str:
        """Read until something is shown; what was shown since the last time."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < end:
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self.master, 65536).decode(errors="replace")
                except OSError:  # the command has ended
                    break
        found, self.shown = self.shown, ""
        assert text in found, found
        return found


@contextmanager
def terminal(*words: str, **environment: str) -> Iterator[Terminal]:
    """Run a command in a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {
        "TERM": "xterm",
        **environment,
    }
    with subprocess.Popen(
        [*COMMAND, *words], cwd=ROOT, env=variables, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        try:
            yield Terminal(master, process)
        finally:
            process.kill()
            os.close(master)


def test_a_reader_that_stops_changes_nothing() -> None:
    """`curve-diagnosis diagnose log.csv | head -1`: no complaint, and the exit code of the verdict."""
    line = (
        f"{shlex.join((*COMMAND, 'diagnose', str(DIGITS)))} --full --format json | head -c 1; echo ${{PIPESTATUS[0]}}"
    )

    done = subprocess.run(["/bin/bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ("{1\n", "") == (done.stdout, done.stderr)


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colour_unless_somebody_objects(environment: dict[str, str], *, coloured: bool) -> None:
    """Without being asked."""
    with terminal("diagnose", str(DIGITS), **environment) as shown:
        text = shown.wait_for("· version")

    assert coloured == ("\x1b[1;33mATTENTION" in text)


def test_a_log_is_watched_as_it_grows_is_cut_and_replaced(tmp_path: Path) -> None:
    """Redrawn in place, in the width of the terminal; Ctrl-C leaves the last report, and its exit code."""
    log, lines = tmp_path / "log.csv", DIGITS.read_text(encoding="utf-8").splitlines(keepends=True)

    with terminal("watch", str(log), "--every", "0.2") as shown:
        assert shown.wait_for("Waiting for a log").startswith("\x1b[?1049h")
        log.write_text("".join(lines[:15]) + lines[15][:9], encoding="utf-8")
        shown.wait_for("HEALTHY")
        log.write_text("".join(lines[:50]), encoding="utf-8")
        drawn = shown.wait_for("Ctrl-C ends").rpartition("\x1b[H")[2]
        assert COLUMNS >= max(len(ESCAPE.sub("", line)) for line in drawn.splitlines())
        shown.wait_for("Overfitting")
        log.write_text("", encoding="utf-8")
        assert "Overfitting" in shown.wait_for("The document is empty")
        log.rename(tmp_path / "log.csv.1")
        shown.wait_for("No such file")
        log.write_text("".join(lines), encoding="utf-8")
        shown.wait_for("Ctrl-C ends")
        time.sleep(1.0)
        shown.process.send_signal(signal.SIGINT)
        end = shown.wait_for("· version").partition("\x1b[?1049l")
        assert 1 == shown.process.wait(PATIENCE)

    assert "decrease_capacity" in end[2]


def test_what_is_watched_without_a_terminal_is_a_line_for_each_verdict(tmp_path: Path) -> None:
    """For a log of its own."""
    log, lines = tmp_path / "log.csv", DIGITS.read_text(encoding="utf-8").splitlines(keepends=True)
    log.write_text("".join(lines[:3]), encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "watch", str(log), "--every", "0.2"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        log.write_text("".join(lines), encoding="utf-8")
        second = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        try:
            assert 1 == process.wait(PATIENCE)
        finally:
            process.kill()

    assert first.startswith("INCONCLUSIVE: Too little")
    assert second.startswith("ATTENTION: Overfitting since epoch 13")


def test_the_service_is_started_as_make_run_does(tmp_path: Path) -> None:
    """By gunicorn, on the port of the environment."""
    with listening(tmp_path / "log.txt", (*COMMAND, "serve", "--workers", "1")) as server:
        assert server.url

    assert "Listening at" in server.log.read_text(encoding="utf-8")
