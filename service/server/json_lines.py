"""A log as one JSON object a line, as collectors of logs want it."""

from __future__ import annotations

import json
import logging
import warnings
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TextIO

FIELDS = "fields"  # of a record: what is said beside the message, by name
log = logging.getLogger("service")


class JsonLines(logging.Formatter):
    """Time in UTC, level, who says it, the message, and its fields; an error with the kind of what was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info and record.exc_info[0]:
            said["raised"] = record.exc_info[0].__name__  # its message and its lines may hold what a client sent
        return json.dumps(said)


def tell_warnings() -> None:
    """Let warnings of Python be such lines as well: by their kind and place, for their words may hold what a client sent."""
    warnings.showwarning = _told


def _told(  # noqa: PLR0917 - as Python calls it
    message: Warning | str,  # noqa: ARG001
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    log.warning("%s at %s:%d", category.__name__, PurePath(filename).name, lineno)
