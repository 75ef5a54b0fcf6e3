"""How much one question may hold; each limit is refused with what came and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from diagnosis.reading.assemble import Log
from schemas.pointer import pointer

# Bytes of memory that each `{`, `[` and `,` and each string of a JSON text becomes, where what stands there is small: a
# dictionary of up to five keys, a list, a number, with what points at them (CPython 3.11). A string is
# mostly a key, of which all records share one.
OBJECT, LIST, VALUE, STRING = 200, 72, 40, 16
FEW = 1_000  # of a mark in a text
Named: TypeAlias = tuple[str, object]  # a series


class TooMany(Exception):
    """More points, series, runs, parts or letters than one question may hold."""

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        """Keep the sentence, and the place in the document where there is one."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


@dataclass(frozen=True)
class Limits:
    """Per question: `points` and `all_series` in all runs together, `series` a run, `runs`, `name` characters of any name.

    `lines` of a text, or records of a binary log; where nearly every one holds a point, it has no more than those.
    Of an archive: `files` that may be logs, and the bytes of them all, `unpacked`. `parsed`: bytes of memory for one JSON.
    """

    points: int = 2_000_000
    series: int = 2_000
    all_series: int = 20_000
    lines: int = 2_500_000
    runs: int = 256
    name: int = 256
    files: int = 2_000
    unpacked: int = 64 << 20
    parsed: int = 1 << 30

    def check_document(self, document: dict[str, Any]) -> None:
        """Count a parsed question before anything is made of it; what has the wrong shape is left to the models."""
        runs = document.get("runs")
        if not isinstance(runs, list):
            self._check([(("history",), _series(document.get("history")))])
            return
        self._check_runs(len(runs), pointer(("runs",)))
        histories = ((i, run.get("history")) for i, run in enumerate(runs) if isinstance(run, dict))
        self._check((("runs", i, "history"), _series(history)) for i, history in histories)

    def check_json(self, body: bytes) -> None:
        """Estimate what a JSON text would become in memory, before it is parsed: five bytes can become two hundred."""
        objects, lists, quotes = (_count(body, mark) for mark in (b"{", b"[", b'"'))
        size = objects * OBJECT + lists * LIST + quotes // 2 * STRING
        # However many commas there are, they are half of the text at most; where they are many, counting them takes long.
        if size + len(body) // 2 * VALUE <= self.parsed:
            return
        commas = body.count(b",")
        size += commas * VALUE
        if size > self.parsed:
            raise TooMany(
                f"This JSON would need some {size >> 20} MiB of memory: it holds about {objects} objects, {lists} lists and {commas + 1} "
                f"values. One text may need {self.parsed >> 20} MiB: send each series as one list of numbers, log less often, or ask in "
                "several requests."
            )

    def check_text(self, body: bytes) -> None:
        """Count the lines of a text before it is read; they may end with a carriage return alone."""
        lines = max(body.count(b"\n"), body.count(b"\r"))
        if lines > self.lines:
            raise TooMany(
                f"{lines} lines were sent; a text may have {self.lines}. Log less often, or send every n-th line."
            )

    def check_logs(self, logs: Iterable[Log]) -> None:
        """Count what a reader found."""
        logs = tuple(logs)
        self._check_runs(len(logs), None)
        longest = max((len(log.name or "") for log in logs), default=0)
        if longest > self.name:
            raise TooMany(
                f"A run has a name of {longest} characters; {self.name} are allowed. Files and folders name runs, too."
            )
        self._check((None, [(series.name, series.values) for series in log.series]) for log in logs)

    def _check_runs(self, count: int, place: str | None) -> None:
        if count > self.runs:
            detail = f"{count} runs were sent; one question may hold {self.runs}. Ask in several requests."
            raise TooMany(detail, place)

    def check_records(self, count: int) -> None:
        """Count the records of a binary log while they are read."""
        if count > self.lines:
            raise TooMany(f"More than {self.lines} records were sent; one file may have that many. Log less often.")

    def _check(self, histories: Iterable[tuple[tuple[str | int, ...] | None, Collection[Named]]]) -> None:
        points = series = 0
        for place, named in histories:
            where = pointer(place) if place else None
            if len(named) > self.series:
                detail = f"{len(named)} series were sent; a run may hold {self.series}. Send the ones to be judged."
                raise TooMany(detail, where)
            longest = max((len(name) for name, _ in named), default=0)
            if longest > self.name:
                raise TooMany(f"A series has a name of {longest} characters; {self.name} are allowed.", where)
            points += sum(_size(values) for _, values in named)
            series += len(named)
        if series > self.all_series:
            raise TooMany(
                f"{series} series were sent in all runs together; one question may hold {self.all_series}. "
                "Send the ones to be judged, or ask in several requests."
            )
        if points > self.points:
            detail = (
                f"{points} points were sent; one question may hold {self.points}. "
                "Log less often, or send every n-th value with its steps."
            )
            raise TooMany(detail)


def _count(body: bytes, mark: bytes) -> int:
    """`body.count(mark)`; looking for the next one is eight times as fast as counting, where there are few."""
    at = -1
    for found in range(FEW):
        at = body.find(mark, at + 1)
        if at < 0:
            return found
    return body.count(mark)


def _series(history: object) -> Collection[Named]:
    return history.items() if isinstance(history, dict) else ()


def _size(series: object) -> int:
    values = series.get("values") if isinstance(series, dict) else series
    return len(values) if isinstance(values, list | np.ndarray) else 0
