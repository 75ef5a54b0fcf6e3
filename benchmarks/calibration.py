"""Whether 0.9 means nine in ten; which constants of `diagnosis/confidence.py`, or which ceilings, would make it so.

python -m benchmarks.calibration [tune|reported|all]

Every proposal is judged on tasks it has not seen. Nothing here changes the engine: it prints what to write there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
GRID = tuple(product((0.5, 0.6, 0.7), (0.05, 0.1, 0.15, 0.2, 0.35, 0.5), (0.5, 1.0, 3.0, 6.0), (0.6, 0.7, 0.8, 0.9)))
Constants = tuple[float, float, float, float]  # LEAST, DOUBT_PER_DOUBLING, HALF_SURE_POINTS, LOWERED
NOW: Constants = (formula.LEAST, formula.DOUBT_PER_DOUBLING, formula.HALF_SURE_POINTS, formula.LOWERED)


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
    alarm: np.ndarray  # whether a warning or an error
    right: np.ndarray

    def take(self, keep: np.ndarray) -> Findings:
        """Some of them."""
        return Findings(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def findings(records: Sequence[Record]) -> Findings:
    """Every finding that is right or wrong."""
    rows = []
    for record in records:
        report = diagnose(to_run(record))
        doubted = {name for j in report.findings for name in getattr(j.rule, "lowers", ())}
        for j in report.findings:
            right = j.condition in record["expected"]
            if right or j.condition not in record["tolerated"]:
                margins = [m for e in j.finding.evidence if (m := e.margin) is not None]
                margin = max(min(margins, default=0.0), 0.0)
                origin = (j.condition, record["task"])
                made_of = (margin, float(j.finding.points), j.finding.ceiling, j.condition in doubted)
                rows.append((*origin, *made_of, j.confidence, j.severity != "info", right))
    return Findings(*(np.array(column) for column in zip(*rows, strict=True)))


def claimed(f: Findings, constants: Constants) -> FloatArray:
    """The confidence of every finding by the formula, with other constants (n,)."""
    least, doubt, half, lowered = constants
    sure = (1.0 - doubt ** (f.margin + 0.5)) * f.points / (f.points + half) * np.where(f.lowered, lowered, 1.0)
    most = np.minimum(least + (formula.MOST - least) * sure, f.ceiling)
    return np.where(f.points >= FACT, formula.MOST, most)


def refitted(f: Findings, caps: Mapping[str, float]) -> Constants:
    """The constants with the least squared error, under these ceilings."""
    errors = [float(np.mean((capped(f, claimed(f, constants), caps) - f.right) ** 2)) for constants in GRID]
    return GRID[int(np.argmin(errors))]


def quality(f: Findings, name: str) -> float:
    """The share of a rule's findings that is right, drawn towards the average where there are few."""
    right = f.right[f.condition == name]
    return float((right.sum() + PRIOR * f.right.mean()) / (right.size + PRIOR))


def ceilings(f: Findings) -> dict[str, float]:
    """The quality of each rule that claims clearly more than that."""
    every = {str(name): quality(f, name) for name in np.unique(f.condition)}
    return {name: right for name, right in every.items() if right < f.given[f.condition == name].mean() - ROOM}


def capped(f: Findings, sure: FloatArray, caps: Mapping[str, float]) -> FloatArray:
    """Confidence, but never above the ceiling of the rule (n,)."""
    return np.minimum(sure, [caps.get(str(name), formula.MOST) for name in f.condition])


def isotonic(seen: Findings, f: Findings) -> FloatArray:
    """The best monotone remapping of today's confidence: what no formula of it can beat (n,)."""
    order = np.argsort(seen.given, kind="stable")
    fit = isotonic_regression(seen.right[order].astype(np.float64)).x
    return np.asarray(np.interp(f.given, seen.given[order], fit), dtype=np.float64)


WAYS: dict[str, Callable[[Findings, Findings], FloatArray]] = {
    "as given": lambda _, f: f.given,
    "ceilings": lambda seen, f: capped(f, f.given, ceilings(seen)),
    "other constants": lambda seen, f: claimed(f, refitted(seen, {})),
    "ceilings, then other constants": lambda seen, f: capped(
        f, claimed(f, refitted(seen, ceilings(seen))), ceilings(seen)
    ),
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
    lines = ["| confidence | calibration error | of warnings and errors alone | fitted on the same tasks | squared error |", "| --- | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for name, way in WAYS.items():
        new, old = unseen(f, way), way(f, f)
        errors = [
            calibration_error(reliability(sure.tolist(), right.tolist()))
            for sure, right in ((new, f.right), (new[f.alarm], f.right[f.alarm]), (old, f.right))
        ]
        lines.append(f"| {name} | {' | '.join(f'{e:.3f}' for e in errors)} | {np.mean((new - f.right) ** 2):.4f} |")
    return "\n".join(
        [*lines, "", "Every task was judged with what was fitted on the others, but for the fourth column."]
    )


def proposals(f: Findings) -> str:
    """What to write into the engine: constants, and the ceilings that would matter."""
    caps = ceilings(f)
    best = refitted(f, caps)
    lines = [
        f"- constants (LEAST, DOUBT_PER_DOUBLING, HALF_SURE_POINTS, LOWERED): now {NOW}, best under the ceilings {best}"
    ]
    for name in map(str, np.unique(f.condition)):
        own = f.condition == name
        low = f"; propose `ceiling={caps[name]:.2f}`" if name in caps else ""
        claim, right = f.given[own].mean(), f.right[own].mean()
        lines.append(f"- `{name}`: {int(own.sum())} findings, claimed {claim:.2f}, right {right:.2f}{low}")
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
