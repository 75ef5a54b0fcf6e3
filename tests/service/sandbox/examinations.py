"""A stand-in for `service.examination`, with which the jail is tested: it loads, trains a little, and tells."""

import importlib
import io
import os
import time
from collections.abc import Callable, Mapping
from typing import Any


class Refused(Exception):
    """The batch does not fit the model."""

    def __init__(self, kind: str, detail: str) -> None:
        """Keep what is told."""
        super().__init__(detail)
        self.kind, self.detail = kind, detail


def rehearse() -> None:
    """Nothing beyond what the warm process tries anyway."""


def examine(
    config: Mapping[str, Any], model: bytes, batch: bytes | None, tell: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Train for `steps`, or do what `do` in the config says."""
    torch: Any = importlib.import_module("torch")
    doing = DOINGS.get(config.get("do", ""))
    if doing is not None:
        return doing(config, tell) or {}
    module = torch.jit.load(io.BytesIO(model), map_location="cpu")
    torch.manual_seed(0)
    inputs, targets = (
        torch.randn(config.get("batch", 5), config.get("inputs", 4)),
        torch.zeros(config.get("batch", 5), dtype=torch.long),
    )
    optimizer = torch.optim.Adam(module.parameters(), 1e-2)
    losses = []
    began = time.perf_counter()
    for step in range(config.get("steps", 3)):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        tell({"step": step, "loss": losses[-1]})
    took = time.perf_counter() - began
    return {"loss": losses, "device": config["device"], "train_s": took, "sent": len(batch or b"")}


def _refuse(config: Mapping[str, Any], tell: Callable[..., None]) -> None:
    raise Refused("shapes_refused", "inputs are (5, 4)\x1b[31m and not (5, 9), says /srv/app/code.py")


def _flood(config: Mapping[str, Any], tell: Callable[..., None]) -> None:
    for number in range(10**6):
        tell({"step": number})


def _raw(config: Mapping[str, Any], tell: Callable[..., None]) -> None:
    for number in range(3, 64):
        try:
            os.write(number, config["raw"].encode())
        except OSError:
            continue
    os._exit(0)


def _endless(config: Mapping[str, Any], tell: Callable[..., None]) -> None:
    os.set_blocking(3, True)
    for number in range(3, 64):
        try:
            os.fstat(number)
        except OSError:
            continue


def _say(config: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    return {"environment": dict(os.environ), "odd": [float("nan"), float("inf"), "a\x00b"]}


def _sleep(config: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    tell({"step": 0})
    time.sleep(config.get("seconds", 60))
    return {"slept": True}


def _large(config: Mapping[str, Any], tell: Callable[..., None]) -> dict[str, Any]:
    return {"large": ["x" * 1000] * config["thousands"]}


def _kill(config: Mapping[str, Any], tell: Callable[..., None]) -> None:
    os.kill(os.getpid(), config["signal"])
    os.abort()


DOINGS: Mapping[str, Callable[..., dict[str, Any] | None]] = {
    "refuse": _refuse,
    "flood": _flood,
    "raw": _raw,
    "say": _say,
    "sleep": _sleep,
    "large": _large,
    "kill": _kill,
}
