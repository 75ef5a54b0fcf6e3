"""Runs that learn nothing, too slowly, too late, or are stopped too early or too late."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings import CHEAP, pick

if TYPE_CHECKING:
    from collections.abc import Iterator


def not_learning() -> Iterator[Recipe]:
    """Nothing is ever learnt: random labels, frozen weights, no rate, dead or zero units."""
    for i in range(28):
        rng = random.Random(f"not_learning-{i}")
        way = ("labels", "frozen", "rate", "dead", "zeros", "saturated", "linear_circles")[i % 7]
        base = pick(rng, CHEAP)
        if way == "labels":
            base = pick(
                rng,
                ("digits-mlp", "classes", "rings"),
                shuffled_labels=True,
                weight_decay=0.1,
                width=8,
                optimizer="adamw",
            )
            base |= {"train_size": 1000 if base["task"] == "digits" else 3000, "lr": 5e-4, "weight_decay": 1.0}
        elif way == "frozen":
            base["frozen"] = "all"
        elif way == "rate":
            base["lr"] = rng.choice((0.0, 1e-9, 1e-8))
        elif way == "dead":
            base = pick(rng, ("digits-mlp", "classes", "friedman", "moons"), dead=True, logs=("lr", "grad_norm"))
        elif way == "zeros":
            base = pick(rng, ("digits-mlp", "classes", "rings", "moons"), init=0.0, depth=3)
        elif way == "saturated":
            base = pick(rng, ("digits-mlp", "classes"), activation="sigmoid", depth=rng.choice((6, 8)), width=32)
            base |= {"optimizer": "sgd", "lr": 0.05, "logs": ("accuracy", "grad_norm")}
        else:
            base = pick(rng, ("moons",), task="circles", model="linear")
        yield Recipe(name=f"not_learning-{way}-{i}", fault="not_learning", story=way, **base)


def undertrained() -> Iterator[Recipe]:
    """Stopped while the validation still clearly improved; trained on in secret to prove it."""
    names = (
        "digits-cnn",
        "classes",
        "rings",
        "sines",
        "autoencoder",
        "markov-gru",
        "markov-transformer",
        "grammar-gru",
        "friedman",
        "waves",
    )
    for i in range(24):
        rng = random.Random(f"undertrained-{i}")
        base = pick(rng, names)
        epochs = rng.choice((8, 10, 12, 20))
        base |= {"lr": base["lr"] * rng.choice((0.15, 0.3)), "epochs": epochs, "future": epochs}
        base |= {"planned": rng.choice((None, epochs, 3 * epochs))}
        yield Recipe(name=f"undertrained-{i}", fault="undertrained", **base)


def slow_convergence() -> Iterator[Recipe]:
    """A rate so small that the loss creeps down in a straight line."""
    for i in range(40):
        rng = random.Random(f"slow_convergence-{i}")
        base = pick(rng, (*CHEAP, "waves"))
        shrink = (
            rng.choice((0.003, 0.006, 0.012))
            if base["optimizer"] in ("sgd", "momentum")
            else rng.choice((0.005, 0.01, 0.02))
        )
        base |= {"lr": base["lr"] * shrink, "epochs": rng.choice((20, 30, 50)), "future": 30}
        yield Recipe(name=f"slow_convergence-{i}", fault="slow_convergence", **base)


def plateau() -> Iterator[Recipe]:
    """Converged long before the end: nothing is wrong but the bill."""
    for i in range(20):
        rng = random.Random(f"plateau-{i}")
        base = pick(rng, ("digits-linear", "diabetes", "linear", "moons", "noisy-classes", "autoencoder"))
        base |= {
            "epochs": rng.choice((80, 120, 200)),
            "lr": base["lr"] * rng.choice((1, 2)),
            "train_size": min(base["train_size"], 1000),
        }
        base |= {"weight_decay": 1e-2 if "decay" not in base else 0.1, "batch": 64}
        base |= {"schedule": rng.choice((("exponential", 0.93), ("steps", 0.3), ("constant",)))}
        yield Recipe(name=f"plateau-{i}", fault="plateau", **base)


def insufficient_data() -> Iterator[Recipe]:
    """One to four epochs: too little to say anything of, and nothing wrong that one could see."""
    for i in range(18):
        rng = random.Random(f"insufficient_data-{i}")
        base = pick(rng, epochs=1 + i % 4)
        yield Recipe(name=f"insufficient_data-{i}", fault="insufficient_data", planned=rng.choice((None, 50)), **base)


def slow_start() -> Iterator[Recipe]:
    """Weights so small that the gradient must first grow: a long shelf, then learning."""
    for i in range(36):
        rng = random.Random(f"slow_start-{i}")
        base = pick(rng, ("digits-mlp", "classes", "rings"), depth=3, optimizer="sgd", weight_decay=0.0)
        base |= {
            "lr": rng.choice((0.05, 0.1)),
            "init": rng.choice((0.3, 0.35, 0.4)),
            "activation": rng.choice(("tanh", "relu")),
        }
        base |= {"epochs": rng.choice((40, 60, 80))}
        yield Recipe(name=f"slow_start-{i}", fault="slow_start", **base)


FAMILIES = (not_learning, undertrained, slow_convergence, plateau, insufficient_data, slow_start)
