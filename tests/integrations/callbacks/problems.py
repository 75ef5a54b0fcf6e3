"""Small problems of two classes, made of random numbers: to learn by heart, to learn, to give up on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WIDTH = 16  # features of an example


@dataclass(frozen=True, eq=False)
class Problem:
    """Examples to train on and to validate on, and how to train: inputs are (n, WIDTH), labels (n,) of 0 and 1."""

    train: tuple[Any, Any]
    held_out: tuple[Any, Any]
    epochs: int
    hidden: int
    rate: float
    batch: int = 32


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training leaves behind: the weights, how many epochs it took, and who watched."""

    weights: bytes
    epochs: int
    doctor: Any


def _drawn(generator: Any, n: int, direction: Any) -> tuple[Any, Any]:
    inputs = generator.standard_normal((n, WIDTH)).astype(np.float32)
    return inputs, (np.sign(inputs) @ direction > 0).astype(np.int64)  # signs: what tokens can tell too


def overfitting() -> Problem:
    """Few examples, a third of them wrongly labelled, and a model with room for all of them."""
    generator = np.random.default_rng(1)
    direction = generator.standard_normal(WIDTH)
    inputs, labels = _drawn(generator, 96, direction)
    wrong = generator.random(96) < 0.33
    return Problem((inputs, np.where(wrong, 1 - labels, labels)), _drawn(generator, 400, direction), 40, 128, 0.01)


def healthy() -> Problem:
    """Many examples with right labels, and a model that takes its time."""
    generator = np.random.default_rng(2)
    direction = generator.standard_normal(WIDTH)
    return Problem(_drawn(generator, 1024, direction), _drawn(generator, 512, direction), 12, 16, 0.001)


def imbalanced() -> Problem:
    """One example in ten is of the second class, and nothing tells which: the first one is always the best guess."""
    generator = np.random.default_rng(3)

    def drawn(n: int) -> tuple[Any, Any]:
        inputs, _ = _drawn(generator, n, np.ones(WIDTH))
        return inputs, (np.arange(n) % 10 == 0).astype(np.int64)

    return Problem(drawn(1000), drawn(500), 20, 4, 0.003)


def rare() -> Problem:
    """One example in ten is of the second class, and the inputs tell which."""
    generator = np.random.default_rng(4)
    direction = generator.standard_normal(WIDTH)

    def drawn(n: int) -> tuple[Any, Any]:
        inputs, _ = _drawn(generator, n, direction)
        scores = np.sign(inputs) @ direction
        return inputs, (scores > np.quantile(scores, 0.9)).astype(np.int64)

    return Problem(drawn(1000), drawn(500), 15, 32, 0.01)


def counts(said: Any, labels: Any) -> dict[str, int]:
    """True and false positives and negatives, of answers and labels of 0 and 1, both (n,)."""
    said, labels = np.asarray(said).astype(bool), np.asarray(labels).astype(bool)
    return {
        "tp": int((said & labels).sum()),
        "fp": int((said & ~labels).sum()),
        "tn": int((~said & ~labels).sum()),
        "fn": int((~said & labels).sum()),
    }
