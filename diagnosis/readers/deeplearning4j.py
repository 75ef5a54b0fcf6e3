"""Deeplearning4j's `ScoreIterationListener`: the score of an iteration, which is the loss of its minibatch.

    10:15:01.123 [main] INFO org.deeplearning4j.optimize.listeners.ScoreIterationListener - Score at iteration 0 is 2.3405
    10:15:03.456 [main] INFO org.deeplearning4j.optimize.listeners.ScoreIterationListener - Score at iteration 100 is 1.1264

Recognised by `Score at iteration … is …`. Iterations go on over the epochs. A score falls, though other tools call so what rises.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (Line(re.compile(rf"\bScore at iteration (?P<step>\d+) is (?P<loss>{NUMBER})")),)


def recognises(document: Document) -> bool:
    """Whether its listener speaks."""
    return recognised(document, LAYOUT)


def read(document: Document) -> Log:
    """The loss at its iterations."""
    return read_console(document, LAYOUT, "deeplearning4j")
