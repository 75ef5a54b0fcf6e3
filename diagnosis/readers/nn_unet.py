"""nnU-Net's `training_log_….txt`, of versions 1 and 2: an epoch over several lines.

    2024-04-23 15:22:40.711169: Epoch 195
    2024-04-23 15:22:40.724555: Current learning rate: 0.00036
    2024-04-23 15:23:41.803760: train_loss -0.7526
    2024-04-23 15:23:41.832845: val_loss -0.771
    2024-04-23 15:23:41.869548: Pseudo dice [0.8399, 0.7912]

Recognised by its Dice scores, one for each class, of which the mean is read: classes that no patch held are left out of
it. The loss is one minus something, so it is negative in a good run. The moving average and what `Mean Validation Dice`
says at the end are set aside.
"""

from __future__ import annotations

import math
import re
from array import array

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, lines_of, on_one_axis
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put

_CLAIM = re.compile(r": (?:Pseudo dice|Average global foreground Dice:) +\[")
_EPOCH = re.compile(r"(?i)(?:^|: )epoch:?+ ++(\d++) *+$")
_VALUE = re.compile(rf"(?i): (train[_ ]loss|val_loss|validation loss|current learning rate|lr) *+:?+ *+({NUMBER})\s*+$")
_DICE = re.compile(r"(?i)(?:Pseudo dice|foreground Dice:) +\[([^\]]*)\]")
_INSIDE = re.compile(NUMBER)
NAMES = {"train loss": "train_loss", "validation loss": "val_loss", "current learning rate": "lr"}
HEAD = 1 << 18  # characters in which it must turn up


def recognises(document: Document) -> bool:
    """Whether a line with its Dice scores turns up."""
    return not document.binary and _CLAIM.search(document.text[:HEAD]) is not None


def read(document: Document) -> Log:
    """Losses, rate and the mean Dice of every epoch."""
    columns: Columns = {}
    lines = array("q")
    epoch: float | None = None
    for where, line in lines_of(document):
        if found := _EPOCH.search(line):
            epoch = float(found[1])
            put(columns, len(lines), {"epoch": epoch})
            lines.append(where)
        elif epoch is None:
            continue
        elif found := _VALUE.search(line):
            name = found[1].lower()
            put(columns, len(lines) - 1, {NAMES.get(name, name): float(found[2])})
        elif found := _DICE.search(line):
            scores = [score for score in map(float, _INSIDE.findall(found[1])) if not math.isnan(score)]
            if scores:
                put(columns, len(lines) - 1, {"val_dice": sum(scores) / len(scores)})
    return on_one_axis(columns, lines, "nn_unet")
