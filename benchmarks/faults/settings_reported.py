"""Sensible choices for the reported side: other tasks, networks, optimizers and schedules than those tuned on."""

import random
from typing import Any

# `lift` multiplies the optimizer's usual rate
SETTINGS: dict[str, dict[str, Any]] = {
    "spirals": {"task": "spirals", "model": "residual", "width": 24, "train_size": 900, "epochs": 25},
    "checkerboard": {"task": "checkerboard", "width": 64, "depth": 2, "activation": "gelu", "train_size": 1400, "epochs": 45, "lift": 2.5},
    "parity": {"task": "parity", "model": "normalised", "width": 48, "train_size": 1400, "epochs": 25, "lift": 2},
    "hastie": {"task": "hastie", "model": "normalised", "width": 32, "train_size": 1600, "epochs": 25, "weight_decay": 1e-3, "lift": 2},
    "blobs-linear": {"task": "blobs", "model": "linear", "train_size": 1200, "epochs": 25, "lift": 6},
    "blobs": {"task": "blobs", "model": "residual", "width": 12, "train_size": 1500, "epochs": 15, "weight_decay": 1e-2},
    "iris": {"task": "iris", "width": 8, "activation": "tanh", "train_size": 60, "val_size": 30, "batch": 8, "epochs": 60, "lift": 3},
    "friedman2": {"task": "friedman2", "model": "residual", "width": 16, "train_size": 1200, "epochs": 20, "logs": ("mae",)},
    "friedman3": {"task": "friedman3", "model": "normalised", "width": 24, "train_size": 1600, "epochs": 25, "logs": ("r2",), "lift": 2},
    "swiss": {"task": "swiss", "width": 32, "depth": 2, "activation": "tanh", "train_size": 1000, "epochs": 35, "logs": ("mae",), "lift": 1.5},
    "shapes": {"task": "shapes", "model": "picture", "width": 6, "train_size": 1200, "epochs": 10, "lift": 3},
    "denoising": {"task": "denoising", "model": "hourglass", "width": 4, "train_size": 600, "epochs": 10, "logs": (), "lift": 2},
    "autoregression": {"task": "autoregression", "model": "series", "width": 6, "train_size": 1500, "epochs": 12, "logs": ("r2",)},
    "autoregression-linear": {
        "task": "autoregression", "model": "linear", "train_size": 1200, "epochs": 25, "logs": ("mae",), "lift": 2.5,
    },
    "lorenz": {"task": "lorenz", "model": "lstm", "width": 12, "train_size": 800, "epochs": 14, "logs": (), "lift": 3},
    "lorenz-series": {"task": "lorenz", "model": "series", "width": 8, "train_size": 1400, "epochs": 18, "logs": ("r2",), "lift": 1.5},
    "bumps": {"task": "bumps", "model": "series", "width": 6, "train_size": 1400, "epochs": 12},
    "bumps-encoder": {"task": "bumps", "model": "encoder", "width": 16, "train_size": 1000, "epochs": 10, "batch": 64, "lift": 1.5},
    "sorting": {"task": "sorting", "model": "encoder", "width": 24, "train_size": 1500, "epochs": 10, "batch": 64, "lift": 2},
    "pairs": {"task": "pairs", "model": "lstm", "width": 32, "train_size": 1500, "epochs": 12, "batch": 64, "logs": (), "lift": 4},
    "descriptions": {
        "task": "descriptions", "model": "lstm", "width": 48, "train_size": 2600, "epochs": 5, "batch": 48, "logs": (), "lift": 3,
    },
    "descriptions-decoder": {
        "task": "descriptions", "model": "decoder", "width": 24, "train_size": 2600, "epochs": 5, "batch": 48, "logs": (), "lift": 2,
    },
}  # fmt: skip
RATES = {"nesterov": 0.02, "nadam": 2e-3, "adagrad": 0.03, "adamw": 3e-3, "rmsprop": 1e-3}
LANGUAGE = ("sorting", "pairs", "descriptions", "descriptions-decoder")
SEQUENCE = (*LANGUAGE, "bumps-encoder", "lorenz")
CHEAP = tuple(name for name in SETTINGS if name not in {*SEQUENCE, "shapes", "denoising"})
CLASSIFIERS = ("spirals", "checkerboard", "hastie", "blobs", "shapes", "bumps")
REGRESSIONS = ("friedman2", "friedman3", "swiss", "lorenz-series", "autoregression")
DRAWS = 3  # of each generator
WORDINGS = ("", "", "trainer", "slashes", "board", "test", "percent", "offset", "times", "short")


def pick(rng: random.Random, names: tuple[str, ...] = tuple(SETTINGS), **changes: object) -> dict[str, Any]:
    """Draw one sensible setting with an optimizer, a batch size, a draw of the data and a logger; changes win."""
    name = rng.choice(names)
    chosen = {"val_size": 400, "weight_decay": 1e-4} | SETTINGS[name]
    chosen.setdefault("batch", rng.choice((24, 32, 64)))
    lift = chosen.pop("lift", 1.0)
    optimizers = (
        ("nadam", "adamw", "adamw", "adamw")
        if name in SEQUENCE
        else ("nesterov", "nadam", "adagrad", "adamw", "rmsprop")
    )
    chosen["optimizer"] = rng.choice(optimizers)
    chosen["lr"] = RATES[chosen["optimizer"]] * lift * rng.choice((0.7, 1.0, 1.4))
    chosen["seed"] = rng.randrange(1000)
    chosen["data_seed"] = 5 * rng.randrange(100) + rng.randrange(DRAWS)
    extras = rng.choice(((), ("lr",), ("lr", "grad_norm")))
    chosen["logs"] = (*chosen.get("logs", ("accuracy",)), *extras)
    chosen["digits"] = rng.choice((3, 4, 6))
    chosen["wording"] = rng.choice(WORDINGS)
    return chosen | changes


def steps_of(base: dict[str, Any]) -> int:
    """How many steps a recipe takes in all."""
    return -(-base["train_size"] // base["batch"]) * int(base["epochs"])
