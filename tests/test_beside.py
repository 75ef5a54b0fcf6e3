import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.assemble import Log, Series, assemble
from diagnosis.run import Run
from diagnosis.synthetic import falling, flat, turning

LOSS, VAL_LOSS = falling(), turning(at=20)
RIGHT, VAL_RIGHT = 1.0 - falling(start=0.9, floor=0.05), 1.0 - falling(start=0.9, floor=0.1, seed=1)
RATE, NORM = flat(level=0.001, noise=0.0), flat(level=1.0, noise=0.1)
ROLES = ("train_loss", "val_loss", "train_metric", "val_metric", "learning_rate", "grad_norm")


def logged(*names: str) -> Run:
    """Losses, accuracies, rate and norm of one run under these names."""
    curves = (LOSS, VAL_LOSS, RIGHT, VAL_RIGHT, RATE, NORM)
    return assemble(Log(tuple(Series(name, values) for name, values in zip(names, curves, strict=False)), "test"))


@pytest.mark.parametrize(
    "names",
    [
        ("loss", "val_loss", "accuracy", "val_accuracy", "lr", "grad_norm"),
        ("train_loss", "valid_loss", "train_accuracy", "accuracy", "lr", "gnorm"),
        ("train_loss_epoch", "val_loss", "train_acc_epoch", "val_acc", "lr-Adam", "grad_2.0_norm_total"),
        ("Training Loss", "Validation Loss", "Training Accuracy", "Validation Accuracy", "Learning Rate", "Gradient Norm"),
        ("Loss/train", "Loss/test", "Accuracy/train", "Accuracy/test", "LR", "Gradients/global_norm"),
        ("tr_loss", "vl_loss", "tr_acc", "vl_acc", "lr", "grad_norm"),
        ("tr_loss", "te_loss", "tr_acc", "te_acc", "lr", "grad_norm"),
        ("trn_loss", "oof_loss", "trn_acc", "oof_acc", "lr", "grad_norm"),
        ("train_loss", "cv_loss", "train_acc", "cv_acc", "lr", "grad_norm"),
        ("t_loss", "v_loss", "t_acc", "v_acc", "lr", "grad_norm"),
        ("tloss", "vloss", "tacc", "vacc", "lr", "grad_norm"),
    ],
)  # fmt: skip
def test_a_run_is_the_same_run_under_the_names_of_every_tool(names: tuple[str, ...]):
    """A validation that is not seen as one leaves nothing wrong to be said."""
    run = logged(*names)

    assert dict(zip(names, ROLES, strict=True)) == run.source.mapping
    assert {"overfitting"} <= {judged.condition for judged in diagnose(run).findings}


@pytest.mark.parametrize("part", ["te_loss", "ts_loss", "cv_loss", "v_loss", "vl_loss"])
def test_a_short_form_alone_is_no_split(part: str):
    """A text encoder, a teacher, a value function: a part of the loss that nobody said the split of."""
    assert logged("loss", part).source.mapping[part] == "train_loss"


@pytest.mark.parametrize("held_out", ["val_loss", "test_loss"])
def test_a_metric_without_a_split_stands_beside_the_held_out_loss(held_out: str):
    """Where both losses tell theirs; it is said, and the caller's word is stronger."""
    series = (Series("train_loss", LOSS), Series(held_out, VAL_LOSS), Series("accuracy", VAL_RIGHT))
    run = assemble(Log(series, "test"))
    told = assemble(Log(series, "test"), roles={"accuracy": "train_metric"})

    assert run.source.mapping["accuracy"] == "val_metric"
    assert any(note.startswith("accuracy: taken for ") for note in run.source.notes)
    assert told.source.mapping["accuracy"] == "train_metric"
    assert not any("taken for" in note for note in told.source.notes)


def test_a_metric_beside_one_of_validation_is_training_s():
    """It was logged twice, and once it says of what."""
    run = logged("train_loss", "val_loss", "accuracy", "val_accuracy")

    assert ("train_metric", "val_metric") == (run.source.mapping["accuracy"], run.source.mapping["val_accuracy"])


def test_a_reward_is_training_s_whatever_the_losses_say():
    """It is what is learnt for, by the policy that plays."""
    series = (Series("train_loss", LOSS), Series("val_loss", VAL_LOSS), Series("episode_reward", np.arange(60.0)))

    assert assemble(Log(series, "test")).source.mapping["episode_reward"] == "train_metric"
