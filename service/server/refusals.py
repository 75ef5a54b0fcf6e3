"""What the server refuses before the application is asked: junk, long headers, a head that does not come.

It is answered as the application would, with a problem and the same headers, and logged by its kind: never by what the
client sent.
"""

from __future__ import annotations

import logging

from gunicorn.http import errors
from gunicorn.util import http_date

from service.problems import BY_STATUS, INTERNAL, MEDIA_TYPE, problem
from service.request_id import HEADER, request_id

SERVER = "curve-diagnosis"  # the header Server names this service, not what it is made of
log = logging.getLogger("service")
# Anything else of gunicorn's kind is a 400.
STATUSES: dict[type[Exception], int] = {
    TimeoutError: 408,
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.ExpectationFailed: 417,
    errors.UnsupportedTransferCoding: 501,
}
DETAILS = {
    400: "The request is not HTTP as it should be: its first line, its headers or its chunks cannot be read. "
    "Send it with an HTTP client such as curl; where TLS is spoken, ask the proxy in front.",
    408: "The headers did not arrive in time. Send the request again.",
    414: "The address is too long. Send what belongs to the question in the body.",
    417: "The header Expect asks for something that is not done here. Leave it out, or send 100-continue.",
    431: "The headers are too long. Send fewer and shorter ones; cookies are not read here, and a question goes into the body.",
    500: "The service failed on this request, and has logged it. Please report the request_id.",
    501: "The Transfer-Encoding is not known here. Send the body with a Content-Length, or chunked.",
}


def refusal(error: BaseException, link: str) -> tuple[int, bytes]:
    """The status, and the whole of the answer, to what gunicorn could not read; it is logged. `link` is where the service is reached."""
    refused = isinstance(error, (errors.ParseException, OSError))
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 400 if refused else 500)
    made = request_id(None)
    level = logging.INFO if refused else logging.ERROR
    log.log(level, "refused by the server: %s status=%d request=%s", type(error).__name__, status, made)
    kind = BY_STATUS.get(status, INTERNAL)
    body = problem(kind, DETAILS[status], made, link=link)
    head = (
        f"HTTP/1.1 {status} {kind.title}\r\nServer: {SERVER}\r\nDate: {http_date()}\r\nConnection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
        f"X-Content-Type-Options: nosniff\r\n{HEADER}: {made}\r\n\r\n"
    )
    return status, head.encode("latin-1") + body
