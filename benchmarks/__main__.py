"""Every part in one go, written to RESULTS.md.

python -m benchmarks
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from benchmarks import (
    beside,
    beside_cost,
    calibration,
    charts,
    cost,
    few,
    invariance,
    prefixes,
    reading,
    verdicts,
)
from benchmarks.corpus import Record, recorded, splits, unseen
from benchmarks.outcomes import judged
from benchmarks.storm import __main__ as storm

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results

Written by `make bench`; everything but CPU times is the same each time. The runs were really trained, with known faults
([faults/README.md](faults/README.md)); how each figure is defined is in [README.md](README.md). Intervals are of 95 %.
"""
SIDES = {
    "reported": "Runs of other tasks, networks and schedules than those to tune on. After the first count (macro-F1 0.767) the misses of "
    "half of the tasks were looked at, and what was plainly wrong in rules or labels was mended. The other half is given apart: no curve of a "
    "run of it was looked at; which verdicts a change had turned was listed by name, and four changes were dropped for what such a list showed of both halves; its totals were read several times while slow_start, loss_spike, divergence and, later, the weakest "
    "conditions were mended, and names, contexts and labels of those planned to underfit while more of these were planned.",
    "tune": "The runs on which thresholds were set: figures here flatter.",
}


def side(split: str, records: list[Record]) -> str:
    """One half, all that is measured of it."""
    outcomes = judged(records)
    parts = {"Verdicts": verdicts.section(outcomes)}
    if never := unseen(records):
        named = "Verdicts on the tasks of these whose runs nobody opened"
        parts[named] = f"{len(never)} runs.\n\n{verdicts.section(judged(never))}"
    parts |= {
        "The same runs in other units": invariance.table(invariance.tally(records)),
        "Fed epoch by epoch": prefixes.section(records),
        "With few validations": few.table(records),
        "Peers on the same runs": beside.section(records, outcomes),
    }
    if split == "tune":
        parts["What would calibrate confidence"] = calibration.section(records)
    text = [f"## `{split}`: {len(records)} runs", SIDES[split]]
    return "\n\n".join([*text, *(f"### {title}\n\n{body}" for title, body in parts.items())])


def alone(part: str) -> str:
    """What a part says in a process of its own: one that has read a corpus has its memory ready for a parser, as no worker has."""
    return subprocess.run([sys.executable, "-m", part], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def models() -> dict[str, str]:
    """What is measured of the check of a model; nothing where torch is not installed."""
    if importlib.util.find_spec("torch") is None:
        return {}
    from benchmarks import one_batch, zoo  # noqa: PLC0415 - they import torch

    return {
        "Models, sound and with a planted defect": zoo.section(),
        "Overfitting one batch: a bare loop, this check, Lightning": one_batch.section(),
    }


def main() -> None:
    """Run everything, print it, and keep it."""
    halves = [side(split, list(recorded(split))) for split in splits()]
    costs = cost.table([cost.cost(*size) for size in cost.SIZES.items()])
    last = {
        "Peers: sources and settings": beside.sources(),
        "Cost, two curves, CPU milliseconds, median": costs,
        "What other tools cost on the same history": beside_cost.table(),
        "Served by gunicorn": alone("benchmarks.served"),
        "Reading a log": reading.table(),
        **models(),
        "Pictures, two curves, CPU milliseconds, median": charts.table(),
        "A storm of clients and faults, the short form": storm.table(),
    }
    text = "\n\n".join([HEAD.rstrip(), *halves, *(f"## {title}\n\n{body}" for title, body in last.items())]) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
