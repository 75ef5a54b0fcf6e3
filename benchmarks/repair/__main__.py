"""Train faulty runs again with their first fix applied, and write down whether it helped.

python -m benchmarks.repair [tune|held_out|reported|all] [--limit N] [--every] [--only CONDITION]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.repair import table

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Print the table; without `--every` and `--only`, also keep it in RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", nargs="?", default="tune", help="which recorded runs")
    parser.add_argument("--limit", type=int, default=25, help="runs per condition; 0 for all")
    parser.add_argument("--every", action="store_true", help="try every fix of the finding, not only the first")
    parser.add_argument("--only", default="", help="one condition")
    parser.add_argument("--failures", action="store_true", help="name every run that its first fix did not help")
    asked = parser.parse_args()
    began = time.process_time()
    tried = table.trials(asked.side, limit=asked.limit, only=asked.only, every=asked.every)
    text = table.every(tried) if asked.every else table.text(tried)
    print(text)
    if asked.failures:
        print(*table.failures(tried), sep="\n")
    if not asked.every and not asked.only:
        RESULTS.write_text(f"{table.HEAD}\n## On `{asked.side}`\n\n{text}\n")
    print(f"\n{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
