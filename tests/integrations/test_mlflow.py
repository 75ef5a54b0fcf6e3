"""examples/mlflow in front of a real tracking server, which has an environment of its own (`make test-integrations`)."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scripts.listening import ROOT, Server, free_port, wait_until_answered

MLFLOW = ROOT / ".venv-mlflow" / "bin" / "mlflow"
SCRIPT = ROOT / "examples" / "mlflow" / "diagnose_run.py"
PATIENCE = 180  # seconds until it listens: it makes its tables first
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MLFLOW.exists(), reason="MLflow is not installed (make .venv-mlflow/.installed)"),
]
Tags = dict[str, str]


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server with a database of its own."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    url = f"http://127.0.0.1:{port}"
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    command = [str(MLFLOW), "server", *store, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "PATH": f"{MLFLOW.parent}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment.pop("PYTHONPATH", None)
    with (
        (folder / "log.txt").open("wb") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            wait_until_answered(f"{url}/health", process, PATIENCE)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def call(tracking: str, method: str, body: object = None) -> Any:
    """Call MLflow's REST API, not by the script's own code."""
    data = None if body is None else json.dumps(body).encode()
    url = f"{tracking}/api/2.0/mlflow/{method}"
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def logged(
    tracking: str, experiment: str, metrics: Mapping[str, list[Any]], *, stepped: bool = True, **params: object
) -> str:
    """A run with these curves, as a training would have logged it; its id."""
    run = call(tracking, "runs/create", {"experiment_id": experiment, "start_time": 1})["run"]["info"]["run_id"]
    points = [
        {"key": name, "value": value, "timestamp": 1000 + step, "step": step if stepped else 0}
        for name, values in metrics.items()
        for step, value in enumerate(values)
    ]
    texts = [{"key": name, "value": str(value)} for name, value in params.items()]
    call(tracking, "runs/log-batch", {"run_id": run, "metrics": points, "params": texts, "tags": []})
    call(tracking, "runs/update", {"run_id": run, "status": "FINISHED", "end_time": 2})
    return str(run)


def tags(tracking: str, run: str) -> Tags:
    """What the server shows beside a run, of ours."""
    found = call(tracking, f"runs/get?run_id={run}")["run"]["data"].get("tags", ())
    return {tag["key"]: tag["value"] for tag in found if tag["key"].startswith("diagnosis.")}


def diagnosed(tracking: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script as its reader would, by a Python that sees no packages."""
    environment = {"MLFLOW_TRACKING_URI": tracking, "DIAGNOSIS_URL": url}
    command = [sys.executable, "-S", "-I", str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def digits() -> dict[str, list[float]]:
    """The curves of a real run that overfits."""
    with (ROOT / "examples" / "logs" / "digits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}


@pytest.fixture
def experiment(tracking: str, request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name and the id of an experiment for one test."""
    name = request.node.name
    return name, str(call(tracking, "experiments/create", {"name": name})["experiment_id"])


def test_the_tags_of_a_run_say_what_the_service_says(
    tracking: str, server: Server, digits: dict[str, list[float]], experiment: tuple[str, str]
) -> None:
    """And a metric of the machine is no curve; a parameter with a number reaches the diagnosis, another does no harm."""
    run = logged(tracking, experiment[1], {**digits, "system/cpu": [3, 2, 1]}, lr=0.005, epochs="many")

    done = diagnosed(tracking, server.url, run)

    assert (0, "") == (done.returncode, done.stderr)
    assert "Overfitting since epoch 13" in done.stdout
    found = tags(tracking, run)
    assert ("attention", "overfitting", "stop") == (
        found["diagnosis.status"],
        found["diagnosis.findings"],
        found["diagnosis.action"],
    )
    assert found["diagnosis.first_fix"].startswith("Use the checkpoint of epoch 13")
    assert 32 == len(found["diagnosis.id"])


def test_a_run_that_is_mended_loses_its_old_finding(
    tracking: str, server: Server, experiment: tuple[str, str], digits: dict[str, list[float]]
) -> None:
    """Asked again after more was logged, the tags are those of today."""
    run = logged(tracking, experiment[1], {"loss": digits["loss"][:3]})
    diagnosed(tracking, server.url, run)
    before = tags(tracking, run)
    points = [
        {"key": "loss", "value": v, "timestamp": 2000 + s, "step": s} for s, v in enumerate(digits["loss"]) if s > 2
    ]
    call(tracking, "runs/log-batch", {"run_id": run, "metrics": points, "params": [], "tags": []})

    diagnosed(tracking, server.url, run)

    after = tags(tracking, run)
    assert "inconclusive" == before["diagnosis.status"] != after["diagnosis.status"]
    assert before.keys() == after.keys()


def test_every_run_of_an_experiment_is_diagnosed(
    tracking: str, server: Server, digits: dict[str, list[float]], experiment: tuple[str, str]
) -> None:
    """One without metrics is told, and keeps no other from its tags; NaN and Infinity arrive as what they are."""
    name, number = experiment
    overfits = logged(tracking, number, digits)
    broken = logged(tracking, number, {"loss": [2.3, 2.0, 1.7, "NaN", "NaN", "NaN"], "lr": [0.1] * 6})
    infinite = logged(tracking, number, {"loss": [2.3, 2.0, 1.7, "Infinity", "Infinity", "Infinity"]})
    empty = logged(tracking, number, {})

    done = diagnosed(tracking, server.url, "--experiment", name)

    assert (1, f"{empty}: it has logged no metric\n") == (done.returncode, done.stderr)
    assert "attention" == tags(tracking, overfits)["diagnosis.status"]
    for run in (broken, infinite):
        assert ("failing", "non_finite") == (
            tags(tracking, run)["diagnosis.status"],
            tags(tracking, run)["diagnosis.findings"],
        )
    assert {} == tags(tracking, empty)


def test_histories_come_whole_over_several_pages_and_without_steps(
    tracking: str, digits: dict[str, list[float]], experiment: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pages of seven values, two runs, and a run that forgot `step=`."""
    name, number = experiment
    runs = [logged(tracking, number, digits, stepped=stepped) for stepped in (True, False, True, True, True)]
    script = loaded()
    for setting, value in {"TRACKING": tracking, "PAGE": 7, "RUNS": 2}.items():
        monkeypatch.setattr(script, setting, value)

    assert {"values": digits["loss"], "steps": list(range(len(digits["loss"])))} == script.history_of(runs[0], "loss")
    assert {"values": digits["loss"]} == script.history_of(runs[1], "loss")
    assert set(runs) == set(script.runs_of(name))


def test_a_run_of_the_client_is_diagnosed_while_it_is_trained(tracking: str, server: Server) -> None:
    """MLflow's own library logs it; what is unfinished is not judged as if it were over."""
    program = """if True:
        import os, mlflow
        mlflow.set_experiment("client")
        run = mlflow.start_run()
        mlflow.log_param("epochs", 60)
        for epoch in range(20):
            mlflow.log_metrics({"train/loss": 2.3 * 0.93**epoch, "val/loss": 2.4 * 0.94**epoch}, step=epoch)
        print(run.info.run_id, flush=True)
        os._exit(0)  # not ended: the run stays open
    """
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "MLFLOW_TRACKING_URI": tracking}
    client = subprocess.run(
        [str(MLFLOW.with_name("python")), "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    run = client.stdout.split()[-1]

    done = diagnosed(tracking, server.url, run)

    assert 0 == done.returncode, done.stderr
    assert ("healthy", "continue") == (
        tags(tracking, run)["diagnosis.status"],
        tags(tracking, run)["diagnosis.action"],
    )


def test_what_goes_wrong_is_said_in_a_line(tracking: str, server: Server) -> None:
    """No traceback: which server, and what it said."""
    dead = f"http://127.0.0.1:{free_port()}"
    unknown = diagnosed(tracking, server.url, "0" * 32)
    nobody = diagnosed(dead, server.url, "--experiment", "x")
    lost = diagnosed(tracking, server.url, "--experiment", "no such")

    assert (1, 1, 1) == (unknown.returncode, nobody.returncode, lost.returncode)
    assert "answered 404: Run with id=000" in unknown.stderr
    assert f"{dead}/api/2.0/mlflow/experiments/get-by-name gives no answer" in nobody.stderr
    assert "no such" in lost.stderr
    assert 1 == max(len(done.stderr.splitlines()) for done in (unknown, nobody, lost))


def loaded() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("diagnose_run", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_long_headline_is_cut_between_characters() -> None:
    """A tag holds 5000 bytes."""
    assert "é" * 2500 == loaded()._cut("é" * 2501)
    assert 4998 == len(loaded()._cut("€" * 2000).encode())
