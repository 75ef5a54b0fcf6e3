"""Runs with nothing wrong, among them all those that look as if there were."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from settings import CHEAP, SETTINGS, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULES: tuple[tuple[Any, ...], ...] = (
    ("constant",), ("constant",), ("cosine",), ("warmup_cosine", 0.1), ("steps", 0.5, 0.8), ("steps", 0.7), ("exponential", 0.95),
)  # fmt: skip


def ordinary() -> Iterator[Recipe]:
    """Every sensible setting, under every sensible schedule."""
    for i, setting in enumerate([*SETTINGS] * 9):
        rng = random.Random(f"ordinary-{i}")
        base = pick(rng, (setting,), schedule=rng.choice(SCHEDULES))
        base["future"] = base["epochs"] // 2 if base["schedule"] == ("constant",) else 0
        yield Recipe(name=f"healthy-{setting}-{i}", fault="healthy", story="ordinary", **base)


def by_step() -> Iterator[Recipe]:
    """Step-level logs, whose batch noise is wider than their progress late in the run."""
    for i in range(36):
        rng = random.Random(f"by_step-{i}")
        base = pick(rng, schedule=rng.choice(SCHEDULES), log_every=rng.choice((1, 2, 5)))
        base |= {"batch": rng.choice((8, 16, 32)), "logs": rng.choice(((), ("lr",), ("lr", "grad_norm")))}
        if rng.random() < 0.3:
            base["eval_every"] = 50
        yield Recipe(name=f"healthy-steps-{i}", fault="healthy", story="by step", **base)


def language_models() -> Iterator[Recipe]:
    """Small language models with the long, slow tail of a power law; much text, one or few passes."""
    for i in range(18):
        rng = random.Random(f"language-{i}")
        base = pick(
            rng, ("markov-gru", "markov-transformer", "grammar-gru"), train_size=6000, epochs=rng.choice((5, 6, 8))
        )
        base |= {"schedule": rng.choice((("cosine",), ("warmup_cosine", 0.05))), "batch": 16, "clip": 1.0}
        base |= {
            "log_every": rng.choice((1, 5, 10)),
            "eval_every": rng.choice((50, 100)),
            "logs": ("lr", "grad_norm"),
            "lr": 5e-3,
        }
        yield Recipe(name=f"healthy-language-{i}", fault="healthy", story="long tail", **base)


def look_alikes() -> Iterator[Recipe]:
    """Each kind of harmless oddity that careless rules raise an alarm at."""
    odd: dict[str, dict[str, Any]] = {
        "batch_norm": {"names": ("digits-mlp", "digits-cnn", "classes"), "norm": True, "batch": 64},
        "dropout": {"names": ("digits-mlp", "classes"), "dropout": 0.2, "width": 96},
        "fine_tuning": {
            "names": ("digits-mlp", "classes", "rings"),
            "pretrain": 30,
            "lr": 3e-4,
            "optimizer": "adamw",
            "epochs": 15,
        },
        "tuned_on": {
            "names": ("friedman", "moons", "sines", "noisy-classes"),
            "pretrain": 10,
            "optimizer": "adamw",
            "lr": 1e-3,
            "epochs": 25,
            "schedule": ("cosine",),
            "weight_decay": 1e-3,
        },
        "small_validation": {"names": ("digits-linear", "cancer", "moons"), "val_size": 40, "batch": 64},
        "late_drop": {
            "names": ("digits-mlp", "rings", "classes"),
            "schedule": ("steps", 0.85),
            "optimizer": "momentum",
            "lr": 0.03,
        },
        "restarts": {
            "names": ("rings", "classes", "moons"),
            "schedule": ("restarts", 10),
            "epochs": 40,
            "logs": ("accuracy", "lr"),
        },
        "negative_loss": {
            "names": ("friedman", "sines", "linear"),
            "loss": "gaussian",
            "optimizer": "adam",
            "lr": 2e-3,
        },
        "label_smoothing": {"names": ("digits-mlp", "digits-cnn"), "label_smoothing": 0.1},
        "calm_by_epoch": {"names": ("linear", "diabetes", "digits-linear"), "batch": 200, "train_in_eval_mode": True},
        "huber": {"names": ("friedman", "sines", "diabetes"), "loss": "huber"},
        "wobbly": {
            "names": ("digits-linear", "classes", "rings"),
            "batch": 8,
            "optimizer": "sgd",
            "lr": 0.1,
            "epochs": 30,
        },
        "short": {
            "names": ("digits-cnn", "digits-mlp", "cancer"),
            "epochs": 12,
            "schedule": ("cosine",),
            "lr": 5e-3,
            "optimizer": "adam",
        },
        "noise_floor": {
            "names": ("noisy-classes", "diabetes", "linear"),
            "epochs": 60,
            "schedule": ("exponential", 0.93),
        },
        "warm_up": {
            "names": ("digits-mlp", "classes", "rings"),
            "schedule": ("warmup", 0.15),
            "logs": ("accuracy", "lr"),
        },
    }
    for kind, changes in odd.items():
        for i in range(8):
            rng = random.Random(f"{kind}-{i}")
            rest = {key: value for key, value in changes.items() if key != "names"}
            yield Recipe(name=f"healthy-{kind}-{i}", fault="healthy", story=kind, **pick(rng, changes["names"], **rest))


def augmented() -> Iterator[Recipe]:
    """A little noise on the inputs keeps the gap small: the ordinary cure, at work."""
    for i in range(20):
        rng = random.Random(f"augmented-{i}")
        base = pick(rng, CHEAP, augment=0.15, schedule=rng.choice(SCHEDULES))
        yield Recipe(name=f"healthy-augmented-{i}", fault="healthy", story="augmented", **base)


def partial() -> Iterator[Recipe]:
    """The same healthy runs asked about half-way: nothing true only at the end may be said."""
    for i in range(16):
        rng = random.Random(f"partial-{i}")
        recipe = Recipe(name=f"healthy-partial-{i}", fault="healthy", story="half-way", **pick(rng))
        yield replace(recipe, planned=2 * recipe.epochs, context={"finished": False}, future=recipe.epochs)


FAMILIES = (ordinary, by_step, language_models, look_alikes, augmented, partial)
