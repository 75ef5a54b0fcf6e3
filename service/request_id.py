"""Every request has an id: the client's own where it is harmless, else a new one; it is echoed, and logged."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request

HEADER = "X-Request-ID"
HARMLESS = re.compile(r"[A-Za-z0-9_-]{8,64}")


def request_id(sent: str | None) -> str:
    """The id to use for a request that came with `sent`."""
    return sent if sent and HARMLESS.fullmatch(sent) else secrets.token_hex(8)


def register(app: Flask) -> None:
    """Give every request its id, and every answer the id of its request."""

    @app.before_request
    def give() -> None:
        g.request_id = request_id(request.headers.get(HEADER))

    @app.after_request
    def echo(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id") or request_id(request.headers.get(HEADER))
        return response
