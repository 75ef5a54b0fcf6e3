"""Lightning holds metrics beyond their epoch, and takes some after it has ended; each is kept where it belongs."""

from pathlib import Path
from typing import Any

import pytest

from tests.integrations.callbacks.example import example

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
NOBODY = "http://127.0.0.1:9"


def fitted(epochs: int, checkpoint: Path | None = None, **options: Any) -> tuple[Any, dict[str, list[int]]]:
    """A trainer that is done, and the epochs at which each metric was kept."""
    lightning, torch = pytest.importorskip("pytorch_lightning"), pytest.importorskip("torch")

    class Module(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.layer(batch).pow(2).mean()
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", self.layer(batch).pow(2).mean())

        def on_train_epoch_end(self) -> None:
            self.log("late", float(self.current_epoch))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.01)

    loader = torch.utils.data.DataLoader(torch.ones(4, 2), 2)
    watching = example("lightning_callback").CurveDiagnosis(NOBODY, chart=None)
    quiet = {
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
    }
    trainer = lightning.Trainer(max_epochs=epochs, accelerator="cpu", callbacks=[watching], **quiet, **options)
    trainer.fit(Module(), loader, loader, ckpt_path=checkpoint)
    history = watching.doctor.history
    assert history["late"]["values"] == history["late"]["steps"]
    return trainer, {name: series["steps"] for name, series in history.items()}


def test_what_is_not_logged_again_is_not_kept_again() -> None:
    """Where it is validated every second epoch, and where the module logs as the epoch ends."""
    _, kept = fitted(4, check_val_every_n_epoch=2)

    assert {"learning_rate": [0, 1, 2, 3], "train_loss": [0, 1, 2, 3], "val_loss": [1, 3], "late": [0, 1, 2, 3]} == kept


def test_a_run_that_is_resumed_keeps_its_history(tmp_path: Path) -> None:
    """From the checkpoint, so that it is judged as a whole."""
    trainer, _ = fitted(2)
    trainer.save_checkpoint(tmp_path / "run.ckpt")

    _, kept = fitted(5, tmp_path / "run.ckpt")

    assert {tuple(range(5))} == {tuple(steps) for steps in kept.values()}
