"""Train something tiny in Keras, Lightning, Stable-Baselines3 and plain PyTorch, and keep the logs that they write as fixtures.

    python -m venv fixtures-venv && fixtures-venv/bin/pip install torch==2.13.0 keras lightning pandas stable-baselines3
    fixtures-venv/bin/python scripts/fixtures.py

The frameworks are no dependency of this project, so this runs in an environment of its own, by hand, and rarely. The
losses change in their last digits from machine to machine: run `make golden ARGS=--force` after it, and read the diff.
"""

# long because: one function for each writer

import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import gymnasium
import keras
import lightning as L  # noqa: N812 - its own documentation calls it so
import numpy as np
import pandas as pd
import stable_baselines3
import torch
from lightning.pytorch.loggers import CSVLogger
from stable_baselines3.common.monitor import Monitor

LOGS = Path(__file__).parents[1] / "tests" / "readers"
CLASSES = 6
TRAIN = 384


def spiral(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Six interleaved arms in the plane, with noise: points (n, 2) and arms (n,)."""
    draw = np.random.default_rng(seed)
    arm = draw.integers(0, CLASSES, 512)
    radius = draw.random(512)
    angle = 2 * np.pi * (arm / CLASSES + 0.6 * radius) + 0.15 * draw.standard_normal(512)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype("float32"), arm.astype("int64")


def to(folder: str, case: str) -> Path:
    """Where the log of a reader's case is kept."""
    (LOGS / folder).mkdir(parents=True, exist_ok=True)
    return LOGS / folder / case


def classifier(rate: float = 0.02, optimizer: str = "adam") -> keras.Model:
    """A two-layer network that gets somewhere in a few epochs."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((2,)),
        keras.layers.Dense(48, "relu"),
        keras.layers.Dense(48, "relu"),
        keras.layers.Dense(CLASSES),
    ]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    chosen = keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": rate}})
    model.compile(
        chosen, loss, metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(5, name="top_5_accuracy")]
    )
    return model


def fit(model: keras.Model, epochs: int, *callbacks: keras.callbacks.Callback) -> dict[str, list[float]]:
    """Train on the spiral, and return the history."""
    points, arms = spiral(0)
    held_out = (points[TRAIN:], arms[TRAIN:])
    done = model.fit(
        points[:TRAIN],
        arms[:TRAIN],
        batch_size=32,
        epochs=epochs,
        validation_data=held_out,
        callbacks=[*callbacks],
        verbose=0,
    )
    return {name: [float(value) for value in values] for name, values in done.history.items()}


def keras_history() -> None:
    """Histories as `json.dump(model.fit(…).history)` and pandas write them."""
    halve = keras.callbacks.ReduceLROnPlateau(patience=2, factor=0.5, min_delta=0.05)
    history = fit(classifier(), 16, halve)
    to("keras_history", "reduce_lr.json").write_text(json.dumps(history, indent=1))
    pd.DataFrame(history).to_json(to("keras_history", "pandas.json"))
    diverged = fit(classifier(1e8, "sgd"), 6)
    to("keras_history", "diverged.json").write_text(json.dumps(diverged))

    keras.utils.set_random_seed(0)
    entry = keras.Input((2,))
    hidden = keras.layers.Dense(48, "relu")(entry)
    heads = {"arm": keras.layers.Dense(CLASSES)(hidden), "radius": keras.layers.Dense(1)(hidden)}
    model = keras.Model(entry, heads)
    losses = {"arm": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "radius": "mse"}
    model.compile("adam", losses, metrics={"arm": ["accuracy"], "radius": ["mae"]})
    points, arms = spiral(0)
    targets = {"arm": arms, "radius": np.linalg.norm(points, axis=1, keepdims=True)}
    done = model.fit(points, targets, epochs=8, validation_split=0.25, verbose=0)
    history = {name: [float(value) for value in values] for name, values in done.history.items()}
    to("keras_history", "two_outputs.json").write_text(json.dumps(history, indent=1))


def keras_csv() -> None:
    """Files of `CSVLogger`: as it is, appended to, with another separator, and of a run that diverges."""
    log = keras.callbacks.CSVLogger
    fit(
        classifier(),
        12,
        log(to("keras_csv", "plain.csv")),
        keras.callbacks.ReduceLROnPlateau(patience=2, min_delta=0.05),
    )
    appended = to("keras_csv", "appended.csv")
    appended.unlink(missing_ok=True)
    fit(classifier(), 8, log(appended, append=True))
    fit(classifier(0.01), 6, log(appended, append=True))
    fit(classifier(1e8, "sgd"), 6, log(to("keras_csv", "diverged.csv"), separator=";"))


class Spiral(L.LightningModule):
    """The same network; `how` says what is logged when, and `between` what stands between a split and a quantity."""

    def __init__(self, between: str = "_", **how: bool) -> None:
        super().__init__()
        self.between, self.how = between, how
        self.layers = torch.nn.Sequential(torch.nn.Linear(2, 48), torch.nn.ReLU(), torch.nn.Linear(48, CLASSES))

    def step(self, batch: tuple[torch.Tensor, torch.Tensor], split: str, **how: bool) -> torch.Tensor:
        """Log the loss and the accuracy of one batch."""
        points, arms = batch
        scores = self.layers(points)
        loss = torch.nn.functional.cross_entropy(scores, arms)
        self.log(f"{split}{self.between}loss", loss, **how)
        self.log(f"{split}{self.between}acc", (scores.argmax(1) == arms).float().mean(), **how)
        return loss

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """Learn from one batch."""
        return self.step(batch, "train", **self.how)

    def validation_step(self, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
        """Judge one batch."""
        self.step(batch, "val")

    def test_step(self, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
        """Judge one batch, once it is over."""
        self.step(batch, "test")

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, with nothing to it."""
        return torch.optim.Adam(self.parameters(), 0.02)


def lightning_csv() -> None:
    """`metrics.csv` with steps and epochs side by side and a test; and with epochs only, validated now and then."""
    points, arms = spiral(0)
    data = torch.utils.data.TensorDataset(torch.tensor(points), torch.tensor(arms))
    train, held_out = torch.utils.data.random_split(data, [TRAIN, 512 - TRAIN], torch.Generator().manual_seed(0))
    for case, how, more in (
        ("steps_and_epochs.csv", {"on_step": True, "on_epoch": True}, {"log_every_n_steps": 5}),
        ("epochs_only.csv", {"on_step": False, "on_epoch": True}, {"check_val_every_n_epoch": 3}),
        ("steps_only.csv", {}, {"log_every_n_steps": 4}),
        ("slashes.csv", {"between": "/"}, {"log_every_n_steps": 4}),
    ):
        L.seed_everything(0)
        with tempfile.TemporaryDirectory() as folder:
            logger = CSVLogger(folder, name="", version="")
            trainer = L.Trainer(
                max_epochs=12, logger=logger, accelerator="cpu", enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, **more
            )  # fmt: skip
            model = Spiral(**how)
            loaders = [torch.utils.data.DataLoader(part, 32, shuffle=part is train) for part in (train, held_out)]
            trainer.fit(model, *loaders)
            if "steps_and" in case:
                trainer.test(model, loaders[1], verbose=False)
            shutil.copy(Path(folder) / "metrics.csv", to("lightning_csv", case))


def epochs(seed: int, count: int) -> Iterator[dict[str, float]]:
    """Train a regression of the radius in plain PyTorch; what one would print, epoch by epoch."""
    torch.manual_seed(seed)
    data = torch.tensor(spiral(seed)[0])
    targets = data.norm(dim=1, keepdim=True) + 0.1 * torch.randn(512, 1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 8, 0.3)
    for epoch in range(count):
        rate, norms = scheduler.get_last_lr()[0], []
        for batch in torch.randperm(TRAIN).split(64):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(data[batch]), targets[batch]).backward()
            norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)))
            optimizer.step()
        scheduler.step()
        with torch.no_grad():
            off = model(data) - targets
        row: dict[str, float] = {"epoch": epoch + 1, "lr": rate, "grad_norm": float(np.mean(norms))}
        for split, part in (("train", off[:TRAIN]), ("val", off[TRAIN:])):
            row |= {f"{split}_mse": float((part**2).mean()), f"{split}_mae": float(part.abs().mean())}
        yield row


def hand_written_json() -> None:
    """What people's own loops dump: losses beside scalars and dates, and lists of records."""
    rows = list(epochs(0, 14))
    history = {
        "config": {"lr": 0.1, "hidden": [64]},
        "epochs": [row["epoch"] for row in rows],
        "train_loss": [row["train_mse"] for row in rows],
        "val_loss": [row["val_mse"] for row in rows],
        "learning_rates": [row["lr"] for row in rows],
        "finished_at": [f"2024-03-01 10:{row['epoch']:02.0f}:00" for row in rows],
        "best_epoch": 14,
        "total_time": 3.2,
    }
    to("keras_history", "own_loop.json").write_text(json.dumps(history, indent=2))
    kept = ("mse", "mae")
    records = {
        "train_loss": history["train_loss"],
        "val_loss": history["val_loss"],
        "train_metrics": [{name: row[f"train_{name}"] for name in kept} for row in rows],
        "val_metrics": [{name: row[f"val_{name}"] for name in kept} for row in rows],
        "learning_rates": history["learning_rates"],
        "seed": 0,
    }
    to("metric_records", "regression.json").write_text(json.dumps(records, indent=2))


def hand_written_tables() -> None:
    """One run as tables of many hands: commas, semicolons, tabs, blanks, and what goes wrong in them."""
    rows = list(epochs(1, 14))
    table(to("generic_csv", "torch.csv"), rows)
    pd.DataFrame(rows).drop(columns="epoch").rename(columns={"train_mse": "loss", "val_mse": "val_loss"}).to_csv(
        to("generic_csv", "dataframe.csv")
    )
    names = {"epoch": "epoch", "train_mse": "train loss", "val_mse": "val loss", "lr": "lr"}
    lines = [";".join(names.values())] + [
        ";".join(f"{row[name]:g}".replace(".", ",") for name in names) for row in rows
    ]
    to("generic_csv", "decimal_commas.csv").write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))
    tabs = ["step\tloss\tgrad_norm"] + [
        f"{50 * i}\t{row['train_mse']:.6f}\t{row['grad_norm']:.4f}" for i, row in enumerate(rows)
    ]
    to("generic_csv", "tabs_utf16.tsv").write_bytes("\n".join(tabs).encode("utf-16"))
    blanks = [f"{'epoch':>6}{'train_loss':>12}{'valid_loss':>12}"]
    blanks += [f"{row['epoch']:>6.0f}{row['train_mse']:>12.5f}{row['val_mse']:>12.5f}" for row in rows]
    to("generic_csv", "aligned.txt").write_text("\n".join(blanks) + "\n")
    again = list(epochs(2, 9))
    write_rows(
        to("generic_csv", "restarted.csv"), [*rows[:10], *again[4:]], as_written=lambda _name, value: repr(value)
    )
    tensors: list[dict[str, object]] = [
        {"epoch": f"{row['epoch']:.0f}/14", "train_loss": f"tensor({row['train_mse']:.4f}, grad_fn=<MseLossBackward0>)",
         "val_loss": row["val_mse"] if row["epoch"] % 2 == 0 else None, "lr": [row["lr"], row["lr"]]} for row in rows
    ]  # fmt: skip
    table(to("generic_csv", "tensors.csv"), tensors)
    text = to("generic_csv", "torch.csv").read_text()
    to("generic_csv", "cut_short.csv").write_text(text[: len(text) - 60])

    held_out = [{"fold": fold, **row} for fold in range(3) for row in epochs(3 + fold, 6)]
    table(to("generic_csv", "folds.csv"), held_out)
    phases: list[dict[str, object]] = [
        {
            "epoch": row["epoch"],
            "phase": split,
            "loss": round(row[f"{split}_mse"], 5),
            "mae": round(row[f"{split}_mae"], 5),
        }
        for row in rows
        for split in ("train", "val")
    ]
    table(to("generic_csv", "phases.csv"), phases)


def exports() -> None:
    """What the pages of TensorBoard and Weights & Biases let one save, laid out as they do."""
    rows = list(epochs(1, 14))
    lines = ["Wall time,Step,Value"] + [f"{1700000000 + 3.7 * i},{i},{row['val_mse']}" for i, row in enumerate(rows)]
    to("tensorboard_csv", "run-validation-tag-epoch_loss.csv").write_text("\n".join(lines) + "\n")
    runs = {"bold-sun-7": rows, "dry-wood-8.2 - again": list(epochs(2, 9))}
    names = [f"{run} - train/loss{of}" for run in runs for of in ("", "__MIN", "__MAX")]
    cells = [["Step", *names]]
    for i in range(14):
        logged = [f"{of[i]['train_mse']}" if i < len(of) else "" for of in runs.values()]
        cells.append([str(50 * i), *(cell for cell in logged for _ in range(3))])
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in cells)
    to("wandb_csv", "two_runs.csv").write_text(text)


def sb3_monitor() -> None:
    """A balancing pole, and the file that its monitor keeps."""
    with tempfile.TemporaryDirectory() as folder:
        world = Monitor(gymnasium.make("CartPole-v1"), folder)
        stable_baselines3.PPO("MlpPolicy", world, n_steps=256, seed=0, device="cpu").learn(2500)
        world.close()
        text = (Path(folder) / "monitor.csv").read_text()
    to("sb3_monitor", "cartpole.csv").write_text(text)


def table(path: Path, rows: list[dict[str, float]] | list[dict[str, object]]) -> None:
    """Write rows as `csv.DictWriter` does."""
    write_rows(path, rows, as_written=lambda _, value: value)


def write_rows(path: Path, rows: list, as_written: Callable[[str, object], object]) -> None:
    """Write rows, each value `as_written`."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: as_written(name, value) for name, value in row.items()} for row in rows)


if __name__ == "__main__":
    parts = (keras_history, keras_csv, lightning_csv, hand_written_json, hand_written_tables, exports, sb3_monitor)
    for part in parts:
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
