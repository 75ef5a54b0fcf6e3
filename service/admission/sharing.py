"""Which other sites' pages may ask, by the rules of cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol).

None, unless the operator names them in `ALLOW_ORIGINS`: then their scripts may ask, with a key, and read the answer.
"""

from __future__ import annotations

from flask import Flask, Response, request

from service.request_id import HEADER
from service.settings import Settings

ANY = "*"
MAY_SEND = f"Authorization, Content-Type, Content-Encoding, {HEADER}"
MAY_READ = f"Diagnosis-Status, Retry-After, {HEADER}"
REMEMBERED = 600  # seconds for which a browser need not ask again


def register(app: Flask) -> None:
    """Tell browsers which origins may read the answers."""
    settings: Settings = app.config["SETTINGS"]
    if not settings.origins:
        return

    @app.after_request
    def say(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if not origin or not {ANY, origin}.intersection(settings.origins):
            return response
        response.headers["Access-Control-Allow-Origin"] = ANY if ANY in settings.origins else origin
        response.headers["Access-Control-Expose-Headers"] = MAY_READ
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, POST")
            response.headers["Access-Control-Allow-Headers"] = MAY_SEND
            response.headers["Access-Control-Max-Age"] = str(REMEMBERED)
        return response
