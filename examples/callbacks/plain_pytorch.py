"""A plain PyTorch loop that is watched while it trains. Copy this file beside your script; it needs nothing but torch.

    from plain_pytorch import CurveDiagnosis

    doctor = CurveDiagnosis("http://127.0.0.1:8000", epochs=60, optimizer=optimizer, loader=train_loader, stop=True)
    for epoch in range(60):
        ...
        if doctor.epoch(epoch, loss=loss, val_loss=val_loss, tp=tp, fp=fp, tn=tn, fn=fn):
            break
    doctor.finish()

Under torch.distributed every process calls it alike; the first one asks, and all of them stop together.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import distributed
from torch.optim import Optimizer

# ---- The doctor: standard library only, and the same in every file of this folder, for each is copied alone. ----
PATIENCE = 2.0  # seconds that an answer may take
DRAWING = 5.0  # seconds that a picture may take, of a service that has just answered; its first one takes longest
REST, LONGEST_REST = 30.0, 900.0  # seconds without questions after a failure, doubled by each further one
LARGEST = 2**24  # bytes of an answer
PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}
MAGIC = (b"\x89PNG", b"<?xml", b"<svg")
logger = logging.getLogger("curve_diagnosis")


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A question that is redirected would lose its body, and hand the key to somebody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Take the redirect for the error that it is."""


class Doctor:
    """Keeps the history of a run, asks the service about it, and shows the answer. It never raises while you train."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        every: int = 5,
        chart: str | os.PathLike[str] | None = "diagnosis.png",
        theme: str = "light",
        stop: bool = False,
        context: Mapping[str, Any] | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        """Ask the service at `url` after `every` so many epochs.

        key: of the service; default CURVE_DIAGNOSIS_KEY of the environment.
        chart: where the picture goes, .png or .svg, None for nowhere; in a notebook it is shown instead.
        stop: end the run where the decision is "stop"; else it is only told.
        context, roles: what you know better than the callback (`openapi.yaml` lists it).
        """
        if not url.startswith(("http://", "https://")) or every < 1:
            raise ValueError(f"Expected a url of http or https, and every >= 1; got {url!r} and {every!r}.")
        if chart is not None and Path(chart).suffix not in PICTURES:
            raise ValueError(f"Expected a chart that ends in .png or .svg, or None; got {str(chart)!r}.")
        self.url, self.key = url.rstrip("/"), key or os.environ.get("CURVE_DIAGNOSIS_KEY")
        self.every, self.theme, self.stop = every, theme, stop
        self.chart = None if chart is None else Path(chart)
        self.said, self.roles = dict(context or {}), dict(roles or {})
        self.start()

    def start(self, **known: Any) -> None:
        """Begin a new run, of which the framework has `known` to say; None is not known."""
        self.known = {name: value for name, value in known.items() if value is not None}
        self.history: dict[str, dict[str, Any]] = {}
        self.epochs, self.failures, self.resting_until = 0, 0, 0.0
        self.told: Any = None  # what was told last
        self.shown: Any = None  # the notebook's handle of the picture

    def log(self, at: float, values: Mapping[str, Any], axis: str = "epoch") -> None:
        """Keep numbers of one epoch, or step; what is no number is passed over."""
        for name, value in values.items():
            try:
                number = float(value.detach() if hasattr(value, "detach") else value)
            except (TypeError, ValueError, RuntimeError):
                continue
            series = self.history.setdefault(str(name), {"values": [], "steps": [], "axis": axis})
            series["values"].append(number)
            series["steps"].append(at)

    def epoch_ends(self) -> bool:
        """Ask, where it is time to; True where training should stop."""
        self.epochs += 1
        return self.epochs % self.every == 0 and self.ask()

    def ask(self, *, finished: bool = False) -> bool:
        """Ask about the run so far; whatever goes wrong is told once, and costs no more than a few seconds."""
        if not self.history or (time.monotonic() < self.resting_until and not finished):
            return False
        action, context = "", {**self.known, "finished": finished, **self.said}
        question = {"history": self.history, "context": context, "roles": self.roles}
        try:
            body = json.dumps(question).encode()  # NaN and Infinity are written bare, as the service reads them
            action = self._tell(json.loads(self._answer(body, "application/json", PATIENCE)))
            if self.chart is not None:
                self._show(self._answer(body, PICTURES[self.chart.suffix], DRAWING))
            self.failures, self.resting_until = 0, 0.0
        except Exception as error:  # whatever it is, it is not worth a training run
            self._fail(error)
        return self.stop and action == "stop" and not finished

    def _answer(self, body: bytes, media_type: str, patience: float) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": media_type}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        asked = urllib.request.Request(f"{self.url}/diagnose?theme={self.theme}", body, headers)
        received, end = b"", time.monotonic() + patience
        with urllib.request.build_opener(_StayHere).open(asked, timeout=patience) as answer:
            if answer.headers.get_content_type() != media_type:
                raise ValueError(f"it answers {answer.headers.get_content_type()}, which is no {media_type}")
            while piece := answer.read1(2**16):
                received += piece
                if time.monotonic() > end or len(received) > LARGEST:
                    raise TimeoutError("its answer takes too long")
        return received

    def _tell(self, answer: Mapping[str, Any]) -> str:
        """Print the headline where it is news; other numbers in it are none."""
        decision, findings = answer["decision"], answer["findings"]
        action = str(decision["action"])
        costly = [finding["condition"] for finding in findings if finding["severity"] != "info"]
        news = answer["status"], action, costly[:1]
        if news != self.told:
            print(f"curve-diagnosis: {answer['headline']}", flush=True)
            if action in {"stop", "intervene"}:
                restore, fixes = decision.get("restore"), [fix for finding in findings for fix in finding["fixes"]]
                best = f", best at {restore['axis']} {restore['at']}" if restore else ""
                first = f" Try first: {fixes[0]['advice']}" if fixes else ""
                print(f"  Decision: {action}{best}.{first}", flush=True)
        self.told = news
        return action

    def _show(self, picture: bytes) -> None:
        if self.chart is None or not picture.startswith(MAGIC):
            raise ValueError("it answers a picture that is none")
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if hasattr(shell, "kernel"):  # a notebook; a terminal has none
            from IPython.display import SVG, Image, display

            drawn = SVG(picture) if self.chart.suffix == ".svg" else Image(picture)
            if self.shown is None:
                self.shown = display(drawn, display_id=True)
            else:
                self.shown.update(drawn)
            return
        self.chart.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.chart.with_name(f".{self.chart.name}.{os.getpid()}")
        unfinished.write_bytes(picture)
        unfinished.replace(self.chart)  # nobody sees half a picture

    def _fail(self, error: Exception) -> None:
        """Say once that there is no answer, and ask less and less often."""
        self.failures += 1
        self.resting_until = time.monotonic() + min(REST * 2 ** (self.failures - 1), LONGEST_REST)
        if self.failures == 1:
            said = str(error)
            if isinstance(error, urllib.error.HTTPError):
                try:  # a problem document says what to do
                    said = f"{error.code}: {json.loads(error.fp.read1(2**16))['detail']}"
                except Exception:  # or something else answers there
                    said = f"HTTP status {error.code}"
            logger.warning("curve-diagnosis: no diagnosis from %s (%s); training goes on.", self.url, said)


# ---- The loop. ----
class CurveDiagnosis:
    """What the loop tells once an epoch, and asks whether to stop."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        epochs: int | None = None,
        optimizer: Optimizer | None = None,
        loader: Any = None,
        **options: Any,
    ) -> None:
        """Watch a loop of `epochs` over a DataLoader, with an optimizer; further options are those of Doctor."""
        self.doctor, self.optimizer = Doctor(url, key, **options), optimizer
        group: dict[str, Any] = optimizer.param_groups[0] if optimizer else {}
        self.doctor.start(
            planned_epochs=epochs,
            optimizer=type(optimizer).__name__.lower() if optimizer else None,
            learning_rate=float(group["lr"]) if group else None,
            weight_decay=group.get("weight_decay"),
            batch_size=getattr(loader, "batch_size", None),
            steps_per_epoch=_length(loader),
            train_size=_length(getattr(loader, "dataset", None)),
        )
        self.several = distributed.is_available() and distributed.is_initialized()

    def epoch(self, number: int, **values: Any) -> bool:
        """Keep what epoch `number`, from 0, has brought; True where training should stop."""
        stop = False
        if not self.several or distributed.get_rank() == 0:
            rate = {"learning_rate": self.optimizer.param_groups[0]["lr"]} if self.optimizer else {}
            self.doctor.log(number, {**rate, **values})
            stop = self.doctor.epoch_ends()
        if self.several and self.doctor.stop:
            agreed = [stop]
            distributed.broadcast_object_list(agreed)  # one that stops alone leaves the others waiting
            stop = agreed[0]
        return stop

    def finish(self) -> None:
        """Ask about the whole run."""
        if not self.several or distributed.get_rank() == 0:
            self.doctor.ask(finished=True)


def _length(sized: Any) -> int | None:
    try:
        return len(sized)
    except (NotImplementedError, TypeError):  # a stream has none
        return None
