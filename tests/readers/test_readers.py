"""Every log is offered to every reader: exactly its own says yes, and reads what was approved."""

import io
import json
import pickle
import random
import struct
import time
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnosis import read
from diagnosis.errors import (
    AmbiguousFormat,
    DiagnosisError,
    InvalidRun,
    Malformed,
    NoCurve,
    UnreadableLog,
    UnrecognisedFormat,
)
from diagnosis.reader import Document, Reader, all_readers, read_logs
from scripts.golden import golden_of, logs, reading

LOGS = logs()
TABLE = "epoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\n2,1.2,1.7\n"


def only(body: str | bytes):
    """The one run in a document."""
    (run,) = read(body)
    return run


def curve(body: str | bytes, name: str) -> list[float]:
    """The values of one curve."""
    values: list[float] = next(c for c in only(body).curves if c.name == name).values.tolist()
    return values


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}-{log.name}")
def test_exactly_its_own_reader_claims_a_log(log):
    """A last resort is asked only when no other claims."""
    document = Document.of(log.read_bytes(), log.name)
    claims = [reader for reader in all_readers().values() if reader.recognises(document)]
    first = [reader.name for reader in claims if not reader.last_resort] or [reader.name for reader in claims]

    assert [log.parent.name] == first


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}-{log.name}")
def test_a_log_is_read_as_approved(log):
    """Names, roles, positions, values and notes; `make golden` writes what is new."""
    assert golden_of(log).read_text() == reading(log)


@pytest.mark.parametrize("name", all_readers())
def test_a_reader_has_a_log_a_title_and_a_sample_it_recognises(name: str):
    """Its page is its docstring, and the sample on it is true."""
    reader = all_readers()[name]

    assert any(log.parent.name == name for log in LOGS)
    assert reader.title.endswith(".")
    assert reader.recognises(Document.of(reader.sample.encode()))
    assert reader.read(Document.of(reader.sample.encode()))


def test_two_claimants_are_an_error_that_names_both(monkeypatch):
    """Ambiguity is never settled by the order of files."""
    greedy = Reader("greedy", "Everything.", "", "", lambda _: True, lambda _: ())
    readers = {**all_readers(), "greedy": greedy}
    monkeypatch.setattr("diagnosis.reader.all_readers", lambda: readers)

    with pytest.raises(AmbiguousFormat, match=r"greedy and keras_csv|keras_csv and greedy"):
        read("epoch,accuracy,loss\n0,0.1,2.3\n")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_line_ends_and_encodings_do_not_matter(ending: str, encoding: str):
    """Files pass through many hands."""
    assert [2.3, 1.7, 1.2] == curve(TABLE.replace("\n", ending).encode(encoding), "loss")


@pytest.mark.parametrize(
    "table",
    [
        '"epoch","loss","val_loss"\n"0","2.3","2.4"\n"1","1.7","1.9"\n"2","1.2","1.7"\n',
        "  epoch,   loss, val_loss\n      0,    2.3,      2.4\n      1,    1.7,      1.9\n      2,    1.2,      1.7\n",
        "epoch\tloss\tval_loss\n0\t2.3\t2.4\n1\t1.7\t1.9\n2\t1.2\t1.7",
        "epoch;loss;val_loss\n0;2,3;2,4\n1;1,7;1,9\n2;1,2;1,7\n",
        "epoch|loss|val_loss\n0|2.3|2.4\n1|1.7|1.9\n2|1.2|1.7\n",
        "epoch loss val_loss\n0 2.3 2.4\n1 1.7 1.9\n\n2 1.2 1.7\n",
        "# epoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\n2,1.2,1.7\n",
        "sep=,\nepoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\n2,1.2,1.7\n",
        ",epoch,loss,val_loss\n0,0,2.3,2.4\n1,1,1.7,1.9\n2,2,1.2,1.7\n",
        "epoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\nepoch,loss,val_loss\n2,1.2,1.7\n",
    ],
    ids=["quoted", "padded", "tabs", "decimal commas", "bars", "blanks", "commented", "sep", "indexed", "header again"],
)
def test_a_table_is_read_however_it_is_written(table: str):
    """The same three epochs each time, and nothing taken for a curve that is none."""
    run = only(table)

    assert {"loss": "train_loss", "val_loss": "val_loss"} == run.source.mapping
    assert [2.3, 1.7, 1.2] == curve(table, "loss")


@pytest.mark.parametrize("before", ["\ufeff", "\ufeff\ufeff", "\n\ufeff", "\ufeff\n\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text", ['{"loss": [2.3, 1.7]}', '{"loss": 2.3}\n\ufeff{"loss": 1.7}\n', "loss,epoch\n2.3,0\n1.7,1\n"]
)
def test_byte_order_marks_are_no_part_of_the_text(before: str, encoding: str, text: str):
    """A program adds one to what has one already, and files that have one are joined."""
    (loss,) = read((before + text).encode(encoding))[0].curves

    assert ("loss", [2.3, 1.7]) == (loss.name, loss.values.tolist())


def test_an_empty_cell_is_not_logged_and_nan_is_data_in_any_spelling():
    """Never merge the two."""
    run = only("epoch,loss\n0,2.3\n1,\n2,nan\n3,NaN\n4,inf\n5,-Infinity\n6,null\n")
    (loss,) = run.curves

    np.testing.assert_array_equal([2.3, np.nan, np.nan, np.inf, -np.inf], loss.values)
    np.testing.assert_array_equal([0, 2, 3, 4, 5], loss.steps)


def test_sparse_rows_are_merged_by_column():
    """A row of step metrics has no epoch metrics, and both count."""
    run = only(
        "epoch,step,train_loss_epoch,train_loss_step,val_loss\n0,9,,0.9,\n0,19,,0.7,\n0,19,0.8,,0.85\n1,29,,0.6,\n1,39,0.6,,0.7\n"
    )
    found = {c.name: (c.axis, c.steps.tolist()) for c in run.curves}

    assert {
        "train_loss_step": ("step", [9, 19, 29]),
        "train_loss_epoch": ("epoch", [0, 1]),
        "val_loss": ("epoch", [0, 1]),
    } == found


def test_a_restarted_log_is_one_run_whose_last_attempt_counts_and_that_is_said():
    """Epochs that go back are attempts of one run."""
    run = only("epoch,loss\n0,2.3\n1,1.7\n2,1.2\n1,1.6\n2,1.1\n3,0.9\n")
    (loss,) = run.curves

    assert [2.3, 1.6, 1.1, 0.9] == loss.values.tolist()
    assert "restarts of one run" in " ".join(run.source.notes)


def test_colours_in_cells_do_not_matter():
    """Skorch marks its best values with them."""
    table = "  epoch    train_loss    valid_loss\n-------  ------------  ------------\n"
    rows = "".join(f"{e:7}        \x1b[36m{1 / e:.4f}\x1b[0m        {1.5 / e:.4f}\n" for e in (1, 2, 3))

    assert [1.0, 0.5, 0.3333] == curve(table + rows, "train_loss")


def test_points_between_thousands_go_with_a_decimal_comma():
    """`2.975,98` is almost three thousand."""
    assert [2975.98, 1200.5, 7.25] == curve("epoch;loss\n0;2.975,98\n1;1.200,5\n2;7,25\n", "loss")


def test_a_drawn_summary_of_the_model_does_not_hide_the_log_below_it():
    """Keras draws one with the same characters as its bars."""
    summary = "┏━━━━━━━┳━━━━━━┓\n┃ Layer ┃ Size ┃\n┡━━━━━━━╇━━━━━━┩\n│ dense │   64 │\n└───────┴──────┘\n"
    epochs = "".join(
        f"Epoch {e}/3\n\x1b[1m9/9\x1b[0m \x1b[32m━━━━━━\x1b[0m 1s 2ms/step - loss: {1 / e:.4f}\n" for e in (1, 2, 3)
    )

    assert [1.0, 0.5, 0.3333] == curve(summary + epochs, "loss")


def test_lists_at_the_end_of_a_log_are_what_its_lines_said_already():
    """Scripts print both."""
    lines = "".join(f"Epoch {e} train loss {1 / e:.2f} val loss {2 / e:.2f}\n" for e in (1, 2, 3, 4))
    run = only(lines + "Train losses: [1.0, 0.5, 0.33, 0.25]\nVal losses: [2.0, 1.0, 0.67, 0.5]\n")

    assert "plain_text" == run.source.format
    assert {"train loss": "train_loss", "val loss": "val_loss"} == run.source.mapping


@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "0.5", "1e-3", "12", "0"])
@pytest.mark.parametrize(
    "line", ["epoch {}: loss={}", "epoch {}: loss={} val_loss=2", "epoch {}, loss={}", "epoch={} loss={}"]
)
def test_a_first_line_that_says_a_value_heads_no_table(line: str, value: str):
    """Whatever it is; a table of such columns would hold no number."""
    (run,) = read("".join(line.format(epoch, value) + "\n" for epoch in range(1, 5)))
    loss = next(curve for curve in run.curves if curve.name == "loss")

    np.testing.assert_array_equal([float(value)] * 4, loss.values)
    np.testing.assert_array_equal([1, 2, 3, 4], loss.steps)


@pytest.mark.parametrize(
    ("said", "name"), [("fn=20", "fn"), ("FN: 20", "FN"), ("val_fn=20", "val_fn"), ("loss_fn=20", None)]
)
def test_false_negatives_are_counted_and_a_function_is_not(said: str, name: str | None):
    """`fn` is short for both."""
    (run,) = read("".join(f"epoch {epoch}: loss=0.5 {said}\n" for epoch in range(1, 5)))

    assert {"loss": "train_loss"} | ({name: "fn"} if name else {}) == run.source.mapping


def test_what_loading_data_costs_is_no_loss():
    """Gluon and Paddle call a clock a cost."""
    run = only("".join(f"Epoch {e} loss: {1 / e:.3f} data_cost: 0.1 Time cost=12.{e}\n" for e in (1, 2, 3)))

    assert {"loss": "train_loss"} == run.source.mapping


@pytest.mark.parametrize("text", ["2024-01-01 10:00", '"2024-01-01 10:00"'], ids=["by columns", "row by row"])
def test_a_column_of_text_changes_nothing_however_it_is_read(text: str):
    """Even rows without quotes are read by columns."""
    table = "step,loss,when,note\n" + "".join(f"{i},{1 / (i + 1)},{text},\n" for i in range(20_000))
    run = only(table)

    assert [1 / (i + 1) for i in range(20_000)] == run.curves[0].values.tolist()
    assert {"when", "note"} == set(run.source.ignored)


def test_names_decide_a_large_table_and_a_small_one_alike():
    """Plain numbers are read at once, anything else cell by cell, with the same result."""
    rng = np.random.default_rng(0)
    plain = "step,loss,lr\n" + "".join(f"{i},{v!r},0.001\n" for i, v in enumerate(rng.random(3000).tolist()))

    assert curve(plain, "loss") == curve(plain + "3000,oops,0.001\n", "loss")


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (b"", NoCurve, "empty"),
        (b"  \n\n", NoCurve, "empty"),
        (b"{}", NoCurve, "empty"),
        (b"[]", NoCurve, "empty"),
        (b'{"loss": [2.3, 1.7', Malformed, "column"),
        (b'{"loss": [2.3, "high"], "val_loss": [1, 2]}', InvalidRun, "index 1"),
        (b"epoch,loss\n", NoCurve, "no rows"),
        (b"epoch,loss\nzero,high\none,low\n", UnreadableLog, "Line 2"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, UnrecognisedFormat, "PNG"),
        (pickle.dumps({"loss": [1.0, 2.0]}), UnrecognisedFormat, "pickle"),
        (struct.pack("<Q", 0x0280) + b'{"a": {}}', UnrecognisedFormat, "safetensors"),
        (b"\x1f\x8b\x08" + b"\0" * 40, UnrecognisedFormat, "Content-Encoding"),
        (b"%PDF-1.7\n\x00\x01", UnrecognisedFormat, "PDF"),
        (b"<!DOCTYPE html><html></html>", UnrecognisedFormat, "web page"),
        (b"lr: 0.1\nepochs: 3\nmodel: resnet\n", UnrecognisedFormat, "configuration"),
        (b"{'loss': model.fit(x)}", UnrecognisedFormat, "json.dumps"),
        (b"1,2,3\n4,5,6\n", UnrecognisedFormat, "without names"),
        (b'{"loss": 0.2, "accuracy": 0.9}', UnrecognisedFormat, "single values"),
        (b"Name,State,loss,val_loss\nrun-a,finished,0.3,0.4\nrun-b,failed,0.5,0.6\n", NoCurve, "one row a run"),
        (b"PK\x03\x04" + bytes(100), UnrecognisedFormat, "whose end is missing, not a training log. It was cut"),
        (b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + bytes(18), UnrecognisedFormat, "Unpack it"),
        (b'{"loss": [0.3, nul]}', Malformed, "Line 1, column 16: expected value. Send what json.dumps() writes"),
        (b"Traceback (most recent call last)\n  boom", UnrecognisedFormat, "Python error"),
        (b"Namespace(lr=0.1, loss='ce', epochs=3)\n", UnrecognisedFormat, "argparse"),
        (b"[I 2024] Trial 0 finished with value: 0.3 and parameters: {'lr': 0.1}.\n", UnrecognisedFormat, "search"),
        (
            b"number,value,params_lr,params_depth,state\n0,0.3,0.1,2,COMPLETE\n1,0.2,0.01,3,COMPLETE\n",
            NoCurve,
            "one row a run",
        ),
        (b'{"loss": 0.3, "_wandb": {"runtime": 3}}', UnrecognisedFormat, "end of a run"),
        (b'{"_step": 900, "_runtime": 3, "epoch": 9, "loss": 0.3}', UnrecognisedFormat, "end of a run"),
        (b'{"epoch": 3.0, "train_loss": 0.3, "train_runtime": 70.1}', UnrecognisedFormat, "end of a run"),
        (b'{\n "epoch": 3.0,\n "eval_loss": 0.3\n}\n', UnrecognisedFormat, "end of a run"),
        (b'{"epochs": 30, "lr": 0.1, "batch_size": 32}', UnrecognisedFormat, "single values"),
    ],
)
def test_what_is_no_log_is_refused_with_what_it_looks_like(body: bytes, error: type[DiagnosisError], says: str):
    """Said what came, and what would do; nothing is ever unpickled."""
    with pytest.raises(error) as raised:
        read(body)

    assert says in raised.value.detail


@pytest.mark.parametrize(
    ("format", "record"),
    [
        ("generic_records", '{"epoch": 0, "train/loss": 2.3, "val": {"loss": 2.4}}'),
        ("detectron2", '{"iteration": 19, "total_loss": 4.61, "lr": 0.0002, "eta_seconds": 850.1}'),
        ("llama_factory", '{"current_steps": 5, "total_steps": 8712, "loss": 1.75, "eval_loss": null, "epoch": 0.0}'),
        ("detr_log", '{"train_lr": 1e-4, "train_loss": 43.4, "test_coco_eval_bbox": [0.1, 0.2], "epoch": 0}'),
        ("open_mmlab", '{"mode": "train", "epoch": 1, "iter": 50, "lr": 0.001, "data_time": 0.05, "loss": 1.2}'),
        ("wandb_records", '{"_step": 0, "_runtime": 3.1, "_timestamp": 1708208368.5, "train/loss": 2.3}'),
    ],
)
def test_a_log_of_one_record_has_just_begun(format: str, record: str):  # noqa: A002 - as the query says
    """JSON Lines of one line are one JSON object; its count of epochs or steps tells it from a summary."""
    (run,) = read(record + "\n")

    assert format == run.source.format
    assert all(curve.values.size == 1 for curve in run.curves)
    assert "train_loss" in run.source.mapping.values()
    assert format == read(record, format=format)[0].source.format


def test_a_checkpoint_is_refused_from_its_listing():
    """A zip of torch.save is never loaded."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({}))

    with pytest.raises(UnrecognisedFormat, match="PyTorch checkpoint"):
        read(buffer.getvalue())


def test_a_named_format_is_held_to_its_name():
    """An unknown format lists the known ones; a known one that does not fit shows its sample."""
    with pytest.raises(InvalidRun, match="keras_csv"):
        read(TABLE, format="no_such")
    with pytest.raises(UnrecognisedFormat, match="said to be lightning_csv"):
        read(TABLE, format="lightning_csv")


def test_a_role_makes_an_odd_name_known():
    """What the caller says counts for recognising as well."""
    (run,) = read("t,zeta\n0,2.0\n1,1.0\n", roles={"zeta": "val_loss"})

    assert "val_loss" == run.source.mapping["zeta"]


def test_parsed_json_is_not_parsed_again():
    """The service hands over what it has parsed already."""
    document = Document.of(b"not even JSON", parsed={"loss": [2.3, 1.7], "val_loss": [2.4, 1.9]})

    (log,) = read_logs(document)

    assert ["loss", "val_loss"] == [series.name for series in log.series]


@settings(max_examples=200, deadline=None)
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_arbitrary_bytes_are_read_or_refused_and_never_break(body: bytes):
    """Only a DiagnosisError, whatever comes."""
    with suppress(DiagnosisError):
        read(body)


@settings(max_examples=200, deadline=None)
@given(
    lines=st.lists(
        st.lists(
            st.sampled_from(["epoch", "loss", "val_loss", "1", "2.5", "nan", "", "x", '"', "[1,2]", " 3 "]), max_size=5
        ),
        min_size=1,
        max_size=8,
    ),
    delimiter=st.sampled_from([",", ";", "\t", " ", "|"]),
)
def test_arbitrary_tables_are_read_or_refused_and_never_break(lines: list[list[str]], delimiter: str):
    """Ragged, quoted, empty: an answer or a refusal."""
    with suppress(DiagnosisError):
        read("\n".join(delimiter.join(line) for line in lines))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["loss", "val_loss", "epoch", "metrics", "val_metrics", "history", "0", "1"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(value=JSON_VALUES)
def test_arbitrary_json_is_read_or_refused_and_never_breaks(value: object):
    """Look-alikes of a history as well."""
    with suppress(DiagnosisError):
        read(json.dumps(value))


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=40))
def test_numbers_survive_a_table(values: list[float]):
    """What was logged is what is judged."""
    table = "epoch,loss\n" + "".join(f"{i},{v!r}\n" for i, v in enumerate(values, 1))

    assert values == curve(table, "loss")


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}-{log.name}")
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_spoilt_log_is_read_or_refused_and_never_breaks(log: Path, seed: int):
    """Lines lost, doubled, cut and mixed up; characters lost and replaced by what other logs hold."""
    draw = random.Random(seed)  # noqa: S311 - repeatable, and no secret
    text = log.read_text("utf-16" if "utf16" in log.name else "utf-8")[:20_000]
    lines = text.splitlines(keepends=True)
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(len(lines))
        lines[at] = draw.choice(
            ("", lines[at] * 2, lines[at][: draw.randrange(len(lines[at]) + 1)], draw.choice(lines), "\0\n", "nan\n")
        )
    spoilt = list("".join(lines))
    for _ in range(draw.randrange(1, 20)):
        if spoilt:
            spoilt[draw.randrange(len(spoilt))] = draw.choice("0-.,:;[]{}\"' \t\nNe\r\x08é∞")

    with suppress(DiagnosisError):
        read("".join(spoilt), filename=log.name)
    named = log.parent.name
    with suppress(DiagnosisError):
        read("".join(spoilt), filename=log.name, format=named)


@pytest.mark.parametrize(
    "line",
    ["1" * 1_000_000, "[" * 1_000_000, "a\x08" * 500_000, "loss\r" * 200_000, "x" * 900_000 + "\ry", "Epoch 1 " * 100_000, "12:" * 300_000, "\n" * 1_000_000],
    ids=["digits", "brackets", "backspaces", "returns", "one return", "epochs", "clocks", "blank lines"],
)  # fmt: skip
def test_a_long_line_is_refused_quickly(line: str):
    """No look at a line takes more than its length, or some multiple of it."""
    began = time.process_time()

    with pytest.raises(DiagnosisError):
        read(line)

    assert time.process_time() - began < 5


def test_a_name_a_row_fills_no_memory():
    """Thousands of names in thousands of rows, one each, would be a table of nothing but gaps."""
    body = "".join(json.dumps({"step": at, f"loss_{at}": 1.0}) + "\n" for at in range(30_000))
    tracemalloc.start()
    with suppress(DiagnosisError):
        read(body)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 1_000_000_000
