"""The scoreboard: what is found in really trained runs whose fault is known.

python -m benchmarks.verdicts [tune|reported|all] [--misses]
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.corpus import asked_split, recorded
from benchmarks.outcomes import Outcome, judged
from benchmarks.scoreboard import by_condition, calibration, latency, summary


def misses(outcomes: Sequence[Outcome]) -> list[str]:
    """One line for every run with a missed or a wrong finding, or a rule that raised."""
    return [
        f"{o.name}: missed {sorted(o.missed)}, wrong {sorted(o.wrong)}, untrue information "
        f"{sorted(o.unfounded - o.wrong)}, bugs {list(o.bugs)}"
        for o in outcomes
        if o.missed or o.unfounded or o.bugs
    ]


def section(outcomes: Sequence[Outcome]) -> str:
    """The scoreboard of one half as markdown."""
    parts = [by_condition(outcomes), summary(outcomes), calibration(outcomes), latency(outcomes)]
    return "\n\n".join(parts)


def main() -> None:
    """Print the scoreboard."""
    asked = asked_split(__doc__, ("--misses", "name every run with a missed or a wrong finding"))
    outcomes = judged(list(recorded(asked.split)))
    print(*(misses(outcomes) if asked.misses else []), section(outcomes), sep="\n")


if __name__ == "__main__":
    main()
