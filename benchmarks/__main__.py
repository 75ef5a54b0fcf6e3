"""Cost and verdicts in one run, written to RESULTS.md.

python -m benchmarks
"""

from pathlib import Path

from benchmarks import cost, verdicts

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Benchmarks

Written by `make bench`; every figure is a ratio within one run, or a count over runs that were really trained
(faults/README.md says how, and with what fault). Thresholds were set on the half called `tune`; of `held_out`, plots of
false alarms were looked at once.
"""


def main() -> None:
    """Run everything, print it, and keep it."""
    parts = [
        HEAD,
        "## Cost, two curves, CPU milliseconds, median\n",
        cost.table([cost.cost(*size) for size in cost.SIZES.items()]),
    ]
    for split in ("tune", "held_out"):
        parts += [f"\n## Verdicts on `{split}`\n", verdicts.matrix(split).table()]
    text = "\n".join(parts) + "\n"
    RESULTS.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
