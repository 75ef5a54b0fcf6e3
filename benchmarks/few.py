"""The same runs with few validations, as of a fine-tuning: what is still told of overfitting.

python -m benchmarks.few [tune|reported|all]

All but a few evenly spaced validations are left out, of training nothing. What the clean test set says at the very moments
that are left is the truth: it turned where its loss ends higher than at its best by `TURNED` of what it had gained and by
`TURNED_LEARNT` of all there was to learn; it did not where by less than `STEADY`. Between them nothing is counted, nor where
another fault of training was put in that the loss shows by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from benchmarks.corpus import Record, asked_split, recorded, to_run
from benchmarks.repair.corpus import plainly
from diagnosis import diagnose

KEPT = (3, 4, 5, 6, 7, 9)  # validations
LEAST, TWICE = 10, 2  # validations of a run that is thinned, and times those that are kept
TURNED, TURNED_LEARNT = 0.15, 0.03
STEADY, STEADY_LEARNT = 0.03, 0.005
ELSEWHERE = frozenset(
    ("divergence", "exploding_gradients", "loss_spike", "noisy_validation", "non_finite", "not_learning", "oscillation")
)  # fmt: skip
Truth = Literal["turned", "did not"]


def thinned(record: Record, kept: int) -> tuple[Record, np.ndarray] | None:
    """A record with so many validations, and the clean test loss at each; None where it has too few, or its names are not known."""
    history = plainly(record["history"])
    clean = record["truth"].get("test_loss") or []
    if not {"loss", "val_loss"} <= set(history) or len(clean) < max(LEAST, TWICE * kept):
        return None
    places = [math.ceil((k + 1) * len(clean) / kept) - 1 for k in range(kept)]
    curves: dict[str, Any] = {}
    for name, given in history.items():
        logged = given if isinstance(given, dict) else {"values": given, "axis": "epoch"}
        values, steps = logged["values"], logged.get("steps") or list(range(len(logged["values"])))
        if not name.startswith("val_"):
            curves[name] = given
        elif len(values) == len(clean):
            few = {"values": [values[at] for at in places], "steps": [steps[at] for at in places]}
            curves[name] = {**logged, **few}
        else:
            return None
    return {**record, "history": curves}, np.array([clean[at] for at in places], dtype=float)


def truth(clean: np.ndarray, initial: float) -> Truth | None:
    """Whether the clean test loss turned; None where that is arguable."""
    rise, gained, learnt = clean[-1] - clean.min(), clean[0] - clean.min(), initial - clean.min()
    if not np.isfinite(clean).all() or learnt <= 0.0:
        return None
    if rise > TURNED * gained and rise > TURNED_LEARNT * learnt:
        return "turned"
    return "did not" if rise < STEADY * gained or rise < STEADY_LEARNT * learnt else None


def cases(records: list[Record]) -> Iterator[tuple[int, Truth, bool, str, bool]]:
    """How many were kept, what is true, whether overfitting was named, the status, and whether the run is healthy."""
    for record in records:
        for kept in KEPT:
            found = None if ELSEWHERE & set(record["expected"]) else thinned(record, kept)
            if found is None or (true := truth(found[1], record["truth"]["initial_loss"])) is None:
                continue
            report = diagnose(to_run(found[0]))
            named = any(j.condition == "overfitting" for j in report.findings)
            yield kept, true, named, report.status, record["fault"] == "healthy"


def table(records: list[Record]) -> str:
    """One row for each number of validations."""
    counts: Counter[tuple[int, str]] = Counter()
    for kept, true, named, status, healthy in cases(records):
        counts[kept, true] += 1
        counts[kept, f"{true}, named"] += named
        counts[kept, f"{true}, {status}"] += 1
        counts[kept, "healthy"] += healthy
        counts[kept, "healthy, named"] += healthy and named
    rows = [
        f"| {kept} | {counts[kept, 'turned, named']} of {counts[kept, 'turned']} | {counts[kept, 'turned, healthy']} "
        f"| {counts[kept, 'did not, named']} of {counts[kept, 'did not']} | {counts[kept, 'healthy, named']} of {counts[kept, 'healthy']} |"
        for kept in KEPT
    ]
    head = "| validations | turned, and overfitting named | turned, and `healthy` | did not turn, and named | healthy runs, and named |"
    return "\n".join([head, "| ---: | ---: | ---: | ---: | ---: |", *rows])


def main() -> None:
    """Print the table."""
    print(table(list(recorded(asked_split(__doc__).split))))


if __name__ == "__main__":
    main()
