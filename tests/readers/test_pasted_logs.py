"""Logs as people paste them: bars and callbacks run into each other, line ends lost, numbers cut off, prose around."""

import pytest

from diagnosis import read
from diagnosis.run import Run


def only(text: str) -> Run:
    """The one run in a text."""
    (run,) = read(text)
    return run


def curves(text: str) -> dict[str, list[float]]:
    """The values of every curve."""
    return {curve.name: curve.values.tolist() for curve in only(text).curves}


def steps(text: str, name: str) -> list[float]:
    """The positions of one curve."""
    return next(curve for curve in only(text).curves if curve.name == name).steps.tolist()


def lines(line: str, count: int = 5) -> str:
    """A line for each of some epochs, with `e` and the numbers of a loss that falls."""
    return "".join(line.format(e=e, loss=2 / e, val=2.2 / e, acc=1 - 0.5 / e) + "\n" for e in range(1, count + 1))


LOSSES = [2.0, 1.0, 0.6667, 0.5, 0.4]


@pytest.mark.parametrize("gap", ["\t", "    "])
def test_what_mmcv_found_is_validation_though_it_has_no_count_of_batches(gap: str):
    """Its lines name the size of its set where mmengine counts."""
    train = "2024-03-01 10:00:00,000 - mmdet - INFO - Epoch [{e}][50/50]\tlr: 1.0e-02, time: 0.5, loss: {loss:.4f}\n"
    found = (
        "2024-03-01 10:01:00,000 - mmdet - INFO - Epoch(val) [{e}][4000]" + gap + "bbox_mAP: {acc:.4f}, mIoU: {acc:.4f}"
    )
    run = only(lines(train + found))

    assert {"val/bbox_mAP": "val_metric", "val/mIoU": "val_metric"}.items() <= run.source.mapping.items()
    assert [1, 2, 3, 4, 5] == steps(lines(train + found), "val/bbox_mAP")


def test_what_mmcv_found_by_iterations_is_validation():
    """Without an epoch."""
    text = lines(
        "mmseg - INFO - Iter [{e}0/800]\tlr: 1.0e-02, time: 0.5, loss: {loss:.4f}\nmmseg - INFO - Iter(val) [300]\tmIoU: {acc:.4f}"
    )

    assert [10, 20, 30, 40, 50] == steps(text, "val/mIoU")


def test_a_metric_on_a_line_of_mmcv_without_a_loss_is_validation():
    """Its line begins as one of training does, and copies of it are left out."""
    train = "mmdet - INFO - Epoch [{e}][50/100]\tlr: 1.0e-02, eta: 1:00:00, time: 0.5, acc: 90.0, loss: {loss:.4f}\n"
    found = "mmdet - INFO - Epoch [{e}][100/100]\tlr: 1.0e-02, bbox_mAP: {acc:.4f}, bbox_mAP_copypaste: 0.3 0.5"
    run = only(lines(train + found))

    assert {"lr": "learning_rate", "train/acc": "train_metric", "train/loss": "train_loss", "val/bbox_mAP": "val_metric"} == run.source.mapping  # fmt: skip


@pytest.mark.parametrize("mark", ["", "> "])
def test_a_callback_run_into_a_bar_of_keras_hides_no_validation(mark: str):
    """What was the best before is not what was found."""
    bar = "{m}Epoch {{e}}/9\n{m}79/80 [====>.] - ETA: 0s - loss: 9.0Epoch 0000{{e}}: val_loss improved from 7.5 to 7.4, saving\n"
    done = "{m}80/80 [=====] - 5s - loss: {{loss:.4f}} - val_loss: {{val:.4f}}"

    assert {"loss": LOSSES, "val_loss": [2.2, 1.1, 0.7333, 0.55, 0.44]} == curves(lines((bar + done).format(m=mark)))


def test_the_clock_of_a_bar_without_a_length_is_no_step():
    """Lightning writes one before each validation."""
    epoch = "Epoch {e}: 100%|##| 9/9 [00:17<00:00,  4.47it/s, loss={loss:.4f}]\nValidation: 0it [00:00, ?it/s]\n"
    text = lines(epoch + "Epoch {e}: 100%|##| 9/9 [00:19<00:00,  4.47it/s, loss={loss:.4f}, val_loss={val:.4f}]")

    assert [1, 2, 3, 4, 5] == steps(text, "loss") == steps(text, "val_loss")


def test_the_percentage_of_a_bar_is_no_step():
    """The count behind it is."""
    assert [3, 6, 9, 12, 15] == steps(
        "".join(
            f"steps:  {e}1%|###  | {3 * e}/96 [13:09<21:00, 21.9s/it, avr_loss={2 / e:.4f}]\n" for e in range(1, 6)
        ),
        "avr_loss",
    )


def test_the_states_of_a_bar_on_lines_of_their_own_stand_at_its_counts():
    """Each comes twice, with the old loss and the new one; a bar of another length is of something else."""
    state = "Epoch 0:  20%|##  | {n}/18 [00:17<01:02,  4.47s/it, loss={loss:.1f}]\n"
    frames = "".join(state.format(n=n, loss=9 - n + old) for n in range(1, 7) for old in (1, 0))
    two_bars = lines("9/9 [00:17<00:00, loss={loss:.4f}]\n4/4 [00:01<00:00, val_loss={val:.4f}]")

    assert ([1, 2, 3, 4, 5, 6], [8, 7, 6, 5, 4, 3]) == (steps(frames, "loss"), curves(frames)["loss"])
    assert LOSSES == curves(two_bars)["loss"]


def test_how_long_an_epoch_took_is_no_epoch():
    """Its words end as those of a position do."""
    text = lines("Epoch {e}: loss {loss:.4f}\nTraining time for one epoch: 4{e}.79 seconds\nval loss {val:.4f}")

    assert [1, 2, 3, 4, 5] == steps(text, "loss") == steps(text, "val loss")


@pytest.mark.parametrize(
    ("line", "name", "at"),
    [
        ("Epoch... ({e}/116 | Loss: {loss:.4f})", "Loss", [1, 2, 3, 4, 5]),
        ("Game number: 00{e}0  Frame number: 0{e}9  Average reward: {acc:.2f}", "reward", [10, 20, 30, 40, 50]),
        ("{e}1000 / 100000 eps 0.9 | avgR -0.9 | Loss {loss:.4f}", "Loss", [11000, 21000, 31000, 41000, 51000]),
        ("Epoch {e} seconds: 12 loss {loss:.4f}", "loss", [1, 2, 3, 4, 5]),
        ("nupdates: {e}00 | loss: {loss:.4f}", "loss", [100, 200, 300, 400, 500]),
        ("Step {e},000 | loss {loss:.4f}", "loss", [1000, 2000, 3000, 4000, 5000]),
        ("Iteration 1{e},000, loss {loss:.4f}", "loss", [11000, 12000, 13000, 14000, 15000]),
        ("global_step: {e},200 loss {loss:.4f}", "loss", [1200, 2200, 3200, 4200, 5200]),
        ("Episode {e},200 reward {acc:.2f}", "reward", [1200, 2200, 3200, 4200, 5200]),
        ("num_updates={e},000,000 loss {loss:.4f}", "loss", [1e6, 2e6, 3e6, 4e6, 5e6]),
        ("[{e},200/10,000] loss: {loss:.4f}", "loss", [1200, 2200, 3200, 4200, 5200]),
        ("[{e},100] loss: {loss:.4f}", "loss", [1, 2, 3, 4, 5]),  # an epoch and a batch
        ("[{e},100/391] loss: {loss:.4f}", "loss", [1, 2, 3, 4, 5]),  # likewise
    ],
)
def test_a_position_is_read_however_it_is_written(line: str, name: str, at: list[float]):
    """As frameworks and people count."""
    assert at == steps(lines(line), name)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("epoch {e}, loss: {e},703.49, x: 5.0", [1703.49, 2703.49, 3703.49, 4703.49, 5703.49]),
        ("epoch {e}, loss: {e},000,000.50", [1000000.5, 2000000.5, 3000000.5, 4000000.5, 5000000.5]),
        ("epoch {e}, loss: {e},000,000", [1e6, 2e6, 3e6, 4e6, 5e6]),
        ("epoch {e}, loss: 0.{e},0.800", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("epoch {e}, loss: {e},200, 3", [1, 2, 3, 4, 5]),  # a list, as before
        ("epoch {e}, loss: {e},200", [1, 2, 3, 4, 5]),  # which may be one and a fifth
    ],
)
def test_commas_between_thousands_are_part_of_a_number_that_cannot_be_several(line: str, values: list[float]):
    """Programs print them for people."""
    assert values == curves(lines(line))["loss"]


@pytest.mark.parametrize("announced", ["Evaluating epoch {e}...", "=> Validation epoch {e}", "Validation at epoch {e}", "[2024-03-10 19:58:38] Validation at epoch {e}"])  # fmt: skip
def test_what_follows_a_numbered_announcement_of_validation_is_validation(announced: str):
    """And no second value of training."""
    text = lines("Epoch {e}\nloss: {loss:.4f}, acc: {acc:.3f}\n" + announced + "\nloss: {val:.4f}, acc: 0.{e}", count=5)

    assert ["loss", "acc", "val/loss", "val/acc"] == list(curves(text))
    assert LOSSES == curves(text)["loss"]
    assert [1, 2, 3, 4, 5] == steps(text, "val/loss")


@pytest.mark.parametrize("announced", ["Validating epoch {e}", "Evaluating epoch {e}...", "=> Validation epoch {e}"])
def test_a_validation_that_says_its_epoch_stands_there_though_it_comes_before_the_epochs_own_line(announced: str):
    """It stood one epoch early, and the first was lost."""
    text = lines(announced + "\nval_loss: {val:.4f}\nEpoch {e} done, train loss: {loss:.4f}")

    assert [1, 2, 3, 4, 5] == steps(text, "val_loss") == steps(text, "train loss")
    assert [2.2, 1.1, 0.7333, 0.55, 0.44] == curves(text)["val_loss"]


@pytest.mark.parametrize("announced", ["Validation", "Validation at epoch {e}"])
def test_the_batches_of_an_evaluation_are_no_steps_of_training(announced: str):
    """They begin anew below it; of them the last counts."""
    train = "epoch {e} iter 100 loss: 9.0\nepoch {e} iter 200 loss: {loss:.4f}\n"
    text = lines(train + announced + "\niter 100 loss: 8.0\niter 200 loss: {val:.4f}")

    assert 10 == len(curves(text)["loss"])
    assert LOSSES == curves(text)["loss"][1::2]
    assert [2.2, 1.1, 0.7333, 0.55, 0.44] == curves(text)["val/loss"]
    assert "10 lines count the batches of an evaluation" in " ".join(only(text).source.notes)


def test_training_that_goes_on_behind_its_last_step_ends_the_validation():
    """Without a word that says so."""
    text = lines("step {e}00 loss: {loss:.4f}\nValidation\nstep 10 loss: {val:.4f}")

    assert (LOSSES, [100, 200, 300, 400, 500]) == (curves(text)["loss"], steps(text, "loss"))
    assert [2.2, 1.1, 0.7333, 0.55, 0.44] == curves(text)["val/loss"]


def test_a_step_on_a_line_of_its_own_is_the_position_of_the_validation():
    """As before: only what stands beside a value counts batches."""
    text = lines("Num steps = 725\nValidation Results\nGlobal Steps: {e}00\nValid Loss: {val:.4f}")

    assert [100, 200, 300, 400, 500] == steps(text, "Valid Loss")


def test_steps_that_begin_anew_with_every_epoch_that_is_not_said_are_no_restarts():
    """The values go on: the rows are counted, and that is said."""
    batches = "".join(
        f"iter {100 * batch}: loss {3 / (1 + epoch * 5 + batch):.4f}\n" for epoch in range(8) for batch in range(1, 6)
    )
    (loss,) = only(batches).curves

    assert ("step", list(range(40))) == (loss.axis, loss.steps.tolist())
    assert "the rows are counted instead" in " ".join(only(batches).source.notes)


@pytest.mark.parametrize("times", [2, 3, 8])
def test_a_run_that_is_begun_anew_keeps_its_last_attempt_however_often(times: int):
    """Its values begin anew with its epochs: folds, seeds, runs that broke off."""
    text = "".join(f"epoch {e}: loss {2 / e + attempt / 100:.4f}\n" for attempt in range(times) for e in range(1, 9))

    assert [round(2 / e + (times - 1) / 100, 4) for e in range(1, 9)] == curves(text)["loss"]


@pytest.mark.parametrize("sets", [1, 3])
def test_epochs_that_rows_of_validation_share_with_training_are_still_epochs(sets: int):
    """The Trainer's console: an `eval_loss` for each `loss`, both at the same half of an epoch, and perhaps of several sets."""
    rows = "".join(
        f"{{'loss': {2 / e:.4f}, 'learning_rate': 2e-05, 'epoch': {e / 2}}}\n"
        + "".join(f"{{'eval_{'abc'[k]}_loss': {2.2 / e:.4f}, 'epoch': {e / 2}}}\n" for k in range(sets))
        for e in range(1, 11)
    )
    run = only(rows)

    assert {"epoch"} == {curve.axis for curve in run.curves}
    assert [e / 2 for e in range(1, 11)] == steps(rows, "loss") == steps(rows, "eval_a_loss")
    assert () == run.source.notes


def test_a_step_that_does_not_move_does_not_hide_the_values():
    """All but one would stand at a position that is taken."""
    stuck = "step 1 loss: 3.0\n" + "".join(f"step 0 loss: {2 / e:.4f}\n" for e in range(1, 12))

    assert 12 == len(curves(stuck)["loss"])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Epoch {e}, target_val_acc: {acc:.2f}, loss: {loss:.4f}", {"target_val_acc": "val_metric", "loss": "train_loss"}),
        ("Epoch {e}, target: 0.95, loss: {loss:.4f}", {"loss": "train_loss"}),
        ("Epoch {e}, valid loss {val:.2f}, valid ppl {val:.2f}\uff0clr 30.00", {"valid loss": "val_loss", "valid ppl": "val_metric", "lr": "learning_rate"}),
        ("Epoch {e} loss: {loss:.4f} PPL = exp({loss:.4f})", {"loss": "train_loss"}),
    ],
)  # fmt: skip
def test_names_are_not_swallowed_by_what_stands_beside_them(line: str, found: dict[str, str]):
    """Nor is a loss taken for what is a function of it."""
    assert found == only(lines(line)).source.mapping


def test_losses_that_only_the_words_before_them_tell_apart_are_kept_apart():
    """Otherwise the second would be the first once more."""
    text = lines("Epoch {e} train Loc Loss: 0.1 Cls Loss: 0.{e} Tot Loss: {loss:.4f}")

    assert ["train Loc Loss", "train/Cls Loss", "train/Tot Loss"] == list(curves(text))


def test_the_words_before_a_loss_are_no_part_of_its_name_where_it_is_alone():
    """As before."""
    assert ["loss"] == list(curves(lines("epoch {e} done with loss {loss:.4f}")))


def test_folds_of_xgboost_are_of_the_sets_that_they_name():
    """Older versions put `cv-` before them."""
    text = lines("[{e}]   cv-test-logloss:{val:.4f}+0.0002       cv-train-logloss:{loss:.4f}+0.0003")

    assert {"test/logloss": "val_loss", "train/logloss": "train_loss"} == only(text).source.mapping


@pytest.mark.parametrize(
    "prose",
    [
        "How can I go on, as the loss and 0 gradients come at epoch=0.53?",
        "Loss exploded to nan at step 112!",
        "The loss went down to 0.1, and the accuracy from 0.3 to 0.4",
    ],
)
def test_prose_beside_a_log_makes_no_curve_and_no_restart(prose: str):
    """Words that lead to a number name none."""
    text = lines("{{'loss': {loss:.4f}, 'grad_norm': 1.2, 'epoch': {e}}}") + prose + "\n"

    assert ["loss", "grad_norm"] == list(curves(text))
    assert LOSSES == curves(text)["loss"]
    assert "restart" not in " ".join(only(text).source.notes)


def test_what_flair_says_of_its_classes_is_no_curve():
    """One line a class, at the end of a run."""
    epochs = lines("2024-02-19 18:38:39,402 EPOCH {e} done: loss {loss:.4f} - lr 0.1000")
    classes = "".join(
        f"2024-02-19 18:40:0{c},614 {c}          tp: 2{c} - fp: {c} - fn: 8{c} - tn: 22 - precision: 0.{c} - recall: 0.{c}\n"
        for c in range(1, 5)
    )

    assert ["loss", "lr"] == list(curves(epochs + classes))


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize(
    ("line", "cut", "name"),
    [
        ("epoch {e} train loss: {loss:.4f} val loss: 1{val:.4f}", "epoch 6 train loss: 0.3333 val loss: 1", "val loss"),
        ("INFO:root:Epoch[{e}] Train-accuracy={acc:.6f}", "INFO:root:Epoch[6] Train-accuracy=0.", "Train-accuracy"),
        ("Epoch {e}/9\n1s - loss: {loss:.4f} - val_acc: {acc:.4f}", "Epoch 6/9\n1s - loss: 0.3333 - val_acc: 0.9", "val_acc"),
        ("epoch {e} loss: {loss:.4f} acc: {acc:.1f}%", "epoch 6 loss: 0.3333 acc: 9", "acc"),
        ("epoch {e} train loss: {loss:.4f}", "epoch 6 train loss: 3.1e-0", "train loss"),
    ],
)  # fmt: skip
def test_a_last_number_that_is_cut_off_does_not_count(line: str, cut: str, name: str, end: str):
    """It would be the best of all, or the worst."""
    assert 5 == len(curves(lines(line) + cut + end)[name])
    assert "breaks off within its last number" in " ".join(only(lines(line) + cut + end).source.notes)


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("epoch {e} loss: {loss:.4f}", "epoch 6 loss: 0.3333"),
        ("epoch {e} loss: {loss:.4f}", "epoch 6 loss: 0.333"),  # a decimal less changes little
        ("epoch {e} loss: 0.5 acc: {e}", "epoch 6 loss: 0.5 acc: 6"),
        ("epoch {e} loss: 0.5 acc: 0.937{e}", "epoch 6 loss: 0.5 acc: 1.0"),  # as a rounded score is written
        ("epoch {e} loss: {loss}", "epoch 6 loss: 0.5"),  # no two have as many decimals
    ],
)
def test_a_last_number_that_may_be_whole_counts(line: str, last: str):
    """Programs that round leave zeros out."""
    assert {6} == {len(values) for values in curves(lines(line) + last).values()}
    assert "breaks off" not in " ".join(only(lines(line) + last).source.notes)


@pytest.mark.parametrize(
    ("line", "format"),
    [
        ("[2024/06/30 12:2{e}:47] root INFO: epoch: [1/500], iter: {e}0, lr: 0.001, loss: {loss:.4f}, ips: 46.57", "plain_text"),
        ("Epoch {e}/5 9/9 [=======] - 1s 10ms/step - loss: {loss:.4f} - accuracy: {acc:.4f}", "keras_console"),
        ("Epoch {e}, loss: {loss:.4f}, val_loss: {val:.4f}", "plain_text"),
        ("epoch 1 iter {e}00 loss: {loss:.4f}", "plain_text"),
    ],
)  # fmt: skip
def test_lines_that_lost_their_ends_are_read_one_by_one(line: str, format: str):  # noqa: A002 - as the source says
    """A page joins them; that is said."""
    run = only(lines(line).replace("\n", " "))

    assert format == run.source.format
    assert LOSSES == next(curve for curve in run.curves if curve.name == "loss").values.tolist()
    assert "several lines of the log stand in one" in " ".join(run.source.notes)


@pytest.mark.parametrize(
    "line",
    [
        "Epoch {e} of 5 with loss: {loss:.4f}, after epoch 1 began at 10:00, epoch 2 at 10:05 and epoch 3 at 10:10",
        "epoch {e} loss: {loss:.4f} (best epoch {e}, last saved epoch {e})" + " " * 40,
    ],
)
def test_a_line_that_says_several_epochs_is_one(line: str):
    """Only lines of one kind lose their ends."""
    assert LOSSES == curves(lines(line))["loss"]
    assert "stand in one" not in " ".join(only(lines(line)).source.notes)
