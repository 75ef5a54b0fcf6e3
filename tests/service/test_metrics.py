"""What is counted, in one process and over several."""

import http.client
import importlib.util
import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from scripts.listening import Server, listening
from service import create_app
from service.routes.overfit_check import _events
from service.sandbox.outcomes import Broken, Event, Progress

OVERFITS = {
    "history": {"loss": [1 / (1 + k) for k in range(60)], "val_loss": [1.2 / (1 + k) + k * k / 900 for k in range(60)]}
}


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels, as Prometheus would read it."""
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(text: str, name: str, **labels: str) -> float:
    """The sum over the samples that have these labels."""
    wanted = frozenset(labels.items())
    return sum(found for (sample, having), found in read(text).items() if sample == name and wanted <= having)


def test_requests_findings_and_points_are_counted() -> None:
    """By route, by condition, by status."""
    client: FlaskClient = create_app().test_client()
    answer = client.post("/diagnose", json=OVERFITS).get_json()
    client.post("/diagnose", data=b"\0")
    client.get("/nowhere/of/a/client")

    text = client.get("/metrics").text

    assert 1 == value(text, "curve_diagnosis_requests_total", route="/diagnose", status="200", method="POST")
    assert 1 == value(text, "curve_diagnosis_requests_total", route="/diagnose", status="415")
    assert 1 == value(text, "curve_diagnosis_requests_total", route="-", status="404")
    assert 120 == value(text, "curve_diagnosis_points_total")
    assert 1 == value(text, "curve_diagnosis_diagnoses_total", status=answer["status"])
    found = {finding["condition"] for finding in answer["findings"]}
    assert found
    assert [1] * len(found) == [value(text, "curve_diagnosis_findings_total", condition=name) for name in found]
    assert "of/a/client" not in text


def test_a_client_cannot_make_up_labels() -> None:
    """Else each stranger would cost memory for ever."""
    client = create_app().test_client()
    before = read(client.get("/metrics").text).keys()
    for k in range(20):
        client.open(f"/{k}", method=f"M{k}")
        client.get(f"/conditions/{k}")

    new = [
        sample for sample in read(client.get("/metrics").text).keys() - before if sample[0].endswith("requests_total")
    ]
    assert {"/metrics", "-", "/conditions/<name>"} == {dict(labels)["route"] for _, labels in new}
    assert len(new) == 3


def test_what_works_is_a_gauge_and_what_nobody_installed_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is woken at night wants to know of a jail that is down, not of a service that has none."""
    client = create_app().test_client()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else object())
    without = client.get("/metrics").text
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())  # and none was started
    down = client.get("/metrics").text

    assert "overfit_check" not in without
    assert (1, 0) == tuple(value(down, "curve_diagnosis_ready", part=part) for part in ("disk", "overfit_check"))


def test_a_check_that_ended_with_the_jail_is_counted_as_lost() -> None:
    """It has no other outcome: whoever sent it asks again."""

    def ends() -> Iterator[Event]:
        yield Progress({"step": 1, "loss": 0.5})
        raise Broken("the jail ended")

    app = create_app()
    with app.app_context(), pytest.raises(Broken):
        list(_events(ends()))

    assert 1 == value(app.test_client().get("/metrics").text, "curve_diagnosis_checks_total", outcome="lost")


def ask(server: Server, path: str, body: bytes | None = None) -> str:
    """Ask on a connection of its own, so that either worker may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request("POST" if body else "GET", path, body)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_workers_are_added_up_and_one_that_is_killed_takes_nothing_away(tmp_path: Path) -> None:
    """The one that follows it counts on; and nothing is left when the service ends."""
    folder = tmp_path / "counted"
    folder.mkdir()
    with listening(tmp_path / "log", WORKERS="2", PROMETHEUS_MULTIPROC_DIR=str(folder)) as server:
        for _ in range(12):
            ask(server, "/diagnose", json.dumps(OVERFITS).encode())
        before = value(ask(server, "/metrics"), "curve_diagnosis_diagnoses_total")
        workers = [int(pid) for pid in re.findall(r"with pid: (\d+)", (tmp_path / "log").read_text(encoding="utf-8"))]
        os.kill(workers[0], signal.SIGKILL)
        time.sleep(2)
        for _ in range(12):
            ask(server, "/diagnose", json.dumps(OVERFITS).encode())
        text = ask(server, "/metrics")

    assert (12, 24) == (before, value(text, "curve_diagnosis_diagnoses_total"))
    assert 1 == value(text, "curve_diagnosis_build_info")
    assert not folder.exists()


def test_what_the_server_refuses_is_counted(server: Server) -> None:
    """Over all workers; where a request line cannot be read, neither address nor method can be told."""
    refused = {
        b"junk\r\n\r\n": "400",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n": "431",
        b"GET / HTTP/1.1\r\nHost:": "408",
    }

    def counted() -> dict[str, float]:
        text = ask(server, "/metrics")
        name = "curve_diagnosis_requests_total"
        return {status: value(text, name, route="-", method="other", status=status) for status in refused.values()}

    before = counted()
    for sent in refused:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
            client.sendall(sent)
            assert client.recv(65536)

    assert {status: times + 1 for status, times in before.items()} == counted()


def test_what_the_jail_may_end_with_is_counted_from_the_start() -> None:
    """An increase from nothing at all is none to Prometheus, and the alert on kills would miss the first."""
    found = read(create_app().test_client().get("/metrics").text)

    for reason in ("deadline", "memory", "crash", "forbidden"):
        assert found[("curve_diagnosis_checks_total", frozenset({("outcome", reason)}))] == 0.0
