"""torch, imported and used once before anything is forked: what it imports late, a jailed process could not.

One thread only: OpenMP's pool does not survive a fork, and a child that meets its remains waits for ever. A build for
CUDA trains nothing here, for going backward wakes the driver; a child does, and tells what it had to import.

An examination may have a function `rehearse()` beside it, which uses all that it will need.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.sandbox.child import Examine


class NotWarm(RuntimeError):
    """torch came up in a state that cannot be forked."""


def warm(examination: str) -> Examine:
    """Import torch and the examination `module:function`, and use what may be imported late."""
    warnings.simplefilter("ignore")
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    module, _, name = examination.partition(":")
    found = importlib.import_module(module)
    use = (lambda: train("cpu"), getattr(found, "rehearse", bool))
    for work in use:
        if torch.version.cuda is None:
            work()
        else:
            learn(work)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if torch.get_num_threads() != 1 or threads != 1:
        raise NotWarm(f"torch has started {threads} threads, and cannot be forked")
    examine: Examine = getattr(found, name)
    return examine


@functools.cache
def example() -> bytes:
    """A small model of many layers, as somebody would send it; it is made once, for that reads source code."""
    torch: Any = importlib.import_module("torch")
    nn = torch.nn
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(144, 10))
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Sequential(*layers)), file)
    return file.getvalue()


def learn(work: Callable[[], object]) -> None:
    """Do `work` in a child, and import here what was imported there."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            before = set(sys.modules)
            work()
            with os.fdopen(writer, "w", encoding="utf-8") as told:
                told.write("\n".join(name for name in sys.modules if name not in before))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as names:
        found = names.read().split("\n")
    os.waitpid(pid, 0)
    for name in found:
        with contextlib.suppress(Exception):  # some modules are made, not imported
            importlib.import_module(name)


def train(device: str) -> None:
    """Load and train a small model with all losses and optimizers."""
    torch: Any = importlib.import_module("torch")
    functional = torch.nn.functional
    model = torch.jit.load(io.BytesIO(example()), map_location=device)
    inputs = torch.randn(4, 3, 8, 8, device=device)
    labels = torch.zeros(4, dtype=torch.long, device=device)
    for make in (torch.optim.Adam, torch.optim.SGD):
        optimizer = make(model.parameters(), 1e-3)
        for _ in range(3):
            optimizer.zero_grad()
            outputs = model(inputs)
            losses = [functional.cross_entropy(outputs, labels)]
            losses += [functional.nll_loss(outputs.log_softmax(1), labels)]
            for other in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy_with_logits"):
                losses.append(getattr(functional, other)(outputs, torch.zeros_like(outputs)))
            sum(losses).backward()
            optimizer.step()
    functional.one_hot(labels, 10)
    torch.jit.freeze(model.eval())


def gpus() -> int:
    """How many GPUs there may be, found without waking a driver: that would spoil every fork."""
    torch = importlib.import_module("torch")
    if torch.version.cuda is None:
        return 0
    nodes = len([path for path in Path("/dev").glob("nvidia[0-9]*") if path.name[6:].isdigit()])
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return nodes if visible is None else min(nodes, len([name for name in visible.split(",") if name.strip()]))
