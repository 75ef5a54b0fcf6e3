"""What the clients of the storm send: good questions of every form, and what a stranger may send instead."""

from __future__ import annotations

import gzip
import json
import pickle
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

MIB = 1 << 20
BOUNDARY = "storm"


@dataclass(frozen=True)
class Sent:
    """One request; `statuses` are those it may be answered with, beside 503 and 429 while the service is busy."""

    name: str
    body: bytes
    path: str = "/diagnose"
    headers: dict[str, str] = field(default_factory=dict)
    statuses: frozenset[int] = frozenset({200})


def curves(points: int, seed: int = 0) -> dict[str, list[float]]:
    """Two losses, of which one turns."""
    chance = random.Random(seed)
    loss = [2 / (1 + 9 * at / points) + chance.gauss(0, 0.01) for at in range(points)]
    val = [value + max(0.0, 3 * at / points - 1) ** 2 / 4 + chance.gauss(0, 0.02) for at, value in enumerate(loss)]
    return {"loss": loss, "val_loss": val}


def table(points: int) -> bytes:
    """The same as a table."""
    both = curves(points)
    rows = (f"{at},{a},{b}\n" for at, (a, b) in enumerate(zip(both["loss"], both["val_loss"], strict=True)))
    return ("epoch,loss,val_loss\n" + "".join(rows)).encode()


def form(parts: dict[str, bytes]) -> bytes:
    """A multipart body."""
    pieces = (
        b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n'
        % (BOUNDARY.encode(), name.rpartition(":")[2].encode(), name.encode(), body)
        for name, body in parts.items()
    )
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def good() -> Iterator[Sent]:
    """Questions that deserve their answer."""
    small = json.dumps({"history": curves(100), "context": {"learning_rate": 0.001}}).encode()
    runs = {"runs": [{"name": f"fold-{n}", "history": curves(60, n)} for n in range(5)]}
    multipart = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    yield Sent("two curves of 100", small)
    yield Sent("the same, gzip", gzip.compress(small), headers={"Content-Encoding": "gzip"})
    yield Sent("the same, as text", small, headers={"Accept": "text/plain"})
    yield Sent("the same, as markdown", small, headers={"Accept": "text/markdown"})
    yield Sent("the same, as SVG", small, headers={"Accept": "image/svg+xml"})
    yield Sent("five runs", json.dumps(runs).encode())
    yield Sent("a table", table(300))
    yield Sent("two files", form({"a.csv:file": table(50), "b.csv:file": table(60)}), headers=multipart)
    yield Sent("empty lines", b"epoch 1 loss 2\nepoch 2 loss 1\n" + b"\n" * 100_000)
    yield Sent("two curves of 50 000", json.dumps({"history": curves(50_000)}).encode())


def checks() -> Iterator[Sent]:
    """Models to examine, where torch is installed: one that is sound, one that never comes back, one that reads files."""
    if find_spec("torch") is None:
        return
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "tests.service.overfit_models", folder], check=True)
        batch = (Path(folder) / "batch.npz").read_bytes()
        for name, status in (("good", 200), ("endless", 422), ("reading", 422)):
            config = {"loss": "cross_entropy", "deadline_s": 10 if status == 200 else 1, "device": "cpu"}
            parts = {"model": (Path(folder) / f"{name}.pt").read_bytes(), "batch": batch}
            yield Sent(
                f"a model: {name}",
                form({**parts, "config": json.dumps(config).encode()}),
                "/overfit-check",
                {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
                frozenset({status}),
            )


def broken() -> Iterator[Sent]:
    """What is no question."""
    refused = frozenset({400, 413, 415, 422})
    several = {"runs": [{"history": {f"m{n}": [1, 2] for n in range(100)}} for _ in range(201)]}
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    packed = {"Content-Encoding": "gzip"}
    multipart = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    yield Sent("random bytes", random.Random(1).randbytes(5000), statuses=refused)
    yield Sent("half a JSON", b'{"history": {"loss": [1, 2', statuses=refused)
    yield Sent("deep JSON", b"[" * 100_000, statuses=refused)
    yield Sent("a pickle", pickle.dumps({"history": 1}), statuses=refused)
    yield Sent("a bomb", bomb, headers=packed, statuses=refused)
    yield Sent("half a gzip", gzip.compress(table(50))[:-9], headers=packed, statuses=refused)
    yield Sent("a form without an end", form({"file": table(9)})[:-20], headers=multipart, statuses=refused)
    yield Sent("too many points", b'{"history": {"loss": [' + b"1," * 2_000_001 + b"1]}}", statuses=refused)
    yield Sent("too many series", json.dumps(several).encode(), statuses=refused)
    yield Sent("a form for a model", form({"model": b"PK\3\4", "config": b"{}"}), "/overfit-check", multipart, refused)
