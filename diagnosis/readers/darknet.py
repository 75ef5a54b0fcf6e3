"""What Darknet prints of YOLOv2, v3 and v4: an iteration with its loss, and the mean of the losses so far.

     957: 0.660188, 0.689227 avg loss, 0.000839 rate, 3.315456 seconds, 61248 images
     958: 0.711024, 0.691407 avg loss, 0.000842 rate, 3.291022 seconds, 61312 images

Recognised by such lines. What single layers print between them is passed over; `mean_average_precision (mAP@0.50)` is
validation's.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (
    Line(
        re.compile(
            rf"^[ \t]*(?P<step>\d+): (?P<loss>-?{NUMBER}), -?{NUMBER} avg(?: loss)?, (?P<lr>{NUMBER}) rate, ",
            re.MULTILINE,
        )
    ),
    Line(re.compile(rf"^[ \t]*mean average precision \(mAP@0\.\d+\) = (?P<val_mAP>{NUMBER})", re.MULTILINE)),
    Line(re.compile(rf"^[ \t]*mean_average_precision \(mAP@0\.\d+\) = (?P<val_mAP>{NUMBER})", re.MULTILINE)),
)


def recognises(document: Document) -> bool:
    """Whether one of its lines stands near the beginning."""
    return recognised(document, LAYOUT[:1], among=4000)


def read(document: Document) -> Log:
    """Losses at their iterations."""
    return read_console(document, LAYOUT, "darknet")
