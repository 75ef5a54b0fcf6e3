"""Whether 0.9 means nine in ten; which constants of `diagnosis/confidence.py`, or which ceilings, would make it so.

python -m benchmarks.calibration [tune|reported|all]

Every proposal is judged on tasks it has not seen. Nothing here changes the engine: it prints what to write there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import isotonic_regression

from benchmarks.corpus import Record, asked_split, recorded, to_run
from benchmarks.intervals import FloatArray, calibration_error, reliability
from diagnosis import confidence as formula
from diagnosis import diagnose
from diagnosis.rule import FACT

PRIOR = 4.0  # findings of average quality that are added to those of a rule, before its ceiling is read off
ROOM = 0.03  # a ceiling is proposed where it lies this far under what the rule's findings claim
GRID = tuple(product((0.5, 0.55, 0.6, 0.65, 0.7), (0.1, 0.2, 0.35, 0.5, 0.7), (0.5, 1.0, 3.0, 6.0, 12.0)))
Constants = tuple[float, float, float]  # LEAST, DOUBT_PER_DOUBLING, HALF_SURE_POINTS
NOW: Constants = (formula.LEAST, formula.DOUBT_PER_DOUBLING, formula.HALF_SURE_POINTS)


@dataclass(frozen=True)
class Findings:
    """What confidence is made of, one entry a finding (n,); tolerated findings are left out."""

    condition: np.ndarray
    task: np.ndarray
    margin: FloatArray
    points: FloatArray
    ceiling: FloatArray
    lowered: np.ndarray
    given: FloatArray
    right: np.ndarray

    def take(self, keep: np.ndarray) -> Findings:
        """Some of them."""
        return Findings(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def findings(records: Sequence[Record]) -> Findings:
    """Every finding that is right or wrong."""
    rows = []
    for record in records:
        report = diagnose(to_run(record))
        doubted = {name for j in report.findings for name in j.rule.lowers}
        for j in report.findings:
            right = j.condition in record["expected"]
            if right or j.condition not in record["tolerated"]:
                margins = [m for e in j.finding.evidence if (m := e.margin) is not None]
                margin = max(min(margins, default=0.0), 0.0)
                origin = (j.condition, record["task"])
                made_of = (margin, float(j.finding.points), j.finding.ceiling, j.condition in doubted)
                rows.append((*origin, *made_of, j.confidence, right))
    return Findings(*(np.array(column) for column in zip(*rows, strict=True)))


def claimed(f: Findings, constants: Constants) -> FloatArray:
    """The confidence of every finding by the formula, with other constants (n,)."""
    least, doubt, half = constants
    sure = (1.0 - doubt ** (f.margin + 0.5)) * f.points / (f.points + half) * np.where(f.lowered, formula.LOWERED, 1.0)
    most = np.minimum(least + (formula.MOST - least) * sure, f.ceiling)
    return np.where(f.points >= FACT, formula.MOST, most)


def refitted(f: Findings) -> Constants:
    """The constants with the least squared error; of equals the nearest to today's."""
    errors = [float(np.mean((claimed(f, constants) - f.right) ** 2)) for constants in GRID]
    return GRID[int(np.argmin(errors))]


def ceilings(f: Findings) -> dict[str, float]:
    """The share of a rule's findings that is right, drawn towards the average where there are few."""
    average = float(f.right.mean())
    by_rule = {name: f.right[f.condition == name] for name in np.unique(f.condition)}
    return {str(name): float((right.sum() + PRIOR * average) / (right.size + PRIOR)) for name, right in by_rule.items()}


def capped(f: Findings, sure: FloatArray, caps: dict[str, float]) -> FloatArray:
    """Confidence, but never above the ceiling of the rule (n,)."""
    return np.minimum(sure, [caps.get(str(name), formula.MOST) for name in f.condition])


def isotonic(seen: Findings, f: Findings) -> FloatArray:
    """The best monotone remapping of today's confidence: what no formula of it can beat (n,)."""
    order = np.argsort(seen.given, kind="stable")
    fit = isotonic_regression(seen.right[order].astype(np.float64)).x
    return np.asarray(np.interp(f.given, seen.given[order], fit), dtype=np.float64)


WAYS: dict[str, Callable[[Findings, Findings], FloatArray]] = {
    "as given": lambda _, f: f.given,
    "a ceiling for each rule": lambda seen, f: capped(f, f.given, ceilings(seen)),
    "other constants": lambda seen, f: claimed(f, refitted(seen)),
    "other constants and ceilings": lambda seen, f: capped(f, claimed(f, refitted(seen)), ceilings(seen)),
    "isotonic remapping": isotonic,
}


def unseen(f: Findings, way: Callable[[Findings, Findings], FloatArray]) -> FloatArray:
    """The confidence of every finding, fitted on the other tasks (n,)."""
    sure = np.zeros(f.given.size)
    for task in np.unique(f.task):
        held = f.task == task
        sure[held] = way(f.take(~held), f.take(held))
    return sure


def table(f: Findings) -> str:
    """Calibration error and squared error of every way, on tasks not seen, as markdown."""
    lines = ["| confidence | calibration error, unseen tasks | same tasks | squared error, unseen tasks |", "| --- | ---: | ---: | ---: |"]  # fmt: skip
    for name, way in WAYS.items():
        new, old = unseen(f, way), way(f, f)
        error, same = (calibration_error(reliability(sure, f.right)) for sure in (new, old))  # type: ignore[arg-type]
        lines.append(f"| {name} | {error:.3f} | {same:.3f} | {np.mean((new - f.right) ** 2):.4f} |")
    return "\n".join(lines)


def proposals(f: Findings) -> str:
    """What to write into the engine: constants, and the ceilings that would matter."""
    lines = [f"- constants (LEAST, DOUBT_PER_DOUBLING, HALF_SURE_POINTS): now {NOW}, best {refitted(f)}"]
    for name, cap in sorted(ceilings(f).items()):
        own = f.condition == name
        mean = float(f.given[own].mean())
        low = f"; propose `ceiling={cap:.2f}`" if cap < mean - ROOM else ""
        lines.append(f"- `{name}`: {int(own.sum())} findings, claimed {mean:.2f}, right {f.right[own].mean():.2f}{low}")
    return "\n".join(lines)


def section(records: Sequence[Record]) -> str:
    """What calibration is, could be, and what it takes, as markdown."""
    found = findings(records)
    return f"{table(found)}\n\n{proposals(found)}"


def main() -> None:
    """Print it."""
    print(section(list(recorded(asked_split(__doc__).split))))


if __name__ == "__main__":
    main()
