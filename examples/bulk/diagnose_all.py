"""Diagnose the histories of a whole tracking server: the engine as a pure function, over as many cores as there are.

    python examples/bulk/diagnose_all.py HISTORIES OUT            # with Ray Data, on this machine or on a cluster
    python examples/bulk/diagnose_all.py HISTORIES OUT --no-ray   # with processes of this machine, without Ray

HISTORIES is a folder of JSON Lines (`*.jsonl`), a run a line, as `POST /diagnose` takes it:
`{"name": "…", "history": {"loss": […], "val_loss": […]}, "context": {…}}`. OUT is a folder of JSON Lines with a row a run.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from diagnosis import Report, diagnose
from diagnosis.errors import DiagnosisError
from schemas.limits import Limits
from schemas.question import question, read_document

Row: TypeAlias = dict[str, str | float | None]

LIMITS = Limits()
AT_ONCE = 64  # runs that one process takes at a time: a second of work, so that handing over costs nothing
UNREADABLE = "unreadable"
COLUMNS = ("name", "status", "condition", "severity", "confidence", "axis", "since", "action", "params", "headline")


def judged(line: str) -> Row:
    """What is said of one run; a line that cannot be read gets a row that says why, and harms no other."""
    name = None
    try:
        document = json.loads(line)
        if not isinstance(document, dict) or "history" not in document:
            return unreadable(None, 'Expected one run a line: {"name": "…", "history": {…}, "context": {…}}.')
        name = str(document["name"]) if "name" in document else None
        asked, _ = read_document(document, LIMITS)
        return row(diagnose(question(asked, many=False).runs[0]))
    except ValidationError as error:
        first = error.errors()[0]
        return unreadable(name, f"/{'/'.join(map(str, first['loc']))}: {first['msg']}")
    except (DiagnosisError, ValueError, RecursionError) as error:
        return unreadable(name, str(error))


def unreadable(name: str | None, why: str) -> Row:
    """The row of a run that could not be judged."""
    return {**dict.fromkeys(COLUMNS), "name": name, "status": UNREADABLE, "headline": why}


def row(report: Report) -> Row:
    """The status of a run, its main finding and what to try first."""
    found = next(iter(report.findings), None)
    fix = next(iter(found.fixes), None) if found else None
    since = found.finding.since if found else None
    return {
        "name": report.name,
        "status": report.status,
        "condition": found.condition if found else None,
        "severity": found.severity if found else None,
        "confidence": round(found.confidence, 3) if found else None,
        "axis": since.axis if since else None,
        "since": since.at if since else None,
        "action": fix.action if fix else None,
        "params": json.dumps(dict(fix.params)) if fix else None,
        "headline": report.headline,
    }


def with_ray(histories: Path, out: Path) -> None:
    """Let Ray Data read, judge and write; it has a process a core, here or on every machine of a cluster."""
    import ray  # noqa: PLC0415 - those who go without need not have it

    ray.init(log_to_driver=False, include_dashboard=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    lines = ray.data.read_text(str(histories), file_extensions=["jsonl"])
    # As many blocks as there are cores four times over: the last ones end at about the same time.
    lines = lines.repartition(4 * int(ray.cluster_resources()["CPU"]))
    lines.map_batches(_batch, batch_size=AT_ONCE).write_json(str(out))


def _batch(batch: dict[str, Iterable[str]]) -> dict[str, list[str | float | None]]:
    """Many lines in, as many rows out, column by column, as Ray Data wants it."""
    rows = [judged(line) for line in batch["text"]]
    return {column: [row[column] for row in rows] for column in COLUMNS}


def with_processes(histories: Path, out: Path) -> None:
    """The same without Ray: a process a core."""
    lines = (line for path in sorted(histories.glob("*.jsonl")) for line in path.open(encoding="utf-8"))
    with ProcessPoolExecutor() as pool, (out / "rows.jsonl").open("w", encoding="utf-8") as file:
        for found in pool.map(judged, lines, chunksize=AT_ONCE):
            file.write(json.dumps(found) + "\n")


def rows(out: Path) -> Iterator[Row]:
    """Everything that was written."""
    for path in sorted(out.glob("*.json*")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def summary(found: list[Row], seconds: float, cores: int) -> Iterator[str]:
    """How many runs suffer from what, and how quickly that was told."""
    yield f"{len(found)} runs in {seconds:.1f} s: {len(found) / seconds:.0f} runs/s, {len(found) / seconds / cores:.0f} a core"
    yield ""
    for title, column in (("status", "status"), ("main finding", "condition"), ("try first", "action")):
        yield f"{title:<32} {'runs':>7}  share"
        for value, count in Counter(each[column] for each in found).most_common():
            yield f"  {value or '–':<30} {count:>7}  {count / len(found):5.1%}"
        yield ""


def main() -> None:
    """Judge them all, then count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("histories", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-ray", action="store_true", help="use processes of this machine alone")
    asked = parser.parse_args()
    if not any(asked.histories.glob("*.jsonl")):
        parser.error(f"there is no *.jsonl in {asked.histories}")
    asked.out.mkdir(parents=True, exist_ok=True)
    if any(asked.out.iterdir()):
        parser.error(f"{asked.out} is not empty: name a new folder")

    began = time.perf_counter()
    (with_processes if asked.no_ray else with_ray)(asked.histories, asked.out)
    seconds = time.perf_counter() - began

    print("\n".join(summary(list(rows(asked.out)), seconds, len(os.sched_getaffinity(0)))))


if __name__ == "__main__":
    main()
