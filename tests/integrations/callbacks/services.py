"""Services as they are on a bad day: away, silent, failing, redirecting, answering rubbish. Each counts its questions."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from scripts.listening import free_port

Day = Literal["away", "silent", "failing", "redirecting", "page", "rubbish", "cut"]


@dataclass
class BadService:
    """Where it is, and what it was asked with."""

    url: str
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def bad_service(day: Day) -> Iterator[BadService]:
    """A service on such a day."""
    if day == "away":
        yield BadService(f"http://127.0.0.1:{free_port()}")
        return
    if day == "silent":  # the kernel accepts, and nobody ever reads
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield BadService(f"http://127.0.0.1:{server.getsockname()[1]}")
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(day, asked := BadService(""))) as web:
        web.daemon_threads = False  # each is waited for at the end
        asked.url = f"http://127.0.0.1:{web.server_port}"
        thread = threading.Thread(target=web.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield asked
        finally:
            web.shutdown()
            thread.join()


def _handler(day: Day, asked: BadService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.keys.append(self.headers["Authorization"])
            status = {"failing": 500, "redirecting": 302}.get(day, 200)
            body = b"<html>Sign in, please.</html>" if day == "page" else b'{"decision": [}'
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if day == "page" else "application/json")
            self.send_header("Content-Length", str(len(body) + (100 if day == "cut" else 0)))
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler
