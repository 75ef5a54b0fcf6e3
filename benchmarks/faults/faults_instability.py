"""Runs that leave the ground: overflow, divergence, spikes, swings, bursting or fading gradients."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings import CHEAP, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

REGRESSIONS = ("friedman", "sines", "linear", "diabetes", "autoencoder")
CLASSIFIERS = ("digits-mlp", "digits-cnn", "classes", "rings", "cancer", "moons", "wine")


def non_finite() -> Iterator[Recipe]:
    """Arithmetic leaves the floats: overflow by the rate, log(0), 16-bit logits, a NaN in the data."""
    for i in range(26):
        rng = random.Random(f"non_finite-{i}")
        way = ("overflow", "log_zero", "half", "nan_row", "nan_val", "masked")[i % 6]
        if way == "overflow":
            base = pick(rng, REGRESSIONS, optimizer=rng.choice(("sgd", "momentum")), scaled=i % 4 == 0)
            base |= {"lr": rng.choice((0.5, 2.0, 20.0)) * (1 if i % 4 else 5), "loss": ""}
        elif way == "log_zero":
            base = pick(
                rng, CLASSIFIERS, log_zero=True, optimizer="momentum", lr=rng.choice((0.2, 0.5, 1.0)), weight_decay=0.0
            )
            base |= {"scaled": False} if base["task"] == "digits" else {}
        elif way == "half":
            base = pick(rng, ("digits-mlp", "digits-cnn", "classes"), half=True, optimizer="sgd", weight_decay=0.0)
            base |= {"lr": rng.choice((1.0, 2.0, 4.0)), "batch": 16, "label_smoothing": 0.0, "scaled": False}
        elif way in ("nan_row", "nan_val"):
            base = pick(rng, CHEAP, nan_row="train" if way == "nan_row" else "val")
        else:
            base = pick(rng, ("digits-mlp", "classes"), nan_row="train", masked=True, log_every=rng.choice((1, 5, 10)))
            base |= {"logs": ("grad_norm", "lr"), "epochs": 8}
        base["stop_on_nan"] = way in ("overflow", "half") and i % 3 == 0
        yield Recipe(name=f"non_finite-{way}-{i}", fault="non_finite", story=way, **base)


def divergence() -> Iterator[Recipe]:
    """Training loss rises and stays up: wrong sign, rate far too high, or a schedule that goes up."""
    for i in range(27):
        rng = random.Random(f"divergence-{i}")
        way = ("sign", "rate", "jump")[i % 3]
        base = pick(rng, CHEAP)
        if way == "sign":
            base |= {"ascend": True, "optimizer": rng.choice(("adam", "sgd")), "epochs": rng.choice((10, 20, 30))}
            base["lr"] = rng.choice((3e-4, 1e-3)) * (10 if base["optimizer"] == "sgd" else 1)
        elif way == "rate":
            base = pick(
                rng, CLASSIFIERS, optimizer=rng.choice(("adam", "momentum", "rmsprop")), weight_decay=0.0, depth=2
            )
            base["lr"] = rng.choice((0.3, 1.0)) * (5 if base["optimizer"] == "momentum" else 1)
        else:
            base = pick(rng, CLASSIFIERS, depth=2, weight_decay=0.0)
            base["schedule"] = ("jump", rng.choice((0.3, 0.5, 0.6)), rng.choice((100.0, 300.0, 1000.0)))
        yield Recipe(name=f"divergence-{way}-{i}", fault="divergence", story=way, **base)


def loss_spike() -> Iterator[Recipe]:
    """One or several corrupt batches, or a bump of the rate, from which training recovers."""
    for i in range(24):
        rng = random.Random(f"loss_spike-{i}")
        base = pick(rng, ("digits-mlp", "classes", "rings", "friedman", "markov-gru", "digits-cnn", "autoencoder"))
        steps = -(-base["train_size"] // base["batch"]) * base["epochs"]
        times = sorted(rng.sample(range(steps // 5, steps * 4 // 5), rng.choice((1, 1, 2, 4))))
        if i % 3 == 0 and base.get("model") != "gru":
            base |= {"lr_bumps": tuple((at, 3, rng.choice((50.0, 100.0))) for at in times)}
        else:
            base |= {"bad_batches": tuple(times), "bad_scale": rng.choice((20.0, 60.0))}
        base |= {"log_every": rng.choice((1, 2, 5)) if i % 2 else 0}
        yield Recipe(name=f"loss_spike-{i}", fault="loss_spike", **base)


def oscillation() -> Iterator[Recipe]:
    """A rate at the edge of stability: the epoch means themselves jump up and down."""
    rates = {
        "linear-classifier": (1.0, 3.0, 10.0), "linear-regression": (0.3, 0.33, 0.36), "momentum": (0.15, 0.3, 0.6), "whole-batch": (2.0, 4.0),
    }  # fmt: skip
    for i in range(48):
        rng = random.Random(f"oscillation-{i}")
        way = [*rates][i % 4]
        names = {
            "linear-regression": ("friedman",),
            "momentum": ("sines", "rings", "classes"),
            "whole-batch": ("cancer", "moons"),
        }
        base = pick(
            rng,
            names.get(way, ("classes", "noisy-classes")),
            weight_decay=0.0,
            optimizer="sgd",
            lr=rng.choice(rates[way]),
        )
        base |= {
            "epochs": rng.choice((30, 50, 80)),
            "train_size": rng.choice((150, 200, 300)),
            "batch": rng.choice((8, 16)),
        }
        if way.startswith("linear"):
            base["model"] = "linear"
        elif way == "momentum":
            base["optimizer"] = "momentum"
        else:
            base |= {"batch": base["train_size"], "depth": 2}
        yield Recipe(name=f"oscillation-{way}-{i}", fault="oscillation", story=way, **base)


def gradients() -> Iterator[Recipe]:
    """Deep sigmoid stacks whose gradient fades; deep wide-init stacks whose gradient bursts."""
    for i in range(44):
        rng = random.Random(f"gradients-{i}")
        base = pick(rng, ("digits-mlp", "classes", "rings"), logs=("accuracy", "grad_norm"), weight_decay=0.0)
        if i % 2:
            base |= {
                "activation": "sigmoid",
                "depth": rng.choice((6, 8, 10)),
                "width": 24,
                "optimizer": "sgd",
                "lr": 0.5,
            }
            base |= {
                "train_size": 800,
                "batch": 800,
                "epochs": rng.choice((60, 100, 150)),
            }  # whole-batch: no noise in the gradient
            yield Recipe(name=f"vanishing_gradients-{i}", fault="vanishing_gradients", **base)
        else:
            base = pick(
                rng,
                ("linear", "friedman"),
                model="linear",
                optimizer="sgd",
                logs=("grad_norm",),
                scaled=True,
                weight_decay=0.0,
            )
            base |= {"log_every": 1, "epochs": 1, "batch": 32, "train_size": rng.choice((1600, 2200))}
            base["lr"] = rng.choice((0.55, 0.65, 0.8)) * (1 if base["task"] == "linear" else 2)
            yield Recipe(name=f"exploding_gradients-{i}", fault="exploding_gradients", **base)


FAMILIES = (non_finite, divergence, loss_spike, oscillation, gradients)
