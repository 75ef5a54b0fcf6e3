"""For programs: the whole answer, as `schemas.checked` writes it."""

from diagnosis.examining.check import CheckReport
from schemas.checked import to_json

MEDIA_TYPE = "application/json"
DEFAULT = True


def render(report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> bytes:
    """Write strict JSON."""
    return to_json(report, link, queued_ms=queued_ms)
