"""Choices that an experienced person would make for each task, before anything goes wrong."""

import random
from typing import Any

# what to train, and a learning rate that works, for each optimizer
SETTINGS: dict[str, dict[str, Any]] = {
    "digits-mlp": {"task": "digits", "width": 64, "train_size": 800, "weight_decay": 1e-3, "epochs": 40},
    "digits-linear": {"task": "digits", "model": "linear", "train_size": 800, "epochs": 60},
    "digits-cnn": {"task": "digits", "model": "cnn", "width": 6, "train_size": 800, "epochs": 15, "weight_decay": 1e-4},
    "autoencoder": {"task": "reconstruction", "width": 24, "train_size": 800, "epochs": 50, "logs": ()},
    "cancer": {
        "task": "breast_cancer",
        "width": 16,
        "train_size": 250,
        "val_size": 80,
        "epochs": 50,
        "weight_decay": 1e-2,
    },
    "wine": {
        "task": "wine",
        "width": 16,
        "train_size": 70,
        "val_size": 36,
        "epochs": 60,
        "batch": 16,
        "weight_decay": 1e-2,
    },
    "diabetes": {
        "task": "diabetes",
        "model": "linear",
        "train_size": 200,
        "val_size": 60,
        "epochs": 60,
        "weight_decay": 1e-2,
    },
    "moons": {"task": "moons", "width": 24, "train_size": 1200, "val_size": 400, "epochs": 50},
    "rings": {"task": "rings", "width": 64, "train_size": 2000, "val_size": 500, "epochs": 40},
    "classes": {
        "task": "classes",
        "width": 48,
        "train_size": 2500,
        "val_size": 500,
        "epochs": 30,
        "weight_decay": 1e-3,
    },
    "noisy-classes": {
        "task": "noisy_classes",
        "width": 16,
        "train_size": 3000,
        "val_size": 500,
        "epochs": 30,
        "weight_decay": 1e-2,
    },
    "friedman": {"task": "friedman", "width": 32, "train_size": 2200, "val_size": 500, "epochs": 40, "logs": ("mae",)},
    "sines": {
        "task": "sines",
        "width": 48,
        "depth": 2,
        "train_size": 2000,
        "val_size": 400,
        "epochs": 60,
        "logs": ("mae",),
    },
    "linear": {"task": "linear", "model": "linear", "train_size": 1600, "val_size": 400, "epochs": 30, "logs": ()},
    "waves": {"task": "waves", "model": "gru", "width": 16, "train_size": 1200, "val_size": 300, "epochs": 20},
    "markov-gru": {
        "task": "markov",
        "model": "gru",
        "width": 24,
        "train_size": 3000,
        "val_size": 400,
        "epochs": 12,
        "logs": (),
    },
    "markov-transformer": {
        "task": "markov",
        "model": "transformer",
        "width": 24,
        "train_size": 3000,
        "val_size": 400,
        "epochs": 15,
        "logs": (),
    },
    "grammar-gru": {
        "task": "grammar",
        "model": "gru",
        "width": 32,
        "train_size": 3000,
        "val_size": 400,
        "epochs": 12,
        "logs": (),
    },
}
RATES = {"sgd": 0.1, "momentum": 0.02, "adam": 2e-3, "adamw": 2e-3, "rmsprop": 1e-3}
CHEAP = tuple(name for name in SETTINGS if not name.startswith(("markov", "grammar", "waves")))


def pick(rng: random.Random, names: tuple[str, ...] = tuple(SETTINGS), **changes: object) -> dict[str, Any]:
    """Draw one sensible setting with an optimizer, a batch size and a schedule; changes win."""
    chosen = {"val_size": 200} | SETTINGS[rng.choice(names)]
    sequence = chosen.get("model") in ("gru", "transformer")
    chosen.setdefault("batch", rng.choice((32, 64) if sequence or chosen["train_size"] > 1500 else (16, 32, 64)))
    chosen["optimizer"] = rng.choice(("adam", "adamw") if sequence else ("sgd", "momentum", "adam", "adam", "adamw"))
    chosen["lr"] = RATES[chosen["optimizer"]] * rng.choice((0.5, 1.0, 1.5)) * (2.0 if sequence else 1.0)
    if chosen["task"] in ("diabetes", "linear") and chosen["optimizer"] in ("sgd", "momentum"):
        chosen["lr"] *= 0.2
    chosen["seed"] = rng.randrange(1000)
    extras = rng.choice(((), (), ("lr",), ("lr", "grad_norm")))
    chosen["logs"] = (*chosen.get("logs", ("accuracy",)), *extras)
    chosen["digits"] = rng.choice((4, 5, 6))
    return chosen | changes
