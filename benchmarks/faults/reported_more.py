"""Reported side: more of the conditions that a good part of the planned runs did not show."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings_reported import pick, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def slow_start() -> Iterator[Recipe]:
    """Parity by many roads, and sigmoid stacks of three or four layers."""
    for i in range(36):
        rng = random.Random(f"r-more-slow_start-{i}")
        if i % 4:
            base = pick(
                rng,
                ("parity",),
                model=rng.choice(("mlp", "mlp", "residual")),
                depth=rng.choice((1, 2)),
                activation="relu",
            )
            base |= {
                "width": rng.choice((24, 32, 48)),
                "train_size": rng.choice((1200, 1600)),
                "epochs": rng.choice((25, 35)),
            }
            base["optimizer"] = rng.choice(("nesterov", "nesterov", "sgd", "rmsprop", "adagrad"))
            base["lr"] = {"nesterov": 0.012, "sgd": 0.12, "rmsprop": 3e-4, "adagrad": 0.01}[
                base["optimizer"]
            ] * rng.choice((0.8, 1.2))
        else:
            base = pick(
                rng, ("spirals", "bumps"), model="mlp", activation="sigmoid", depth=3, width=32, optimizer="nesterov"
            )
            base |= {"lr": rng.choice((0.03, 0.05)), "epochs": 45}
        base |= {"weight_decay": 0.0, "schedule": ("constant",)}
        yield Recipe(name=f"r-more-slow_start-{i}", fault="slow_start", **base)


def slow_convergence() -> Iterator[Recipe]:
    """Rates twenty-five to a hundred times too small."""
    for i in range(48):
        rng = random.Random(f"r-more-slow_convergence-{i}")
        names = ("blobs", "lorenz-series", "bumps", "spirals", "friedman3", "hastie", "swiss", "blobs-linear")
        base = pick(rng, (names[i % len(names)],), schedule=("constant",), model="mlp", depth=2)
        base["model"] = "linear" if i % len(names) == 7 else base["model"]
        base["lr"] *= rng.choice((0.01, 0.02, 0.04)) * (5 if base["optimizer"] == "adagrad" else 1)
        yield Recipe(name=f"r-more-slow_convergence-{i}", fault="slow_convergence", **base)


def metric_loss_mismatch() -> Iterator[Recipe]:
    """Large models on three hundred examples."""
    for i in range(20):
        rng = random.Random(f"r-more-mismatch-{i}")
        base = pick(
            rng,
            ("hastie", "shapes", "blobs", "checkerboard"),
            weight_decay=0.0,
            schedule=("constant",),
            logs=("accuracy",),
        )
        base |= {
            "model": rng.choice(("mlp", "residual", "normalised")),
            "width": 128,
            "optimizer": "nadam",
            "lr": 3e-3,
            "batch": 32,
        }
        base |= {"train_size": rng.choice((200, 300)), "epochs": 50}
        yield Recipe(name=f"r-more-mismatch-{i}", fault="metric_loss_mismatch", **base)


def validation_better() -> Iterator[Recipe]:
    """Dropout and augmentation once more."""
    for i in range(16):
        rng = random.Random(f"r-more-validation_better-{i}")
        base = pick(rng, ("blobs", "bumps", "friedman3", "hastie"), epochs=20)
        base |= (
            {"augment": rng.choice((0.6, 1.0))}
            if i % 2
            else {"dropout": 0.5, "model": "normalised", "width": 48, "depth": 2}
        )
        yield Recipe(name=f"r-more-validation_better-{i}", fault="validation_better_than_training", **base)


def noisy_validation() -> Iterator[Recipe]:
    """A dozen examples to validate on, drawn afresh."""
    for i in range(12):
        rng = random.Random(f"r-more-noisy_validation-{i}")
        base = pick(
            rng,
            ("hastie", "bumps", "swiss", "blobs", "friedman2", "shapes"),
            val_size=rng.choice((8, 12)),
            resample_val=True,
        )
        base["epochs"] = max(25, base["epochs"]) if base["task"] != "shapes" else 16
        yield Recipe(name=f"r-more-noisy_validation-{i}", fault="noisy_validation", **base)


def loss_spike() -> Iterator[Recipe]:
    """One corrupt batch each, in runs that would be healthy."""
    for i in range(16):
        rng = random.Random(f"r-more-loss_spike-{i}")
        base = pick(rng, ("swiss", "bumps", "hastie", "spirals", "pairs"), schedule=("cosine",))
        steps = steps_of(base)
        base |= {"bad_batches": (rng.randrange(steps // 4, steps * 3 // 4),), "bad_scale": rng.choice((15.0, 30.0))}
        base["log_every"] = rng.choice((0, 1, 3))
        yield Recipe(name=f"r-more-loss_spike-{i}", fault="loss_spike", **base)


def exploding() -> Iterator[Recipe]:
    """Descent past the edge, on linear models."""
    rates = {"autoregression": (0.3, 0.33), "friedman3": (1.1, 1.25), "lorenz": (0.11, 0.118), "swiss": (1.15,)}
    for i in range(14):
        rng = random.Random(f"r-more-exploding-{i}")
        names = ("autoregression-linear", "friedman3", "lorenz-series", "swiss")
        base = pick(
            rng, names, model="linear", optimizer="sgd", schedule=("constant",), epochs=2, batch=24, train_size=900
        )
        base |= {
            "log_every": 1,
            "lr": rng.choice(rates[base["task"]]),
            "logs": ("grad_norm", "lr"),
            "weight_decay": 0.0,
        }
        yield Recipe(name=f"r-more-exploding-{i}", fault="exploding_gradients", story="descent", **base)


FAMILIES = (
    slow_start,
    slow_convergence,
    metric_loss_mismatch,
    validation_better,
    noisy_validation,
    loss_spike,
    exploding,
)
