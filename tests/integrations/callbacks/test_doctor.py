"""What the part that all callbacks share does by itself."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from scripts.listening import Server
from tests.integrations.callbacks.example import example
from tests.integrations.callbacks.services import bad_service

pytestmark = pytest.mark.integration


@pytest.fixture
def copied() -> Any:
    """The file as a user has it."""
    pytest.importorskip("torch")
    return example("plain_pytorch")


def filled(doctor: Any) -> Any:
    """A doctor with something to ask about."""
    for epoch in range(12):
        doctor.log(epoch, {"loss": 1 / (epoch + 1), "val_loss": float("nan") if epoch == 11 else 1.0, "note": "odd"})
    return doctor


def test_a_notebook_shows_one_picture_that_is_redrawn(
    copied: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place, and no file is written."""
    pictures: list[tuple[str, bytes]] = []

    def display(drawn: bytes, *, display_id: bool) -> SimpleNamespace:
        pictures.append(("shown" if display_id else "", drawn))
        return SimpleNamespace(update=lambda again: pictures.append(("redrawn", again)))

    notebook, shown = ModuleType("IPython"), ModuleType("IPython.display")
    notebook.__dict__["get_ipython"] = lambda: SimpleNamespace(kernel=object())
    shown.__dict__.update(display=display, Image=bytes, SVG=bytes)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    doctor = filled(copied.Doctor(server.url, chart=tmp_path / "run.png"))

    doctor.ask()
    doctor.ask(finished=True)

    assert ["shown", "redrawn"] == [how for how, _ in pictures]
    assert all(picture.startswith(b"\x89PNG") for _, picture in pictures)
    assert [] == list(tmp_path.iterdir())


def test_the_key_is_sent_and_not_carried_elsewhere(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the argument, else from the environment; a redirect is not followed."""
    monkeypatch.setenv("CURVE_DIAGNOSIS_KEY", "of the environment")
    with bad_service("redirecting") as service:
        filled(copied.Doctor(service.url, "given", chart=None)).ask()
        filled(copied.Doctor(service.url, chart=None)).ask()

    assert ["Bearer given", "Bearer of the environment"] == service.keys


def test_after_a_failure_it_rests_longer_and_longer(copied: Any) -> None:
    """Half a minute, a minute, two …; but the end of a run is worth a question."""
    with bad_service("failing") as service:
        doctor = filled(copied.Doctor(service.url, chart=None))
        for _ in range(5):
            doctor.ask()
        assert 1 == len(service.keys)
        first = doctor.resting_until
        doctor.ask(finished=True)

    assert 2 == len(service.keys)
    assert 20 < doctor.resting_until - first < 60


def test_what_the_service_says_against_the_question_is_told(
    copied: Any, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Its problem document names what to mend."""
    with caplog.at_level(logging.WARNING, "curve_diagnosis"):
        filled(copied.Doctor(server.url, context={"num_classes": -1})).ask()

    assert "422: /context/num_classes" in caplog.text


def test_a_picture_that_cannot_be_written_does_not_keep_a_run_from_stopping(
    copied: Any, server: Server, tmp_path: Path
) -> None:
    """The decision came before it."""
    (tmp_path / "file").touch()
    doctor = copied.Doctor(server.url, chart=tmp_path / "file" / "run.png", stop=True)
    for epoch in range(40):
        doctor.log(epoch, {"loss": 2 * 0.9**epoch, "val_loss": 1 + abs(epoch - 10) / 20})

    assert doctor.ask()
    assert 1 == doctor.failures


@pytest.mark.parametrize("wrong", [{"url": "ftp://x"}, {"every": 0}, {"chart": "run.gif"}])
def test_a_mistake_in_an_option_is_told_before_training(copied: Any, wrong: dict[str, Any]) -> None:
    """Where it can still be mended."""
    with pytest.raises(ValueError, match="Expected"):
        copied.Doctor(**wrong)
