"""RLlib's `result.json` (JSON Lines) and `progress.csv`: a record a training iteration, with hundreds of names.

    {"episode_reward_mean": 22.6, "timesteps_total": 4000, "training_iteration": 1, "info": {"learner": {}}, "config": {"lr": 5e-05}}
    {"episode_reward_mean": 41.8, "timesteps_total": 8000, "training_iteration": 2, "info": {"learner": {}}, "config": {"lr": 5e-05}}

Recognised by `training_iteration` beside a mean reward of episodes (`episode_return_mean` since 2.10). Positions are
environment steps, else iterations. The mean reward of training and of evaluation is judged, and what the learner
says is kept beside it; configuration, timers and histograms are set aside.
"""

from __future__ import annotations

import re
from dataclasses import replace

from diagnosis.names import Meaning, Split
from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.records import Records, table_of
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table

ITERATION = "training_iteration"
_MEAN = re.compile(r"(?:^|/)episode_(?:reward|return)_mean$")
_LEARNER = re.compile(r"^(?:info/)?learners?/")
COUNTERS = ("timesteps_total", "num_env_steps_sampled_lifetime", ITERATION)
INSIDE = {"info", "learner", "learners", "env_runners", "sampler_results", "evaluation"}


def recognises(document: Document) -> bool:
    """Whether iterations are counted beside the mean reward of episodes."""
    if document.records is not None:
        row = document.records.rows[0]
        return ITERATION in row and any(
            _MEAN.search(name)
            for name in (
                *row,
                *(f"{key}/{name}" for key in INSIDE if isinstance(row.get(key), dict) for name in row[key]),
            )
        )
    header = document.header
    return header is not None and ITERATION in header.names and any(map(_MEAN.search, header.names))


def read(document: Document) -> Log:
    """Mean rewards, and what the learner says, at the environment steps."""
    if document.records is not None:
        rows = [
            {key: value for key, value in row.items() if key in INSIDE or not isinstance(value, dict | list)}
            for row in document.records.rows
        ]
        table = table_of(Records(rows, document.records.lines, document.records.notes))
    else:
        assert document.header is not None  # noqa: S101 - recognised
        table = read_table(document.text, document.header)
    counter = next((name for name in COUNTERS if name in table.header.names), ITERATION)
    names = tuple("step" if name == counter else name for name in table.header.names)
    log = logged(replace(table, header=replace(table.header, names=names)), "rllib")
    rewards = {s.name for s in log.series if _MEAN.search(s.name)}
    kept, aside = [], []
    for one in log.series:
        if one.name in rewards:
            split: Split = "val" if one.name.startswith("evaluation") else "train"
            kept.append(replace(one, meaning=Meaning("metric", split, "reward", direction="max")))
        elif _LEARNER.match(one.name):
            kept.append(replace(one, meaning=Meaning("other", None, one.name)))
        else:
            aside.append(one.name)
    note = "configuration, timers and extremes are set aside; losses of a policy and its critic tell no progress"
    return replace(log, series=tuple(kept), ignored=(*log.ignored, *aside), notes=(note,))
