"""PyTorch Lightning: a module that logs its losses, and counts at the end of validation."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytorch_lightning as lightning
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as criterion

from tests.integrations.callbacks.example import example
from tests.integrations.callbacks.problems import Problem, Trained, counts
from tests.integrations.callbacks.with_plain_pytorch import loaders, network, weights


def train(problem: Problem, url: str | None, **options: Any) -> Trained:
    """Train, watched by the service at `url`."""

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network(problem)
            self.answers: list[tuple[Any, Any]] = []

        def training_step(self, batch: Any, index: int) -> Any:
            loss = criterion(self.network(batch[0]).squeeze(1), batch[1].float())
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            logits = self.network(batch[0]).squeeze(1)
            self.log("val_loss", criterion(logits, batch[1].float()))
            self.answers.append((logits > 0, batch[1]))

        def on_validation_epoch_end(self) -> None:
            said, labels = (np.concatenate(each) for each in zip(*self.answers, strict=True))
            self.answers.clear()
            counted = counts(said, labels)
            self.log_dict({f"val_{name}": float(number) for name, number in counted.items()})
            self.log("val_acc", (counted["tp"] + counted["tn"]) / len(labels))

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), problem.rate)

    lightning.seed_everything(0, verbose=False)
    module, (training, validation) = Module(), loaders(problem)
    watching = [example("lightning_callback").CurveDiagnosis(url, **options)] if url else []
    trainer = lightning.Trainer(
        max_epochs=problem.epochs, accelerator="cpu", devices=int(os.environ.get("WORLD_SIZE", "1")), callbacks=watching, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, training, validation)
    return Trained(weights(module), trainer.current_epoch, watching[0].doctor if watching else None)
