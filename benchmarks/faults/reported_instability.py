"""Reported side: runs that leave the ground, or whose curves show an event that was put in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from settings_reported import CHEAP, CLASSIFIERS, pick, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def non_finite() -> Iterator[Recipe]:
    """Overflow, log(0), a NaN in the data, and loggers that hide any of it."""
    for i in range(30):
        rng = random.Random(f"r-non_finite-{i}")
        way = ("overflow", "nan_row", "nan_val", "zero", "repeat", "skipped")[i % 6]
        base = pick(rng, CHEAP, epochs=12)
        if way == "overflow":
            base = pick(
                rng,
                ("friedman2", "autoregression-linear", "lorenz-series"),
                optimizer="nesterov",
                lr=rng.choice((3.0, 20.0)),
            )
            base |= {"epochs": 10, "stop_on_nan": i % 4 == 0}
        elif way in ("nan_row", "nan_val"):
            base["nan_row"] = "train" if way == "nan_row" else "val"
        else:
            base |= {"nan_row": "train", "mask": "filter" if way == "skipped" else way, "logs": ("grad_norm",)}
            base |= {
                "log_every": rng.choice((1, 2, 5)),
                "log_how": "step",
                "skip_bad": way == "skipped",
                "wording": "trainer",
            }
        yield Recipe(name=f"r-non_finite-{way}-{i}", fault="non_finite", story=way, **base)


def divergence() -> Iterator[Recipe]:
    """Wrong sign, a rate far too high, a schedule that goes up."""
    for i in range(30):
        rng = random.Random(f"r-divergence-{i}")
        way = ("sign", "rate", "jump")[i % 3]
        base = pick(rng, CHEAP, epochs=rng.choice((12, 20)))
        if way == "sign":
            base |= {"ascend": True, "optimizer": rng.choice(("adamw", "nesterov")), "lr": rng.choice((1e-3, 3e-3))}
        elif way == "rate":
            base = pick(
                rng,
                CLASSIFIERS[:4],
                optimizer=rng.choice(("nadam", "rmsprop", "adamw")),
                lr=rng.choice((0.3, 1.0, 3.0)),
                epochs=15,
            )
        else:
            base["schedule"] = ("jump", rng.choice((0.3, 0.5, 0.7)), rng.choice((100.0, 300.0, 1000.0)))
        yield Recipe(name=f"r-divergence-{way}-{i}", fault="divergence", story=way, **base)


def loss_spike() -> Iterator[Recipe]:
    """Corrupt batches, or the rate bumped for a few steps."""
    for i in range(34):
        rng = random.Random(f"r-loss_spike-{i}")
        base = pick(rng, ("spirals", "hastie", "friedman2", "swiss", "bumps", "sorting", "lorenz-series", "blobs"))
        steps = steps_of(base)
        times = sorted(rng.sample(range(steps // 4, steps * 4 // 5), rng.choice((1, 1, 2, 3))))
        if i % 3 == 0 and base["task"] != "sorting":
            base |= {"lr_bumps": tuple((at, 3, rng.choice((30.0, 100.0))) for at in times)}
        else:
            base |= {"bad_batches": tuple(times), "bad_scale": rng.choice((30.0, 100.0))}
        base |= {"log_every": rng.choice((1, 2, 4)) if i % 2 else 0}
        yield Recipe(name=f"r-loss_spike-{i}", fault="loss_spike", **base)


# rates of plain descent on a linear model: at the edge, where it swings, and past it, where the gradient bursts
EDGE = {"autoregression": (0.2, 0.24), "friedman2": (0.5, 0.6, 0.75), "lorenz": (0.055, 0.065, 0.075)}
BEYOND = {
    "autoregression": (0.3, 0.33), "friedman2": (1.2, 1.5), "friedman3": (1.1, 1.25), "lorenz": (0.11, 0.118), "swiss": (1.1, 1.2),
}  # fmt: skip


def oscillation() -> Iterator[Recipe]:
    """A rate at the edge: plain descent on a linear model, heavy momentum, whole batches."""
    for i in range(60):
        rng = random.Random(f"r-oscillation-{i}")
        way = ("regression", "classifier", "momentum", "whole", "regression", "regression")[i % 6]
        common: dict[str, Any] = {
            "weight_decay": 0.0,
            "epochs": rng.choice((30, 40, 60)),
            "train_size": rng.choice((160, 240)),
        }
        common |= {"batch": rng.choice((8, 16)), "schedule": ("constant",)}
        if way == "regression":
            base = pick(
                rng, ("autoregression-linear", "friedman2", "lorenz-series"), model="linear", optimizer="sgd", **common
            )
            base["lr"] = rng.choice(EDGE[base["task"]])
        elif way == "classifier":
            base = pick(rng, ("blobs-linear",), optimizer="sgd", lr=rng.choice((50.0, 100.0, 200.0)), **common)
        elif way == "momentum":
            names = ("spirals", "swiss", "blobs")
            base = pick(
                rng, names, model="mlp", depth=2, width=32, optimizer="nesterov", lr=rng.choice((0.1, 0.2)), **common
            )
        else:
            base = pick(
                rng,
                ("blobs", "hastie"),
                model="mlp",
                depth=2,
                width=32,
                optimizer="sgd",
                lr=rng.choice((1.5, 3.0)),
                **common,
            )
            base |= {"batch": base["train_size"], "epochs": 80}
        yield Recipe(name=f"r-oscillation-{way}-{i}", fault="oscillation", story=way, **base)


def exploding() -> Iterator[Recipe]:
    """Gradients that burst: recurrent nets whose rate is raised, descent past the edge; norms are logged."""
    for i in range(46):
        rng = random.Random(f"r-exploding-{i}")
        if i % 3 == 0:
            base = pick(
                rng,
                ("lorenz", "bumps"),
                model="tanh_rnn",
                width=16,
                init=rng.choice((1.5, 2.0)),
                optimizer="sgd",
                lr=0.1,
            )
            base |= {
                "train_size": 1000,
                "batch": 32,
                "epochs": 8,
                "log_every": rng.choice((0, 2)),
                "schedule": ("constant",),
            }
            base["lr_bumps"] = ((rng.randrange(60, 150), 400, rng.choice((10.0, 30.0))),)
            story = "recurrent"
        else:
            names = ("autoregression-linear", "friedman2", "friedman3", "lorenz-series", "swiss")
            base = pick(rng, names, model="linear", optimizer="sgd", schedule=("constant",))
            base |= {"epochs": 2, "batch": 24, "train_size": 900, "log_every": rng.choice((1, 2))}
            base["lr"] = rng.choice(BEYOND[base["task"]])
            story = "descent"
        base |= {"logs": ("grad_norm",), "weight_decay": 0.0}
        yield Recipe(name=f"r-exploding-{story}-{i}", fault="exploding_gradients", story=story, **base)


def vanishing() -> Iterator[Recipe]:
    """Deep sigmoid stacks over whole batches; norms are logged."""
    for i in range(32):
        rng = random.Random(f"r-vanishing-{i}")
        base = pick(
            rng,
            ("spirals", "hastie", "blobs", "friedman2", "shapes"),
            model="mlp",
            activation="sigmoid",
            optimizer="sgd",
        )
        base |= {
            "depth": rng.choice((7, 9, 11)),
            "width": rng.choice((16, 32)),
            "lr": rng.choice((0.2, 0.5)),
            "weight_decay": 0.0,
        }
        base |= {
            "train_size": 600,
            "batch": 600,
            "epochs": rng.choice((60, 90)),
            "logs": ("grad_norm",),
            "schedule": ("constant",),
        }
        yield Recipe(name=f"r-vanishing-{i}", fault="vanishing_gradients", **base)


def periodic() -> Iterator[Recipe]:
    """Sorted and never shuffled, logged by step or every few steps."""
    for i in range(34):
        rng = random.Random(f"r-periodic-{i}")
        base = pick(
            rng, ("blobs", "bumps", "spirals", "hastie", "friedman2", "autoregression", "sorting"), sorted_data=True
        )
        base |= {
            "train_size": rng.choice((600, 1000, 1400)),
            "batch": rng.choice((12, 24)),
            "epochs": rng.choice((6, 9, 14)),
        }
        if base["task"] == "sorting":
            base |= {"batch": 32, "train_size": 1000, "epochs": 6}
        base |= {
            "log_every": rng.choice((1, 1, 2, 3)),
            "log_how": rng.choice(("window", "step")),
            "lr": 0.4 * base["lr"],
        }
        base["logs"] = ("lr",)
        yield Recipe(name=f"r-periodic-{i}", fault="periodic_pattern", story="unshuffled", **base)


FAMILIES = (non_finite, divergence, loss_spike, oscillation, exploding, vanishing, periodic)
