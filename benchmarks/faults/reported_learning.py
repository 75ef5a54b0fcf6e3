"""Reported side: nothing learnt, too slowly, too late, too little, too briefly; or all that could be, long ago."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings_reported import CHEAP, CLASSIFIERS, REGRESSIONS, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVING = (
    "spirals",
    "hastie",
    "blobs",
    "friedman2",
    "friedman3",
    "swiss",
    "lorenz-series",
    "bumps",
    "autoregression",
    "checkerboard",
)


def not_learning() -> Iterator[Recipe]:
    """Random labels, nothing trained, no rate, dead or zero units, a saturated stack, a model that cannot."""
    for i in range(36):
        rng = random.Random(f"r-not_learning-{i}")
        way = ("labels", "frozen", "rate", "dead", "zeros", "saturated", "unable", "relu")[i % 8]
        base = pick(rng, CHEAP, epochs=rng.choice((15, 25)))
        if way == "labels":
            base |= {"shuffled_labels": True, "width": 6, "weight_decay": 0.5, "optimizer": "adamw", "lr": 5e-4}
        elif way == "frozen":
            base["frozen"] = "all"
        elif way == "rate":
            base |= {"lr": rng.choice((0.0, 1e-9, 1e-8)), "optimizer": "nesterov"}
        elif way in ("dead", "zeros"):
            base |= {"model": "mlp", "depth": 3, "activation": "relu", "logs": ("grad_norm",)}
            base |= {"dead": True} if way == "dead" else {"init": 0.0}
        elif way == "saturated":
            base |= {
                "model": "mlp",
                "activation": "sigmoid",
                "depth": rng.choice((6, 8)),
                "optimizer": "nesterov",
                "lr": 0.003,
            }
        elif way == "unable":
            base = pick(rng, ("parity", "checkerboard", "spirals"), model="linear", epochs=25)
        else:  # every logit below zero, behind a ReLU
            base = pick(rng, ("spirals", "blobs", "shapes"), model="mlp", head="relu", init=0.0, epochs=15)
        yield Recipe(name=f"r-not_learning-{way}-{i}", fault="not_learning", story=way, **base)


def slow_start() -> Iterator[Recipe]:
    """A long shelf and then learning: small initial weights, deep nets, a parity that must be found."""
    for i in range(40):
        rng = random.Random(f"r-slow_start-{i}")
        way = ("small", "parity", "deep", "sorting")[i % 4]
        if way == "small":
            base = pick(
                rng,
                ("spirals", "hastie", "blobs", "swiss"),
                model="mlp",
                depth=3,
                width=32,
                init=rng.choice((0.25, 0.3, 0.4)),
            )
            base |= {"optimizer": rng.choice(("sgd", "nesterov")), "activation": rng.choice(("tanh", "relu"))}
            base["lr"] = {"sgd": 0.15, "nesterov": 0.02}[base["optimizer"]]
        elif way == "parity":
            base = pick(
                rng,
                ("parity",),
                model="mlp",
                width=32,
                activation=rng.choice(("relu", "tanh")),
                depth=rng.choice((1, 2)),
            )
            base |= {"optimizer": rng.choice(("sgd", "nesterov")), "train_size": 1600}
            base["lr"] = {"sgd": 0.2, "nesterov": 0.02}[base["optimizer"]] * rng.choice((0.7, 1.4))
        elif way == "deep":
            base = pick(
                rng,
                ("blobs", "bumps", "spirals"),
                model="mlp",
                activation="sigmoid",
                depth=rng.choice((3, 4)),
                optimizer="nesterov",
            )
            base |= {"lr": rng.choice((0.02, 0.05)), "width": 32}
        else:
            base = pick(rng, ("pairs", "lorenz"), optimizer="nesterov", lr=rng.choice((0.1, 0.2)), epochs=12)
        base |= {"epochs": max(base["epochs"], rng.choice((35, 50))) if way != "sorting" else 14, "weight_decay": 0.0}
        base["schedule"] = ("constant",)
        yield Recipe(name=f"r-slow_start-{way}-{i}", fault="slow_start", story=way, **base)


def slow_convergence() -> Iterator[Recipe]:
    """A rate fifty to three hundred times too small."""
    for i in range(40):
        rng = random.Random(f"r-slow_convergence-{i}")
        base = pick(rng, (*MOVING, "descriptions"), schedule=rng.choice((("constant",), ("constant",), ("cosine",))))
        base["lr"] *= rng.choice((0.004, 0.01, 0.02)) * (0.5 if base["optimizer"] == "nesterov" else 1.0)
        base["lr"] *= 4 if base["optimizer"] == "adagrad" else 1
        base["epochs"] = min(base["epochs"], 30)
        yield Recipe(name=f"r-slow_convergence-{i}", fault="slow_convergence", **base)


def undertrained() -> Iterator[Recipe]:
    """Stopped in the middle of the fall."""
    for i in range(34):
        rng = random.Random(f"r-undertrained-{i}")
        base = pick(rng, (*MOVING, "sorting", "descriptions-decoder", "shapes"), schedule=("constant",))
        base |= {"lr": base["lr"] * rng.choice((0.1, 0.2, 0.35)), "epochs": rng.choice((8, 10, 14))}
        base["epochs"] = 6 if base["task"] == "descriptions" else base["epochs"]
        yield Recipe(name=f"r-undertrained-{i}", fault="undertrained", **base)


def underfitting() -> Iterator[Recipe]:
    """Linear, narrow, held tight, drowned in dropout, or with a part that is not trained."""
    for i in range(42):
        rng = random.Random(f"r-underfitting-{i}")
        way = ("linear", "narrow", "decay", "dropout", "detached", "softmax")[i % 6]
        base = pick(rng, ("spirals", "hastie", "friedman3", "swiss", "shapes", "checkerboard"), schedule=("cosine",))
        base |= {
            "epochs": max(base["epochs"], 30) if base["task"] != "shapes" else 15,
            "optimizer": "adamw",
            "lr": 4e-3,
        }
        if way == "linear":
            base |= {"model": "linear", "lr": 0.02}
        elif way == "narrow":
            base |= {"model": "mlp", "depth": 1, "width": rng.choice((1, 2, 3)), "lr": 0.02}
        elif way == "decay":
            base |= {"weight_decay": rng.choice((0.03, 0.06)), "optimizer": "nadam", "model": "mlp", "depth": 1}
        elif way == "dropout":
            base |= {"dropout": rng.choice((0.7, 0.85)), "model": "mlp", "width": 16, "depth": 2}
        elif way == "detached":
            base |= {"frozen": "body", "model": "mlp", "width": rng.choice((6, 12)), "lr": 0.02}
        else:
            base = pick(
                rng,
                ("spirals", "shapes", "blobs", "bumps"),
                head="softmax",
                schedule=("cosine",),
                optimizer="adamw",
                lr=3e-3,
            )
        yield Recipe(name=f"r-underfitting-{way}-{i}", fault="underfitting", story=way, **base)


def plateau() -> Iterator[Recipe]:
    """Converged long before the end."""
    for i in range(30):
        rng = random.Random(f"r-plateau-{i}")
        base = pick(
            rng,
            ("blobs-linear", "autoregression-linear", "blobs", "friedman2", "bumps"),
            epochs=rng.choice((60, 90)),
            batch=64,
        )
        base |= {"train_size": 1000, "schedule": rng.choice((("exponential", 0.9), ("steps", 0.25), ("reduce",)))}
        yield Recipe(name=f"r-plateau-{i}", fault="plateau", **base)


def insufficient() -> Iterator[Recipe]:
    """One to four epochs."""
    for i in range(24):
        rng = random.Random(f"r-insufficient-{i}")
        base = pick(rng, (*CLASSIFIERS, *REGRESSIONS), epochs=1 + i % 4)
        yield Recipe(name=f"r-insufficient-{i}", fault="insufficient_data", planned=rng.choice((None, 40)), **base)


FAMILIES = (not_learning, slow_start, slow_convergence, undertrained, underfitting, plateau, insufficient)
