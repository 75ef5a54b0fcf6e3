"""More of what goes wrong inside a model: a rare class, recurrent gradients, a wrong head, a part that is not trained."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from settings import pick

if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS = (
    ("accuracy", "counts"), ("accuracy", "precision", "recall"), ("accuracy", "f1"), ("accuracy", "mcc"), ("accuracy", "recall", "f1"),
)  # fmt: skip


def imbalance() -> Iterator[Recipe]:
    """One class from three in ten down to one in a hundred, hard or easy to tell: named never, seldom, or well."""
    for i in range(36):
        rng = random.Random(f"imbalance-{i}")
        rare = (0.3, 0.15, 0.1, 0.06, 0.03, 0.015)[i % 6]
        base = pick(rng, ("moons",), task=rng.choice(("moons", "circles", "imbalanced", "breast_cancer")), rare=rare)
        base |= {
            "logs": rng.choice(METRICS),
            "width": rng.choice((4, 16)),
            "model": rng.choice(("linear", "mlp", "mlp")),
        }
        base |= {"optimizer": rng.choice(("adam", "momentum")), "epochs": rng.choice((15, 30, 50))}
        base["lr"] = {"adam": 2e-3, "momentum": 0.01}[base["optimizer"]]
        base |= (
            {"train_size": 220, "val_size": 110}
            if base["task"] == "breast_cancer"
            else {"train_size": 1500, "val_size": 800}
        )
        base["weight_decay"] = rng.choice((0.0, 0.01, 0.05))
        yield Recipe(name=f"imbalance-{rare}-{i}", fault="class_imbalance", story=f"one class {rare:.0%}", **base)


def recurrent() -> Iterator[Recipe]:
    """Plain recurrent nets with large weights or a high rate, whose gradient bursts; and the same, clipped."""
    for i in range(26):
        rng = random.Random(f"recurrent-{i}")
        base = pick(
            rng, ("waves", "grammar-gru", "markov-gru"), model="rnn", logs=("lr", "grad_norm"), weight_decay=0.0
        )
        base |= {"optimizer": "sgd", "lr": rng.choice((0.3, 1.0)), "batch": 16, "epochs": rng.choice((5, 8))}
        base |= {"log_every": rng.choice((0, 1, 5)), "train_size": 1500}
        clipped = i % 3 == 2
        if clipped:
            base |= {"clip": rng.choice((0.5, 1.0)), "init": rng.choice((1.0, 1.5)), "lr": 0.3}
        else:
            base |= {
                "lr_bumps": ((rng.randrange(150, 300), 400, rng.choice((10.0, 30.0, 100.0))),),
                "init": rng.choice((1.5, 2.0)),
            }
        fault, story = ("healthy", "clipped") if clipped else ("exploding_gradients", "recurrent")
        yield Recipe(name=f"recurrent-{story}-{i}", fault=fault, story=story, **base)


def wrong_head() -> Iterator[Recipe]:
    """A ReLU, or a second softmax, between the last layer and a loss that wants plain logits."""
    for i in range(18):
        rng = random.Random(f"wrong_head-{i}")
        head = ("relu", "softmax", "relu")[i % 3]
        base = pick(rng, ("digits-mlp", "digits-cnn", "classes", "rings", "waves"), head=head, label_smoothing=0.0)
        fault = "underfitting" if head == "softmax" else "not_learning"
        yield Recipe(name=f"wrong_head-{head}-{i}", fault=fault, story=f"{head} before the loss", **base)


def detached() -> Iterator[Recipe]:
    """All but the last layer never trained: a random projection and a linear model on it."""
    for i in range(14):
        rng = random.Random(f"detached-{i}")
        base = pick(rng, ("digits-mlp", "rings", "classes", "sines", "markov-gru", "autoencoder"), frozen="body")
        base |= {"width": rng.choice((8, 16)), "lr": 2 * base["lr"]}
        yield Recipe(name=f"detached-{i}", fault="underfitting", story="detached", **base)


def groups() -> Iterator[Recipe]:
    """Folds and seeds: calm, with one broken, spread, of mixed outcome; and sweeps of the rate, which are no folds."""
    for group in range(24):
        rng = random.Random(f"groups-{group}")
        way = ("calm", "outlier", "mixed", "spread", "sweep", "calm")[group % 6]
        base = pick(rng, ("digits-mlp", "classes", "rings", "friedman", "moons"), epochs=40, schedule=("cosine",))
        if way == "mixed":  # three units cannot always close a ring
            base = pick(rng, ("moons",), task="circles", width=3, epochs=40, optimizer="adam", lr=5e-3)
        if way == "spread":  # a handful of examples each
            base |= {"train_size": 50, "batch": 16, "epochs": 30}
        odd = rng.randrange(4)
        for member in range(4):
            changes: dict[str, Any] = {
                "seed": 3000 + 10 * group + member,
                "data_seed": group + 5 * member,
            }  # one source
            if way == "outlier" and member == odd:
                changes |= {"label_noise": 0.5} if base["task"] != "friedman" else {"shuffled_labels": True}
            if way == "sweep":
                changes |= {
                    "seed": 3000 + 10 * group,
                    "data_seed": group,
                    "lr": base["lr"] * (0.01, 0.1, 1.0, 10.0)[member],
                }
            fault = (
                "healthy"
                if way in ("calm", "outlier") and member != odd
                else {"sweep": "slow_convergence"}.get(way, "underfitting")
            )
            fault = "healthy" if way == "sweep" and member > 1 else fault
            name = f"groups-{way}-{group}"
            yield Recipe(name=f"{name}-{member}", fault=fault, story=way, group=name, **(base | changes))


FAMILIES = (imbalance, recurrent, wrong_head, detached, groups)
