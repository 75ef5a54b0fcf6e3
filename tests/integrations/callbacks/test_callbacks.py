"""The callbacks of examples/callbacks, in really training frameworks, against the running service."""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest

from scripts.listening import Server
from tests.integrations.callbacks.problems import Problem, Trained, healthy, imbalanced, overfitting, rare
from tests.integrations.callbacks.services import Day, bad_service

FRAMEWORKS = {
    "keras": "keras",
    "lightning": "pytorch_lightning",
    "plain_pytorch": "torch",
    "transformers": "transformers",
}
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),  # those of frameworks are their own affair
    pytest.mark.parametrize("framework", FRAMEWORKS),
]


def train(framework: str, problem: Problem, url: str | None, **options: Any) -> Trained:
    """Train with a framework, watched by the service at `url`."""
    if find_spec(FRAMEWORKS[framework]) is None or find_spec("torch") is None:
        pytest.skip(f"{FRAMEWORKS[framework]} is not installed")
    pytest.importorskip("torch").set_num_threads(1)  # sums in one order, wherever this runs
    trained: Trained = import_module(f"tests.integrations.callbacks.with_{framework}").train(problem, url, **options)
    return trained


def short() -> Problem:
    """A training that takes no time."""
    whole = healthy()
    return Problem(whole.train, whole.held_out, 3, whole.hidden, whole.rate, 128)


@cache
def unwatched(framework: str) -> bytes:
    """The weights of the short training without a callback."""
    return train(framework, short(), None).weights


def test_a_run_that_overfits_is_told_and_stopped(
    framework: str, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the framework's own way, with a picture of it."""
    chart = tmp_path / "charts" / "run.svg"

    trained = train(framework, overfitting(), server.url, every=5, chart=chart, stop=True)

    assert trained.epochs < overfitting().epochs
    said = capsys.readouterr().out
    assert "curve-diagnosis: Overfitting since" in said
    assert "Decision: stop, best at" in said
    assert "overfitting since" in "".join(ET.fromstring(chart.read_bytes()).itertext())  # noqa: S314 - our own
    assert ["run.svg"] == [path.name for path in chart.parent.iterdir()], "nothing half written is left"


def test_a_run_that_overfits_goes_on_unless_it_may_be_stopped(
    framework: str, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told all the same, and once, not with every epoch."""
    trained = train(framework, overfitting(), server.url, every=2, chart=None)

    assert trained.epochs == overfitting().epochs
    assert 1 <= capsys.readouterr().out.count("Overfitting since") <= 4


def test_a_healthy_run_is_not_stopped(
    framework: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its picture is redrawn as it goes."""
    chart, put, drawn = tmp_path / "run.png", Path.replace, set[bytes]()

    def seen(unfinished: Path, target: Path) -> Path:
        drawn.add(unfinished.read_bytes())
        return put(unfinished, target)

    monkeypatch.setattr(Path, "replace", seen)

    trained = train(framework, healthy(), server.url, every=5, chart=chart, stop=True)

    assert trained.epochs == healthy().epochs
    assert 3 == len(drawn), "after epochs 5 and 10, and at the end"
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") and picture.endswith(b"IEND\xaeB`\x82") for picture in drawn)


def test_an_ignored_class_is_named(framework: str, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Nine of ten are of one class, and the model says only that one: an accuracy of 0.9, and worth nothing."""
    trained = train(framework, imbalanced(), server.url, every=5, chart=None, stop=True)

    assert trained.epochs == imbalanced().epochs, "intervene is told, not acted on"
    assert "a class of 10 % of the examples is never found" in capsys.readouterr().out


def test_counts_become_the_metrics_that_tell(framework: str, server: Server) -> None:
    """Precision, recall, F1 and MCC of one class in ten, which is found here, so that nothing is said against it."""
    doctor = train(framework, rare(), server.url, chart=None).doctor

    answer = asked(server, {"history": doctor.history, "context": doctor.known})

    side = {"plain_pytorch": "", "transformers": "eval_"}.get(framework, "val_")
    tp, fp, tn, fn = (doctor.history[f"{side}{count}"]["values"][-1] for count in ("tp", "fp", "tn", "fn"))
    derived = {
        curve["name"].removeprefix("derived/").removeprefix("val_"): curve["last"]
        for curve in answer["curves"]
        if curve["name"].startswith("derived/")
    }
    expected = {
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "mcc": (tp * tn - fp * fn) / ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5,
    }
    assert expected == pytest.approx({name: derived[name] for name in expected}, abs=1e-3)
    assert "class_imbalance" in answer["outcomes"]["clear"]


def test_what_the_framework_knows_is_said(framework: str, server: Server) -> None:
    """So that the answer names numbers of this run."""
    doctor = train(framework, short(), server.url, chart=None, context={"labels": {"owner": "me"}}).doctor

    known = {name: doctor.known.get(name) for name in ("planned_epochs", "steps_per_epoch")}
    assert {"planned_epochs": 3, "steps_per_epoch": 8} == known
    assert 0.001 == pytest.approx(doctor.known["learning_rate"])
    assert "adam" in doctor.known["optimizer"]
    assert 3 == len(doctor.history["learning_rate"]["values"])
    notes = asked(server, {"history": doctor.history, "context": {**doctor.known, **doctor.said}})["source"]["notes"]
    assert not [note for note in notes if "context" in note], "the service knows each word of it"


@pytest.mark.parametrize("day", get_args(Day))
def test_training_is_the_same_without_an_answer(
    framework: str, day: Day, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, with one warning, and two questions at most: after a failure it rests, and asks once more at the end."""
    plain = unwatched(framework)
    threads, asking = threading.active_count(), Counting(monkeypatch)

    with caplog.at_level(logging.WARNING, "curve_diagnosis"), bad_service(day) as service:
        trained = train(framework, short(), service.url, every=1, chart=tmp_path / "run.png", stop=True, key="secret")

    assert threads == threading.active_count(), "no thread is left behind"
    assert plain == trained.weights
    assert 1 == len([record for record in caplog.records if record.name == "curve_diagnosis"])
    assert 2 == asking.questions
    assert [] == list(tmp_path.iterdir())


class Counting:
    """How many questions were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Count from now on."""
        self.questions = 0
        opened = urllib.request.OpenerDirector.open

        def counted(*arguments: Any, **options: Any) -> Any:
            self.questions += 1
            return opened(*arguments, **options)

        monkeypatch.setattr(urllib.request.OpenerDirector, "open", counted)


def asked(server: Server, question: dict[str, Any]) -> dict[str, Any]:
    """The service's answer."""
    with urllib.request.urlopen(f"{server.url}/diagnose", json.dumps(question).encode(), 20) as answer:  # noqa: S310 - our own
        found: dict[str, Any] = json.load(answer)
        return found
