"""Write what each reader makes of its logs, beside them; `--force` overwrites what was approved before.

`make golden` runs it, `make golden ARGS=--force` approves what has changed.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from diagnosis import Run, read

READERS = Path(__file__).parents[1] / "tests" / "readers"
LOGS = ("csv", "json", "jsonl", "tsv", "txt", "log")
ENDING = ".run.json"


def logs() -> list[Path]:
    """Every log that stands in the folder of its reader."""
    found = (path for path in sorted(READERS.glob("*/*")) if path.suffix[1:] in LOGS)
    return [path for path in found if not path.name.endswith(ENDING)]


def golden_of(log: Path) -> Path:
    """Where the reading of a log is kept."""
    return log.with_name(log.stem + ENDING)


def reading(log: Path) -> str:
    """What was read, as text: names, roles, positions, values, notes; numbers that JSON lacks as words."""
    return json.dumps([_shown(run) for run in read(log.read_bytes(), log.name)], indent=1, ensure_ascii=False) + "\n"


def _shown(run: Run) -> dict[str, object]:
    curves = [
        {
            "name": curve.name,
            "role": curve.role,
            "metric": curve.metric,
            "axis": curve.axis,
            "direction": curve.direction,
            "steps": _line(curve.steps.tolist()),
            "values": _line(curve.values.tolist()),
        }
        for curve in run.curves
    ]
    source = run.source
    return {
        "name": run.name,
        "format": source.format,
        "ignored": list(source.ignored),
        "notes": list(source.notes),
        "curves": curves,
    }


def _line(values: list[float]) -> str:
    """Numbers on one line, so that a diff shows one curve a line."""
    return " ".join(f"{value:.10g}" if math.isfinite(value) else str(value) for value in values)


def main() -> None:
    """Write the readings that are missing, or with `--force` all."""
    for log in logs():
        path = golden_of(log)
        if not path.exists() or "--force" in sys.argv:
            path.write_text(reading(log))
        elif path.read_text() != reading(log):
            print(f"{path.relative_to(READERS.parent)} differs: --force approves the new reading")


if __name__ == "__main__":
    main()
