"""One table, exception → problem: every error of every endpoint leaves through here, as RFC 9457 writes it.

A problem says what came, what was expected and what to do; never a path, a stack or the name of a library.
"""

from __future__ import annotations

import errno
import logging
import traceback
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import Flask, Response, current_app, g, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from diagnosis import errors
from schemas.limits import TooMany
from schemas.problem import Place, Problem
from schemas.wire import shown
from service import refusals
from service.sandbox import archive, outcomes
from service.wording.sentences import about, of_validation

MEDIA_TYPE = "application/problem+json"
FRAMES = 20  # lines of a bug that are logged, the innermost first; a recursion has a thousand
EXHAUSTED = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOSPC,
    errno.ENOMEM,
    errno.ENOBUFS,
}  # what a machine runs out of, for a while
log = logging.getLogger("service")


@dataclass(frozen=True)
class Kind:
    """What a kind of error is called, and its status."""

    name: str
    status: int
    title: str


MALFORMED = Kind("malformed", 400, "The request cannot be parsed")
INTERNAL = Kind("internal", 500, "The service failed")
# Looked up along the exception's own ancestry, so a more special entry goes before a more general one.
KINDS: dict[type[Exception], Kind] = {
    errors.Malformed: MALFORMED,
    errors.UnreadableLog: MALFORMED,
    errors.UnrecognisedFormat: Kind("unrecognised-format", 415, "Not a training log that is known here"),
    errors.AmbiguousFormat: Kind("unrecognised-format", 415, "More than one format is possible"),
    errors.NoCurve: Kind("no-curve", 422, "There is no curve in it"),
    errors.ContradictoryRoles: Kind("contradictory-roles", 422, "The roles contradict each other, or a direction"),
    errors.InvalidRun: Kind("invalid", 422, "The question is not valid as it stands"),
    errors.DiagnosisError: Kind("invalid", 422, "The question cannot be answered"),
    ValidationError: Kind("invalid", 422, "The question is not valid as it stands"),
    TooMany: Kind("too-many", 422, "More than one question may hold"),
    refusals.Unauthorized: Kind("unauthorized", 401, "A key is needed"),
    refusals.TooManyAtOnce: Kind("busy", 429, "As many requests of this key are answered as may"),
    refusals.Overloaded: Kind("busy", 503, "The service is busy"),
    refusals.Stalled: Kind("malformed", 408, "The request did not arrive in time"),
    refusals.TooLarge: Kind("too-large", 413, "The request is too large"),
    refusals.UnsupportedEncoding: Kind("unsupported-encoding", 415, "Only gzip is unpacked here"),
    refusals.BrokenEncoding: MALFORMED,
    refusals.BrokenRequest: MALFORMED,
    refusals.NotAcceptable: Kind("not-acceptable", 406, "None of the accepted media types can be made"),
    refusals.InvalidQuery: Kind("invalid", 422, "A parameter is not valid as it stands"),
    refusals.NoSuchCondition: Kind("not-found", 404, "There is no such condition"),
    outcomes.NotInstalled: Kind("unavailable", 501, "Not available in this installation"),
    outcomes.Broken: Kind("unavailable", 503, "Not available at present"),
    outcomes.Gone: Kind("malformed", 400, "The client hung up"),
    outcomes.Busy: Kind("busy", 429, "As many checks run and wait as may"),
    archive.NotTorchScript: Kind("not-torchscript", 422, "The model is not TorchScript"),
    refusals.NotMultipart: Kind("unrecognised-format", 415, "The body is not in parts"),
    refusals.MissingPart: Kind("invalid", 422, "A part is missing"),
    refusals.CannotExamine: Kind("invalid", 422, "The model or the batch cannot be examined"),
    refusals.ShapesRefused: Kind("shapes-refused", 422, "The shapes do not go together"),
    refusals.ModelFailed: Kind("model-failed", 422, "The model did not come back from its check"),
}
# What the web framework and the server refuse by themselves.
BY_STATUS: dict[int, Kind] = {
    400: MALFORMED,
    404: Kind("not-found", 404, "There is nothing at this address"),
    405: Kind("method", 405, "The address does not take this method"),
    406: KINDS[refusals.NotAcceptable],
    408: KINDS[refusals.Stalled],
    413: KINDS[refusals.TooLarge],
    414: Kind("malformed", 414, "The address is too long"),
    415: KINDS[errors.UnrecognisedFormat],
    417: Kind("malformed", 417, "The expectation cannot be met"),
    431: Kind("malformed", 431, "The headers are too long"),
    500: INTERNAL,
    501: Kind("malformed", 501, "The transfer coding is not known here"),
    503: KINDS[refusals.Overloaded],
}
HINTS = {
    404: "There is nothing at {path}. The addresses are listed in /openapi.yaml.",
    405: "{path} does not take {method}; the header Allow lists what it takes. A log goes to POST /diagnose.",
    413: "The request is larger than one request may be. Log less often, or ask in several requests.",
}


def kind_of(error: Exception) -> Kind:
    """The entry of the table for an exception, or for its nearest ancestor."""
    return next((KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS), INTERNAL)


def problem(
    kind: Kind,
    detail: str,
    request_id: str,
    places: list[Place] | None = None,
    *,
    link: str = "",
    reason: str | None = None,
) -> bytes:
    """Write one problem."""
    given: dict[str, Any] = {"reason": reason, "errors": places}
    found = Problem(
        type=f"{link}/problems/{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        request_id=request_id,
        **{name: value for name, value in given.items() if value},
    )
    return found.model_dump_json(exclude_unset=True).encode()


def respond(kind: Kind, detail: str, places: list[Place] | None = None, reason: str | None = None) -> Response:
    """Answer the current request with a problem."""
    return Response(_written(kind, detail, places, reason), kind.status, content_type=MEDIA_TYPE)


def _written(kind: Kind, detail: str, places: list[Place] | None, reason: str | None = None) -> bytes:
    link = current_app.config["SETTINGS"].public_url
    return problem(kind, detail, g.get("request_id", ""), places, link=link, reason=reason)


def passing(error: Exception) -> Exception:
    """The machine has run out of something: it is busy, and no bug has been found."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in EXHAUSTED):
        bug("the machine has run out", error)
        return refusals.Overloaded(
            "The machine has no room at present. Nothing is wrong with this request: send it again after Retry-After seconds."
        )
    return error


def of_error(error: Exception) -> tuple[Kind, bytes]:
    """The problem that an error of this service's own is, written for the current request."""
    error = passing(error)
    kind = kind_of(error)
    if kind is INTERNAL:
        bug("a request failed", error)
        return kind, _written(
            kind, "The service failed on this request, and has logged it. Please report the request_id.", None
        )
    if isinstance(error, ValidationError):
        sentence, wrong = of_validation(error)
        return kind, _written(kind, about(error) + sentence, wrong)
    place = getattr(error, "pointer", None)
    detail = str(getattr(error, "detail", kind.title))
    places = [Place(pointer=place, detail=detail)] if place else None
    return kind, _written(kind, about(error) + detail, places, getattr(error, "reason", None))


def bug(where: str, error: BaseException) -> None:
    """Log a bug by its kind and its lines; never its message, which may quote a client."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    lines = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s: %s at %s (request %s)", where, type(error).__name__, lines, g.get("request_id", "-"))


def register(app: Flask) -> None:
    """Let every error of this application leave as a problem."""

    @app.errorhandler(HTTPException)
    def refused_by_the_framework(error: HTTPException) -> Response:
        status = error.code or 500
        kind = BY_STATUS.get(status, MALFORMED if status < INTERNAL.status else INTERNAL)
        asked = {"path": shown(request.path), "method": shown(request.method)}
        answer = respond(kind, HINTS.get(status, f"{kind.title}.").format(**asked))
        answer.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
        return answer

    @app.errorhandler(Exception)
    def refused_or_broken(error: Exception) -> Response:
        error = passing(error)
        kind, written = of_error(error)
        answer = Response(written, kind.status, content_type=MEDIA_TYPE)
        answer.headers.update(getattr(error, "headers", {}))
        return answer
