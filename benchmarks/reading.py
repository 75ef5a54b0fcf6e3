"""How fast a log of 10 MB is read, beside pandas or orjson on the same bytes in the same run, and with how much memory.

python -m benchmarks.reading
"""

from __future__ import annotations

import importlib
import io
import json
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import orjson

from diagnosis import read
from diagnosis.reader import read_logs
from diagnosis.reading.document import Document
from schemas.limits import Limits
from service.containers import decoded
from service.question.parts import Part

SIZE = 10_000_000  # bytes
TIMES = 3


@dataclass(frozen=True)
class Cost:
    """Megabytes a second and multiples of the file's size in memory; `yardstick` megabytes a second of the other."""

    format: str
    speed: float
    memory: float
    other: str
    yardstick: float | None


def rows() -> Iterator[tuple[int, float, float, float]]:
    """Step, two losses and a rate, without end."""
    draw = np.random.default_rng(0)
    step = 0
    while True:
        for a, b in draw.random((10_000, 2)).tolist():
            yield step, a + 0.1, b + 0.1, 1e-3
            step += 1


def lines(line: Callable[[int, float, float, float], str], head: str = "") -> bytes:
    """A head and as many lines as fit."""
    parts, size = [head], len(head)
    for row in rows():
        parts.append(line(*row))
        size += len(parts[-1])
        if size >= SIZE:
            return "".join(parts).encode()
    raise AssertionError


def history() -> bytes:
    """A JSON object of lists."""
    count = SIZE // 60
    values = np.random.default_rng(0).random((3, count))
    return json.dumps(
        {name: row.tolist() for name, row in zip(("loss", "val_loss", "lr"), values, strict=True)}
    ).encode()


def trainer_state() -> bytes:
    """One JSON object around its records."""
    body = lines(lambda s, a, _b, r: f'{{"epoch": {s / 1000:.2f}, "step": {s}, "loss": {a}, "learning_rate": {r}}},')
    return b'{"global_step": 1, "log_history": [' + body.rstrip(b",") + b"]}"


def event_file() -> bytes:
    """Framed records as TensorBoard writes them; the checks are not looked at."""
    parts = [b"\x18\0\0\0\0\0\0\0\0\0\0\0", b"\x09\0\0\0\0\0\0\xf0?\x1a\x0dbrain.Event:2", b"\0\0\0\0"]
    size = 0
    for step, a, _, _ in rows():
        value = b"\x0a\x0aloss/train\x15" + struct.pack("<f", a)
        summary = b"\x0a" + bytes([len(value)]) + value
        varint = bytes([step & 127 | 128, step >> 7 & 127 | 128, step >> 14 & 127])
        event = b"\x09\0\0\0\0\0\0\xf0?\x10" + varint + b"\x2a" + bytes([len(summary)]) + summary
        parts.append(struct.pack("<QI", len(event), 0) + event + b"\0\0\0\0")
        size += len(parts[-1])
        if size >= SIZE:
            return b"".join(parts)
    raise AssertionError


MAKERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "CSV, numbers": ("pandas", lambda: lines(lambda s, a, b, r: f"{s},{a},{b},{r}\n", "step,loss,val_loss,lr\n")),
    "CSV, sparse (Lightning)": ("pandas", lambda: lines(lambda s, a, b, _r: f"0,{s},,{a}\n0,{s},{b},\n", "epoch,step,train_loss,val_loss\n")),
    "CSV, with a text column": ("pandas", lambda: lines(lambda s, a, b, _r: f"{s},{a},{b},2024-01-01 10:00:00\n", "step,loss,val_loss,when\n")),
    "JSON, lists (Keras)": ("orjson", history),
    "JSON, records (trainer_state)": ("orjson", trainer_state),
    "JSON Lines": ("orjson", lambda: lines(lambda s, a, b, r: f'{{"step": {s}, "loss": {a}, "val_loss": {b}, "lr": {r}}}\n')),
    "text, OpenMMLab": ("", lambda: lines(lambda s, a, b, r: f"2021-02-18 22:27:28,779 - mmdet - INFO - Epoch [1][{s}/30000]\tlr: {r:.3e}, eta: 1 day, 4:57:15, time: 0.289, loss_cls: {a:.4f}, loss: {b:.4f}\n")),
    "text, any": ("", lambda: lines(lambda s, a, b, r: f"Step {s}: loss: {a:.6f}, val loss: {b:.6f}, lr={r}\n")),
    "event file": ("", event_file),
}  # fmt: skip


def cost(name: str) -> Cost:
    """Measure one format; the best of a few times, the memory on top of the bytes themselves."""
    other, make = MAKERS[name]
    body = make()
    speed = len(body) / 1e6 / min(_seconds(lambda: _read(body)) for _ in range(TIMES))
    tracemalloc.start()
    _read(body)
    memory = tracemalloc.get_traced_memory()[1] / len(body)
    tracemalloc.stop()
    yardstick = None
    if other == "orjson":
        pieces = body.splitlines() if name == "JSON Lines" else [body]
        yardstick = (
            len(body) / 1e6 / min(_seconds(lambda: [orjson.loads(piece) for piece in pieces]) for _ in range(TIMES))
        )
    elif other:
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            pass
        else:
            yardstick = len(body) / 1e6 / min(_seconds(lambda: pandas.read_csv(io.BytesIO(body))) for _ in range(TIMES))
    return Cost(name, speed, memory, other, yardstick)


def _read(body: bytes) -> None:
    part = decoded(Part("file", body), Limits())
    if part.body is body:
        read(body)
    else:
        read_logs(Document.of(part.body))


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def table() -> str:
    """Every format as markdown."""
    found = [cost(name) for name in MAKERS]
    head = ["| 10 MB of | MB/s | memory, times the file | beside | this / that |", "| --- | --- | --- | --- | --- |"]
    body = []
    for one in found:
        ratio = f"{one.speed / one.yardstick:.2f}" if one.yardstick else "–"
        shown = (
            f"{one.other} {one.yardstick:.0f} MB/s" if one.yardstick else one.other and f"{one.other} (not installed)"
        )
        body.append(f"| {one.format} | {one.speed:.0f} | {one.memory:.1f} | {shown or '–'} | {ratio} |")
    return "\n".join([*head, *body])


if __name__ == "__main__":
    print(table())
