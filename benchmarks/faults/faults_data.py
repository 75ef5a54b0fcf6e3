"""Runs whose data or model is at fault: too few examples, too small a model, odd validation."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings import RATES, pick

if TYPE_CHECKING:
    from collections.abc import Iterator


def overfitting() -> Iterator[Recipe]:
    """Few examples or wrong labels, a large model, no brake: validation turns and gets worse."""
    for i in range(36):
        rng = random.Random(f"overfitting-{i}")
        way = ("few", "labels", "text")[i % 3] if i % 6 != 5 else "regression"
        base = pick(rng, ("digits-mlp", "classes", "rings", "moons", "noisy-classes"), weight_decay=0.0, depth=2)
        base |= {
            "width": rng.choice((128, 256)),
            "optimizer": rng.choice(("adam", "momentum")),
            "epochs": rng.choice((40, 60, 100)),
        }
        base["lr"] = RATES[base["optimizer"]] * rng.choice((0.5, 1.0))
        if way == "few":
            base |= {"train_size": rng.choice((150, 300)), "batch": 16, "label_noise": rng.choice((0.0, 0.1, 0.2))}
        elif way == "labels":
            base |= {"label_noise": rng.choice((0.15, 0.3, 0.5)), "train_size": min(base["train_size"], 800)}
        elif way == "text":
            base = pick(
                rng, ("grammar-gru", "markov-gru"), width=rng.choice((48, 64)), train_size=rng.choice((150, 300))
            )
            base |= {"epochs": rng.choice((40, 60)), "batch": 16}
        else:
            base = pick(
                rng,
                ("friedman", "diabetes", "sines"),
                model="mlp",
                width=128,
                depth=2,
                train_size=rng.choice((80, 150)),
            )
            base |= {"weight_decay": 0.0, "optimizer": "adam", "lr": 1e-3, "epochs": rng.choice((80, 120)), "batch": 16}
        base["val_size"] = min(base["val_size"], 400)
        if i % 9 == 0:
            base["schedule"] = ("cosine",)
        yield Recipe(name=f"overfitting-{way}-{i}", fault="overfitting", story=way, **base)


def generalization_gap() -> Iterator[Recipe]:
    """Validation stays clearly worse, but stands still: other conditions, or a frozen schedule."""
    for i in range(42):
        rng = random.Random(f"generalization_gap-{i}")
        way = ("shift", "schedule", "few")[i % 3]
        base = pick(rng, ("digits-mlp", "digits-cnn", "classes", "rings", "friedman", "cancer", "autoencoder"))
        base |= {"epochs": max(base["epochs"], 30), "optimizer": "adamw", "lr": 2e-3}
        if way == "shift":  # validation recorded under noisier conditions
            base |= {"shifted_val": rng.choice((0.5, 0.8)), "weight_decay": 0.05, "schedule": ("cosine",)}
        elif way == "schedule":  # little data, and a decay that ends before memorising begins
            base |= {
                "train_size": rng.choice((100, 200)),
                "batch": 16,
                "schedule": ("steps", 0.25, 0.4, 0.6),
                "weight_decay": 0.1,
            }
        else:
            base |= {
                "train_size": rng.choice((120, 250)),
                "weight_decay": rng.choice((0.5, 1.0)),
                "optimizer": "adamw",
                "lr": 3e-3,
            }
            base |= {"epochs": 80, "batch": 16}
        yield Recipe(name=f"generalization_gap-{way}-{i}", fault="generalization_gap", story=way, **base)


def underfitting() -> Iterator[Recipe]:
    """A model too small or held too tight for the task: both losses stop high, side by side."""
    for i in range(44):
        rng = random.Random(f"underfitting-{i}")
        way = ("linear", "decay", "narrow", "dropout")[i % 4]
        base = pick(rng, ("digits-mlp", "rings", "classes", "sines", "friedman", "autoencoder"))
        base |= {"optimizer": "adam", "lr": 3e-3, "epochs": rng.choice((40, 60, 80))}
        if way == "linear":
            base = pick(
                rng,
                ("classes", "moons", "friedman", "noisy-classes"),
                model="linear",
                epochs=40,
                optimizer="adam",
                lr=5e-3,
            )
        elif way == "decay":
            base |= {"weight_decay": rng.choice((0.01, 0.02, 0.04))}
        elif way == "narrow":
            base |= {"width": rng.choice((1, 2, 3))}
        else:
            base |= {"dropout": rng.choice((0.6, 0.8)), "width": 16, "depth": 2}
        yield Recipe(name=f"underfitting-{way}-{i}", fault="underfitting", story=way, **base)


def periodic_pattern() -> Iterator[Recipe]:
    """Data sorted by class and never shuffled: the step losses repeat with every epoch."""
    for i in range(20):
        rng = random.Random(f"periodic_pattern-{i}")
        base = pick(rng, ("digits-mlp", "classes", "rings", "noisy-classes"), sorted_data=True)
        base |= {"train_size": rng.choice((400, 800, 1600)) if base["task"] != "digits" else rng.choice((400, 800))}
        base |= {"epochs": rng.choice((6, 10, 15)), "batch": rng.choice((16, 32)), "log_every": rng.choice((1, 1, 2))}
        base |= {"optimizer": rng.choice(("sgd", "adam")), "lr": 0.0}
        base["lr"] = RATES[base["optimizer"]] * rng.choice((0.3, 0.5))
        yield Recipe(name=f"periodic_pattern-{i}", fault="periodic_pattern", **base)


def noisy_validation() -> Iterator[Recipe]:
    """Ten to thirty validation examples, or a fresh handful at each validation."""
    for i in range(32):
        rng = random.Random(f"noisy_validation-{i}")
        base = pick(rng, ("digits-mlp", "digits-cnn", "classes", "rings", "moons", "noisy-classes", "friedman"))
        base |= {"val_size": rng.choice((10, 16, 30)), "resample_val": i % 4 != 0, "epochs": max(30, base["epochs"])}
        if not base["resample_val"]:
            base |= {"lr": base["lr"] * 4, "batch": 16}
        yield Recipe(name=f"noisy_validation-{i}", fault="noisy_validation", **base)


def validation_better() -> Iterator[Recipe]:
    """Dropout or augmentation act on training only, so validation looks better than training."""
    for i in range(34):
        rng = random.Random(f"validation_better-{i}")
        base = pick(rng, ("digits-mlp", "digits-cnn", "classes", "sines"), epochs=rng.choice((25, 40, 60)))
        if i % 2:
            base |= {"dropout": rng.choice((0.4, 0.6)), "width": 96}
        else:
            base |= {"augment": rng.choice((0.5, 0.8))}
        yield Recipe(name=f"validation_better-{i}", fault="validation_better_than_training", **base)


def metric_loss_mismatch() -> Iterator[Recipe]:
    """Validation loss climbs by over-confidence while validation accuracy still rises or holds."""
    for i in range(48):
        rng = random.Random(f"metric_loss_mismatch-{i}")
        base = pick(rng, ("digits-mlp", "classes", "rings", "noisy-classes"), weight_decay=0.0, depth=2, width=256)
        base |= {"optimizer": "adam", "lr": rng.choice((1e-3, 3e-3)), "epochs": rng.choice((60, 100)), "batch": 32}
        base |= {"train_size": rng.choice((200, 400)), "val_size": 400, "logs": ("accuracy",)}
        base |= {"label_noise": 0.0}
        yield Recipe(name=f"metric_loss_mismatch-{i}", fault="metric_loss_mismatch", **base)


def class_imbalance() -> Iterator[Recipe]:
    """One class in twenty: accuracy looks fine and the rare class is never, or hardly, named."""
    for i in range(18):
        rng = random.Random(f"class_imbalance-{i}")
        base = pick(
            rng, ("moons",), task="imbalanced", logs=("accuracy", "counts"), width=8, train_size=1500, val_size=500
        )
        base |= {
            "epochs": rng.choice((20, 30)),
            "weight_decay": rng.choice((0.03, 0.1)),
            "model": rng.choice(("linear", "mlp")),
        }
        base |= {"optimizer": "adam", "lr": 1e-3}
        yield Recipe(name=f"class_imbalance-{i}", fault="class_imbalance", **base)


def folds() -> Iterator[Recipe]:
    """Groups of folds or seeds: calm ones, ones with a broken fold, ones spread all over."""
    for group in range(12):
        rng = random.Random(f"folds-{group}")
        base = pick(rng, ("digits-mlp", "classes", "wine", "cancer", "friedman"), epochs=20)
        way = ("calm", "outlier", "spread")[group % 3]
        odd = rng.randrange(5)
        for fold in range(5):
            changes = {"seed": 100 * group + fold}
            if way == "outlier" and fold == odd:
                changes |= {"shifted_val": 1.5}
            if way == "spread":
                changes |= {
                    "activation": "sigmoid",
                    "depth": 4,
                    "optimizer": "momentum",
                    "lr": 0.03,
                    "batch": 32,
                    "epochs": 30,
                }
            fault = {"calm": "healthy", "outlier": "healthy" if fold != odd else "generalization_gap"}.get(
                way, "slow_start"
            )
            name = f"folds-{way}-{group}-{fold}"
            yield Recipe(name=name, fault=fault, story=way, group=f"folds-{way}-{group}", **(base | changes))


FAMILIES = (
    overfitting, generalization_gap, underfitting, periodic_pattern, noisy_validation,
    validation_better, metric_loss_mismatch, class_imbalance, folds,
)  # fmt: skip
