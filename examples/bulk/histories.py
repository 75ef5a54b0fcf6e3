"""Write histories to try `diagnose_all.py` on, for those who have no tracking server with thousands of runs at hand.

    python -m examples.bulk.histories FOLDER [COUNT]

Each is one of the runs recorded in benchmarks/, cut, scaled and made a little noisier: real curves, no two the same.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import recorded

COUNT = 10_000
A_FILE = 500  # runs
SHORTEST = 0.6  # share of a run that is left at least
NOISE = 0.002  # of the curve's range


def varied(record: dict[str, Any], number: int) -> dict[str, Any]:
    """The same run in another unit, of another length, with other noise; the same for the same `number`."""
    draw = np.random.default_rng(number)
    share, scale = draw.uniform(SHORTEST, 1.0), draw.uniform(0.5, 2.0)
    history = {}
    for name, given in record["history"].items():
        logged = given if isinstance(given, dict) else {"values": given}
        values = np.array(
            logged["values"][: max(2, round(share * len(logged["values"])))], dtype=np.float64
        )  # null is NaN
        if "loss" in name:
            finite = values[np.abs(values) < 1e100]
            spread = float(np.ptp(finite)) if finite.size else 0.0
            values = scale * (values + NOISE * spread * draw.standard_normal(values.size))
        written = [old if old is None else new for old, new in zip(logged["values"], values.tolist(), strict=False)]
        history[name] = {**logged, "values": written}
        if "steps" in logged:
            history[name]["steps"] = logged["steps"][: values.size]
    context = {key: value for key, value in record["context"].items() if key not in {"baseline", "num_classes"}}
    return {"name": f"{record['name']}-{number}", "history": history, "context": context}


def main(folder: Path, count: int) -> None:
    """Some files, as an export would have."""
    folder.mkdir(parents=True, exist_ok=True)
    records = list(recorded("all"))
    np.random.default_rng(0).shuffle(records)  # a few of them are a sample of all
    endless = itertools.cycle(records)
    for first in range(0, count, A_FILE):
        runs = [varied(next(endless), number) for number in range(first, min(first + A_FILE, count))]
        lines = "".join(json.dumps(run) + "\n" for run in runs)
        (folder / f"runs-{first:06}.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else COUNT)
