"""A log as one JSON object a line, as collectors of logs want it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

FIELDS = "fields"  # of a record: what is said beside the message, by name


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
