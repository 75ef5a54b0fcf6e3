"""What reinforcement learning prints: a block of names and values each iteration, between lines of dashes.

    ----------------------------------
    | rollout/           |           |
    |    ep_rew_mean     | 22.1      |
    | time/              |           |
    |    total_timesteps | 2048      |
    | train/             |           |
    |    loss            | 6.5       |
    ----------------------------------

Stable-Baselines3, OpenAI baselines and Spinning Up print such blocks. Recognised by one that counts time steps or
interactions. Positions are environment steps. Rewards should rise, and are judged; losses of a policy and its critic tell
no progress.
"""

from __future__ import annotations

import re
from array import array

from diagnosis.names import words
from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, lines_of
from diagnosis.reading.document import Document
from diagnosis.reading.records import Columns, put, table_of_columns
from diagnosis.reading.rows import logged
from diagnosis.rewards import judged_by_reward

HEAD = 1 << 17  # characters in which a block must turn up
# The last is that of baselines' DQN.
COUNTERS = {"total timesteps", "total env interacts", "timesteps so far", "timesteps", "env steps", "steps"}
_BLOCK = re.compile(r"^-{9,}[ \t]*\r?\n((?:\|[^|\n]{1,90}\|[^|\n]{0,90}\|[ \t]*\r?\n){2,200})-{9,}", re.MULTILINE)
_RULE = re.compile(r"-{9,}\s*$")
_SECTION = re.compile(r"\| (\S[^|]{0,60}?)/\s+\|\s+\|\s*$")
_VALUE = re.compile(rf"\|(\s+)(\S[^|]{{0,80}}?)\s*\|\s*({NUMBER})\s*\|\s*$")
INSIDE = 4  # blanks before a name that stands in a section


def recognises(document: Document) -> bool:
    """Whether a block counts time steps."""
    if document.binary or "\n|" not in document.text[:HEAD]:
        return False
    block = _BLOCK.search(document.text[:HEAD])
    names = re.findall(r"^\|([^|\n]+)\|", block[1], re.MULTILINE) if block else ()
    return any(" ".join(words(name)) in COUNTERS for name in names)


def read(document: Document) -> Log:
    """A row for each block, at the environment steps it counts."""
    columns: Columns = {}
    lines = array("q")
    row: dict[str, float] = {}
    section, at = "", 0
    for where, line in lines_of(document):
        if _RULE.match(line):
            if row:
                put(columns, len(lines), row)
                lines.append(at)
            row, section = {}, ""
        elif named := _SECTION.match(line):
            section = named[1]
        elif found := _VALUE.match(line):
            name = f"{section}/{found[2]}" if section and len(found[1]) >= INSIDE else found[2]
            row[name] = float(found[3])
            at = where
    if row:
        put(columns, len(lines), row)
        lines.append(at)
    return judged_by_reward(logged(table_of_columns(columns, lines), "printed_blocks", one_axis=True))
