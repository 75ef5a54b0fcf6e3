"""What happens to questions when the wall clock jumps, as it does when a machine wakes, or first hears of the right time.

The service's own Python gets a clock that is set by a file: `time.time`, from which dates, time stamps and gunicorn's own
sums are made. The monotonic clock stays as it is, for it does not jump on a real machine either.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.listening import ROOT, listening
from tests.integrations.test_lifecycle import load, staffed, wait, workers

pytestmark = pytest.mark.integration
DAY = 86_400
JUMPS = (DAY, 365 * DAY, -365 * DAY, 0)  # seconds from the right time, one after the other
BETWEEN = 2.0  # seconds from one jump to the next: several beats of a worker's heart
CLOCK = """
import time

right, right_ns, last = time.time, time.time_ns, [0]

def wrong():
    try:
        with open({path!r}) as file:
            last[0] = int(file.read())
    except OSError:  # in the jail
        pass
    return last[0]

time.time = lambda: right() + wrong()
time.time_ns = lambda: right_ns() + wrong() * 10**9
"""


class Clock:
    """A clock for processes that are started with this folder on their path."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; the clock is right at first."""
        folder.mkdir()
        self.folder, self.file = folder, folder / "seconds"
        (folder / "sitecustomize.py").write_text(CLOCK.format(path=str(self.file)), encoding="utf-8")
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Let it be wrong by so much from now on."""
        said = self.file.with_suffix(".new")
        said.write_text(str(seconds), encoding="utf-8")
        said.replace(self.file)


def wrong_by(port: int) -> float:
    """Seconds between the header Date and the right time."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()


def test_a_clock_that_jumps_costs_nobody_an_answer(tmp_path: Path) -> None:
    """A day ahead, a year, a year back, and right again, under load: every request is answered by the same workers."""
    clock = Clock(tmp_path / "clock")
    with listening(tmp_path / "log", WORKERS="2", PYTHONPATH=f"{clock.folder}:{ROOT}") as server:
        before = wait(lambda: staffed(server, 2))
        with load(server.port) as found:
            for seconds in JUMPS:
                clock.jump(seconds)
                time.sleep(BETWEEN)
                assert seconds == pytest.approx(wrong_by(server.port), abs=10), "the service does not hear of the jump"
        after = workers(server)

    assert {"200"} == found.keys()
    assert before == after


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_clock_that_jumps_ends_no_check_early_and_none_late(tmp_path: Path) -> None:
    """A model that trains until its deadline is given all of it, and no more, whatever the time is said to be."""
    deadline = 6.0
    subprocess.run([sys.executable, "-m", "tests.service.overfit_models", str(tmp_path)], cwd=ROOT, check=True)
    config = json.dumps({"loss": "cross_entropy", "deadline_s": deadline, "steps": 5000})
    parts = {"config": config.encode(), **{name: (tmp_path / name).read_bytes() for name in ("slow.pt", "batch.npz")}}
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n' % (field, parts[name])
        for field, name in ((b"model", "slow.pt"), (b"batch", "batch.npz"), (b"config", "config"))
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    clock = Clock(tmp_path / "clock")
    answered: list[tuple[int, bytes, float]] = []

    def check(port: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            began = time.monotonic()
            connection.request("POST", "/overfit-check", body + b"--x--\r\n", headers)
            answer = connection.getresponse()
            answered.append((answer.status, answer.read(), time.monotonic() - began))

    with listening(tmp_path / "log", WORKERS="1", OVERFIT_DEVICE="cpu", PYTHONPATH=f"{clock.folder}:{ROOT}") as server:
        check(server.port)  # waits until the jail stands, too
        checking = threading.Thread(target=check, args=(server.port,))
        checking.start()
        for seconds in JUMPS:
            time.sleep(1)
            clock.jump(seconds)
        checking.join()

    ((_, first, _), (status, second, took)) = answered
    if b"/unavailable" in first:
        pytest.skip("there is no jail on this machine")
    assert 200 == status, second
    assert "inconclusive" == json.loads(second)["verdict"]
    assert deadline / 2 < json.loads(second)["timing"]["train_ms"] / 1e3 < took < 2 * deadline
