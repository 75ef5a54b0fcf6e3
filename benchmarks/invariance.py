"""Verdicts that change with the units a run is written in: there must be none.

python -m benchmarks.invariance [tune|reported|all] [--changed]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.corpus import Record, asked_split, recorded, to_run
from benchmarks.units import CHANGES, Change
from diagnosis import diagnose
from diagnosis.rule import all_rules
from diagnosis.run import Run


@dataclass
class Tally:
    """How many runs one change was tried on, and which got another verdict."""

    change: Change
    tried: int = 0
    informed: int = 0  # another verdict only in what is merely information
    excused: int = 0  # another verdict in a condition whose rule declares why it must be
    changed: list[str] = field(default_factory=list)


def found(run: Run) -> tuple[set[str], set[str]]:
    """The warnings and errors, and the information."""
    findings = diagnose(run).findings
    alarms = {j.condition for j in findings if j.severity != "info"}
    return alarms, {j.condition for j in findings} - alarms


def tally(records: Sequence[Record]) -> list[Tally]:
    """Judge every run in every way of writing it."""
    tallies = [Tally(change) for change in CHANGES]
    for record in records:
        run = to_run(record)
        for each in tallies:
            pair = each.change.of(run)
            if pair is None:
                continue
            (before, told), (after, then) = map(found, pair)
            each.tried += 1
            each.informed += before == after and told != then
            if any(each.change.exempts in all_rules()[name].exempt for name in before ^ after):
                each.excused += 1
            elif before != after:
                gone, new = sorted(before - after), sorted(after - before)
                each.changed.append(f"{record['name']}: {each.change.name}: gone {gone}, new {new}")
    return tallies


def table(tallies: Sequence[Tally]) -> str:
    """How many verdicts each change has changed, as markdown."""
    lines = [
        "| written as | runs | verdicts changed | exempt | only information changed |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {t.change.name} | {t.tried} | {len(t.changed)} | {t.excused} | {t.informed} |" for t in tallies]
    broken = sum(len(t.changed) for t in tallies if t.change.counted)
    tried = sum(t.tried for t in tallies if t.change.counted)
    reported = " and ".join(f"“{t.change.name}”" for t in tallies if not t.change.counted)
    says = (
        f"**{broken}** of {tried} verdicts changed with the units; {reported} takes evidence away and is only reported."
    )
    return "\n".join([*lines, "", says])


def main() -> None:
    """Print the table."""
    asked = asked_split(__doc__, ("--changed", "name every run whose verdict changes"))
    tallies = tally(list(recorded(asked.split)))
    print(*(line for t in tallies for line in t.changed if asked.changed), table(tallies), sep="\n")


if __name__ == "__main__":
    main()
