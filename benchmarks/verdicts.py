"""Found × expected over really trained runs whose fault is known: recall, false alarms, and how sure we were.

python -m benchmarks.verdicts [tune|held_out|all] [--misses]
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from diagnosis import Report, diagnose
from diagnosis.assemble import Log, Series, assemble
from diagnosis.rule import all_rules
from diagnosis.run import Context, Run

RUNS = Path(__file__).parent / "faults" / "runs.jsonl.gz"


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
    return assemble(Log(tuple(series), "faults", name=record["name"]), Context(**known))


@dataclass
class Matrix:
    """Found × expected by condition, alarms on healthy runs, and how often each confidence was right."""

    hits: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    sure: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    runs: int = 0
    healthy: int = 0
    alarmed: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, record: dict[str, Any], report: Report) -> None:
        """Count one run; a finding is wrong when it is neither expected nor tolerated, and no mere information."""
        expected, tolerated = set(record["expected"]) & set(all_rules()), set(record["tolerated"])
        found = {j.condition: j for j in report.findings}
        missed = expected - set(found)
        alarms = {c: j for c, j in found.items() if j.severity != "info"}
        wrong = sorted(set(alarms) - expected - tolerated)
        self.hits.update(expected & set(found))
        self.missed.update(missed)
        self.wrong.update(wrong)
        for condition, judged in alarms.items():
            self.sure[f"{int(judged.confidence * 10) / 10:.1f}"].append(condition not in wrong)
        self.runs += 1
        healthy = record["fault"] == "healthy"  # a borderline run shows what experts could argue about
        self.healthy += healthy
        self.alarmed += healthy and bool(wrong)
        if missed or wrong or report.bugs:
            self.misses.append(f"{record['name']}: missed {sorted(missed)}, wrong {wrong}, bugs {list(report.bugs)}")

    def table(self) -> str:
        """The matrix as markdown."""
        lines = ["| condition | found | missed | wrong |", "| --- | --- | --- | --- |"]
        names = sorted({*self.hits, *self.missed, *self.wrong})
        lines += [f"| {n} | {self.hits[n]} | {self.missed[n]} | {self.wrong[n]} |" for n in names]
        lines += ["", "| confidence from | right | of findings |", "| --- | --- | --- |"]
        lines += [f"| {bucket} | {np.mean(right):.2f} | {len(right)} |" for bucket, right in sorted(self.sure.items())]
        share = self.alarmed / max(self.healthy, 1)
        lines += [
            "",
            f"False alarms on {self.alarmed} of {self.healthy} healthy runs ({share:.1%}), {self.runs} runs in all.",
        ]
        return "\n".join(lines)


def matrix(split: str) -> Matrix:
    """Judge every run of a half."""
    counted = Matrix()
    for record in recorded(split):
        if "history" in record:
            counted.add(record, diagnose(to_run(record)))
    return counted


def main() -> None:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("split", nargs="?", default="tune", choices=("tune", "held_out", "all"))
    parser.add_argument("--misses", action="store_true", help="name every run with a missed or a wrong finding")
    asked = parser.parse_args()
    counted = matrix(asked.split)
    print(*(counted.misses if asked.misses else []), counted.table(), sep="\n")


if __name__ == "__main__":
    main()
