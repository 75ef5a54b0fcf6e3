"""Stable-Baselines3 `monitor.csv`: one row an episode, with its reward `r`, its length `l` and the time `t`.

    #{"t_start": 1614619328.3, "env_id": "CartPole-v1"}
    r,l,t
    -500.0,500,4.64
    -186.0,187,9.42

Recognised by the first line, a comment in JSON, and the header `r,l,t`. An episode stands at the environment step at
which it ended: the sum of the lengths so far. Rewards should rise.
"""

import numpy as np

from diagnosis.names import Meaning
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.reading.header import Header
from diagnosis.reading.table import read_table


def recognises(document: Document) -> bool:
    """Whether the header `r,l,t` stands under a comment in JSON."""
    lines = [line for _, line in document.head[:2]]
    return len(lines) > 1 and lines[0].startswith("#{") and lines[1].startswith("r,l,t")


def read(document: Document) -> Log:
    """Rewards and lengths at the steps at which episodes ended."""
    line, names = document.head[1]
    table = read_table(document.text, Header(tuple(names.strip().split(",")), ",", line))
    reward, length = table.columns[:2]
    here = reward.logged & length.logged
    steps = np.cumsum(length.values[here])
    series = (
        Series("r", reward.values[here], steps, "step", meaning=Meaning("metric", "train", "reward", direction="max")),
        Series("l", length.values[here], steps, "step", meaning=Meaning("other", "train", "episode_length")),
    )
    note = "an episode stands at the sum of the lengths so far: the environment step at which it ended"
    return Log(series, "sb3_monitor", tuple(table.header.names[2:]), (*table.notes, note))
