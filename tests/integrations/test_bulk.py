"""examples/bulk over real curves: with Ray Data, in an environment of its own, and with processes, the same rows."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from scripts.listening import ROOT, Server

PYTHON = ROOT / ".venv-bulk" / "bin" / "python"
SCRIPT = "examples/bulk/diagnose_all.py"
COUNT = 200
pytestmark = pytest.mark.integration
Rows = dict[str, dict[str, Any]]


def started(python: str, *arguments: str) -> str:
    """Run a program from the top of the repository; what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(
        [python, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def rows(folder: Path) -> Rows:
    """What was written, by the names of the runs."""
    lines = [line for path in folder.iterdir() for line in path.read_text(encoding="utf-8").splitlines()]
    found = {row["name"]: row for row in map(json.loads, lines)}
    assert len(lines) == len(found)
    return found


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some hundred varied runs, and one line that is none."""
    folder = tmp_path_factory.mktemp("bulk") / "histories"
    started(sys.executable, "-m", "examples.bulk.histories", str(folder), str(COUNT))
    (folder / "broken.jsonl").write_text('{"name": "broken", "history": {"loss": ["high", "low"]}}\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(histories: Path) -> Rows:
    """The rows of processes."""
    out = histories.parent / "processes"
    printed = started(sys.executable, SCRIPT, str(histories), str(out), "--no-ray")
    assert printed.startswith(f"{COUNT + 1} runs in ")
    assert "runs/s" in printed
    return rows(out)


def test_each_run_has_a_row_and_a_broken_line_says_why(found: Rows) -> None:
    """It costs no other run its diagnosis."""
    assert COUNT + 1 == len(found)
    assert ("unreadable", True) == (
        found["broken"]["status"],
        found["broken"]["headline"].startswith("/history/loss/0"),
    )
    assert {"healthy", "attention", "failing", "inconclusive", "unreadable"} == {r["status"] for r in found.values()}
    assert len({row["condition"] for row in found.values()}) > 10


def test_a_row_says_what_the_service_says(found: Rows, histories: Path, server: Server) -> None:
    """The engine is one, whoever asks it."""
    first = next(iter(sorted(histories.glob("runs-*.jsonl")))).read_text(encoding="utf-8").splitlines()[:20]
    for line in first:
        url = f"{server.url}/diagnose"
        with urllib.request.urlopen(url, line.encode(), timeout=30) as answer:  # noqa: S310 - our own address
            report = json.load(answer)
        row = found[json.loads(line)["name"]]
        told = (report["status"], report["headline"], next((f["condition"] for f in report["findings"]), None))
        assert told == (row["status"], row["headline"], row["condition"])


@pytest.mark.skipif(not PYTHON.exists(), reason="Ray is not installed (make .venv-bulk/.installed)")
def test_ray_data_writes_the_same_rows(found: Rows, histories: Path) -> None:
    """Only their order and the files they lie in are Ray's."""
    out = histories.parent / "ray"

    printed = started(str(PYTHON), SCRIPT, str(histories), str(out))

    assert f"{COUNT + 1} runs in " in printed
    assert found == rows(out)


def test_a_folder_that_holds_something_is_not_written_into(histories: Path) -> None:
    """Old rows and new ones would be one table."""
    command = [sys.executable, SCRIPT, str(histories), str(histories), "--no-ray"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert 2 == done.returncode
    assert "is not empty" in done.stderr
