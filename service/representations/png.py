"""For a chat: the curves with what was found drawn on them, in pixels."""

from diagnosis.across import Reports
from diagnosis.report import Report
from service.chart.canvas import CANVAS, Canvas
from service.chart.layout import chart_of

MEDIA_TYPE = "image/png"


def render(report: Report | Reports, link: str = "", *, full: bool = False, canvas: Canvas = CANVAS) -> bytes:  # noqa: ARG001 - a picture has neither links nor numbers
    """Draw one report, or several small."""
    from service.drawing.picture import draw  # noqa: PLC0415 - matplotlib is for those who ask for a picture

    return draw(chart_of(report, canvas), canvas, "png")
