"""NaN in any spelling is data: what C, C++ and Rust print of it is no value, and nothing that is left out."""

import math

import pytest

from diagnosis import read

SPELT = (
    "nan",
    "-nan",
    "-nan(ind)",
    "nan(snan)",
    "-nan(0x400000)",
    "1.#QNAN",
    "-1.#IND",
    "1.#IND00",
    "inf",
    "1.#INF",
    "-1.#INF00",
)
FROM = 6  # the epoch from which a loss is no number


def written(line: str, spelt: str) -> str:
    """Ten epochs, each as the line says it."""
    values = [spelt if epoch >= FROM else f"{2 - 0.1 * epoch:.2f}" for epoch in range(10)]
    return "".join(line.format(epoch, value, 2.2 - 0.1 * epoch) for epoch, value in enumerate(values))


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize(
    "line", ["epoch {} loss: {} val_loss: {:.2f}\n", "Epoch {}: loss={}, val_loss={:.2f}\n", "{},{},{:.2f}\n"]
)
def test_what_c_prints_of_no_number_is_not_finite(line: str, spelt: str):
    """`1.#QNAN` is no 1, and an unfinished number in a table is nothing that was not logged."""
    head = "epoch,loss,val_loss\n" if line.startswith("{}") else ""
    ((loss, _),) = (run.curves for run in read(head + written(line, spelt)))

    assert not any(map(math.isfinite, loss.values[FROM:]))
    assert all(map(math.isfinite, loss.values[:FROM]))
    assert 10 == len(loss)


@pytest.mark.parametrize("spelt", ["nan", "NaN", "-inf", "Infinity"])
def test_a_json_record_with_a_bare_nan_is_read(spelt: str):
    """JSON knows no such word; a C++ program writes it all the same, and the line was left out."""
    line = '{{"epoch": {}, "loss": {}, "val_loss": {:.2f}}}\n'
    ((loss, _),) = (run.curves for run in read(written(line, spelt)))

    assert 10 == len(loss)
    assert not any(map(math.isfinite, loss.values[FROM:]))


def test_a_json_history_with_a_bare_nan_is_read():
    """In one document too."""
    (run,) = read('{"loss": [2.0, 1.9, nan, nan], "val_loss": [2.0, 1.9, 1.8, inf]}')

    assert [2, 1] == [sum(not math.isfinite(value) for value in curve.values) for curve in run.curves]
