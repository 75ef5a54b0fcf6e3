import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.errors import InvalidRun
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Role, Run
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
        ("trloss", "vlloss", "tracc", "vlacc", "lr", "grad_norm"),
    ],
)  # fmt: skip
def test_a_run_is_the_same_run_under_the_names_of_every_tool(names: tuple[str, ...]):
    """A validation that is not seen as one leaves nothing wrong to be said."""
    run = logged(*names)

    assert dict(zip(names, ROLES, strict=True)) == run.source.mapping
    assert {"overfitting"} <= {judged.condition for judged in diagnose(run).findings}


@pytest.mark.parametrize("total", ["loss", "train_loss"])
@pytest.mark.parametrize("part", ["te_loss", "ts_loss", "cv_loss", "v_loss", "vl_loss"])
def test_a_short_form_alone_is_no_split(total: str, part: str):
    """A text encoder, a teacher, how experts vary, a value function, vision and language: a part of the loss."""
    run = logged(total, part)

    assert run.source.mapping[part] == "train_loss"
    assert "overfitting" not in {judged.condition for judged in diagnose(run).findings}


def test_what_is_taken_for_a_split_is_said():
    """Names alone tell it, and the caller may know better."""
    assert any(note.startswith("vl_acc, vl_loss: taken for held-out") for note in logged("tr_loss", "vl_loss", "tr_acc", "vl_acc").source.notes)  # fmt: skip


def test_text_vision_and_audio_are_parts_of_the_loss_beside_them():
    """Letters are splits only where nothing is logged without one."""
    run = logged("loss", "t_loss", "v_loss", "a_loss")

    assert {"train_loss"} == set(run.source.mapping.values())


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


SPARSE = np.where(np.arange(LOSS.size) % 4 == 3, VAL_LOSS, np.nan)


@pytest.mark.parametrize(
    ("name", "values", "val_loss"),
    [
        ("accuracy", np.minimum(RIGHT, 1.0), SPARSE),
        ("accuracy", 1.0 - falling(start=0.9, floor=0.0, noise=0.0), VAL_LOSS),
        ("perplexity", np.round(np.exp(LOSS) * 1.01, 2), VAL_LOSS + 0.5),
        ("bpc", LOSS / np.log(2.0), VAL_LOSS + 0.5),
    ],
    ids=["logged where validation is not", "right to the last answer", "that of the training loss", "that in bits"],
)
def test_a_metric_that_is_plainly_training_s_is_not_taken_for_validation_s(
    name: str, values: np.ndarray, val_loss: np.ndarray
):
    """What it says, and where, is heard before what is usual."""
    series = (
        Series("train_loss", LOSS),
        Series("val_loss", val_loss, missing=np.isnan(val_loss)),
        Series(name, values),
    )

    assert assemble(Log(series, "test")).source.mapping[name] == "train_metric"


@pytest.mark.parametrize("gap", [np.nan, np.inf])
def test_a_gap_in_validation_changes_nothing_of_whose_a_metric_is(gap: float):
    """A cell that is not written yet, or a value that is none, is no other cadence; nor is a step later."""
    val_loss = VAL_LOSS.copy()
    val_loss[-1] = gap
    by_step = (
        Series("train_loss", np.repeat(LOSS, 10), np.arange(600.0), "step"),
        Series("val_loss", VAL_LOSS, np.arange(9.0, 600.0, 10.0), "step"),
        Series("accuracy", VAL_RIGHT, np.arange(10.0, 601.0, 10.0), "step"),
    )
    beside = (Series("train_loss", LOSS), Series("val_loss", val_loss, missing=np.isnan(val_loss)), Series("accuracy", VAL_RIGHT))  # fmt: skip

    for series in (beside, by_step):
        assert assemble(Log(series, "test")).source.mapping["accuracy"] == "val_metric"


def test_a_role_of_a_series_that_is_not_there_is_refused():
    """Before anything is made of it."""
    series = (Series("train_loss", LOSS), Series("val_loss", VAL_LOSS), Series("accuracy", VAL_RIGHT))

    with pytest.raises(InvalidRun, match="there is no series"):
        assemble(Log(series, "test"), roles={"nope": "val_loss"})


def test_letters_are_splits_beside_a_series_that_says_another():
    """What is marked as the test's is no loss without a split."""
    run = logged("t_loss", "v_loss", "t_acc", "v_acc")
    beside = assemble(Log((Series("t_loss", LOSS), Series("v_loss", VAL_LOSS), Series("test_loss", VAL_LOSS)), "test"))

    assert "val_loss" == run.source.mapping["v_loss"] == beside.source.mapping["v_loss"]


def test_all_answers_right_at_a_low_validation_loss_are_validation_s():
    """As of an easy task: nothing there says otherwise."""
    series = (Series("train_loss", LOSS), Series("val_loss", falling(floor=0.01)), Series("accuracy", np.minimum(1.0, 0.5 + np.arange(60) / 40)))  # fmt: skip

    assert assemble(Log(series, "test")).source.mapping["accuracy"] == "val_metric"


@pytest.mark.parametrize("role", ["train_loss", "other"])
def test_a_loss_that_the_caller_puts_elsewhere_holds_out_nothing(role: Role):
    """Then there is no held-out loss for a metric to stand beside."""
    series = (Series("train_loss", LOSS), Series("val_loss", VAL_LOSS), Series("accuracy", VAL_RIGHT))
    run = assemble(Log(series[role == "train_loss" :], "test"), roles={"val_loss": role})

    assert run.source.mapping["accuracy"] == "train_metric"


def test_a_loss_that_the_caller_holds_out_is_one():
    """Whatever it is called."""
    series = (Series("train_loss", LOSS), Series("odd", VAL_LOSS), Series("accuracy", VAL_RIGHT))

    assert assemble(Log(series, "test"), roles={"odd": "val_loss"}).source.mapping["accuracy"] == "val_metric"


def test_a_metric_beside_one_of_validation_is_training_s():
    """It was logged twice, and once it says of what."""
    run = logged("train_loss", "val_loss", "accuracy", "val_accuracy")

    assert ("train_metric", "val_metric") == (run.source.mapping["accuracy"], run.source.mapping["val_accuracy"])


def test_a_reward_is_training_s_whatever_the_losses_say():
    """It is what is learnt for, by the policy that plays."""
    series = (Series("train_loss", LOSS), Series("val_loss", VAL_LOSS), Series("episode_reward", np.arange(60.0)))

    assert assemble(Log(series, "test")).source.mapping["episode_reward"] == "train_metric"
