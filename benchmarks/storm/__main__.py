"""Let the storm loose on a service of its own.

python -m benchmarks.storm [--seconds 600] [--clients 100]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from benchmarks.storm import questions
from benchmarks.storm.clients import Tally, ask, crew, essence
from benchmarks.storm.processes import Family
from benchmarks.storm.questions import Sent
from scripts.listening import Server, listening

SHORT = 60  # seconds, within `make bench`
FAULTY = 0.6  # of the time; after it nothing is killed, so that what grows can be seen
EVERY = 8.0  # seconds between two faults
REST = 15.0  # seconds in which what was begun ends


@dataclass
class Storm:
    """What was measured: `calm` and `late` are of the service at rest, before and after."""

    seconds: int
    clients: int
    tally: Tally = field(default_factory=Tally)
    done: dict[str, int] = field(default_factory=dict)
    calm: tuple[float, int, int] = (0, 0, 0)
    quiet: tuple[float, int, int] = (0, 0, 0)
    late: tuple[float, int, int] = (0, 0, 0)
    left: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


def run(seconds: int, clients: int) -> Storm:
    """One storm."""
    storm = Storm(seconds, clients)
    with TemporaryDirectory(dir="/dev/shm", prefix="storm-") as folder:
        counted, log = Path(folder, "counted"), Path(folder, "log")
        counted.mkdir()
        with listening(log, PROMETHEUS_MULTIPROC_DIR=str(counted), OVERFIT_DEVICE="cpu") as server:
            _rage(storm, server)
        storm.left = sorted(file.name for file in Path(folder).rglob("*") if file != log)
        errors = [line for line in log.read_text().splitlines() if '"ERROR"' in line or "Traceback" in line]
        storm.log = [line for line in errors if "was sent SIGKILL" not in line]  # by us
    return storm


def _rage(storm: Storm, server: Server) -> None:
    asked = {
        "good questions": [(sent, _expected(server.port, sent)) for sent in questions.good()],
        "models": [(sent, _expected(server.port, sent)) for sent in questions.checks()],
        "broken questions": [(sent, None) for sent in questions.broken()],
    }
    storm.calm = _state(server.pid)
    began = time.monotonic()
    threads = crew(server.port, storm.clients, began + storm.seconds, asked, storm.tally)
    for thread in threads:
        thread.start()
    _break(storm, server.pid, began + FAULTY * storm.seconds)
    storm.quiet = _state(server.pid)
    for thread in threads:
        thread.join()
    time.sleep(REST)
    storm.late = _state(server.pid)


def _expected(port: int, sent: Sent) -> object:
    """What a calm service answers; the jail may still be coming up."""
    end = time.monotonic() + 60
    while (answer := ask(port, sent))[0] not in sent.statuses and time.monotonic() < end:
        time.sleep(1)
    if answer[0] not in sent.statuses:
        sys.exit(f"{sent.name}: the calm service answers {answer[0]}: {answer[2][:300]!r}")
    return essence(answer[2], sent)


def _state(master: int) -> tuple[float, int, int]:
    family = Family.of(master)
    return family.memory(), family.files(), len(family.all)


def _break(storm: Storm, master: int, until: float) -> None:
    """Kill and reload by turns."""
    ways: dict[str, Callable[[], None]] = {
        "a worker killed": lambda: os.kill(random.choice(Family.of(master).workers), signal.SIGKILL),
        "the warm process killed": lambda: os.kill(Family.of(master).warm[0], signal.SIGKILL),
        "a worker asked to end": lambda: os.kill(random.choice(Family.of(master).workers), signal.SIGTERM),
        "a reload": lambda: os.kill(master, signal.SIGHUP),
    }
    while time.monotonic() + EVERY < until:
        for name, way in ways.items():
            time.sleep(EVERY)
            try:
                way()
            except (IndexError, ProcessLookupError):
                continue  # it has not come up again
            storm.done[name] = storm.done.get(name, 0) + 1
    time.sleep(max(0.0, until - time.monotonic()))


def section(storm: Storm) -> str:
    """What happened, as markdown."""
    counts, seconds = storm.tally.counts, storm.tally.seconds
    cuts = quantiles(seconds, n=100) if len(seconds) > 1 else [0.0] * 99
    rows = [f"| {kind} | {outcome} | {counts[kind, outcome]:,} |\n" for kind, outcome in sorted(counts)]
    states = {"before": storm.calm, "when the last fault was done": storm.quiet, "after": storm.late}
    wrong = [*storm.tally.faults, *storm.log]
    done = ", ".join(f"{name} × {count}" for name, count in storm.done.items()) or "none"
    lines = [
        f"{storm.clients} clients for {storm.seconds} s, on a service of two workers with four threads each. ",
        f"Faults in the first {FAULTY:.0%} of the time: {done}.\n\n",
        "| clients | outcome | times |\n| --- | --- | --- |\n",
        *rows,
        f"\nAn attempt that was answered right took {cuts[49]:.2g} s at the median and {cuts[98]:.2g} s at the 99th percentile.\n\n",
        "| the service | MiB in all | open files | processes |\n| --- | --- | --- | --- |\n",
        *(f"| {when} | {memory:.0f} | {files} | {count} |\n" for when, (memory, files, count) in states.items()),
        f"\nFiles left behind: {len(storm.left)}. ",
        f"Answers that should not have been, and errors in the log: {len(wrong)}.",
        *(f"\n- {each}" for each in wrong[:20]),
    ]
    return "".join(lines)


def table() -> str:
    """The short form, for RESULTS.md."""
    return section(run(SHORT, 100))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--clients", type=int, default=100)
    given = parser.parse_args()
    found = run(given.seconds, given.clients)
    print(section(found))
    sys.exit(bool(found.tally.faults or found.log))
