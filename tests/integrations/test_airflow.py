"""examples/pipelines/airflow_dag.py read and run by the real Airflow, which has an environment of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.listening import ROOT, Server, free_port

PYTHON = ROOT / ".venv-pipelines" / "bin" / "python"
PIPELINES = ROOT / "examples" / "pipelines"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not PYTHON.exists(), reason="Airflow is not installed (make .venv-pipelines/.installed)"),
]
# What a worker of Airflow does with a task, without its database: templates filled in, the command run, its exit judged.
PROGRAM = """
import runpy, sys
from airflow.sdk.exceptions import AirflowSkipException

folder, host, port = sys.argv[1:]
read = runpy.run_path("airflow_dag.py")
assert [task.task_id for task in read["dag"].topological_sort()] == ["train", "diagnose", "publish"]
task = read["diagnose"]
task.bash_command = task.bash_command.replace("/data/", folder + "/")
context = {"run_id": "1", "conn": {"curve_diagnosis": {"host": host, "port": port, "password": None}}}
task.render_template_fields(context)
task.env["DIAGNOSIS_RETRIES"] = "0"
try:
    task.execute(context)
    print("went on")
except AirflowSkipException:
    print("skipped")
except Exception as error:
    print("failed:", error)
"""


def executed(folder: Path, log: Path, port: int) -> str:
    """What becomes of the task where the training before it left this log."""
    (folder / "1").mkdir()
    shutil.copy(log, folder / "1" / "metrics.csv")
    environment = {"AIRFLOW_HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        [str(PYTHON), "-c", PROGRAM, str(folder), "127.0.0.1", str(port)],
        cwd=PIPELINES,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("log", "becomes"),
    [
        ("tests/golden/healthy_fold/log.json", "went on"),
        ("examples/logs/digits.csv", "failed: Bash command failed. The command returned a non-zero exit code 1."),
        ("tests/golden/first_epochs/log.json", "skipped"),
    ],
)
def test_the_task_goes_on_fails_or_is_skipped_as_the_gate_says(
    server: Server, tmp_path: Path, log: str, becomes: str
) -> None:
    """Fine, a finding, and too little to judge."""
    assert becomes == executed(tmp_path, ROOT / log, server.port)


def test_the_task_is_skipped_where_the_service_is_away(tmp_path: Path) -> None:
    """What follows is not run, and the training does not count as failed."""
    assert "skipped" == executed(tmp_path, ROOT / "examples/logs/digits.csv", free_port())
