"""Runs whose order of data, or whose logger, makes a pattern: periods of four kinds, and losses hidden by the logger."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from recipe import Recipe
from settings import RATES, pick

if TYPE_CHECKING:
    from collections.abc import Iterator


def unshuffled() -> Iterator[Recipe]:
    """Sorted data again, but logged only every few steps, by the mean or by one step of them; real targets and text too."""
    for i in range(16):
        rng = random.Random(f"unshuffled-{i}")
        base = pick(rng, ("classes", "rings", "digits-mlp", "friedman", "grammar-gru"), sorted_data=True)
        base |= {"train_size": 700 if base["task"] == "digits" else 1600, "batch": rng.choice((8, 16))}
        base |= {"log_every": rng.choice((3, 4, 5, 7)), "log_how": rng.choice(("window", "step"))}
        base |= {"epochs": rng.choice((5, 8, 12)), "val_size": 200}
        if base.get("model") != "gru":
            base["optimizer"] = rng.choice(("sgd", "adam"))
            base["lr"] = RATES[base["optimizer"]] * rng.choice((0.3, 0.5))
        yield Recipe(name=f"periodic_pattern-thinned-{i}", fault="periodic_pattern", story="unshuffled", **base)


def running_average() -> Iterator[Recipe]:
    """Nothing wrong but the logger: it shows the mean since the epoch began, which starts anew with every epoch."""
    for i in range(14):
        rng = random.Random(f"running_average-{i}")
        names = ("classes", "rings", "digits-mlp", "markov-transformer", "markov-gru", "sines", "digits-cnn")
        base = pick(rng, names, log_every=rng.choice((1, 2, 5)), log_how="running")
        base |= {"epochs": rng.choice((5, 8, 12)), "batch": rng.choice((16, 32))}
        yield Recipe(name=f"running_average-{i}", fault="healthy", story="running average", **base)


def staircase() -> Iterator[Recipe]:
    """Several passes over little text at a high rate: the loss steps down where each pass begins, for it is memorised."""
    for i in range(12):
        rng = random.Random(f"staircase-{i}")
        names = ("grammar-gru", "markov-gru", "markov-transformer")
        base = pick(rng, names, train_size=rng.choice((300, 500)), batch=rng.choice((4, 8)), epochs=rng.choice((5, 7)))
        base |= {"lr": rng.choice((6e-3, 1e-2)), "optimizer": "adamw", "width": 96, "log_every": rng.choice((1, 1, 3))}
        base["logs"] = ("lr", "no_val") if i % 2 else ("lr",)
        yield Recipe(name=f"staircase-{i}", fault="overfitting", story="staircase", **base)


def restarts() -> Iterator[Recipe]:
    """Warm restarts by design: the loss jumps with the rate, which is logged, or is not."""
    for i in range(14):
        rng = random.Random(f"restarts-{i}")
        base = pick(
            rng, ("classes", "rings", "moons", "digits-mlp", "markov-gru"), schedule=("restarts", rng.choice((4, 6)))
        )
        base |= {"epochs": 24, "lr": 3 * base["lr"], "logs": ("accuracy", "lr") if i % 2 else ("accuracy",)}
        base |= {"log_every": rng.choice((0, 1, 5))}
        yield Recipe(name=f"restarts-{i}", fault="healthy", story="restarts", **base)


def masked() -> Iterator[Recipe]:
    """A NaN that the logger hides: as 0.0, by repeating the last value, or by the mean of the window; the norm tells."""
    for i in range(20):
        rng = random.Random(f"masked-{i}")
        way = ("zero", "repeat", "filter", "skipped")[i % 4]
        base = pick(
            rng, ("digits-mlp", "classes", "rings", "friedman", "sines"), mask="filter" if way == "skipped" else way
        )
        base |= {"log_every": rng.choice((0, 1, 5, 10)), "epochs": rng.choice((8, 12, 20)), "logs": ("lr", "grad_norm")}
        if (
            way == "skipped"
        ):  # a loss scaler leaves out the bad step, so that training goes on, and the norm alone is NaN
            base |= {"nan_row": "train", "skip_bad": True, "log_every": rng.choice((1, 3)), "log_how": "step"}
        elif base["task"] in ("friedman", "sines") or rng.random() < 0.3:
            base |= {"lr_bumps": ((rng.randrange(100, 300), 100, 1e12),), "optimizer": "sgd", "lr": 0.01}
        else:  # healthy until a step that nobody logged
            base |= {"nan_row": "train"}
        yield Recipe(name=f"masked-{way}-{i}", fault="non_finite", story=f"masked by {way}", **base)


FAMILIES = (unshuffled, running_average, staircase, restarts, masked)
