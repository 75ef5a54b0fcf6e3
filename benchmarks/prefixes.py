"""Fed epoch by epoch: how early a fault is named, how steadily, and what a healthy run is accused of on its way.

python -m benchmarks.prefixes [tune|reported|all] [--accused]

A run that is planned for longer than was logged stays unfinished at its end, as recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.corpus import Record, asked_split, recorded, to_run
from benchmarks.first import NOT_OF_A_RUN
from benchmarks.growing import growing
from benchmarks.intervals import share
from benchmarks.stopping import stopping
from diagnosis import diagnose
from diagnosis.run import FloatArray

GIVEN_BACK = 0.10  # of the fall of the clean test loss
ACTING = ("stop", "intervene")  # decisions that end a run


@dataclass(frozen=True)
class Told:
    """What was said of one run at every moment: the share of the run trained, severities by condition, and the decision."""

    record: Record
    at: tuple[float, ...]
    found: tuple[Mapping[str, str], ...]
    logged: tuple[FloatArray, ...]
    decided: tuple[str, ...] = ()

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Decisions that were followed by another while the run was not over: the one, and the next."""
        return [(before, after) for before, after in pairwise(self.decided[:-1]) if before != after]

    @property
    def taken_back(self) -> int:
        """How often it was said to stop or to intervene, and that was taken back before the end."""
        return sum(before in ACTING and before != after for before, after in self.turns)

    def named(self, condition: str) -> list[bool]:
        """Whether a condition was found at each moment, at any severity."""
        return [condition in said for said in self.found]

    def accused(self, *, tolerated: bool) -> set[str]:
        """The warnings and errors of any moment that are not due; with `tolerated`, those an expert could bear too."""
        due = set(self.record["expected"]) | (set() if tolerated else set(self.record["tolerated"]))
        return {name for said in self.found for name, severity in said.items() if severity != "info"} - due


def told(record: Record) -> Told:
    """Ask about one run at every moment."""
    whole = to_run(record)
    at, found, decided = [], [], []
    for trained, run in growing(whole):
        report = diagnose(run)
        at.append(trained)
        found.append({j.condition: j.severity for j in report.findings})
        decided.append(report.decision.action)
    return Told(record, tuple(at), tuple(found), tuple(curve.values for curve in whole.curves), tuple(decided))


def taken_back(named: Sequence[bool]) -> int:
    """How often a finding went away again."""
    return sum(before and not after for before, after in pairwise(named))


def visible(run: Told, condition: str) -> float | None:
    """The share of the run from which a fault can be seen, where the record tells; None elsewhere.

    A value that is no number is seen at once. Overfitting is seen from where the loss on the clean test set, which no
    detector is shown, has given back a tenth of its fall for good.
    """
    if condition == "non_finite":
        bad = [float(np.argmin(np.isfinite(v)) + 1) / v.size for v in run.logged if not np.isfinite(v).all()]
        return min(bad, default=None)
    if condition == "overfitting":
        test = np.array(run.record["truth"]["test_loss"], dtype=np.float64)
        best = int(test.argmin())
        low = test < test[best] + GIVEN_BACK * (run.record["truth"]["initial_loss"] - test[best])
        if not low.any():  # it never got below the untrained model
            return None
        last = int(np.flatnonzero(low)[-1])
        return (last + 2) / test.size if best <= last < test.size - 1 else None
    return None


def by_condition(runs: Sequence[Told]) -> str:
    """When each fault is named, and how often that is taken back, as markdown."""
    lines = [
        "| condition | due | named at the end | first named, share of the run (quartiles) | behind what is visible | dropped for good | taken back, named again |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for condition in sorted({name for run in runs for name in run.record["expected"]}):
        due = [run for run in runs if condition in run.record["expected"]]
        ever = [run for run in due if any(run.named(condition))]
        kept = [run for run in ever if run.named(condition)[-1]]
        first = [run.at[run.named(condition).index(True)] for run in kept]
        behind = [
            at - seen for at, run in zip(first, kept, strict=True) if (seen := visible(run, condition)) is not None
        ]
        low, middle, high = np.percentile(first, [25, 50, 75]) if first else (np.nan,) * 3
        again = sum(taken_back(run.named(condition)) > 0 for run in kept)
        late = f"{np.median(behind):+.2f}" if behind else "–"
        lines.append(
            f"| `{condition}` | {len(due)} | {len(kept)} | {middle:.2f} ({low:.2f} to {high:.2f}) | {late} "
            f"| {len(ever) - len(kept)} | {again} |".replace("nan", "–")
        )
    return "\n".join(lines)


def alarms(runs: Sequence[Told]) -> str:
    """False alarms on the way, as a list."""
    healthy = [run for run in runs if run.record["fault"] == "healthy"]
    faulty = [run for run in runs if run.record["fault"] not in NOT_OF_A_RUN]
    any_alarm = [run.accused(tolerated=True) for run in healthy]
    asked = sum(len(run.at) for run in healthy)
    wrong = sum(any(severity != "info" for severity in said.values()) for run in healthy for said in run.found)
    by_name = Counter(name for names in any_alarm for name in names)
    most_first = sorted(by_name.items(), key=lambda found: (-found[1], found[0]))
    named = ", ".join(f"`{name}` {count}" for name, count in most_first) or "none"
    return "\n".join(
        [
            f"- healthy runs with a warning or error at any moment: {share(sum(map(bool, any_alarm)), len(healthy))}",
            f"- of these with one that is not even tolerated: {share(sum(bool(r.accused(tolerated=False)) for r in healthy), len(healthy))}",
            f"- moments of healthy runs with a warning or error: {share(wrong, asked)}",
            f"- of what, in healthy runs: {named}",
            f"- faulty runs with another, untolerated warning or error at any moment: {share(sum(bool(r.accused(tolerated=False)) for r in faulty), len(faulty))}",
        ]
    )


def decisions(runs: Sequence[Told]) -> str:
    """How steadily it is said what to do, as a list."""
    turns = Counter(f"{before} → {after}" for run in runs for before, after in run.turns)
    back = [run.taken_back for run in runs]
    kinds = ", ".join(f"{turn} {count}" for turn, count in turns.most_common())
    changes, told_back = sum(turns.values()) / max(len(runs), 1), share(sum(map(bool, back)), len(back))
    return (
        f"- decisions that change from one moment to the next, a run: {changes:.2f} ({kinds})\n"
        f"- runs told to stop or to intervene that are told otherwise later: {told_back}; {sum(back)} times in all"
    )


def section(records: Sequence[Record]) -> str:
    """All four as markdown."""
    runs = [told(record) for record in records]
    when = stopping(runs, lambda run: to_run(run.record))
    return f"{by_condition(runs)}\n\n{alarms(runs)}\n{decisions(runs)}\n\n{when}"


def main() -> None:
    """Print both, and who is accused when."""
    asked = asked_split(
        __doc__,
        ("--accused", "name every healthy run that is accused on its way, and when"),
        (
            "--taken-back",
            "name every run told to stop or intervene, and then otherwise; and what was found before and after",
        ),
    )
    records = list(recorded(asked.split))
    if asked.accused:
        for run in (told(record) for record in records if record["fault"] == "healthy"):
            for name in sorted(run.accused(tolerated=True)):
                when = [f"{at:.2f}" for at, named in zip(run.at, run.named(name), strict=True) if named]
                print(f"{run.record['name']}: {name} at {when[0]} to {when[-1]}, {len(when)} times of {len(run.at)}")
        return
    if asked.taken_back:
        for run in (told(record) for record in records):
            for moment, (before, after) in enumerate(pairwise(run.decided[:-1])):
                if before in ACTING and after != before:
                    gone, come = (sorted(run.found[moment + step]) for step in (0, 1))
                    print(f"{run.record['name']} at {run.at[moment]:.2f}: {before} {gone} → {after} {come}")
        return
    print(section(records))


if __name__ == "__main__":
    main()
