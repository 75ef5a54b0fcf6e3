"""What is counted, for Prometheus: over all workers, with labels of words that this service chose.

Under gunicorn every worker writes to a file in memory (`service.gunicorn` says where), and whichever is asked adds them up
(https://prometheus.github.io/client_python/multiprocess/). A worker's files go by its place, not by its process: the one
that follows a worker that ended counts on where that stopped, and no file is left behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from diagnosis.examining.check import CheckReport
from diagnosis.identity import VERSION
from diagnosis.report import Report
from schemas.catalogue import all_conditions
from service.sandbox.outcomes import Reason
from service.server import access_log, leftovers

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name for where workers write
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
OTHER = "other"  # method
NOWHERE = "-"  # route of what is not there
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BYTES = tuple(float(4**power) for power in range(5, 14))  # 1 KiB … 64 MiB
EXTENSION = "metrics"
ALIVE = "gauge_livesum"  # the library's name for what holds only while a worker lives
KINDS = ("counter", "histogram", "gauge_max", ALIVE)  # of files, each place has one of each
ROOM = 1 << 18  # bytes of a file: all that is ever counted takes less
LOST = "lost"  # a check that ended with the jail
MAIN = "main"
_place = MAIN  # which worker this is


def reserve(folder: Path, places: int) -> None:
    """Take the room that so many places need, or raise OSError: whoever writes to memory that is full is ended."""
    for place in (MAIN, *map(str, range(places))):
        for kind in KINDS:
            with (folder / f"{kind}_{place}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, ROOM)


def take_place(place: str) -> None:
    """Count as this worker from now on; to be called after the fork."""
    global _place  # noqa: PLW0603 - a process is one worker
    _place = place


def leave_place(place: str) -> None:
    """Forget what holds only while a worker lives; the room stays taken."""
    file = Path(os.environ.get(FOLDER, ""), f"{ALIVE}_{place}.db")
    if file.is_file():
        with file.open("r+b") as counted:
            counted.write(bytes(ROOM))


@dataclass(frozen=True)
class Metrics:
    """Everything that is counted."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    sizes: Histogram
    points: Counter
    diagnoses: Counter
    findings: Counter
    failures: Counter
    checks: Counter
    checking: Gauge
    waiting: Gauge

    @classmethod
    def create(cls) -> Metrics:
        """Make them, in files of workers where there is a folder for those."""
        if FOLDER in os.environ:
            values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]
        r = CollectorRegistry()
        p = "curve_diagnosis_"
        info = Gauge(
            f"{p}build_info", "1, for the version in the label.", ["version"], registry=r, multiprocess_mode="max"
        )
        info.labels(VERSION).set(1)
        made = cls(
            r,
            Counter(f"{p}requests", "Requests answered.", ["route", "method", "status"], registry=r),
            Histogram(f"{p}request_seconds", "From the headers to the answer.", ["route"], registry=r, buckets=SECONDS),
            Histogram(f"{p}request_bytes", "Bodies as they came.", ["route"], registry=r, buckets=BYTES),
            Counter(f"{p}points", "Values of curves that were judged.", registry=r),
            Counter(f"{p}diagnoses", "Runs judged.", ["status"], registry=r),
            Counter(f"{p}findings", "Findings, of runs and of models.", ["condition", "severity"], registry=r),
            Counter(f"{p}rule_failures", "Rules and checks that failed themselves: bugs.", ["condition"], registry=r),
            Counter(f"{p}checks", "Overfit checks, by verdict, or by what ended them.", ["outcome"], registry=r),
            Gauge(f"{p}checks_open", "Overfit checks that run or wait.", registry=r, multiprocess_mode="livesum"),
            Gauge(f"{p}requests_open", "Requests that are answered or wait.", registry=r, multiprocess_mode="livesum"),
        )
        for condition in all_conditions():  # an increase is seen only of what was 0 before
            made.failures.labels(condition)
        for reason in (*get_args(Reason), LOST):
            made.checks.labels(reason)
        for route in ("/diagnose", "/overfit-check"):
            made.requests.labels(route, "POST", "500")
        return made

    def refused(self, status: int) -> None:
        """Count what the server refused before its address and its method were known."""
        self.requests.labels(NOWHERE, OTHER, str(status)).inc()

    def diagnosed(self, reports: Iterable[Report]) -> None:
        """Count what was found in runs."""
        for report in reports:
            self.diagnoses.labels(report.status).inc()
            self.points.inc(sum(len(curve) for curve in report.features.run.curves))
            for finding in report.findings:
                self.findings.labels(finding.condition, finding.severity).inc()
            for condition in report.bugs:
                self.failures.labels(condition).inc()

    def checked(self, report: CheckReport) -> None:
        """Count what was found in a model."""
        self.checks.labels(report.verdict).inc()
        for finding in report.findings:
            self.findings.labels(finding.condition, finding.severity).inc()
        for condition in report.bugs:
            self.failures.labels(condition).inc()

    def text(self) -> bytes:
        """Everything, in Prometheus's own format."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        every = CollectorRegistry()
        MultiProcessCollector(every, os.environ[FOLDER])  # type: ignore[no-untyped-call]
        return generate_latest(every)


def of_app() -> Metrics:
    """Those of the application that answers the current request."""
    found: Metrics = current_app.extensions[EXTENSION]
    return found


def register(app: Flask) -> None:
    """Count every request when it is answered."""
    metrics = app.extensions[EXTENSION] = Metrics.create()

    @app.after_request
    def count(response: Response) -> Response:
        rule, method, size = request.url_rule, request.method, request.content_length
        route = rule.rule if rule else NOWHERE
        metrics.requests.labels(route, method if method in METHODS else OTHER, str(response.status_code)).inc()
        metrics.seconds.labels(route).observe(access_log.elapsed())
        if size is not None and size <= app.config["SETTINGS"].body:  # a client may claim any
            metrics.sizes.labels(route).observe(size)
        return response


def clear(folder: Path) -> None:
    """Take away the files of workers of a service that ended."""
    for file in (*folder.glob("*.db"), folder / leftovers.LOCK):
        file.unlink(missing_ok=True)
    with suppress(FileNotFoundError):  # twice at an orderly end
        folder.rmdir()
