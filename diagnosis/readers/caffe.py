"""Caffe's log: an iteration with its loss, then the outputs of the net and the rate, a line each.

    I0613 17:29:58.112738  1860 solver.cpp:228] Iteration 0, loss = 9.2707
    I0613 17:29:58.112772  1860 solver.cpp:244]     Train net output #0: accuracy = 0
    I0613 17:29:58.112829  1860 sgd_solver.cpp:106] Iteration 0, lr = 0.1
    I0613 17:36:53.936666  1860 solver.cpp:337] Iteration 0, Testing net (#0)
    I0613 17:36:53.936719  1860 solver.cpp:404]     Test net output #1: loss = 8.911 (* 1 = 8.911 loss)

Recognised by `solver.cpp` beside `Iteration`. Outputs of the test net are validation's. A loss among the outputs of
training repeats the one of its iteration, and is passed over.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (
    Line(re.compile(rf"solver\.cpp:\d+\] Iteration (?P<step>\d+)(?: \([^)]*\))?, loss = (?P<loss>{NUMBER})")),
    Line(re.compile(rf"solver\.cpp:\d+\] Iteration (?P<step>\d+), lr = (?P<lr>{NUMBER})")),
    Line(re.compile(r"solver\.cpp:\d+\] Iteration (?P<step>\d+), Testing net")),
    Line(
        re.compile(r"solver\.cpp:\d+\]\s+Train net output #\d+: (?P<pairs>.*?)(?: \(\*.*)?$"),
        "train",
        frozenset(("loss",)),
    ),
    Line(re.compile(r"solver\.cpp:\d+\]\s+Test net output #\d+: (?P<pairs>.*?)(?: \(\*.*)?$"), "val"),
)


def recognises(document: Document) -> bool:
    """Whether its solver speaks of an iteration."""
    return recognised(document, LAYOUT[:3], among=4000)


def read(document: Document) -> Log:
    """Losses at their iterations."""
    return read_console(document, LAYOUT, "caffe")
