"""For programs: the whole answer, as `schemas.report` writes it."""

from diagnosis.across import Reports
from diagnosis.report import Report
from schemas.report import to_json

MEDIA_TYPE = "application/json"
DEFAULT = True


def render(report: Report | Reports, link: str = "", *, full: bool = False, summary: bool = False) -> bytes:
    """Write strict JSON."""
    return to_json(report, link, full=full, summary=summary)
