"""nanoGPT and its kin: an iteration with its loss, and every few hundred a step with both losses.

    step 0: train loss 10.9886, val loss 10.9897
    iter 0: loss 10.9766, time 22640.22ms, mfu -100.00%
    iter 1: loss 10.9733, time 263.56ms, mfu -100.00%

Recognised by such lines, also by those of build-nanogpt (`step 0 | loss: 10.93 | lr: 6.0000e-05 | norm: 27.01`,
`250 val 6.1234`) and modded-nanogpt (`step:125/5100 val_loss:6.1`). The evaluated training loss and that of single
iterations are two views of one quantity: both are kept, under names of their own.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

LAYOUT = (
    Line(
        re.compile(
            rf"^step (?P<step>\d+): train loss (?P<train_loss_evaluated>{NUMBER}), val loss (?P<val_loss>{NUMBER})",
            re.MULTILINE,
        )
    ),
    Line(re.compile(rf"^iter (?P<step>\d+): loss (?P<loss>{NUMBER}), time ", re.MULTILINE)),
    Line(
        re.compile(
            rf"^step:(?P<step>\d+)/\d+ (?:train_loss:(?P<train_loss>{NUMBER}) )?val_loss:(?P<val_loss>{NUMBER})",
            re.MULTILINE,
        )
    ),
    Line(re.compile(rf"^step:(?P<step>\d+)/\d+ train_loss:(?P<train_loss>{NUMBER})", re.MULTILINE)),
    Line(
        re.compile(
            rf"^step\s+(?P<step>\d+) \| loss: (?P<loss>{NUMBER}) \|(?: lr:? (?P<lr>{NUMBER}) \|)?(?: norm: (?P<grad_norm>{NUMBER}) \|)?",
            re.MULTILINE,
        )
    ),
    Line(re.compile(rf"^(?P<step>\d+) train (?P<train_loss>{NUMBER})$", re.MULTILINE)),
    Line(re.compile(rf"^(?P<step>\d+) val (?P<val_loss>{NUMBER})$", re.MULTILINE)),
    Line(re.compile(rf"^(?P<step>\d+) hella (?P<val_accuracy>{NUMBER})$", re.MULTILINE)),
    Line(re.compile(rf"^validation loss: (?P<val_loss>{NUMBER})", re.MULTILINE)),
    Line(re.compile(rf"^HellaSwag accuracy: \d+/\d+=(?P<val_accuracy>{NUMBER})", re.MULTILINE)),
)
CLAIMING = LAYOUT[:7]


def recognises(document: Document) -> bool:
    """Whether one of its lines stands near the beginning."""
    return recognised(document, CLAIMING)


def read(document: Document) -> Log:
    """Losses at their iterations."""
    return read_console(document, LAYOUT, "nano_gpt")
