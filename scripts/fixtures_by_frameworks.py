"""Train something tiny with Transformers, XGBoost, LightGBM, CatBoost, Stable-Baselines3, TensorBoard, W&B, spaCy and MLflow, and keep their logs.

    python -m venv fixtures-venv
    fixtures-venv/bin/pip install torch==2.13.0 transformers accelerate tensorboard xgboost-cpu lightgbm catboost stable-baselines3 wandb scikit-learn spacy rich
    fixtures-venv/bin/python scripts/fixtures_by_frameworks.py
    python -m venv mlflow-venv && mlflow-venv/bin/pip install mlflow==3.17.2
    mlflow-venv/bin/python scripts/fixtures_by_frameworks.py mlflow_files

The frameworks are no dependency of this project, so this runs in environments of its own, by hand, and rarely. Then run
`make golden ARGS=--force`, and read the diff.
"""

# long because: one function for each writer

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"CUDA_VISIBLE_DEVICES": "", "WANDB_MODE": "offline", "WANDB_SILENT": "true", "HF_HUB_OFFLINE": "1"}
PRAISE, BLAME = ("good", "great", "fine", "lovely"), ("bad", "poor", "awful", "dull")
PLAIN = ["the", "a", "film", "was", "and", "very", "rather", "it", "with", "of", "plot", "actor", "scene"]
TESTS = Path(__file__).parents[1] / "tests"


def to(reader: str, case: str) -> Path:
    """Where the log of a reader's case is kept."""
    folder = TESTS / "readers" / reader
    folder.mkdir(parents=True, exist_ok=True)
    return folder / case


def binary(case: str) -> Path:
    """Where a binary log is kept, which the service opens."""
    folder = TESTS / "service" / "containers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / case


def table(seed: int) -> Any:  # noqa: ANN401 - four arrays of scikit-learn
    """A small noisy classification, in training and validation."""
    from sklearn.datasets import make_classification  # noqa: PLC0415 - only some environments have it
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    points, labels = make_classification(600, 12, n_informative=5, flip_y=0.1, random_state=seed)
    return train_test_split(points, labels, test_size=0.3, random_state=seed)


def trainer_state() -> None:
    """A tiny language model by Transformers' Trainer, evaluated now and then; and the state in the middle of it."""
    import torch  # noqa: PLC0415
    from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments, set_seed  # noqa: PLC0415

    set_seed(0)
    text = torch.tensor([ord(letter) % 64 for letter in (__doc__ or "") * 12])
    rows = [{"input_ids": piece, "labels": piece} for piece in text[: len(text) // 32 * 32].view(-1, 32)]
    model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=32, n_embd=32, n_layer=1, n_head=2))
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, num_train_epochs=4, per_device_train_batch_size=8, learning_rate=3e-3, logging_steps=5, eval_strategy="steps",
            eval_steps=20, save_steps=60, report_to=[], use_cpu=True, warmup_steps=10, disable_tqdm=True, seed=0,
        )  # fmt: skip
        trainer = Trainer(model, arguments, train_dataset=rows[:-40], eval_dataset=rows[-40:])
        trainer.train()
        trainer.save_state()
        shutil.copy(Path(folder) / "trainer_state.json", to("trainer_state", "finished.json"))
        states = sorted(Path(folder).glob("checkpoint-*/trainer_state.json"), key=lambda path: len(path.read_text()))
        shutil.copy(states[0], to("trainer_state", "checkpoint.json"))


def boosting() -> None:
    """`evals_result` of XGBoost with its anonymous names and of LightGBM, and CatBoost's folder."""
    import lightgbm  # noqa: PLC0415
    import xgboost  # noqa: PLC0415
    from catboost import CatBoostClassifier  # noqa: PLC0415

    train, held_out, labels, held_labels = table(0)
    model = xgboost.XGBClassifier(n_estimators=40, learning_rate=0.3, eval_metric=["logloss", "error"], seed=0)
    model.fit(train, labels, eval_set=[(train, labels), (held_out, held_labels)], verbose=False)
    to("evals_result", "xgboost.json").write_text(json.dumps(model.evals_result()))
    kept: dict[str, Any] = {}
    data = lightgbm.Dataset(train, labels)
    sets = [data, lightgbm.Dataset(held_out, held_labels, reference=data)]
    options = {"objective": "binary", "metric": ["binary_logloss", "auc"], "verbose": -1, "seed": 0, "num_threads": 1}
    lightgbm.train(
        options, data, 40, sets, valid_names=["training", "valid_1"], callbacks=[lightgbm.record_evaluation(kept)]
    )
    to("evals_result", "lightgbm.json").write_text(json.dumps(kept))
    with tempfile.TemporaryDirectory() as folder:
        forest = CatBoostClassifier(
            iterations=60, train_dir=folder, eval_metric="AUC", custom_metric=["Logloss"], random_seed=0, thread_count=1
        )
        forest.fit(train, labels, eval_set=(held_out, held_labels), verbose=False)
        shutil.copy(Path(folder) / "catboost_training.json", to("catboost_json", "two_sets.json"))
        for split in ("learn", "test"):
            shutil.copy(Path(folder) / f"{split}_error.tsv", to("catboost_tsv", f"{split}_error.tsv"))


def sb3_progress() -> None:
    """A balancing pole, and the table that Stable-Baselines3's logger writes."""
    from stable_baselines3 import PPO  # noqa: PLC0415
    from stable_baselines3.common.logger import configure  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        agent = PPO("MlpPolicy", "CartPole-v1", n_steps=256, seed=0, device="cpu")
        agent.set_logger(configure(folder, ["csv", "log"]))
        agent.learn(256 * 20)
        shutil.copy(Path(folder) / "progress.csv", to("sb3_progress", "cartpole.csv"))
        shutil.copy(Path(folder) / "log.txt", to("printed_blocks", "cartpole.txt"))


def spacy_console() -> None:
    """A classifier of made-up reviews, one word in seven misplaced, trained by the command line."""
    import spacy  # noqa: PLC0415
    from spacy.tokens import DocBin  # noqa: PLC0415

    draw = random.Random(0)
    nlp = spacy.blank("en")
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (("train", 300), ("dev", 100)):
            kept = DocBin()
            for _ in range(count):
                liked = draw.random() < 0.5
                said = liked if draw.random() < 0.85 else not liked
                words = [*draw.choices(PLAIN, k=8), draw.choice(PRAISE if said else BLAME)]
                document = nlp.make_doc(" ".join(draw.sample(words, len(words))))
                document.cats = {"liked": float(liked), "disliked": float(not liked)}
                kept.add(document)
            kept.to_disk(f"{folder}/{name}.spacy")
        spacy_says = [sys.executable, "-m", "spacy"]
        subprocess.run([*spacy_says, "init", "config", f"{folder}/a.cfg", "--pipeline", "textcat"], check=True)
        settings = {"paths.train": f"{folder}/train.spacy", "paths.dev": f"{folder}/dev.spacy"}
        settings |= {"training.max_steps": "1600", "training.eval_frequency": "100"}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        trained = subprocess.run([*spacy_says, "train", f"{folder}/a.cfg", *options], check=True, capture_output=True)
        to("spacy_console", "textcat.txt").write_bytes(trained.stdout)


def printed_tables() -> None:
    """What scikit-learn prints of its rounds, and a table as rich draws it."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from sklearn.ensemble import GradientBoostingClassifier  # noqa: PLC0415

    train, held_out, labels, held_labels = table(0)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        forest = GradientBoostingClassifier(n_estimators=25, max_depth=2, random_state=0, verbose=2).fit(train, labels)
    to("generic_csv", "two_blanks.txt").write_text(printed.getvalue())
    drawn = Table("Round", "Train loss", "Val accuracy", title="Boosting")
    stages = forest.staged_predict(held_out)
    for at, (loss, found) in enumerate(zip(forest.train_score_, stages, strict=True)):
        drawn.add_row(str(at + 1), f"{loss:.4f}", f"{(found == held_labels).mean():.3f}")
    with to("generic_csv", "rich.txt").open("w") as kept:
        Console(file=kept, width=60).print(drawn)


def losses(count: int, rate: float) -> list[tuple[float, float]]:
    """Training and validation loss of a small network, epoch by epoch."""
    import torch  # noqa: PLC0415

    torch.manual_seed(0)
    train, held_out, labels, held_labels = (torch.tensor(part, dtype=torch.float32) for part in table(1))
    model = torch.nn.Sequential(torch.nn.Linear(12, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), rate)
    measure = torch.nn.functional.binary_cross_entropy_with_logits
    found = []
    for _ in range(count):
        loss = measure(model(train)[:, 0], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append((loss.item(), measure(model(held_out)[:, 0], held_labels).item()))
    return found


def event_files() -> None:
    """A log folder of TensorBoard with plain scalars and a histogram; and one with scalars as tensors, as TF2 writes them."""
    import torch  # noqa: PLC0415
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
    from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: PLC0415
    from tensorboard.util.tensor_util import make_tensor_proto  # noqa: PLC0415
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            for step, (train, val) in enumerate(losses(60, 0.01)):
                writer.add_scalar("loss/train", train, step)
                if step % 5 == 4:
                    writer.add_scalar("loss/val", val, step)
                    writer.add_histogram("weights", torch.randn(50), step)
        shutil.copy(next(Path(folder).glob("events*")), binary("scalars.tfevents"))
    with tempfile.TemporaryDirectory() as folder:
        writer = EventFileWriter(folder)
        for step, (train, _) in enumerate(losses(20, 0.02)):
            value = Summary.Value(tag="epoch_loss", tensor=make_tensor_proto(train, dtype="float32"))
            value.metadata.plugin_data.plugin_name = "scalars"
            writer.add_event(Event(step=step, summary=Summary(value=[value])))
        writer.close()
        shutil.copy(next(Path(folder).glob("events*")), binary("tensors.tfevents"))


def wandb_run() -> None:
    """An offline run of W&B, with a NaN and a nested metric."""
    import wandb  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(
            project="fixtures",
            dir=folder,
            settings=wandb.Settings(x_disable_stats=True, console="off", disable_git=True),
        )
        for step, (train, val) in enumerate(losses(40, 0.02)):
            run.log(
                {"train/loss": train, "lr": 0.02, "extra": {"odd": math.nan if step == 3 else 1.0 / (step + 1)}},
                step=step,
            )
            if step % 4 == 3:
                run.log({"val/loss": val}, step=step)
        run.finish()
        shutil.copy(next(Path(folder).rglob("run-*.wandb")), binary("offline.wandb"))


def mlflow_files() -> None:
    """Metric files of a run in MLflow's file store, and the answer of its REST interface."""
    import mlflow  # noqa: PLC0415
    from mlflow.tracking import MlflowClient  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
        mlflow.set_tracking_uri(f"file:{folder}")
        mlflow.set_experiment("fixtures")
        with mlflow.start_run() as run:
            for step in range(30):
                mlflow.log_metric("train_loss", 2.3 * math.exp(-step / 9) + 0.2 + 0.01 * math.sin(7 * step), step)
                mlflow.log_metric("val_loss", 2.2 * math.exp(-step / 9) + 0.35 + 0.03 * math.sin(5 * step), step)
        files = next(Path(folder).rglob("metrics"))
        for name in ("train_loss", "val_loss"):
            shutil.copy(files / name, to("mlflow_metric", f"{name}.txt"))
        history = MlflowClient().get_metric_history(run.info.run_id, "val_loss")
        answer = {
            "metrics": [{"key": m.key, "value": m.value, "timestamp": m.timestamp, "step": m.step} for m in history]
        }
        to("mlflow_json", "get_history.json").write_text(json.dumps(answer, indent=1))


if __name__ == "__main__":
    parts = (trainer_state, boosting, sb3_progress, spacy_console, printed_tables, event_files, wandb_run)
    for part in (*parts, mlflow_files) if sys.argv[1:] else parts:
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
