"""How the service is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from diagnosis.identity import VERSION
from schemas.wire import Answer


class Index(Answer):
    """What can be asked here."""

    name: str = "curve-diagnosis"
    version: str = VERSION
    ask: str = "POST /diagnose with a training log as the body, POST /overfit-check with a model; /openapi.yaml has the details"
    addresses: list[str] = Field(description="The addresses that answer GET.")


class Alive(Answer):
    """The process lives."""

    status: Literal["alive"] = "alive"
    version: str = VERSION


class Ready(Answer):
    """The service can answer."""

    status: Literal["ready"] = "ready"
    version: str = VERSION
    conditions: int = Field(description="How many can be named.")
    formats: int = Field(description="How many are read.")
    overfit_check: str = Field(description="`available on` a device, or `unavailable:` and why.")
