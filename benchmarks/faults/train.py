"""Train the whole corpus and write `runs.jsonl.gz`, to tune on, and `reported.jsonl.gz`, to report on, beside this file.

    python benchmarks/faults/train.py [tune|reported|all] [--only NAME]

Trained runs, reruns among them, are kept in `.cache/`, so that a second start goes on where the
first one stopped and a changed label costs nothing. Every run has fixed seeds and one thread.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import faults_data
import faults_instability
import faults_learning
import faults_logging
import faults_more
import healthy
import reported_data
import reported_healthy
import reported_instability
import reported_learning
import reported_more
import reported_underfitting
from cache import trained
from recipe import Recipe
from records import records

HERE = Path(__file__).parent
SIDES: dict[str, tuple[ModuleType, ...]] = {
    "tune": (faults_instability, faults_learning, faults_data, faults_logging, faults_more, healthy),
    "reported": (
        reported_healthy,
        reported_instability,
        reported_learning,
        reported_data,
        reported_more,
        reported_underfitting,
    ),
}
FILES = {"tune": "runs.jsonl.gz", "reported": "reported.jsonl.gz"}


def recipes(side: str) -> Iterator[Recipe]:
    """Yield every recipe of every family of one side."""
    for module in SIDES[side]:
        for family in module.FAMILIES:
            yield from family()


def summary(written: list[dict[str, Any]]) -> str:
    """Count runs by fault and by expected condition, and what became of healthy recipes, as markdown."""
    sides = list(dict.fromkeys(record["split"] for record in written))
    faults = Counter((record["fault"], record["split"]) for record in written)
    due = Counter((condition, record["split"]) for record in written for condition in record["expected"])
    groups = {record["group"]: record for record in written if record["group"]}.values()
    due.update((condition, record["split"]) for record in groups for condition in record["expected_across"])
    heads = [f"{word}, {side}" for side in sides for word in ("runs", "expected")]
    lines = [f"| fault | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for name in sorted({name for name, _ in [*faults, *due]}):
        cells = [str(count[name, side] or "") for side in sides for count in (faults, due)]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    for side in sides:
        became = Counter(r["effect"] for r in written if r["split"] == side and r["planned_fault"] == "healthy")
        became["healthy"] = became.pop("shown", 0)
        calm = sum(r["split"] == side and not r["expected_across"] and not r["tolerated_across"] for r in groups)
        lines.append(
            f"\n{side}: {sum(r['split'] == side for r in written)} runs; healthy recipes became {dict(became)}; calm groups {calm}"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, label everything, write the files, say what is in them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", nargs="?", default="all", choices=(*SIDES, "all"))
    parser.add_argument(
        "--only", default="", help="train only the recipes whose name holds this word, and write nothing"
    )
    options = parser.parse_args()
    began, written = time.monotonic(), []
    for side in SIDES if options.side == "all" else (options.side,):
        runs = [trained(recipe) for recipe in recipes(side) if options.only in recipe.name]
        labelled = list(records(runs, side))
        written += labelled
        if not options.only:
            text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in labelled)
            (HERE / FILES[side]).write_bytes(gzip.compress(text.encode(), mtime=0))
    print(summary(written))
    print(f"\n{len(written)} runs in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
