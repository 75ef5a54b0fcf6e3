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
