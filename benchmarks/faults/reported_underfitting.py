"""Reported side: too small or too restrained a model, with what guessing scores said; and sound ones that look like it.

The first family of this kind told a reader of every third run what guessing scores: too few to report a recall on.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from settings_reported import WORDINGS, pick
from sources import REPORTED
from words import UNANCHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

ANCHORED = tuple(wording for wording in WORDINGS if wording not in UNANCHORED)
CLASSES = {"spirals": 3, "blobs": 6, "bumps": 4, "shapes": 4, "hastie": 2, "checkerboard": 2, "iris": 3}
BEFORE = ("spirals", "bumps", "swiss", "lorenz-series", "friedman3")  # tasks on which a sound model gets far
SOUND = ("blobs", "friedman2", "autoregression", "bumps", "spirals", "swiss")


def anchored(rng: random.Random, base: dict[str, Any]) -> dict[str, Any]:
    """Say what guessing scores, as loggers do: the classes beside an accuracy, R², or a baseline of the standardised target."""
    base |= {"wording": rng.choice(ANCHORED), "schedule": rng.choice((("cosine",), ("polynomial", 1), ("steps", 0.7)))}
    base["epochs"] = max(base["epochs"], 25)
    extras = tuple(name for name in base["logs"] if name in {"lr", "grad_norm"})
    if REPORTED[base["task"]][0] != "regression":
        return base | {"logs": ("accuracy", *extras), "context": {"num_classes": CLASSES[base["task"]]}}
    if rng.random() < 0.5:
        return base | {"logs": ("r2", *extras)}
    return base | {"logs": ("mae", *extras), "context": {"baseline": 1.0}}


def restrained(rng: random.Random, way: str) -> dict[str, Any]:
    """Put one reason in, on a task of which more can be learnt."""
    base = pick(rng, BEFORE, optimizer="adamw", lr=rng.choice((4e-3, 8e-3)))
    if way == "linear":
        base |= {"model": "linear", "lr": 0.02}
    elif way == "narrow":
        base |= {"model": "mlp", "width": rng.choice((1, 2)), "depth": rng.choice((1, 2)), "lr": 0.02}
    elif way == "decay":
        base |= {"weight_decay": rng.choice((0.03, 0.06, 0.1)), "optimizer": "nadam"}
    elif way == "dropout":
        base |= {"model": "mlp", "width": 12, "depth": 2, "dropout": rng.choice((0.5, 0.7, 0.8))}
    elif way == "augmentation":
        base |= {"augment": rng.choice((1.5, 2.5))}
    else:  # random features, and few of them
        base |= {"model": "mlp", "width": rng.choice((4, 8)), "frozen": "body", "lr": 0.02}
    return base


def underfitting() -> Iterator[Recipe]:
    """Linear, narrow, held tight, drowned in dropout or in noise, or with a part that is not trained."""
    ways = ("linear", "narrow", "decay", "dropout", "augmentation", "detached")
    for i in range(30):
        rng = random.Random(f"r-anchored-underfitting-{i}")
        way = ways[i % len(ways)]
        base = anchored(rng, restrained(rng, way))
        yield Recipe(name=f"r-anchored-underfitting-{way}-{i}", fault="underfitting", story=way, **base)


def sound() -> Iterator[Recipe]:
    """The same words without harm: as small as the task allows, mild regularisation, a task that no model does well."""
    ways = ("small", "decay", "dropout", "augmentation", "noise", "features")
    for i in range(18):
        rng = random.Random(f"r-anchored-sound-{i}")
        way = ways[i % len(ways)]
        base = pick(rng, SOUND, optimizer="adamw", lr=4e-3)
        if way == "small":
            base = pick(rng, ("blobs-linear", "autoregression-linear", "iris", "friedman2"), optimizer="adamw", lr=0.02)
            base |= {"width": 6} if base["task"] == "friedman2" else {}
        elif way == "decay":
            base["weight_decay"] = 0.02
        elif way == "dropout":
            base |= {"model": "mlp", "width": 64, "depth": 1, "dropout": 0.3}
        elif way == "augmentation":
            base["augment"] = 0.15
        elif way == "noise":
            base = pick(rng, ("spirals", "bumps", "blobs"), optimizer="adamw", lr=4e-3, label_noise=0.25)
        else:  # random features, and plenty of them
            base |= {"model": "mlp", "width": 192, "frozen": "body", "lr": 0.01}
        yield Recipe(name=f"r-healthy-anchored-{way}-{i}", fault="healthy", story=way, **anchored(rng, base))


FAMILIES = (underfitting, sound)
