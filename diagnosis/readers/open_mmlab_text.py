"""OpenMMLab's text log, of mmcv and of mmengine: one line an interval of training, one a validation.

    2021-02-18 22:27:28,779 - mmdet - INFO - Epoch [1][50/30045]⇥lr: 9.890e-04, eta: 1 day, 4:57:15, time: 0.289, data_time: 0.140, memory: 2659, loss_cls: 1.3484, loss: 1.9942
    2021-02-18 22:27:41,153 - mmdet - INFO - Epoch [1][100/30045]⇥lr: 1.988e-03, eta: 1 day, 2:51:26, time: 0.247, data_time: 0.109, memory: 2659, loss_cls: 1.3202, loss: 1.9048
    2023/05/11 03:35:20 - mmengine - INFO - Epoch(val) [2][25/25]    accuracy/top1: 64.7668  data_time: 0.0043  time: 0.0970

Recognised by `Epoch [1][50/30045]`, `Epoch(train) [1][ 100/1252]` or `Iter(train) [ 50/40000]`. Between them stand a
configuration and what libraries print; both are passed over. Training is counted on over the epochs; a validation
(`Epoch(val) [1][25/25]`, mmcv's `Epoch(val) [1][5000]`) stands at the last training line before it. A line of training
without a loss says what an evaluation found.
"""

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import Line, read_console, recognised
from diagnosis.reading.document import Document

# Of COCO's metrics some are printed once more, side by side, to be copied.
CLOCKS = frozenset(
    ("time", "data_time", "memory", "eta", "base_lr", "eval_iter_num", "bbox_mAP_copypaste", "segm_mAP_copypaste")
)
# mmcv puts what an evaluation found on a line that begins as one of training: it has neither a loss nor a time.
FOUND = r"(?P<pairs>lr: (?!.*(?:loss|\btime: )).*)"
LAYOUT = (
    Line(re.compile(r"Epoch ?\[(?P<epoch>\d+)\]\[ *(?P<step>\d+)/(?P<of>\d+)\]\s+" + FOUND), "val", CLOCKS),
    Line(re.compile(r"Iter ?\[ *(?P<step>\d+)/\d+\]\s+" + FOUND), "val", CLOCKS),
    Line(
        re.compile(
            r"Epoch ?(?:\(train\) +)?\[(?P<epoch>\d+)\]\[ *(?P<step>\d+)/(?P<of>\d+)\]\s+(?P<pairs>(?:base_)?lr: .*)"
        ),
        "train",
        CLOCKS,
    ),
    Line(re.compile(r"Iter ?(?:\(train\) +)?\[ *(?P<step>\d+)/\d+\]\s+(?P<pairs>(?:base_)?lr: .*)"), "train", CLOCKS),
    Line(
        re.compile(r"(?:Epoch|Iter) ?\((?:val|test)\) *(?:\[ *\d+\])?\[ *\d+(?:/\d+)?\]\s+(?P<pairs>\S.*)"),
        "val",
        CLOCKS,
    ),
)


def recognises(document: Document) -> bool:
    """Whether a line of training or validation turns up, however long the configuration before it."""
    return recognised(document, LAYOUT, among=4000)


def read(document: Document) -> Log:
    """Training at its global step, validation at the step of training that it followed."""
    return read_console(document, LAYOUT, "open_mmlab_text")
