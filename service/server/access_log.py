"""One line a request, of words that this service chose: nothing of a client's reaches a log."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

from service.server.json_lines import FIELDS

log = logging.getLogger("service.access")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def elapsed() -> float:
    """Seconds since the current request came."""
    return time.perf_counter() - float(g.started)


def register(app: Flask) -> None:
    """Log every request when it is answered."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def line(response: Response) -> Response:
        method, rule = request.method, request.url_rule
        fields = {
            "method": method if method in METHODS else "other",
            "route": rule.rule if rule else None,
            "status": response.status_code,
            "ms": round(1e3 * elapsed(), 1),
            "bytes_in": request.content_length,
            "bytes_out": response.calculate_content_length(),
            "diagnosis": response.headers.get("Diagnosis-Status"),
            "key": g.get("key"),
            "request_id": g.get("request_id"),
        }
        log.info("answered", extra={FIELDS: {name: value for name, value in fields.items() if value is not None}})
        return response
