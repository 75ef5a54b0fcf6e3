"""Every animal of the zoo, examined and judged: how many verdicts are right, how many defects named, how many alarms false.

python -m benchmarks.zoo [part of a name …]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import torch

from service.examination import warm_up
from tests.zoo.case import Case, ask, wrong
from tests.zoo.defects import DEFECTS
from tests.zoo.healthy import HEALTHY
from tests.zoo.unusual import ILL, SOUND

HALVES = {"healthy": (*HEALTHY, *SOUND), "defects": (*DEFECTS, *ILL)}
VERDICTS, NAMED = 0.98, 0.95  # targets: shares of the models judged rightly, and of the defects named


@dataclass
class Tally:
    """What became of one half of the zoo."""

    title: str
    models: int = 0
    right: int = 0
    planted: int = 0
    named: int = 0
    alarms: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, case: Case, how: str) -> None:
        """Ask one animal, exported one way."""
        ill = judged(case, how)
        failed = any(word.startswith("error") for word in ill)
        self.models += 1
        self.right += not failed and not any(word.startswith("verdict") for word in ill)
        self.planted += len(case.named)
        self.named += 0 if failed else len(case.named) - sum(word.startswith("missed") for word in ill)
        self.alarms += any(word.startswith("alarm") for word in ill)
        if ill:
            self.wrong.append(f"{case.name} ({how}): {'; '.join(ill)}")


def tour(wanted: list[str]) -> list[Tally]:
    """Ask them all, or those whose names hold one of these words."""
    torch.set_num_threads(1)
    warm_up()
    tallies = [Tally(title) for title in HALVES]
    for tally, cases in zip(tallies, HALVES.values(), strict=True):
        for case in cases:
            if not wanted or any(word in case.name for word in wanted):
                for how in case.how:
                    tally.add(case, how)
    return tallies


def section() -> str:
    """The whole tour as markdown, with the targets and whether they are met."""
    tallies = tour([])
    lines = [
        "| | models | verdict right | defects named | with a false alarm |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {t.title} | {t.models} | {t.right} | {t.named} of {t.planted} | {t.alarms} |" for t in tallies),
        "",
    ]
    verdicts = sum(t.right for t in tallies) / sum(t.models for t in tallies)
    named = sum(t.named for t in tallies) / sum(t.planted for t in tallies)
    for what, value, target in (("verdicts right", verdicts, VERDICTS), ("defects named", named, NAMED)):
        lines.append(f"- {'met' if value >= target else '**missed**'}: {what} {value:.3f}; target ≥ {target:g}")
    lines += [f"- wrong: {one}" for tally in tallies for one in tally.wrong]
    return "\n".join(lines)


def main(wanted: list[str]) -> None:
    """Print the totals, and what is wrong."""
    for tally in tour(wanted):
        print(
            f"{tally.title}: {tally.right} of {tally.models} verdicts right, {tally.named} of {tally.planted} defects named, "
            f"false alarms on {tally.alarms}"
        )
        print("".join(f"  {one}\n" for one in tally.wrong), end="")


def judged(case: Case, how: str) -> list[str]:
    """What is wrong with the answer, an exception being the worst of it."""
    try:
        return wrong(case, ask(case, how))
    except Exception as error:  # noqa: BLE001 - one animal must not stop the tour
        return [f"error {type(error).__name__}: {str(error)[:200]}"]


if __name__ == "__main__":
    main(sys.argv[1:])
