"""llm.c `main.log`: short keys, a line a value.

    s:0 tel:11.0095
    s:0 trl:11.0060 lr:0.000000 norm:15.34
    s:250 eval:0.2485

Recognised by `s:` and a step at the start of the line beside `trl:`, `tel:` or `eval:`: training loss, validation loss, and the
share of right answers on HellaSwag.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (
    Line(re.compile(rf"^s:(?P<step>\d+) tel:(?P<val_loss>{NUMBER})", re.MULTILINE)),
    Line(
        re.compile(
            rf"^s:(?P<step>\d+) trl:(?P<train_loss>{NUMBER})(?: lr:(?P<lr>{NUMBER}))?(?: norm:(?P<grad_norm>{NUMBER}))?",
            re.MULTILINE,
        )
    ),
    Line(re.compile(rf"^s:(?P<step>\d+) eval:(?P<val_accuracy>{NUMBER})", re.MULTILINE)),
)


def recognises(document: Document) -> bool:
    """Whether one of its lines stands near the beginning."""
    return recognised(document, LAYOUT)


def read(document: Document) -> Log:
    """Losses at their steps."""
    return read_console(document, LAYOUT, "llm_c")
