"""Train faulty runs again with their first fix applied, and write down whether it helped.

python -m benchmarks.repair [tune|reported|all …] [--limit N …] [--every] [--only CONDITION] [--failures]
"""

from __future__ import annotations

import argparse
import time
from itertools import cycle
from pathlib import Path

from benchmarks.repair import table

RESULTS = Path(__file__).parent / "RESULTS.md"
SIDES = {
    "tune": "of those on which rules and advice were set: each was looked at",
    "reported": "of other tasks, networks, optimisers and seeds: none was looked at for the sake of the advice, but that of "
    "`not_learning`, whose order was set on half of these tasks",
}


def main() -> None:
    """Print a table a side; without `--every` and `--only`, also keep them in RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sides", nargs="*", default=list(SIDES), help="which recorded runs")
    parser.add_argument(
        "--limit", type=int, nargs="+", default=[25], help="runs per condition, a number a side; 0 for all"
    )
    parser.add_argument("--every", action="store_true", help="try every fix of the finding, not only the first")
    parser.add_argument("--only", default="", help="one condition")
    parser.add_argument("--failures", action="store_true", help="name every run that its first fix did not help")
    asked = parser.parse_args()
    began, written = time.process_time(), table.HEAD
    for side, limit in zip(asked.sides, cycle(asked.limit), strict=False):
        tried = table.trials(side, limit=limit, only=asked.only, every=asked.every)
        text = table.every(tried) if asked.every else table.text(tried)
        most = f"At most {limit} runs a condition" if limit else "All runs"
        written += f"\n## On `{side}`\n\n{most}, {SIDES.get(side, 'of the corpus')}.\n\n{text}\n"
        print(text)
        if asked.failures:
            print(*table.failures(tried), sep="\n")
    if not asked.every and not asked.only:
        RESULTS.write_text(written)
    print(f"\n{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
