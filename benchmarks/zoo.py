"""Every animal of the zoo, examined and judged: how many verdicts are right, how many defects named, how many alarms false.

python -m benchmarks.zoo [part of a name …]
"""

from __future__ import annotations

import sys
import time

import torch

from service.examination import warm_up
from tests.zoo.case import Case, ask, wrong
from tests.zoo.defects import DEFECTS
from tests.zoo.healthy import HEALTHY
from tests.zoo.unusual import ILL, SOUND


def main(wanted: list[str]) -> None:
    """Ask them all, print what is wrong and the totals."""
    torch.set_num_threads(1)
    warm_up()
    for title, cases in (("healthy", (*HEALTHY, *SOUND)), ("defects", (*DEFECTS, *ILL))):
        right = named = planted = alarms = count = 0
        begun = time.perf_counter()
        for case in cases:
            for how in case.how:
                if wanted and not any(word in case.name for word in wanted):
                    continue
                count += 1
                started = time.perf_counter()
                ill = judged(case, how)
                right += not any(word.startswith(("verdict", "error")) for word in ill)
                planted += len(case.named)
                named += (
                    len(case.named)
                    - sum(word.startswith("missed") for word in ill)
                    - (len(case.named) if any(w.startswith("error") for w in ill) else 0)
                )
                alarms += any(word.startswith("alarm") for word in ill)
                if ill:
                    print(
                        f"  {title}: {case.name} ({how}, {time.perf_counter() - started:.1f} s): {'; '.join(ill)}",
                        flush=True,
                    )
        spent = time.perf_counter() - begun
        print(
            f"{title}: {right} of {count} verdicts right, {named} of {planted} defects named, false alarms on {alarms}; {spent:.0f} s",
            flush=True,
        )


def judged(case: Case, how: str) -> list[str]:
    """What is wrong with the answer, an exception being the worst of it."""
    try:
        return wrong(case, ask(case, how))
    except Exception as error:  # noqa: BLE001 - one animal must not stop the tour
        return [f"error {type(error).__name__}: {str(error)[:200]}"]


if __name__ == "__main__":
    main(sys.argv[1:])
