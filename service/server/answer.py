"""gunicorn's answer, with this service's name, and a connection that is announced as it will be."""

from __future__ import annotations

import time
from typing import Any

from gunicorn.http import errors, wsgi

from service.server.refusals import SERVER

SMALL = 64 * 1024  # bytes of a body that nobody asked for, and that are read out so that the connection can stay
READING_OUT = 0.2  # seconds in which they have to come
wsgi.SERVER = SERVER  # type: ignore[attr-defined]


class Answer(wsgi.Response):
    """gunicorn's answer, which announces what becomes of the connection only when it is known."""

    def default_headers(self) -> list[str]:
        """Say `close` where the body was left unread: gunicorn would say `keep-alive`, and close."""
        if not (self.should_close() or self._is_read_out()):
            self.force_close()
        found: list[str] = super().default_headers()
        return found

    def _is_read_out(self) -> bool:
        """Whether nothing is left of the body, or so little that it is read at once."""
        body: Any = self.req.body
        client: Any = self.sock
        if body.failed or getattr(body.reader, "length", 0) > SMALL:
            return False
        client.until = min(client.until, time.monotonic() + READING_OUT)
        try:
            return len(body.read(SMALL)) < SMALL
        except (OSError, errors.ParseException):
            return False
