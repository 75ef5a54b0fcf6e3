"""How much one question may hold; each limit is refused with what came and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from diagnosis.assemble import Log
from schemas.pointer import pointer


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

    `lines` of a text; where nearly every one holds a point, it has no more than those.
    Of an archive: `files` that may be logs, and the bytes of them all, `unpacked`.
    """

    points: int = 2_000_000
    series: int = 2_000
    all_series: int = 20_000
    lines: int = 2_500_000
    runs: int = 256
    name: int = 256
    files: int = 2_000
    unpacked: int = 64 << 20

    def check_document(self, document: dict[str, Any]) -> None:
        """Count a parsed question before anything is made of it; what has the wrong shape is left to the models."""
        runs = document.get("runs")
        if not isinstance(runs, list):
            self._check([(("history",), _sizes(document.get("history")))])
            return
        self._check_runs(len(runs), pointer(("runs",)))
        histories = ((i, run.get("history")) for i, run in enumerate(runs) if isinstance(run, dict))
        self._check([(("runs", i, "history"), _sizes(history)) for i, history in histories])

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
        self._check([(None, [(series.name, len(series.values)) for series in log.series]) for log in logs])

    def _check_runs(self, count: int, place: str | None) -> None:
        if count > self.runs:
            detail = f"{count} runs were sent; one question may hold {self.runs}. Ask in several requests."
            raise TooMany(detail, place)

    def _check(self, histories: list[tuple[tuple[str | int, ...] | None, list[tuple[str, int]]]]) -> None:
        points = series = 0
        for place, sizes in histories:
            where = pointer(place) if place else None
            if len(sizes) > self.series:
                detail = f"{len(sizes)} series were sent; a run may hold {self.series}. Send the ones to be judged."
                raise TooMany(detail, where)
            longest = max((len(name) for name, _ in sizes), default=0)
            if longest > self.name:
                raise TooMany(f"A series has a name of {longest} characters; {self.name} are allowed.", where)
            points += sum(size for _, size in sizes)
            series += len(sizes)
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


def _sizes(history: object) -> list[tuple[str, int]]:
    if not isinstance(history, dict):
        return []
    return [(name, _size(series)) for name, series in history.items()]


def _size(series: object) -> int:
    values = series.get("values") if isinstance(series, dict) else series
    return len(values) if isinstance(values, list) else 0
