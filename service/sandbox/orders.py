"""What the warm process is told when it is started; the environment of the service stays outside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Orders:
    """`memory` is in bytes; `examination` is `module:function`; `device` is `auto` or `cpu`."""

    examination: str
    at_once: int
    queue: int
    memory: int
    device: str = "auto"
    unjailed: bool = False

    def to_text(self) -> str:
        """Write them."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Orders:
        """Read them."""
        return cls(**json.loads(text))
