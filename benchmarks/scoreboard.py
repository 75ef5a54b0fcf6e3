"""Precision, recall and F1 by condition, false alarms, what is said first, calibration and latency, as one table each.

A finding is a hit where it is expected, nothing where it is tolerated, and wrong otherwise. Information is counted as
wrong only for conditions that are never more than that. A condition without a rule is missed wherever it is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.first import INFORMATION, NOT_OF_A_RUN, firsts
from benchmarks.intervals import Bin, FloatArray, between, calibration_error, reliability, share, weights
from benchmarks.outcomes import ACROSS, Outcome
from diagnosis.rule import all_rules


@dataclass(frozen=True)
class Score:
    """One condition over all runs, with the replicates of its F1."""

    condition: str
    found: int
    missed: int
    wrong: int
    information: int  # wrong, but only as information, of a condition that can be more
    replicates: FloatArray  # (replicates,)

    @property
    def precision(self) -> float:
        """Share of the findings that are right."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else float("nan")

    @property
    def recall(self) -> float:
        """Share of what is due that is found."""
        return self.found / (self.found + self.missed) if self.found + self.missed else float("nan")

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return float(f1(np.array(self.found), np.array(self.missed), np.array(self.wrong)))


def f1(found: FloatArray, missed: FloatArray, wrong: FloatArray) -> FloatArray:
    """F1 from counts; not a number where nothing is due and nothing is found."""
    with np.errstate(invalid="ignore"):
        return np.asarray(2.0 * found / (2.0 * found + missed + wrong), dtype=np.float64)


def is_wrong(outcome: Outcome, condition: str) -> bool:
    """Whether the finding of a condition is held against whoever gave it."""
    return condition in (outcome.unfounded if condition in INFORMATION else outcome.wrong)


def scores(outcomes: Sequence[Outcome], conditions: Sequence[str] | None = None) -> list[Score]:
    """One score for each condition that is due or found anywhere, or for these."""
    drawn = weights(tuple(o.cluster for o in outcomes))
    named = conditions or sorted({c for o in outcomes for c in (*o.expected, *o.unfounded)})
    board = []
    for name in named:
        found = np.array([name in o.hits for o in outcomes], dtype=np.float64)
        missed = np.array([name in o.missed for o in outcomes], dtype=np.float64)
        wrong = np.array([is_wrong(o, name) for o in outcomes], dtype=np.float64)
        told = sum(name in o.unfounded for o in outcomes) - int(wrong.sum())
        replicates = f1(drawn @ found, drawn @ missed, drawn @ wrong)
        board.append(Score(name, int(found.sum()), int(missed.sum()), int(wrong.sum()), told, replicates))
    return board


def macro(board: Sequence[Score]) -> tuple[float, float, float]:
    """The mean F1 of the conditions that are due somewhere, with its interval."""
    due = [score for score in board if score.found + score.missed]
    if not due:
        return float("nan"), float("nan"), float("nan")
    low, high = between(np.mean([np.nan_to_num(score.replicates) for score in due], axis=0))
    return float(np.mean([score.f1 for score in due])), low, high


def by_condition(outcomes: Sequence[Outcome]) -> str:
    """The scores as markdown; a condition without a rule says so."""
    lines = [
        "| condition | found | missed | wrong | wrong, as information | precision | recall | F1 (95 %) |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    board = scores(outcomes)
    ruled = {*all_rules(), *(c for o in outcomes if o.fault == ACROSS for c in o.found)}
    for s in board:
        low, high = between(s.replicates)
        name = f"`{s.condition}`" + ("" if s.condition in ruled else " (no rule yet)")
        lines.append(
            f"| {name} | {s.found} | {s.missed} | {s.wrong} | {s.information} | {s.precision:.2f} | {s.recall:.2f} "
            f"| {s.f1:.2f} ({low:.2f} to {high:.2f}) |"
        )
    value, low, high = macro(board)
    return "\n".join([*lines, "", f"Macro-F1 **{value:.3f}** ({low:.3f} to {high:.3f})."]).replace("nan", "–")


def summary(outcomes: Sequence[Outcome]) -> str:
    """False alarms on healthy runs, and what is said first of faulty ones."""
    healthy = [o for o in outcomes if o.fault == "healthy"]
    faulty = [o for o in outcomes if o.fault not in NOT_OF_A_RUN]
    rows = [
        ("healthy runs with any warning or error", healthy, lambda o: bool(o.alarms)),
        ("healthy runs with one that the label does not even tolerate", healthy, lambda o: bool(o.wrong)),
        ("healthy runs with information that is not true", healthy, lambda o: bool(o.unfounded - o.wrong)),
        ("faulty runs with nothing wrong said", faulty, lambda o: not o.wrong),
        ("runs in which a rule raised", [o for o in outcomes if o.fault != ACROSS], lambda o: bool(o.bugs)),
    ]
    lines = [f"- {what}: {share(sum(map(holds, of)), len(of))}" for what, of, holds in rows]
    lines[3:3] = firsts(outcomes)
    aside = Counter(name for o in outcomes for name in o.hidden)
    told = ", ".join(f"`{name}` {count}" for name, count in sorted(aside.items())) or "none"
    return "\n".join([*lines, f"- what happened and no reader of the log could know, tolerated instead of due: {told}"])


def calibration(outcomes: Sequence[Outcome]) -> str:
    """Claimed against found; tolerated findings are left out, information is kept; then the error read in other ways."""
    told = [(o, c) for o in outcomes for c in o.found]
    plain = [(o, c) for o, c in told if c in o.hits | o.unfounded]
    bins = _bins(plain)
    lines = ["| confidence from | findings | claimed | right |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {each.low:.1f} | {each.count} | {each.claimed:.3f} | {each.right:.3f} |" for each in bins]
    alone = calibration_error(_bins([(o, c) for o, c in plain if o.found[c] != "info"]))
    kind = calibration_error(_bins(told))
    said = f"Expected calibration error **{calibration_error(bins):.3f}**; of warnings and errors alone {alone:.3f}; with tolerated findings counted as right {kind:.3f}."
    return "\n".join([*lines, "", said])


def _bins(told: Sequence[tuple[Outcome, str]]) -> list[Bin]:
    return reliability([o.confidence[c] for o, c in told], [c not in o.unfounded for o, c in told])


def latency(outcomes: Sequence[Outcome]) -> str:
    """CPU milliseconds of the engine per run."""
    taken = [o.milliseconds for o in outcomes if o.fault != ACROSS]
    return f"Engine, CPU milliseconds a run: median {np.median(taken):.2f}, 95th percentile {np.percentile(taken, 95):.2f}."
