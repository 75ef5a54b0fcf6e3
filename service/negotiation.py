"""`Accept` → one of the media types that can be made, or a refusal that lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import Response

from service.refusals import NotAcceptable

JSON = "application/json"
SVG = "image/svg+xml"
DRAWING_ALONE = "default-src 'none'; style-src 'unsafe-inline'"  # an SVG is a document: it may run and load nothing


@dataclass(frozen=True)
class Range:
    """One entry of `Accept`: a media type, which may have stars, and how much it is liked."""

    type: str
    subtype: str
    quality: float

    def fit(self, media_type: str) -> int:
        """How closely it fits a media type: 0 for not at all, 3 for exactly."""
        kind, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (kind, subtype):
            return 3
        if self.subtype == "*":
            return 2 if self.type == kind else 1 if self.type == "*" else 0
        return 0


def ranges(accept: str) -> list[Range]:
    """Read the header; an entry that cannot be read is left out."""
    found = []
    for entry in accept.split(","):
        media, *parameters = (part.strip() for part in entry.split(";"))
        kind, slash, subtype = media.lower().partition("/")
        if slash and kind and subtype:
            found.append(Range(kind, subtype, _quality(parameters)))
        elif media == "*":
            found.append(Range("*", "*", _quality(parameters)))
    return found


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return min(max(quality, 0.0), 1.0) if quality == quality else 0.0  # noqa: PLR0124 - NaN alone differs
    return 1.0


@lru_cache(maxsize=64)  # of all that clients send, the same few again and again
def choose(accept: str | None, offered: tuple[str, ...]) -> str:
    """The media type the client likes best; of equals the first offered. No header accepts everything."""
    accepted = ranges(accept or "*/*")
    if not accepted and not (accept or "").strip():
        return offered[0]
    liked = {}
    for media_type in offered:
        fits = [(entry.fit(media_type), entry.quality) for entry in accepted if entry.fit(media_type)]
        liked[media_type] = max(fits)[1] if fits else 0.0
    best = max(offered, key=liked.__getitem__)
    if liked[best] > 0.0:
        return best
    raise NotAcceptable(f"None of the accepted media types can be made here. Available: {', '.join(offered)}.")


def negotiated(body: bytes | str | Iterator[bytes], media_type: str) -> Response:
    """An answer of the chosen media type; a cache must know that `Accept` chose it."""
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    response = Response(body, headers={"Vary": "Accept"}, content_type=media_type + charset)
    if media_type == SVG:
        response.headers["Content-Security-Policy"] = DRAWING_ALONE
        response.headers["X-Content-Type-Options"] = "nosniff"
    return response
