"""PaddleClas and its kin: lines of training in brackets, evaluations summed up by `Avg`.

    [2022/01/01 10:00:00] ppcls INFO: [Train][Epoch 1/400][Iter: 0/98]lr(LinearWarmup): 0.000002, CELoss: 7.01, loss: 7.01, ips: 12.3 samples/s
    [2022/01/01 10:00:09] ppcls INFO: [Train][Epoch 1/400][Iter: 10/98]lr(LinearWarmup): 0.000012, CELoss: 6.95, loss: 6.95, ips: 310 samples/s
    [2022/01/01 10:01:00] ppcls INFO: [Eval][Epoch 1][Avg]CELoss: 6.52, loss: 6.52, top1: 0.012, top5: 0.05

Recognised by `[Train][Epoch 1/400][Iter: 0/98]`. Evaluations in the middle (`[Eval][Epoch 1][Iter: …]`) are passed over.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

CLOCKS = frozenset(("ips", "batch_cost", "reader_cost", "eta"))
LAYOUT = (
    Line(
        re.compile(
            rf"\[Train\]\[Epoch (?P<epoch>\d+)/\d+\]\[Iter: *(?P<step>\d+)/(?P<of>\d+)\]\s*(?:lr(?:\(\w+\))?: (?P<lr>{NUMBER}),? ?)?(?P<pairs>.*)"
        ),
        "train",
        CLOCKS,
    ),
    Line(re.compile(r"\[Eval\]\[Epoch (?P<epoch>\d+)\]\[Avg\](?P<pairs>.*)"), "val", CLOCKS),
)


def recognises(document: Document) -> bool:
    """Whether a line of training turns up."""
    return recognised(document, LAYOUT[:1], among=4000)


def read(document: Document) -> Log:
    """Training at its global step, evaluations at their epochs."""
    return read_console(document, LAYOUT, "paddle")
