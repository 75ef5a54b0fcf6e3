"""`POST /overfit-check` with a real jail, real models, and whatever else may be sent."""

import http.client
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from diagnosis.examining.check import check
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import all_checks
from schemas.checked import OverfitCheckOut
from scripts.listening import Server
from service import create_app
from service.sandbox import jail as jail_module
from service.sandbox.outcomes import Broken, Busy
from service.settings import Overfit, Settings

ROOT = Path(__file__).parents[2]
CONFIG = {"loss": "cross_entropy", "deadline_s": 10, "device": "cpu"}
ENDLESS_S = 30  # the longest that may be asked for
Ask = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models, and a batch."""
    if find_spec("torch") is None:
        pytest.skip("torch is not installed")
    found = tmp_path_factory.mktemp("models")
    command = [sys.executable, "-m", "tests.service.overfit_models", str(found)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return found


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The application with a jail of its own, which ends with it."""
    app = create_app(Settings(overfit=Overfit(queue=1), body=2 << 20))
    yield app
    app.extensions["jail"].close()


@pytest.fixture
def ask(app: Flask, folder: Path) -> Ask:
    """Send a model by its name, with the batch unless told otherwise."""

    def asked(
        model: str | None = "good", *, batch: bytes | None = b"", accept: str = "*/*", **config: Any
    ) -> TestResponse:
        parts: dict[str, Any] = {"config": json.dumps({**CONFIG, **config})}
        if model is not None:
            parts["model"] = (BytesIO((folder / f"{model}.pt").read_bytes()), "model.pt")
        if batch is not None:
            parts["batch"] = (BytesIO(batch or (folder / "batch.npz").read_bytes()), "batch.npz")
        return app.test_client().post("/overfit-check", data=parts, headers={"Accept": accept})

    return asked


def problem(response: TestResponse) -> tuple[int, str, list[str]]:
    """Its status, its kind, and the places it names."""
    assert "application/problem+json" == response.content_type
    found = json.loads(response.data)
    return response.status_code, found["type"].rpartition("/")[2], [e["pointer"] for e in found.get("errors", [])]


def test_a_sound_model_overfits(ask: Ask) -> None:
    """Every field that is promised is there, and says what happened."""
    response = ask()
    found = response.get_json()

    assert (200, "overfits", "healthy") == (response.status_code, found["verdict"], found["status"])
    assert "healthy" == response.headers["Diagnosis-Status"]
    assert set(OverfitCheckOut.model_fields) == set(found)
    assert found["loss"]["final"] <= found["loss"]["target"] < found["loss"]["initial"]
    assert len(found["curve"]["steps"]) == len(found["curve"]["loss"])
    assert (1604, ["Tensor"], "cpu") == (found["model"]["parameters"], found["model"]["inputs"], found["device"])
    assert {"accuracy": 1.0} == found["metric"]
    named = [f["condition"] for f in found["findings"]]
    outcomes = found["outcomes"]
    assert sorted(all_checks()) == sorted([*named, *outcomes["clear"], *outcomes["skipped"], *outcomes["failed"]])


def test_the_same_question_has_the_same_answer(ask: Ask) -> None:
    """All but the time it took."""
    first, second = ask().get_json(), ask().get_json()

    assert {**first, "timing": None} == {**second, "timing": None}


def test_a_batch_is_made_where_none_is_sent(ask: Ask) -> None:
    """Of the shapes that the config gives."""
    found = ask(batch=None, input_shapes=[[8, 20]], num_classes=4).get_json()

    assert ("overfits", True, 8) == (found["verdict"], found["batch"]["made"], found["batch"]["examples"])


@pytest.mark.parametrize(("model", "condition"), [("softmax", "softmax_before_cross_entropy"), ("dead", "dead_relu")])
def test_a_defect_is_named_with_its_fix(ask: Ask, model: str, condition: str) -> None:
    """200: the check was made; the model cannot be trained."""
    response = ask(model)
    found = response.get_json()

    assert (200, "cannot_overfit", "failing") == (response.status_code, found["verdict"], found["status"])
    assert condition == found["findings"][0]["condition"]
    assert found["findings"][0]["fixes"]
    assert f"/conditions/{condition}" == found["findings"][0]["page"]


def test_text_and_markdown_say_the_same(ask: Ask) -> None:
    """For a terminal, in 80 columns, and for a chat."""
    text, markdown = ask("softmax", accept="text/plain"), ask("softmax", accept="text/markdown")

    assert text.text.startswith("CANNOT OVERFIT  Cannot overfit this batch. A softmax")
    assert max(map(len, text.text.splitlines())) <= 80
    assert "try first  Drop the final softmax" in text.text
    assert markdown.text.startswith("🔴 **Cannot overfit this batch. A softmax")
    assert "[softmax_before_cross_entropy](/conditions/softmax_before_cross_entropy)" in markdown.text
    assert ["failing", "failing"] == [response.headers["Diagnosis-Status"] for response in (text, markdown)]


def test_a_stream_tells_every_look_at_the_loss_and_then_the_answer(ask: Ask) -> None:
    """Lines of JSON, the last of them the answer."""
    response = ask("slow", accept="application/x-ndjson", deadline_s=2)
    *steps, last = (json.loads(line) for line in response.data.splitlines())

    assert (200, "application/x-ndjson") == (response.status_code, response.content_type)
    assert len(steps) > 2
    assert all({"step", "loss"} == set(step) for step in steps)
    assert last["answer"]["verdict"] == "inconclusive"


def test_a_stream_ends_with_the_problem_where_there_is_one(ask: Ask) -> None:
    """Its status line is long gone."""
    response = ask("raising", accept="application/x-ndjson")
    last = json.loads(response.data.splitlines()[-1])

    assert (200, 422) == (response.status_code, last["problem"]["status"])
    assert last["problem"]["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("raising", "The model raised an exception: ValueError: I will not"),
        ("in_place", "The model raised an exception: it changes a tensor in place that its gradient needs as it was."),
    ],
)
def test_what_a_model_raises_is_told_without_the_words_of_what_runs_it(ask: Ask, model: str, says: str) -> None:
    """Its own words, or what to change."""
    found = ask(model).get_json()

    assert ("exception", True) == (found["reason"], found["detail"].startswith(says))


def test_a_model_that_does_not_come_back_is_ended(ask: Ask) -> None:
    """Soon after the deadline that was asked for."""
    begun = time.monotonic()
    response = ask("endless", deadline_s=0.5)

    assert (422, "model-failed", []) == problem(response)
    assert "deadline" == json.loads(response.data)["reason"]
    assert time.monotonic() - begun < 8.0


def test_a_model_that_reaches_for_a_file_is_refused_by_its_jail(ask: Ask) -> None:
    """And the service goes on."""
    found = ask("reading")

    assert found.status_code == 422
    assert b"root:" not in found.data
    assert 200 == ask().status_code


def test_a_state_dict_is_named_and_export_explained(ask: Ask) -> None:
    """Before torch has seen it."""
    response = ask("state_dict")

    assert (422, "not-torchscript") == problem(response)[:2]
    assert "torch.jit.script" in json.loads(response.data)["detail"]


def test_shapes_that_do_not_go_together_are_refused(ask: Ask) -> None:
    """By the model's own forward."""
    assert (422, "shapes-refused") == problem(ask(batch=None, input_shapes=[[8, 21]]))[:2]


def test_a_gpu_that_is_not_there_is_said(ask: Ask, app: Flask) -> None:
    """`auto` would have taken what there is."""
    if app.extensions["jail"].says().startswith("available on cuda"):
        pytest.skip("there is a GPU here")

    assert (422, "invalid", ["/config/device"]) == problem(ask(device="cuda"))


@pytest.mark.parametrize(
    ("config", "places"),
    [
        ({"loss": "hinge"}, ["/config/loss"]),
        ({"lr": 0, "steps": 2.5}, ["/config/lr", "/config/steps"]),
        ({"lr": float("nan")}, ["/config/lr"]),
        ({"lr": 1e-320}, ["/config/lr"]),
        ({"lr": 2e6}, ["/config/lr"]),
        ({"setps": 3}, ["/config/setps"]),
        ({"deadline_s": 31}, ["/config/deadline_s"]),
        ({"input_shapes": [[10_000, 10_000]]}, ["/config/input_shapes"]),
        ({"input_shapes": [[0, 3]]}, ["/config/input_shapes/0/0"]),
        ({"input_dtypes": ["float32"]}, ["/config/input_dtypes"]),
        ({"input_shapes": [[8, 20]], "input_dtypes": ["float31"]}, ["/config/input_dtypes/0"]),
    ],
)
def test_a_config_is_refused_at_its_place(ask: Ask, config: dict[str, Any], places: list[str]) -> None:
    """Every place that is wrong is named."""
    assert (422, "invalid", places) == problem(ask(**config))


def test_what_is_missing_is_said(ask: Ask, app: Flask, folder: Path) -> None:
    """Each part by its name; a batch may be made instead."""
    client = app.test_client()
    model = (folder / "good.pt").read_bytes()

    assert (422, "invalid", ["/batch"]) == problem(ask(batch=None))
    assert (422, "invalid", ["/model"]) == problem(ask(None))
    only = client.post("/overfit-check", data={"model": (BytesIO(model), "m")})
    assert (422, "invalid", ["/config"]) == problem(only)
    assert (415, "unrecognised-format", []) == problem(client.post("/overfit-check", data=model))
    broken = client.post("/overfit-check", data={"config": "{loss}", "model": (BytesIO(model), "m")})
    assert (400, "malformed", ["/config"]) == problem(broken)
    parts = {"config": json.dumps(CONFIG), "model": (BytesIO(model), "m"), "lr": "3"}
    unknown = client.post("/overfit-check", data=parts)
    assert (422, "invalid") == problem(unknown)[:2]
    assert "belongs into the JSON of config" in json.loads(unknown.data)["detail"]


def test_a_parameter_in_the_address_is_refused(app: Flask) -> None:
    """As POST /diagnose refuses one that it does not know; how to train is said in config."""
    response = app.test_client().post("/overfit-check?summary=1", data={"config": json.dumps(CONFIG)})

    assert (422, "invalid", []) == problem(response)
    assert 'no parameter "summary" here' in response.get_data(as_text=True).replace("\\", "")


@pytest.mark.parametrize("batch", [b"\x80\x04pickle", b"PK\x03\x04cut off", "good.pt", "state_dict.pt"])
def test_what_is_no_batch_is_said(ask: Ask, folder: Path, batch: bytes | str) -> None:
    """Before a process is started for it."""
    sent = (folder / batch).read_bytes() if isinstance(batch, str) else batch

    assert (422, "invalid", ["/batch"]) == problem(ask(batch=sent))


@pytest.mark.parametrize("length", [0x80, 0x0280, 0x4B50], ids=["128", "a pickle", "PK"])
def test_a_safetensors_batch_is_taken_whatever_its_length_looks_like(ask: Ask, length: int) -> None:
    """A header of 128 bytes begins with the first byte of a pickle, and what a small batch has."""
    header = {
        "inputs": {"dtype": "F32", "shape": [1, 20], "data_offsets": [0, 80]},
        "targets": {"dtype": "I64", "shape": [1], "data_offsets": [80, 88]},
    }
    text = json.dumps(header, separators=(",", ":")).encode().ljust(length)
    batch = struct.pack("<Q", len(text)) + text + bytes(88)

    assert 200 == ask(batch=batch).status_code


def test_a_model_that_is_too_large_is_refused(app: Flask, folder: Path) -> None:
    """With what to do, in words for models."""
    sent = {"data": bytes(3 << 20), "content_type": "multipart/form-data; boundary=x"}
    response = app.test_client().post("/overfit-check", **sent)

    assert (413, "too-large") == problem(response)[:2]
    assert "narrower model" in json.loads(response.data)["detail"]


def test_no_other_media_type_is_made(ask: Ask) -> None:
    """No picture of it."""
    assert (406, "not-acceptable", []) == problem(ask(accept="image/png"))


def test_as_many_as_may_run_and_the_rest_are_told_when_to_come_back(ask: Ask) -> None:
    """All of them are answered."""
    found: list[TestResponse] = []
    threads = [threading.Thread(target=lambda: found.append(ask("slow", deadline_s=1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refused = [response for response in found if response.status_code != 200]
    assert len(refused) in range(1, 8)
    assert {(429, "busy")} == {problem(response)[:2] for response in refused}
    assert all(int(response.headers["Retry-After"]) >= 1 for response in refused)


class Strange:
    """Facts that contradict each other."""

    @classmethod
    def of(cls, _values: object) -> Examination:
        """Refuse them."""
        return examined(used=7)


def test_facts_that_no_examination_writes_are_no_answer(ask: Ask, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that a model has taken over may write what it likes."""
    monkeypatch.setattr("service.judging.Examination", Strange)
    response = ask()

    assert (422, "model-failed") == problem(response)[:2]
    assert "crash" == json.loads(response.data)["reason"]


def test_without_torch_it_says_which_extra_is_missing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent."""
    monkeypatch.setattr(jail_module.importlib.util, "find_spec", lambda _name: None)  # type: ignore[attr-defined]
    response = client.post("/overfit-check", data=b"anything")

    assert (501, "unavailable", []) == problem(response)
    assert "[overfit]" in json.loads(response.data)["detail"]
    assert client.get("/readyz").get_json()["overfit_check"].startswith("unavailable: torch is not installed")


def test_a_busy_jail_is_a_429(ask: Ask, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the jail says."""

    def busy(*_args: object, **_named: object) -> None:
        raise Busy(7)

    monkeypatch.setattr(app.extensions["jail"], "submit", busy)
    response = ask()

    assert (429, "busy", []) == problem(response)
    assert "7" == response.headers["Retry-After"]


def test_a_broken_jail_is_a_503(ask: Ask, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """And `/diagnose` is not touched by it."""

    def broken(*_args: object, **_named: object) -> None:
        raise Broken("The jail cannot be built here: no seccomp.")

    monkeypatch.setattr(app.extensions["jail"], "submit", broken)
    response = ask()

    assert (503, "unavailable", []) == problem(response)
    assert int(response.headers["Retry-After"]) > 0
    assert 200 == app.test_client().post("/diagnose", json={"history": {"loss": [2.0, 1.0]}}).status_code


def test_a_client_that_hangs_up_ends_its_check(server: Server, folder: Path) -> None:
    """The next one does not wait for it."""
    curl = ["curl", "-sS", "-F", f"batch=@{folder}/batch.npz"]
    config = json.dumps({"loss": "cross_entropy", "deadline_s": ENDLESS_S})
    endless = ["-F", f"model=@{folder}/endless.pt", "-F", f"config={config}"]
    address = f"{server.url}/overfit-check"
    for accept in ("application/json", "application/x-ndjson"):
        for _ in range(4):
            subprocess.run([*curl, *endless, "-m", "0.7", "-H", f"Accept: {accept}", address], check=False)

    good = ["-F", f"model=@{folder}/good.pt", "-F", 'config={"loss":"cross_entropy"}', "-m", "60", address]
    # A busy machine takes a moment to notice that the last one has gone; of the refusals until then curl shows nothing.
    good += ["--fail", "--retry", "10", "--retry-delay", "1"]
    begun = time.monotonic()
    done = subprocess.run([*curl, *good], check=True, capture_output=True, text=True)

    assert "overfits" == json.loads(done.stdout)["verdict"]
    assert time.monotonic() - begun < ENDLESS_S  # one that goes on would hold it for as long


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_a_client_that_closes_its_side_can_read_what_became_of_its_check(
    server: Server, folder: Path, accept: str
) -> None:
    """It looks like one that has gone; a problem says so, which a stream has in its last line."""
    files = {"model": (folder / "endless.pt").read_bytes(), "batch": (folder / "batch.npz").read_bytes()}
    parts = {**files, "config": json.dumps({"loss": "cross_entropy", "deadline_s": ENDLESS_S}).encode()}
    begin = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = b"".join(begin % (name.encode(), value) for name, value in parts.items()) + b"--x--\r\n"
    head = f"POST /overfit-check HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n"
    head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(head.encode() + body)
        client.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        found = json.loads(answer.read().splitlines()[-1])

    assert answer.status == (400 if accept == "application/json" else 200)
    found = found.get("problem", found)
    assert (400, True) == (found["status"], found["type"].endswith("/malformed"))
    assert "keep the connection open" in found["detail"]


def test_the_answer_has_the_shape_described(ask: Ask) -> None:
    """By the models that the contract is made of."""
    schema = OverfitCheckOut.model_json_schema(mode="serialization")
    for model in ("good", "softmax"):
        Draft202012Validator(schema).validate(ask(model).get_json())


def test_a_judged_examination_is_shown_without_a_jail() -> None:
    """The wire needs no torch."""
    found = OverfitCheckOut.from_report(check(examined()), "https://here", queued_ms=1.23456)

    assert ("overfits", 1.235, []) == (found.verdict, found.timing.queued_ms, found.findings)
