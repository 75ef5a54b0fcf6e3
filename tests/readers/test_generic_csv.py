"""What people's own tables do: several runs, a split in a column, rows cut short, and rows that are no epochs."""

import json
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnosis import Run, read
from diagnosis.errors import DiagnosisError, NoCurve, UnreadableLog, UnrecognisedFormat
from diagnosis.names import understand
from diagnosis.reading.header import header_of
from diagnosis.reading.table import BLOCK, read_table

EPOCHS = range(5)


def only(table: str) -> Run:
    """The one run in a table."""
    (run,) = read(table)
    return run


def values(run: Run) -> dict[str, list[float]]:
    """Every curve's values by name."""
    return {curve.name: curve.values.tolist() for curve in run.curves}


@pytest.mark.parametrize(("label", "names"), [("{}", ["fold 0", "fold 1"]), ("fold-{}", ["fold-0", "fold-1"])])
def test_a_column_that_names_the_run_makes_several_runs(label: str, names: list[str]):
    """Each by its name, whether in one piece or interleaved."""
    rows = [f"{label.format(fold)},{epoch},{2 - epoch / 4 + fold}" for epoch in EPOCHS for fold in range(2)]

    runs = read("fold,epoch,loss\n" + "\n".join(rows))

    assert names == [run.name for run in runs]
    assert [2.0, 3.0] == [run.curves[0].values[0] for run in runs]


def test_a_column_that_says_the_split_tells_the_splits_apart():
    """One row of training and one of validation each epoch."""
    rows = [f"{epoch},{split},{epoch + shift}" for epoch in EPOCHS for split, shift in (("train", 0), ("Val", 10))]
    run = only("epoch,phase,loss\n" + "\n".join(rows))

    assert {"train_loss": [0, 1, 2, 3, 4], "val_loss": [10, 11, 12, 13, 14]} == values(run)


@pytest.mark.parametrize(
    "table",
    [
        "Name,State,Created,Runtime,epoch,loss\nsun-1,finished,2024-01-01,10,5,0.3\nsea-2,failed,2024-01-02,20,3,0.2\n",
        "lr,batch_size,dropout,val_loss\n0.1,32,0.1,0.4\n0.01,64,0.2,0.3\n",
        "model,epochs,best_val_acc\nresnet,10,0.9\nvgg,20,0.8\n",
        "seed,val_acc\n0,0.91\n1,0.92\n2,0.90\n",
    ],
    ids=["tracker", "grid", "models", "seeds"],
)
def test_a_table_of_experiments_is_no_history(table: str):
    """One row a run: refused, with what would do."""
    with pytest.raises(NoCurve, match="one row a run"):
        read(table)


@pytest.mark.parametrize(
    "text",
    [
        "After 3 epochs, the loss went up, sadly.\nI tried a lower rate, no luck\n",
        "The loss is rising.\n",
        "Dear doctor,\nmy model is unwell, help.\n",
        "One, two.\nThree, four.\nFive, six.\n",
    ],
    ids=["prose", "sentence", "letter", "verse"],
)
def test_prose_is_no_table(text: str):
    """A known word alone makes no training log, nor a comma in each line a table."""
    with pytest.raises(UnrecognisedFormat):
        read(text)


@pytest.mark.parametrize(
    "table",
    [
        ",precision,recall,f1-score,support\ncat,0.9,0.8,0.85,10\ndog,0.7,0.8,0.75,20\n",
        "age,income,score\n31,2000,3\n45,3000,6\n",
        "name,city\nbob,paris\nann,rome\n",
        "epoch,foo\n0,1\n1,2\n",
        "epoch foo\n0 1\n1 2\n",
        "epoch," + ",".join(f"part{k}" for k in range(120)) + "\n" + 3 * (",".join(["1"] * 121) + "\n"),
    ],
    ids=["classes", "data", "words", "unknown", "blanks", "wide"],
)
def test_a_table_of_something_else_holds_no_curve(table: str):
    """A known word alone makes no training log; its owner is told to say what is what."""
    with pytest.raises(NoCurve, match="Rename one, or say its role"):
        read(table)


@pytest.mark.parametrize(
    "line", [" " * 60_000 + "!", "-" * 60_000 + "x", "a:" * 30_000, "loss " * 12_000, "(" * 60_000]
)
def test_a_long_line_is_refused_at_once(line: str):
    """No pattern takes time that grows with the square of a line."""
    began = process_time()
    with pytest.raises(DiagnosisError):
        read(line)

    assert process_time() - began < 2.0


def test_a_last_row_cut_short_is_left_out_and_said():
    """What is left of it may be shifted or broken off in a number."""
    run = only("epoch,loss,val_loss\n0,3,3\n1,2,2.5\n2,1.\n")

    assert {"loss": [3, 2], "val_loss": [3, 2.5]} == values(run)
    assert "line 4" in run.source.notes[0]


def test_short_rows_in_between_are_filled_up_and_said():
    """Some write no comma where validation was not run."""
    run = only("epoch,loss,val_loss\n0,3\n1,2,2.5\n2,1\n3,0.5\n4,0.4,2\n")

    assert {"loss": [3, 2, 1, 0.5, 0.4], "val_loss": [2.5, 2]} == values(run)
    assert "lines 2, 4, 5: fewer than 3 cells" in run.source.notes[0]


def test_rows_that_are_too_long_are_left_out_and_said():
    """Nobody knows which cell is which."""
    run = only("epoch,loss\n0,3\n1,2,7,7\n2,1\n")

    assert {"loss": [3, 1]} == values(run)
    assert "line 3: more than 2 cells" in run.source.notes[0]


def test_a_table_whose_rows_do_not_fit_names_the_line():
    """Most rows too long: it is another table."""
    with pytest.raises(UnreadableLog, match="Line 3: expected 2 cells"):
        read("epoch,loss\n0,1\n1,2,3,4\n1,2,3,4\n1,2,3,4\n")


def test_a_cell_that_is_no_number_is_left_out_and_said():
    """With the line it stands in."""
    run = only("epoch,loss\n0,3\n1,oops\n2,1\n")

    assert {"loss": [3, 1]} == values(run)
    assert ("loss: a cell is no number ('oops' in line 3); left out",) == run.source.notes


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0.5", 0.5),
        ("tensor(0.5)", 0.5),
        ("\"tensor(0.5, device='cuda:0')\"", 0.5),
        ('"[0.5, 0.7]"', 0.5),
        ("np.float32(0.5)", 0.5),
        ("50%", 50.0),
        ('"0,5"', 0.5),
        ('"1,234.5"', 1234.5),
        ("1e400", np.inf),
        ("#DIV/0!", np.nan),
        ("-1.#IND", np.nan),
    ],
)
def test_a_number_is_read_however_it_is_printed(cell: str, expected: float):
    """As frameworks, spreadsheets and C libraries print it."""
    run = only(f"epoch,loss\n0,3\n1,{cell}\n2,1\n")

    np.testing.assert_array_equal([3, expected, 1], run.curves[0].values)


@pytest.mark.parametrize("cell", ["", " ", "null", "None", "NA", "N/A", "-"])
def test_what_was_not_logged_is_no_number(cell: str):
    """However that is written."""
    assert {"loss": [3, 1]} == values(only(f"epoch,loss\n0,3\n1,{cell}\n2,1\n"))


def test_many_rows_of_one_epoch_are_steps():
    """A loss logged for every batch under its epoch alone."""
    rows = [f"{epoch},{3 - epoch - batch / 10}" for epoch in range(3) for batch in range(5)]
    (loss,) = only("epoch,loss\n" + "\n".join(rows)).curves

    assert ("step", 15) == (loss.axis, len(loss))


def test_a_step_that_starts_anew_with_every_epoch_is_counted_on():
    """And validation, once an epoch, stands at its epoch."""
    rows = [f"{e},{b},{3 - e - b / 10},{3 - e if b == 4 else ''}" for e in range(3) for b in range(5)]
    loss, val_loss = only("epoch,iter,loss,val_loss\n" + "\n".join(rows)).curves

    assert list(range(15)) == loss.steps.tolist()
    assert ("epoch", [0, 1, 2]) == (val_loss.axis, val_loss.steps.tolist())


def test_an_epoch_logged_twice_counts_once_and_that_is_said():
    """The last value is the one."""
    run = only("epoch,loss\n0,3\n1,2\n1,1.9\n2,1\n")

    assert {"loss": [3, 1.9, 1]} == values(run)
    assert "logged again" in run.source.notes[0]


def test_positions_with_words_are_read():
    """`7/300`, `Epoch 7`."""
    (loss,) = only("epoch,loss\n1/300,3\n2/300,2\n7/300,1\n").curves

    assert [1, 2, 7] == loss.steps.tolist()


def test_two_columns_of_one_name_are_two_curves():
    """The second is told from the first."""
    assert ["loss", "loss.1"] == [c.name for c in only("epoch,loss,loss\n0,3,4\n1,2,3\n").curves]


def test_an_index_without_a_name_is_no_curve():
    """In front of the columns, or in front of the header that lacks it."""
    for header in (",loss,val_loss", "loss,val_loss"):
        assert ["loss", "val_loss"] == [c.name for c in only(header + "\n0,3,4\n1,2,3\n2,1,2\n").curves]


@pytest.mark.parametrize("rows", [BLOCK - 1, BLOCK, 2 * BLOCK + 1])
def test_a_table_is_read_whole_across_blocks(rows: int):
    """Cell by cell, in blocks: no row is lost or doubled."""
    run = only('step,loss,"who"\n' + "".join(f"{i},{i / 7!r},me{i}\n" for i in range(rows)))

    np.testing.assert_array_equal(np.arange(rows) / 7, run.curves[0].values)
    assert ("who",) == run.source.ignored


CELLS = st.one_of(st.floats(width=32).map(repr), st.integers(-999, 999).map(str), st.just(""))


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_is_read_at_once_as_it_is_cell_by_cell(rows: list[tuple[str, ...]], delimiter: str, ending: str):
    """The fast way and the slow way agree, on what is missing and on what is not finite."""
    lines = [delimiter.join(("epoch", "loss", "val_loss")), *(delimiter.join(row) for row in rows)]
    header = header_of([(1, lines[0]), (2, lines[1])], lambda name: understand(name).kind == "loss")
    assert header is not None
    blank = {place for place, row in enumerate(rows) if not "".join(row)}

    fast = read_table(ending.join(lines) + ending, header)
    slow = read_table(ending.join([lines[0], *(f"{line}" + delimiter + " " for line in lines[1:])]) + ending, header)

    for at_once, one_by_one in zip(fast.columns, slow.columns, strict=True):
        keep = [i for i in range(len(rows)) if i not in blank] if fast.rows != slow.rows else range(len(rows))
        np.testing.assert_array_equal(at_once.values[keep], one_by_one.values)
        np.testing.assert_array_equal(at_once.missing[keep], one_by_one.missing)


@pytest.mark.parametrize("ids", [(20240101, 20240102, 20240103), (1729587001, 1729587002), (0.5, 0.25)])
def test_runs_are_told_apart_by_the_last_digit_of_their_ids(ids: tuple[float, ...]):
    """Dates and times name runs, in tables and in records."""
    rows = [(name, epoch, 1.0 / (epoch + 1) + name / 1e12) for name in ids for epoch in range(20)]
    table = "run_id,epoch,loss\n" + "".join(f"{name},{epoch},{loss}\n" for name, epoch, loss in rows)
    records = "\n".join(json.dumps({"run": name, "epoch": epoch, "loss": loss}) for name, epoch, loss in rows)

    for found, named in ((read(table), "run_id"), (read(records), "run")):
        assert [f"{named} {name}" for name in ids] == [run.name for run in found]
        assert {20} == {len(run.curves[0]) for run in found}


@pytest.mark.parametrize("folds", [("1_1", "1_2", "2_1"), ("1_1", "11", "1_2")])
def test_a_fold_of_a_repeat_is_no_number(folds: tuple[str, ...]):
    """Python reads 1_1 as eleven."""
    rows = [(fold, epoch) for fold in folds for epoch in EPOCHS]
    table = "fold,epoch,loss\n" + "".join(f"{fold},{epoch},{2 - epoch / 4}\n" for fold, epoch in rows)
    records = "\n".join(json.dumps({"fold": fold, "epoch": epoch, "loss": 1.0}) for fold, epoch in rows)

    for found in (read(table), read(records)):
        assert list(folds) == [str(run.name).removeprefix("fold ") for run in found]


def series(text: str) -> dict[str, list[float]]:
    """Every curve of the one run in a text, of whatever format."""
    return values(only(text))


LOSSES = [2.5 - 0.1 * i for i in range(12)]


@pytest.mark.parametrize(
    "line",
    [
        "2024-01-05 09:31:{0:02} iter {0}: loss {1:.1f}, time 99.1ms, mfu 15.3%",
        "Epoch  2, {0}/733817; acc:  42.20; loss:  {1:.1f}; 998 src tok/s; 1132 tgt tok/s",
        "Epoch   {0} Batch   50/225 - Loss: {1:.1f} - perplexity: 25.5",
        "Validation loss decreased (9.9 --> 9.8).  Saving model to best_{0}.pt ...\nEpoch: {0}/200 | Loss: {1:.1f} | Time:  27.2s",
    ],
    ids=["nanoGPT", "OpenNMT", "batches", "saved"],
)
def test_a_line_that_comes_again_with_other_numbers_heads_no_table(line: str):
    """Whatever commas, bars and blanks stand in it."""
    found = series("\n".join(line.format(at, loss) for at, loss in enumerate(LOSSES)))

    assert [pytest.approx(LOSSES)] == [of for name, of in found.items() if "loss" in name.lower()]


@pytest.mark.parametrize(
    "above",
    [
        "training done, loss ok, lr set",
        "2024-01-05 09:31:11,123 Node[0] start with arguments Namespace(batch_size=10, data_dir='/x/', epochs=3, loss='ce')",
    ],
    ids=["sentence", "settings"],
)
def test_a_line_above_lines_that_say_their_numbers_heads_no_table(above: str):
    """The rows of a table hold numbers in cells of their own."""
    lines = [f"Epoch {at}, loss: {loss:.1f}, acc: 0.5" for at, loss in enumerate(LOSSES)]

    assert pytest.approx(LOSSES) == series("\n".join([above, *lines]))["loss"]


def test_a_table_in_which_nothing_is_a_number_is_read_line_by_line():
    """Settings side by side, and below them the log."""
    settings = "\n".join(f"{name},yes" for name in "abcdefghijkl")
    lines = "\n".join(f"epoch {at} loss {loss:.1f}" for at, loss in enumerate(LOSSES))

    assert {"loss": pytest.approx(LOSSES)} == series(f"loss,accuracy\n{settings}\n{lines}")


@pytest.mark.parametrize(
    "above", ["$ python train.py --lr 0.01 --epochs 10", "The loss of 10 epochs", "loss of all runs"]
)
def test_a_line_that_names_a_loss_above_a_header_does_not_hide_it(above: str):
    """One cell is no better header for having no separator to go by."""
    table = "epoch,loss,val_loss\n" + "".join(f"{at},{loss:.1f},{loss + 1:.1f}\n" for at, loss in enumerate(LOSSES))

    assert {"loss", "val_loss"} == set(series(f"{above}\n{table}"))


def test_cells_that_stay_blank_until_the_validation_are_not_logged():
    """Chainer's `PrintReport`, and a data frame, end a row where nothing more was logged."""
    rows = [
        f"{1 + at // 4:<12}{100 * at:<12}{loss:<12.1f}{loss + 1 if at % 4 == 3 else '':<12}".rstrip()
        for at, loss in enumerate(LOSSES)
    ]

    found = series("epoch       iteration   main/loss   validation/main/loss\n" + "\n".join(rows))

    assert pytest.approx(LOSSES) == found["main/loss"]
    assert 3 == len(found["validation/main/loss"])


@pytest.mark.parametrize("row", ['"{step}",{loss}', "{step}\t{loss}", "| {step} | {loss} |", "{step} {loss}"])
def test_commas_between_the_thousands_of_a_step_are_no_fraction(row: str):
    """As a notebook shows steps; `1,200` stood before 400."""
    by = {'"': ",", "{": "\t" if "\t" in row else " ", "|": "|"}[row[0]]
    head = "| step | loss |" if by == "|" else f"step{by}loss"
    rows = [row.format(step=f"{400 * at:,}", loss=round(3 / at, 3)) for at in range(1, 8)]
    (loss,) = read("\n".join([head, *rows]))[0].curves

    assert [400, 800, 1200, 1600, 2000, 2400, 2800] == loss.steps.tolist()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["4,000", "2,000", "1,333", "800"], [4000, 2000, 1333, 800]),
        (["1,200,000", "900,000", "800,000"], [1200000, 900000, 800000]),
        (["2", "1,875", "1", "1,125"], [2, 1.875, 1, 1.125]),
        (["91,125", "95,875", "99,125", "100"], [91.125, 95.875, 99.125, 100]),
        (["9,000", "4,500", "2,250"], [9, 4.5, 2.25]),  # which may be thousands, and mostly are none
        (["9,000", "4,5", "900"], [9, 4.5, 900]),
    ],
)
def test_a_column_tells_commas_between_thousands_from_those_of_fractions(cells: list[str], values: list[float]):
    """By whole numbers beside them that no fraction is near, or by a second comma."""
    (loss,) = read("epoch;loss\n" + "".join(f"{at};{cell}\n" for at, cell in enumerate(cells)))[0].curves

    assert values == loss.values.tolist()
