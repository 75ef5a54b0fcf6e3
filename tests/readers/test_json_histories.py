"""Histories in JSON: what stands beside the curves, and what looks like a history and is none."""

import pytest

from diagnosis import Run, read
from diagnosis.errors import InvalidRun, Malformed, UnrecognisedFormat


def only(text: str) -> Run:
    """The one run in a document."""
    (run,) = read(text)
    return run


def steps(run: Run) -> dict[str, list[float]]:
    """Every curve's positions by name."""
    return {curve.name: curve.steps.tolist() for curve in run.curves}


def test_values_of_a_list_count_from_zero():
    """No list of epochs stands beside them."""
    assert {"loss": [0, 1, 2]} == steps(only('{"loss": [3, 2, 1]}'))


def test_a_list_of_epochs_gives_the_positions_of_those_as_long():
    """A shorter one starts at zero, which is said."""
    run = only('{"epochs": [5, 6, 7], "loss": [3, 2, 1], "val_loss": [3, 2]}')

    assert {"loss": [5, 6, 7], "val_loss": [0, 1]} == steps(run)


def test_null_was_not_logged_and_bare_nan_is_data():
    """Validated every other epoch; and a training that broke."""
    run = only('{"loss": [3, NaN, Infinity], "val_loss": [null, 2.5, null]}')

    assert {"loss": [0, 1, 2], "val_loss": [1]} == steps(run)
    assert "inf" == str(run.curves[0].values[2])


def test_numbers_in_strings_are_numbers():
    """Some dump what they print."""
    assert [3.0, 2.5] == only('{"loss": ["3", "tensor(2.5)"]}').curves[0].values.tolist()


def test_what_is_no_list_of_numbers_is_set_aside_and_listed():
    """Settings, dates, the end of the run."""
    run = only('{"loss": [2, 1], "config": {"lr": 1}, "started": ["monday", "tuesday"], "best": 1}')

    assert ("config", "started", "best") == run.source.ignored
    assert ("config, started, best: set aside, no list of numbers",) == run.source.notes


def test_a_dumped_history_object_is_read_by_its_member():
    """`json.dump(vars(history))`: its epochs are the positions."""
    assert {"loss": [0, 1]} == steps(only('{"history": {"loss": [2, 1]}, "epoch": [0, 1], "params": {"epochs": 2}}'))


def test_pandas_columns_are_read_in_the_order_of_their_index():
    """`to_json` writes an object a column."""
    assert [3, 2, 1] == only('{"loss": {"0": 3, "2": 1, "1": 2}}').curves[0].values.tolist()


def test_a_word_among_numbers_is_refused_at_its_place():
    """The pointer goes to the value."""
    with pytest.raises(InvalidRun, match="index 1") as raised:
        read('{"a/b_loss": [1, "high"]}')

    assert "/a~1b_loss/1" == raised.value.pointer


def test_records_beside_losses_become_curves_of_their_own():
    """A record an epoch, under the name of its split; what it counts gives the positions."""
    run = only(
        '{"train_loss": [3, 2], "val_metrics": [{"epoch": 1, "mae": 3, "who": "x"}, {"epoch": 2, "mae": 2, "who": "y"}]}'
    )

    assert {"train_loss": [0, 1], "val_mae": [1, 2]} == steps(run)


@pytest.mark.parametrize(
    "text",
    [
        '{"loss": [3, 2, 1], "loss": [3, 2, 0.5]}',
        '{"history": {"val_loss": [3, 2], "loss": [3, 2, 1], "loss": [2, 1]}}',
        '{"log_history": [{"step": 1, "loss": 3, "loss": 4}, {"step": 2, "loss": 2}]}',
        '[{"epoch": 1, "loss": 3, "loss": 4}, {"epoch": 2, "loss": 2, "loss": 1}]',
        '{"epoch": 1, "loss": 3, "loss": 4}\n{"epoch": 2, "loss": 2, "loss": 1}\n',
        'my history:\n{"loss": [3, 2, 1], "loss": [3, 2, 0.5]}\nwhy?\n',
        '{"note": "he said \\"no\\"", "loss": [3, 2, 1], "loss": [3, 2, 0.5]}',
    ],
)
def test_a_key_that_says_two_things_is_refused_by_its_name(text: str):
    """A parser keeps the last of them, and says nothing."""
    with pytest.raises(InvalidRun, match="'loss' stands twice"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"loss": [3, 2, 1], "loss": [3, 2, 1]}',
        '{"date": "a", "date": "b", "loss": [3, 2, 1]}',
        '{"note": "\\"loss\\": \\"loss\\":", "loss": [3, 2, 1]}',
    ],
)
def test_a_key_that_stands_twice_and_hides_nothing_is_read(text: str):
    """The same list again, words, and keys within words."""
    assert [3.0, 2.0, 1.0] == only(text).curves[0].values.tolist()


def test_a_number_too_large_for_a_float_is_infinite():
    """Python writes integers of any length."""
    assert "inf" == str(only('{"loss": [1, ' + "9" * 400 + "]}").curves[0].values[1])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"alpha": [1, 2], "beta": [3, 4]}', "'alpha', 'beta'"),
        ('[{"a": 1}]', "list of 1 objects"),
        ("[1, 2, 3]", "numbers without a name"),
        ('{"nbformat": 4, "cells": []}', "notebook"),
        ('{"class_name": "Sequential", "config": {}}', "architecture"),
    ],
)
def test_other_json_is_refused_with_what_it_is(text: str, says: str):
    """A list of scores, a notebook, a model."""
    with pytest.raises(UnrecognisedFormat) as raised:
        read(text)

    assert says in raised.value.detail


@pytest.mark.parametrize(
    "text", ['{"loss": [1, 2,]}', '{"loss": [1, 2', '[{"loss": 1}, {"loss"', '{\n "loss": [1 2]}', "[" * 100_000]
)
def test_json_that_breaks_off_is_malformed(text: str):
    """With the place, unless it is too deep to have one."""
    with pytest.raises(Malformed, match=r"line|Line|read"):
        read(text)


@pytest.mark.parametrize(
    "text", ["[Train][Epoch 1/4] lr: 0.1\n", "[2024-01-01 10:00] start\n", '{"lost": 1}\n{"lost": 2}\n']
)
def test_what_only_starts_like_json_is_not_called_malformed(text: str):
    """Brackets before a console line; one record a line."""
    with pytest.raises(UnrecognisedFormat):
        read(text)
