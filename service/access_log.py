"""One line a request, of words that this service chose: nothing of a client's reaches a log."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger("service.access")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def register(app: Flask) -> None:
    """Log every request when it is answered."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def line(response: Response) -> Response:
        log.info(
            "method=%s route=%s status=%d ms=%.1f in=%s out=%s diagnosis=%s request=%s",
            request.method if request.method in METHODS else "other",
            request.url_rule.rule if request.url_rule else "-",
            response.status_code,
            1e3 * (time.perf_counter() - g.started),
            request.content_length if request.content_length is not None else "-",
            response.calculate_content_length(),
            response.headers.get("Diagnosis-Status", "-"),
            g.get("request_id", "-"),
        )
        return response
