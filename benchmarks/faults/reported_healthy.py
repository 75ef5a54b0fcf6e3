"""Healthy runs of the reported side: every sensible setting, and what looks odd without being it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from settings_reported import LANGUAGE, SEQUENCE, SETTINGS, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULES: tuple[tuple[Any, ...], ...] = (
    ("onecycle", 0.3), ("polynomial", 1), ("polynomial", 2), ("stable_decay", 0.3), ("reduce",), ("warmup_cosine", 0.1),
    ("steps", 0.6, 0.85), ("cosine",), ("constant",),
)  # fmt: skip
DECAYING = tuple(one for one in SCHEDULES if one not in {("reduce",), ("constant",)})


def ordinary() -> Iterator[Recipe]:
    """Every setting under every schedule; those that take long, under half of them."""
    for i, schedule in enumerate(SCHEDULES):
        for name in SETTINGS:
            if name in SEQUENCE and i % 2:
                continue
            rng = random.Random(f"reported-ordinary-{name}-{i}")
            yield Recipe(
                name=f"r-healthy-{name}-{i}", fault="healthy", story="ordinary", **pick(rng, (name,), schedule=schedule)
            )


def by_step() -> Iterator[Recipe]:
    """Training logged every few steps, as a window's mean or as that step alone; validation per epoch, or by step too."""
    for i in range(60):
        rng = random.Random(f"reported-steps-{i}")
        base = pick(
            rng,
            schedule=rng.choice(DECAYING),
            log_every=rng.choice((1, 2, 5, 10)),
            log_how=rng.choice(("window", "step")),
        )
        base |= {"batch": rng.choice((12, 24, 48)) if base["batch"] < 48 else base["batch"]}
        if rng.random() < 0.3:
            base["eval_every"] = rng.choice((25, 50))
        yield Recipe(name=f"r-healthy-steps-{i}", fault="healthy", story="by step", **base)


def language() -> Iterator[Recipe]:
    """Language models from ln V down a long tail, clipped, by step, with a validation every so often."""
    for i in range(20):
        rng = random.Random(f"reported-language-{i}")
        base = pick(rng, LANGUAGE, schedule=rng.choice(DECAYING), log_every=rng.choice((1, 5, 10)), clip=1.0)
        base |= {
            "logs": ("lr", "grad_norm"),
            "eval_every": rng.choice((0, 20, 40)),
            "log_how": rng.choice(("window", "step")),
        }
        yield Recipe(name=f"r-healthy-language-{i}", fault="healthy", story="long tail", **base)


ODD: dict[str, dict[str, Any]] = {
    "light_dropout": {"names": ("spirals", "hastie", "friedman3", "bumps"), "dropout": 0.1},
    "fine_tuning": {"names": ("spirals", "hastie", "blobs", "swiss"), "pretrain": 15, "lr": 3e-4, "optimizer": "adamw", "epochs": 15},
    "small_validation": {"names": ("bumps", "swiss", "friedman2", "parity"), "val_size": 60, "batch": 64},
    "late_drop": {"names": ("hastie", "checkerboard", "friedman3", "blobs"), "schedule": ("steps", 0.85), "optimizer": "nesterov", "lr": 0.05},
    "restarts": {"names": ("swiss", "hastie", "bumps", "friedman2"), "schedule": ("restarts", 8), "epochs": 32, "logs": ("lr",)},
    "likelihood": {"names": ("friedman2", "swiss", "autoregression"), "loss": "gaussian", "optimizer": "adamw", "lr": 3e-3, "logs": ()},
    "smoothing": {"names": ("bumps", "spirals", "blobs"), "label_smoothing": 0.1},
    "long_flat_tail": {"names": ("blobs-linear", "autoregression-linear", "bumps"), "epochs": 80, "batch": 64},
    "small_batch": {"names": ("blobs-linear", "friedman2", "swiss", "bumps"), "batch": 8, "optimizer": "nesterov", "lr": 0.003, "epochs": 14},
    "short": {"names": ("bumps", "spirals", "friedman2", "swiss"), "epochs": 10, "schedule": ("onecycle", 0.3), "optimizer": "adamw", "lr": 8e-3},
    "noise_floor": {"names": ("autoregression", "autoregression-linear", "blobs"), "epochs": 30},
    "warm_up": {"names": ("hastie", "bumps", "swiss", "sorting"), "schedule": ("warmup_cosine", 0.25), "logs": ("lr",)},
    "running_mean": {"names": ("blobs-linear", "bumps", "friedman2", "autoregression"), "log_every": 2, "log_how": "running"},
    "clipped": {"names": ("lorenz", "swiss", "friedman2"), "clip": 0.5, "logs": ("grad_norm",), "lr": 0.01, "optimizer": "adamw"},
    "evaluation_mode": {"names": ("friedman2", "parity", "lorenz-series"), "train_in_eval_mode": True},
}  # fmt: skip


def look_alikes() -> Iterator[Recipe]:
    """What careless rules raise an alarm at."""
    for kind, changes in ODD.items():
        for i in range(9):
            rng = random.Random(f"reported-{kind}-{i}")
            rest = {"schedule": rng.choice(DECAYING)} | {key: value for key, value in changes.items() if key != "names"}
            yield Recipe(
                name=f"r-healthy-{kind}-{i}", fault="healthy", story=kind, **pick(rng, changes["names"], **rest)
            )


def further() -> Iterator[Recipe]:
    """More of the quick settings, with other batch sizes and longer or shorter plans."""
    names = (
        "blobs-linear",
        "blobs",
        "spirals",
        "friedman2",
        "bumps",
        "swiss",
        "lorenz-series",
        "iris",
        "autoregression",
    )
    for i in range(90):
        rng = random.Random(f"reported-further-{i}")
        base = pick(rng, (names[i % len(names)],), schedule=rng.choice(DECAYING))
        base |= {"epochs": round(base["epochs"] * rng.choice((0.8, 1.0, 1.3))), "batch": rng.choice((16, 40))}
        yield Recipe(name=f"r-healthy-further-{i}", fault="healthy", story="ordinary", **base)


def partial() -> Iterator[Recipe]:
    """Healthy runs asked about half-way."""
    for i in range(24):
        rng = random.Random(f"reported-partial-{i}")
        recipe = Recipe(name=f"r-healthy-partial-{i}", fault="healthy", story="half-way", **pick(rng))
        yield replace(recipe, planned=2 * recipe.epochs, context={"finished": False})


def calm_groups() -> Iterator[Recipe]:
    """Folds of one source and seeds of one split that agree."""
    for group in range(12):
        rng = random.Random(f"reported-calm-{group}")
        base = pick(
            rng, ("swiss", "bumps", "blobs", "friedman2", "autoregression-linear", "spirals"), schedule=("cosine",)
        )
        folds = group % 2
        for member in range(4):
            drawn = base["data_seed"] + 5 * DRAWN * member * folds
            name = f"r-groups-calm-{group}"
            changes = {"seed": 100 * group + member, "data_seed": drawn, "logs": ("lr",)}
            yield Recipe(name=f"{name}-{member}", fault="healthy", story="calm", group=name, **(base | changes))


DRAWN = 200  # far from the draws of any other run, and a multiple of five: the same source, another split
FAMILIES = (ordinary, by_step, language, look_alikes, further, partial, calm_groups)
