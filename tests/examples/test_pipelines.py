"""The gate of examples/pipelines, as itself and as each pipeline's file calls it, in front of the running service."""

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from scripts.listening import ROOT, Server, free_port, listening

PIPELINES = ROOT / "examples" / "pipelines"
GATE = PIPELINES / "gate.sh"
OVERFITS = ROOT / "examples" / "logs" / "digits.csv"
GOLDEN = ROOT / "tests" / "golden"
HEALTHY, BROKEN_RUN = GOLDEN / "healthy_fold" / "log.json", GOLDEN / "loss_turns_nan" / "log.json"
KEY = "a-key-that-is-long-enough"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Done = subprocess.CompletedProcess[str]


def run(command: list[str], folder: Path = ROOT, **environment: str) -> Done:
    """Run a command with nothing in its environment but this, and little patience."""
    variables = {"PATH": os.environ["PATH"], "DIAGNOSIS_RETRIES": "0", **environment}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=60)


def gate(url: str, *logs: Path | str, **environment: str) -> Done:
    """Ask the gate itself."""
    return run(["sh", str(GATE), *map(str, logs)], DIAGNOSIS_URL=url, **environment)


@pytest.mark.parametrize(
    ("log", "level", "status"),
    [
        (HEALTHY, "warning", 0),
        (OVERFITS, "warning", 1),
        (OVERFITS, "error", 0),
        (BROKEN_RUN, "warning", 1),
        (BROKEN_RUN, "error", 1),
    ],
    ids=lambda value: value.parent.name if isinstance(value, Path) else str(value),
)
def test_the_gate_opens_and_shuts_as_the_level_says(server: Server, log: Path, level: str, status: int) -> None:
    """0 is fine, 1 is a finding at the level or above; the answer is printed either way."""
    done = gate(server.url, log, DIAGNOSIS_FAIL_ON=level)

    assert (status, "") == (done.returncode, done.stderr)
    assert re.match(r"(HEALTHY|ATTENTION|FAILING) ", done.stdout)


def test_too_little_to_judge_is_neither_fine_nor_a_finding(server: Server) -> None:
    """2, with the answer that says so."""
    done = gate(server.url, GOLDEN / "first_epochs" / "log.json")

    assert (2, True) == (done.returncode, done.stdout.startswith("INCONCLUSIVE"))
    assert "gate.sh: too little data to judge\n" == done.stderr


def test_what_is_no_log_is_told_in_the_words_of_the_service(server: Server, tmp_path: Path) -> None:
    """The problem document goes to the error stream, none of it to the output."""
    picture = tmp_path / "curve.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")

    done = gate(server.url, picture)

    assert (2, "") == (done.returncode, done.stdout)
    assert "/problems/unrecognised-format" in done.stderr
    assert f"{server.url} answered 415" in done.stderr


def test_a_dead_service_does_not_open_the_gate() -> None:
    """Nobody listens there."""
    done = gate(f"http://127.0.0.1:{free_port()}", OVERFITS)

    assert (2, "") == (done.returncode, done.stdout)
    assert "no answer from" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        ([], {}, "which log?"),
        (["no-such.csv"], {}, "no file 'no-such.csv'"),
        ([OVERFITS], {"DIAGNOSIS_FAIL_ON": "info"}, "expected warning or error"),
        ([OVERFITS], {"DIAGNOSIS_FORMAT": "pdf"}, "expected text or markdown"),
    ],
)
def test_a_wrong_call_says_what_is_right(arguments: list[str], environment: dict[str, str], says: str) -> None:
    """Before anything is sent."""
    done = gate("http://127.0.0.1:1", *arguments, **environment)

    assert (2, "") == (done.returncode, done.stdout)
    assert says in done.stderr


def test_odd_names_several_files_and_context_arrive(server: Server, tmp_path: Path) -> None:
    """A name may have blanks, commas and semicolons; two folds are two runs."""
    folds = [shutil.copy(OVERFITS, tmp_path / f"fold {n}; a, b.csv") for n in (1, 2)]

    done = gate(server.url, *folds, DIAGNOSIS_FORMAT="markdown", DIAGNOSIS_CONTEXT='{"labels": {"seed": 1}}')
    refused = gate(server.url, OVERFITS, DIAGNOSIS_CONTEXT='{"num_classes": "ten"}')

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.count("fold ") >= 2
    assert "num_classes" in refused.stderr


def test_the_key_opens_and_is_not_shown(tmp_path: Path) -> None:
    """Without it the gate stays shut; with it, it is in no argument of any process."""
    digest = subprocess.run(["sha256sum"], input=KEY, capture_output=True, text=True, check=True).stdout.split()[0]
    shim = tmp_path / "curl"
    shim.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nexec {shutil.which("curl")} "$@"\n')
    shim.chmod(0o755)
    with listening(tmp_path / "log.txt", API_KEYS=f"ci={digest}", WORKERS="1") as guarded:
        without = gate(guarded.url, HEALTHY)
        with_it = gate(guarded.url, HEALTHY, DIAGNOSIS_KEY=KEY, PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert (2, 0) == (without.returncode, with_it.returncode)
    assert "/problems/unauthorized" in without.stderr
    assert KEY not in (tmp_path / "arguments").read_text()


class Busy(http.server.BaseHTTPRequestHandler):
    """Asks twice to come back, then answers."""

    refusals: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        """503 and 429 with a word when to come back, then 200."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.refusals:
            self.send_response(self.refusals.pop())
            self.send_header("Retry-After", "1")
        else:
            self.send_response(200)
            self.send_header("Diagnosis-Status", "healthy")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"words")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def busy() -> Iterator[str]:
    """The address of a service that is overloaded at first."""
    Busy.refusals[:] = [429, 503]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_busy_service_is_asked_again(busy: str) -> None:
    """When it said; only the answer at the end is printed."""
    done = gate(busy, OVERFITS, DIAGNOSIS_RETRIES="3")

    assert (0, "words") == (done.returncode, done.stdout)


def test_a_service_that_stays_busy_does_not_open_the_gate(busy: str) -> None:
    """One more try than it is refused would have been needed."""
    done = gate(busy, OVERFITS, DIAGNOSIS_RETRIES="1")

    assert (2, "") == (done.returncode, done.stdout)
    assert "answered 429" in done.stderr


def read(name: str) -> Any:
    """A pipeline's file."""
    return yaml.safe_load((PIPELINES / name).read_text(encoding="utf-8"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository as the pipelines expect it: the gate under ci/, and the log of the training that went before."""
    (tmp_path / "ci").mkdir()
    shutil.copy(GATE, tmp_path / "ci")
    shutil.copy(OVERFITS, tmp_path / "metrics.csv")
    return tmp_path


def test_the_github_step_shuts_the_gate_and_writes_the_summary(server: Server, checkout: Path) -> None:
    """Run with the shell that GitHub runs a step with."""
    step = next(step for step in read("github.yaml")["jobs"]["train"]["steps"] if step.get("name") == "Diagnose")
    summary = checkout / "summary.md"

    done = run(
        ["bash", "-e", "-c", step["run"]],
        checkout,
        DIAGNOSIS_URL=server.url,
        DIAGNOSIS_FORMAT=step["env"]["DIAGNOSIS_FORMAT"],
        GITHUB_STEP_SUMMARY=str(summary),
    )

    assert (1, done.stdout) == (done.returncode, summary.read_text(encoding="utf-8"))
    assert done.stdout.startswith("🟡 **Overfitting since epoch 13")


@pytest.mark.parametrize(("log", "status"), [("metrics.csv\n", 1), (f"{HEALTHY}\n", 0), ("$(touch hacked)\n", 2)])
def test_the_github_action_passes_on_what_it_is_given(server: Server, checkout: Path, log: str, status: int) -> None:
    """Its inputs are data, whatever they hold; each is used, and each variable of the step is an input."""
    action = read("action.yml")
    (step,) = action["runs"]["steps"]
    given = {
        "log": log,
        "url": server.url,
        **{name: entry["default"] for name, entry in action["inputs"].items() if "default" in entry},
    }
    used = {name: re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", str(value)) for name, value in step["env"].items()}
    variables = {name: given[m[1]] if m else str(step["env"][name]) for name, m in used.items()}

    done = run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        checkout,
        GITHUB_ACTION_PATH=str(PIPELINES),
        GITHUB_STEP_SUMMARY=str(checkout / "summary.md"),
        **variables,
    )

    assert status == done.returncode, done.stderr
    assert not (checkout / "hacked").exists()
    assert "${{" not in step["run"]
    assert set(action["inputs"]) == {m[1] for m in used.values() if m}


def test_the_gitlab_job_shuts_the_gate_and_keeps_the_answer(server: Server, checkout: Path) -> None:
    """Run with plain sh, as the image has no other."""
    job = read("gitlab.yaml")["diagnose"]

    done = run(["sh", "-e", "-c", "\n".join(job["script"])], checkout, DIAGNOSIS_URL=server.url, **job["variables"])

    (artifact,) = job["artifacts"]["paths"]
    assert (1, done.stdout) == (done.returncode, (checkout / artifact).read_text(encoding="utf-8"))
    assert {"exit_codes": 2} == job["allow_failure"]


def test_the_argo_step_shuts_the_gate_and_keeps_the_answer(server: Server, checkout: Path) -> None:
    """Its command with the files where they are here; every place it uses is one that the template makes."""
    spec = read("argo.yaml")["spec"]
    templates = {template["name"]: template for template in spec["templates"]}
    template = templates["diagnose"]
    container = template["container"]
    (log,) = template["inputs"]["artifacts"]
    (answer,) = template["outputs"]["artifacts"]
    here = {"/gate/": f"{checkout}/ci/", log["path"]: str(checkout / "metrics.csv")}
    here[answer["path"]] = str(checkout / "diagnosis.md")

    def moved(text: str) -> str:
        for there, to in here.items():
            text = text.replace(there, to)
        return text

    variables = {each["name"]: moved(each["value"]) for each in container["env"] if "value" in each}

    done = run([moved(word) for word in container["command"]], checkout, **variables | {"DIAGNOSIS_URL": server.url})

    assert (1, done.stdout) == (done.returncode, (checkout / "diagnosis.md").read_text(encoding="utf-8"))
    assert {step["template"] for group in templates["main"]["steps"] for step in group} == set(templates) - {"main"}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}


def tool(name: str) -> str | None:
    """A tool of the development environment."""
    return shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.mark.skipif(tool("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    """Nor has it of the shell inside of the YAML."""
    (step,) = read("action.yml")["runs"]["steps"]
    for command, text in (("sh", GATE.read_text(encoding="utf-8")), ("bash", step["run"])):
        done = subprocess.run(
            [str(tool("shellcheck")), f"--shell={command}", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stdout)


@pytest.mark.skipif(tool("check-jsonschema") is None, reason="check-jsonschema is not installed")
@pytest.mark.parametrize(
    ("file", "schema"),
    [("github.yaml", "github-workflows"), ("action.yml", "github-actions"), ("gitlab.yaml", "gitlab-ci")],
)
def test_the_files_are_what_their_schemas_want(file: str, schema: str) -> None:
    """The published schemas, as the tool brings them along."""
    command = [str(tool("check-jsonschema")), "--builtin-schema", f"vendor.{schema}", str(PIPELINES / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stdout


def test_the_gate_tells_every_variable_that_it_reads() -> None:
    """In its comment at the top, which is its manual."""
    manual, _, script = GATE.read_text(encoding="utf-8").partition("set -eu")

    assert set(re.findall(r"DIAGNOSIS_[A-Z_]+", manual)) == set(re.findall(r"\bDIAGNOSIS_[A-Z_]+", script))


def test_the_gate_is_a_program() -> None:
    """It can be started as it is, under any locale."""
    assert os.access(GATE, os.X_OK)
    assert GATE.read_bytes().isascii()
