"""Reported side: the data or the way of validating is at fault; and groups that disagree."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from recipe import Recipe
from reported_healthy import DRAWN
from settings_reported import pick

if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS = (("accuracy", "counts"), ("accuracy", "precision", "recall"), ("accuracy", "f1"), ("accuracy", "mcc"))


def overfitting() -> Iterator[Recipe]:
    """Few examples, wrong labels, little text, a large model and no brake."""
    for i in range(40):
        rng = random.Random(f"r-overfitting-{i}")
        way = ("few", "labels", "text", "regression")[i % 4]
        free: dict[str, Any] = {
            "weight_decay": 0.0,
            "schedule": rng.choice((("constant",), ("constant",), ("polynomial", 1))),
        }
        if way == "few":
            base = pick(
                rng,
                ("hastie", "blobs", "bumps", "spirals"),
                width=96,
                train_size=rng.choice((80, 150)),
                batch=16,
                **free,
            )
            base["label_noise"] = rng.choice((0.0, 0.15))
        elif way == "labels":
            base = pick(rng, ("hastie", "blobs", "checkerboard", "spirals"), width=96, train_size=500, batch=32, **free)
            base["label_noise"] = rng.choice((0.2, 0.35))
        elif way == "text":
            base = pick(
                rng, ("descriptions", "pairs", "sorting"), width=48, train_size=rng.choice((80, 150)), batch=16, **free
            )
            base["val_size"] = 300
        else:
            base = pick(
                rng, ("friedman3", "autoregression", "lorenz-series", "swiss"), model="mlp", depth=2, width=96, **free
            )
            base |= {"train_size": rng.choice((60, 120)), "batch": 16}
        base |= {
            "epochs": rng.choice((40, 60)),
            "optimizer": rng.choice(("adamw", "nadam")),
            "lr": rng.choice((1e-3, 3e-3)),
        }
        yield Recipe(name=f"r-overfitting-{way}-{i}", fault="overfitting", story=way, **base)


def generalization_gap() -> Iterator[Recipe]:
    """Validated under other conditions; or little data, with strong decay or an early schedule."""
    for i in range(48):
        rng = random.Random(f"r-gap-{i}")
        way = ("shift", "schedule", "few")[i % 3]
        base = pick(
            rng,
            ("hastie", "blobs", "bumps", "friedman3", "spirals", "swiss", "lorenz-series"),
            optimizer="adamw",
            lr=4e-3,
        )
        base["epochs"] = max(base["epochs"], 30)
        if way == "shift":
            base |= {"shifted_val": rng.choice((0.3, 0.6)), "weight_decay": 0.05, "schedule": ("cosine",)}
        elif way == "schedule":
            base |= {
                "train_size": rng.choice((100, 160, 250)),
                "batch": 16,
                "schedule": ("steps", 0.25, 0.4, 0.6),
                "weight_decay": 0.1,
            }
        else:
            base |= {
                "train_size": rng.choice((100, 200)),
                "batch": 16,
                "weight_decay": rng.choice((0.5, 1.0)),
                "epochs": 60,
            }
        yield Recipe(name=f"r-gap-{way}-{i}", fault="generalization_gap", story=way, **base)


def noisy_validation() -> Iterator[Recipe]:
    """A handful of examples to validate on, mostly a fresh one each time."""
    for i in range(36):
        rng = random.Random(f"r-noisy_validation-{i}")
        names = ("hastie", "blobs", "bumps", "friedman3", "swiss", "autoregression", "checkerboard", "lorenz-series")
        base = pick(rng, names, val_size=rng.choice((8, 14, 24)), resample_val=i % 4 != 0)
        base["epochs"] = max(30, base["epochs"])
        base |= {"batch": 16, "train_size": 800} if not base["resample_val"] else {}
        yield Recipe(name=f"r-noisy_validation-{i}", fault="noisy_validation", **base)


def validation_better() -> Iterator[Recipe]:
    """Dropout or augmentation on training only."""
    for i in range(36):
        rng = random.Random(f"r-validation_better-{i}")
        base = pick(rng, ("hastie", "blobs", "bumps", "friedman3", "shapes", "lorenz-series", "spirals"))
        base |= {"dropout": rng.choice((0.4, 0.6))} if i % 2 else {"augment": rng.choice((0.4, 0.8))}
        if i % 2:
            base |= {
                "width": 3 * base.get("width", 16),
                "model": base["model"] if base["task"] != "lorenz" else "mlp",
                "depth": 2,
            }
        yield Recipe(name=f"r-validation_better-{i}", fault="validation_better_than_training", **base)


def metric_loss_mismatch() -> Iterator[Recipe]:
    """Few examples and a large model: ever surer of the same wrong answers."""
    for i in range(56):
        rng = random.Random(f"r-mismatch-{i}")
        base = pick(
            rng,
            ("hastie", "blobs", "bumps", "shapes", "spirals", "blobs-linear"),
            weight_decay=0.0,
            schedule=("constant",),
        )
        base |= {
            "model": rng.choice(("mlp", "residual", "normalised")),
            "width": 128,
            "depth": rng.choice((1, 2)),
            "logs": ("accuracy",),
        }
        base |= {
            "optimizer": rng.choice(("adamw", "nadam")),
            "lr": rng.choice((1e-3, 3e-3)),
            "epochs": rng.choice((40, 60)),
        }
        base |= {"train_size": rng.choice((150, 300)), "batch": 32}
        yield Recipe(name=f"r-mismatch-{i}", fault="metric_loss_mismatch", **base)


def class_imbalance() -> Iterator[Recipe]:
    """Two classes of which one is rare, hard to tell or easy."""
    for i in range(40):
        rng = random.Random(f"r-imbalance-{i}")
        rare = (0.2, 0.1, 0.05, 0.025)[i % 4]
        base = pick(
            rng,
            ("hastie", "checkerboard", "parity"),
            rare=rare,
            logs=METRICS[i // 4 % 4],
            val_size=600,
            optimizer="adamw",
        )
        base |= {
            "model": rng.choice(("linear", "mlp", base.get("model", "mlp"))),
            "width": rng.choice((6, 32)),
            "depth": 1,
        }
        base |= {"epochs": rng.choice((15, 25)), "lr": rng.choice((1e-3, 4e-3)), "batch": 48}
        yield Recipe(name=f"r-imbalance-{rare}-{i}", fault="class_imbalance", story=f"one class {rare:.1%}", **base)


def unsteady_groups() -> Iterator[Recipe]:
    """One broken fold; a handful of examples each; outcomes that hang on the seed; and sweeps, which are no folds."""
    for group in range(36):
        rng = random.Random(f"r-groups-{group}")
        way = ("outlier", "spread", "mixed", "sweep")[group % 4]
        base = pick(
            rng, ("blobs", "friedman2", "bumps", "hastie", "swiss"), epochs=15, schedule=("cosine",), logs=("lr",)
        )
        if way == "mixed":
            base = pick(
                rng,
                ("checkerboard", "parity"),
                model="mlp",
                width=5,
                depth=1,
                epochs=35,
                optimizer="adamw",
                lr=0.02,
                logs=(),
            )
        if way == "spread":
            base |= {"train_size": 30, "batch": 8, "epochs": 40, "val_size": 60}
        odd = rng.randrange(4)
        for member in range(4):
            changes: dict[str, Any] = {
                "seed": 5000 + 10 * group + member,
                "data_seed": base["data_seed"] + 5 * DRAWN * member,
            }
            if way == "outlier" and member == odd:
                changes["shuffled_labels" if group % 8 else "shifted_val"] = True if group % 8 else 2.0
            if way == "sweep":
                changes |= {"data_seed": base["data_seed"], "lr": base["lr"] * (0.01, 0.1, 1.0, 10.0)[member]}
            sound = (way == "outlier" and member != odd) or (way == "sweep" and member > 1)
            fault = (
                "healthy" if sound else {"sweep": "slow_convergence", "spread": "overfitting"}.get(way, "underfitting")
            )
            name = f"r-groups-{way}-{group}"
            yield Recipe(name=f"{name}-{member}", fault=fault, story=way, group=name, **(base | changes))


FAMILIES = (
    overfitting, generalization_gap, noisy_validation, validation_better, metric_loss_mismatch, class_imbalance, unsteady_groups,
)  # fmt: skip
