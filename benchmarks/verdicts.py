"""Found × expected over really trained runs whose fault is known: recall, false alarms, and how sure we were.

python -m benchmarks.verdicts [tune|held_out|all] [--misses]
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from diagnosis import Report, diagnose
from diagnosis.assemble import Log, Series, assemble
from diagnosis.rule import all_rules
from diagnosis.run import Context, Run

RUNS = Path(__file__).parent / "corpus" / "runs.jsonl.gz"


def recorded(split: str) -> Iterator[dict[str, Any]]:
    """The recorded runs of one half, or of both."""
    with gzip.open(RUNS, "rt") as lines:
        for line in lines:
            record = json.loads(line)
            if split in {"all", record["split"]}:
                yield record


def to_run(record: dict[str, Any]) -> Run:
    """A record as the engine sees it."""
    series = []
    for name, given in record["history"].items():
        logged = given if isinstance(given, dict) else {"values": given}
        values = np.array(logged["values"], dtype=np.float64)
        missing = np.array([value is None for value in logged["values"]])
        steps = np.array(logged["steps"], dtype=np.float64) if "steps" in logged else None
        series.append(Series(name, values, steps, logged.get("axis"), missing=missing))
    known = {k: v for k, v in record["context"].items() if k in Context.__dataclass_fields__}
    return assemble(Log(tuple(series), "corpus", name=record["name"]), Context(**known))


def judge(split: str) -> list[tuple[dict[str, Any], Report]]:
    """Every run of a half with its report."""
    return [(record, diagnose(to_run(record))) for record in recorded(split) if "history" in record]


def main() -> None:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="?", default="tune", choices=("tune", "held_out", "all"))
    parser.add_argument("--misses", action="store_true", help="name every missed and every wrong finding")
    asked = parser.parse_args()
    judged = judge(asked.split)
    hits, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    alarmed, healthy, sure = 0, 0, defaultdict[float, list[bool]](list)
    for record, report in judged:
        expected, tolerated = set(record["expected"]), set(record["tolerated"])
        found = {j.condition: j for j in report.findings}
        known = set(all_rules())
        hits.update(expected & set(found))
        misses = (expected & known) - set(found)
        missed.update(misses)
        false = {c for c, j in found.items() if c not in expected | tolerated and j.severity != "info"}
        wrong.update(false)
        for condition, j in found.items():
            if j.severity != "info":
                sure[min(int(j.confidence * 10) / 10, 0.9)].append(condition in expected | tolerated)
        if not (expected & known):
            healthy += 1
            alarmed += bool(false)
        for bug in report.bugs.values():
            print("BUG", record["name"], repr(bug))
        if asked.misses and (misses or false):
            print(
                f"{record['name']:44s} missed {sorted(misses)} wrong {[(c, found[c].confidence) for c in sorted(false)]} found {sorted(found)}"
            )
    print(f"{len(judged)} runs ({asked.split}); false alarms on {alarmed} of {healthy} runs without a known fault")
    print(f"{'condition':24s} found missed wrong")
    for name in sorted(set(hits) | set(missed) | set(wrong)):
        print(f"{name:24s} {hits[name]:5d} {missed[name]:6d} {wrong[name]:5d}")
    for bucket, right in sorted(sure.items()):
        print(f"confidence {bucket:.1f}: {np.mean(right):.2f} right of {len(right)}")


if __name__ == "__main__":
    main()
