"""The logs of OpenNMT-py, JoeyNMT and Sockeye: training at steps, validation at checkpoints.

    [2025-09-21 08:39:16,816 INFO] Step 50/ 5000; acc:  20.18; ppl: 908.07; xent: 6.81; lr: 0.00020; 4466/6179 tok/s;     32 sec
    [2025-09-21 08:39:45,918 INFO] Step 100/ 5000; acc:  23.61; ppl: 594.38; xent: 6.39; lr: 0.00020; 4881/6755 tok/s;     61 sec
    [2025-09-21 08:43:41,636 INFO] Validation perplexity: 74.7542
    [2025-09-21 08:43:41,637 INFO] Validation accuracy: 47.9167

Recognised by `Step 50/ 5000; acc:` (OpenNMT-py), by `Epoch   1, Step:      100, Batch Loss:` (JoeyNMT) or by
`Checkpoint [1]⇥Train-` (Sockeye). JoeyNMT's validation loss is a sum over the set beside a mean a batch, so its perplexity is
read instead. Sockeye's checkpoints stand at their updates.
"""

import re
from dataclasses import replace

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, Line, read_console, recognised
from diagnosis.reading.document import Document

CLOCKS = frozenset(("duration", "Time-cost", "Updates/sec", "Samples", "Epoch", "Updates"))
LAYOUT = (
    Line(re.compile(r"Step (?P<step>\d+)/ *\d+; +(?P<pairs>acc: .*?); *\d+/"), "train"),
    Line(re.compile(rf"Validation perplexity: (?P<val_ppl>{NUMBER})")),
    Line(re.compile(rf"Validation accuracy: (?P<val_accuracy>{NUMBER})")),
    Line(re.compile(rf"valid stats.*?calculation\s+(?P<val_ppl>{NUMBER})")),
    Line(
        re.compile(
            rf"Epoch +(?P<epoch>\d+),? Step: +(?P<step>\d+), Batch Loss: +(?P<loss>{NUMBER}),.*?Lr: +(?P<lr>{NUMBER})"
        )
    ),
    Line(
        re.compile(r"[Vv]alidation result (?:\(\w+\) )?at epoch +(?P<epoch>\d+), step +(?P<step>\d+): +(?P<pairs>.*)"),
        "val",
        CLOCKS | {"loss"},
    ),
    Line(re.compile(r"Checkpoint \[\d+\]\s+Updates=(?P<step>\d+) Epoch=(?P<epoch>\d+)")),
    Line(re.compile(r"Checkpoint \[\d+\]\s+(?P<pairs>(?:Train|Validation|Learning-rate)[-=].*)"), "", CLOCKS),
)
CLAIMING = (LAYOUT[0], LAYOUT[4], LAYOUT[6])


def recognises(document: Document) -> bool:
    """Whether one of the three says where it is."""
    return recognised(document, CLAIMING, among=4000)


def read(document: Document) -> Log:
    """Training at its steps, validation at its own or at the last step before it."""
    log = read_console(document, LAYOUT, "machine_translation")
    summed = any(s.name == "loss" for s in log.series) and not any(
        "loss" in s.name and s.name != "loss" for s in log.series
    )
    note = "validation's loss, where it is a sum over the set, is passed over; its perplexity is read"
    return replace(log, notes=(*log.notes, note)) if summed else log
