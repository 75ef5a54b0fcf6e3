"""What people paste: a log as it is, and around it what an issue, a terminal, a logger or a page put there."""

import json
import time
from contextlib import suppress

import pytest

from diagnosis import Run, read
from diagnosis.errors import DiagnosisError, UnreadableLog, UnrecognisedFormat
from diagnosis.reader import all_readers

TABLE = "epoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\n2,1.2,1.7\n"
HISTORY = '{"loss": [2.3, 1.7, 1.2], "val_loss": [2.4, 1.9, 1.7]}'
PRINTED = "{'loss': [2.3, 1.7, 1.2], 'val_loss': [2.4, 1.9, 1.7]}"
KERAS = "".join(
    f"Epoch {at}/3\n10/10 [=====>] - 1s 3ms/step - loss: {loss} - val_loss: {held_out}\n"
    for at, loss, held_out in ((1, 2.3, 2.4), (2, 1.7, 1.9), (3, 1.2, 1.7))
)
LOSSES = {"loss": [2.3, 1.7, 1.2], "val_loss": [2.4, 1.9, 1.7]}


def each(start: str, end: str = ""):
    """Put something before and after every line; `{}` stands for its number."""
    return lambda text: "".join(
        f"{start.format(at)}{line}{end}\n" for at, line in enumerate(text.rstrip("\n").split("\n"), 1)
    )


def around(above: str, below: str = ""):
    """Put lines above and below."""
    return lambda text: above + text.rstrip("\n") + "\n" + below


PASTES = {
    "quoted": each("> "),
    "in a fence": around("```\n", "```\n"),
    "in a fence that names a language": around("```text\n", "```\n"),
    "in a fence between prose": around(
        "My log, is this normal?\n```\n", "```\nThank you! I had expected a loss of 0.1 here.\n"
    ),
    "in backticks": lambda text: f"`{text.strip()}`\n",
    "below a command": around("$ python train.py --lr 0.01 --epochs 10\n"),
    "below a prompt": around("(base) me@box:~/work$ cat log.txt\n"),
    "between prose": around("Hi, here is my log, is this normal?\n\n", "\nAny help is appreciated. Thanks!\n"),
    "above a traceback": around(
        "", 'Traceback (most recent call last):\n  File "train.py", line 12, in <module>\nKeyboardInterrupt\n'
    ),
    "in a page": around("<pre><code>", "</code></pre>\n"),
    "stamped": each("2024-01-05 09:31:1{},123 - INFO - "),
    "stamped in brackets": each("[2024-01-05 09:31:1{}] "),
    "stamped by a cluster": each("2024-01-05T09:31:10.00{}456789Z stdout: "),
    "by a logger": each("INFO:root:"),
    "by Hydra": each("[2024-01-05 09:31:1{},123][__main__][INFO] - "),
    "by docker": each("worker-0  | "),
    "by Ray": each("(train pid=1234) "),
    "set in": each("    "),
    "all of it": lambda text: each("> ")("Look:\n```\n" + each("INFO:root:")(text) + "```\n"),
}
NUMBERED = each("{:4}  ")  # one line has nothing to count on from
# Any text with numbers in it is theirs.
ANY_TEXT = {name for name, reader in all_readers().items() if reader.last_resort}
BINARY = {name for name, reader in all_readers().items() if "\0" in reader.sample}


def only(text: str) -> Run:
    """The one run in a text."""
    (run,) = read(text)
    return run


def series(text: str) -> list[tuple[str, dict[str, tuple[str | None, list[float], list[float]]]]]:
    """The format of every run, and of its curves their roles, axes, positions and values."""
    return [
        (
            run.source.format,
            {f"{c.role} {c.name}": (c.axis, c.steps.tolist(), c.values.tolist()) for c in run.curves},
        )
        for run in read(text)
    ]


@pytest.mark.parametrize("paste", PASTES)
@pytest.mark.parametrize("name", sorted(all_readers().keys() - ANY_TEXT - BINARY))
def test_a_log_reads_the_same_however_it_was_pasted(name: str, paste: str):
    """Each format's own sample: the same format, roles, positions and values."""
    sample = all_readers()[name].sample

    assert series(sample) == series(PASTES[paste](sample))


@pytest.mark.parametrize("log", [TABLE, KERAS, PRINTED.replace(", '", ",\n'")], ids=["table", "console", "printed"])
def test_numbers_of_lines_are_no_part_of_them(log: str):
    """As an editor shows them, or a page."""
    assert series(log) == series(NUMBERED(log)) == series(each("{}: ")(log))


@pytest.mark.parametrize("paste", ["in a fence", "quoted", "stamped", "between prose", "above a traceback"])
def test_what_was_taken_off_is_said_in_one_note(paste: str):
    """A reader of the answer may look for a line that is not judged."""
    before, after = only(TABLE).source.notes, only(PASTES[paste](TABLE)).source.notes

    assert 1 == len(after) - len(before)
    assert after[1:] == before


@pytest.mark.parametrize(
    "text",
    [
        f">>> history.history\n{PRINTED}\n",
        f"In [4]: history.history\nOut[4]: {PRINTED}\n",
        f"history = {PRINTED}\n",
        f"I print it like this:\nprint(history.history)\n\nhistory = {PRINTED}\n\nWhat now?\n",
        f"```json\n{HISTORY}\n```\nThis is all.\n",
        f'```\n{{"history": {HISTORY}}}\n```\n',
        "```\nepoch,loss,val_loss\n" + TABLE.partition("\n")[2],
        "```python\nmodel.fit(x)\n```\nand then\n```\n" + TABLE + "```\n",
        KERAS.replace(">", "&gt;"),
        each("> ")(KERAS).replace(">", "&gt;"),
        f"<pre>{KERAS.replace('>', '&gt;')}</pre>\n",
        each("> ")(KERAS.replace("\n", "\n\n")).replace("> \n", ">\n"),
    ],
    ids=[
        "prompt",
        "notebook",
        "assignment",
        "letter",
        "JSON",
        "canonical JSON",
        "no end of the fence",
        "two fences",
        "entities",
        "entities of marks",
        "page",
        "blank lines",
    ],
)
def test_a_paste_is_read_as_what_it_holds(text: str):
    """The same two curves each time, and nothing beside them."""
    assert LOSSES == {curve.name: curve.values.tolist() for curve in only(text).curves}


def test_a_line_keeps_its_number_below_what_is_taken_off():
    """Who is told of a line looks for it in what was sent."""
    spoilt = "epoch,accuracy,loss\nzero,much,high\none,less,low\n"

    with pytest.raises(UnreadableLog, match="Line 5"):
        read(f"Look:\n\n```\n{spoilt}```\n")


@pytest.mark.parametrize(
    "text",
    [
        "[rank0]: {}\n[rank1]: {}\n",
        "worker-0 | {}\nworker-1 | {}\n",
    ],
)
def test_two_processes_are_not_read_as_one(text: str):
    """A prefix is taken off where one process wrote every line."""
    lines = "".join(text.format(f"iter {at}: loss {2 - at / 9:.1f}", f"iter {at}: loss 9.9") for at in range(9))

    assert not any("is taken off" in note for note in only(lines).source.notes)


def test_positions_before_each_line_are_not_taken_for_numbers_of_lines():
    """They are what a table without a header has first."""
    rows = "".join(f"{at} {2 - at / 20:.3f}\n" for at in range(12))

    assert "headerless" == only(rows).source.format


@pytest.mark.parametrize("fence", ["```\n{}```\n", "> {}"])
def test_what_is_no_log_is_none_in_a_fence_either(fence: str):
    """And the refusal says so."""
    with pytest.raises(UnrecognisedFormat):
        read(fence.format("Nothing to be seen here\n"))


@pytest.mark.parametrize(
    "unit",
    ["> ", "> a\n", "```\na\n", "&gt;", "<pre ", "$ a\n", "12:11:10 ", "12:11:10 INFO\n", "2024-01-01 ", "a:\n", "a b\n\n", "hi:\n{'a\n",
     "x = {'a':\n}\n", "a", "a-", "a@", "(", "[", "a ]", "Traceback (most recent call last)\n", "In [1]:\n", " ", " \n", "a | ", "(a pid=1"],
)  # fmt: skip
def test_no_step_takes_longer_than_its_text(unit: str):
    """A megabyte of anything is taken apart, or left, in as much time as it takes to read."""
    began = time.process_time()

    with suppress(DiagnosisError):
        read("hello\n\n" + unit * (10**6 // len(unit)))
    with suppress(DiagnosisError):
        read(unit * (10**6 // len(unit)))

    assert time.process_time() - began < 5


RECORDS = json.dumps([{"loss": round(1 / i, 3), "epoch": i} for i in range(1, 13)])


@pytest.mark.parametrize(
    "text", [RECORDS, str(json.loads(RECORDS)), f"```json\n{RECORDS}\n```"], ids=["alone", "of Python", "fenced"]
)
def test_records_in_one_line_are_no_lines_that_lost_their_ends(text: str):
    """Cut before each position, every value would stand at the next one."""
    (found,) = read(text)

    assert (12, 1.0, 1.0) == (len(found.curves[0]), found.curves[0].values[0], found.curves[0].steps[0])


@pytest.mark.parametrize(
    "text",
    [
        "> epoch 1 loss 0.9\n> epoch 2 loss 0.8\nepoch 3 loss 0.7\nepoch 4 loss 0.6\n",
        ">>> epoch 1 loss 0.9\n>>> epoch 2 loss 0.8\n>>> epoch 3 loss 0.7\n>>> epoch 4 loss 0.6\n",
        "> epoch 1\n  loss 0.9\n> epoch 2\n  loss 0.8\n> epoch 3\n  loss 0.7\n> epoch 4\n  loss 0.6\n",
        "<pre>epoch 1 loss 0.9<br>epoch 2 loss 0.8<br/>epoch 3 loss 0.7<br>epoch 4 loss 0.6</pre>",
        "<p>epoch 1 loss 0.9</p><p>epoch 2 loss 0.8</p><p>epoch 3 loss 0.7</p><p>epoch 4 loss 0.6</p>",
        "Epoch 1, loss: 0.9 Epoch 2, loss: 0.8 Epoch 3, loss: 0.7 Epoch 4, loss: 0.6",
    ],
)
def test_no_value_is_lost_with_what_is_taken_off(text: str):
    """A mark that looks like a prompt, tags that end lines, and lines that lost their ends."""
    (found,) = read(text)

    assert [0.9, 0.8, 0.7, 0.6] == found.curves[0].values.tolist()
    assert [1.0, 2.0, 3.0, 4.0] == found.curves[0].steps.tolist()


@pytest.mark.parametrize(
    ("column", "last"),
    [
        (["0.912345", "0.951234", "0.974012", "0.981234", "0.992345", "0.993456", "0.994567", "0.995678"], "1"),
        (["91.31", "95.22", "97.40", "98.01", "98.55", "98.91", "99.01", "99.21"], "100"),
        (["0.0912", "0.0123", "0.0045", "0.0033", "0.0025", "0.0019", "0.0015", "0.0012"], "9e-4"),
        (["0.9121", "0.7552", "0.6531", "0.6212"], "0.5"),
    ],
)
def test_a_last_number_that_a_program_writes_shorter_is_whole(column: list[str], last: str):
    """A full score, a power of one digit, a zero dropped at the end."""
    (found,) = read("".join(f"epoch {epoch} auc {value}\n" for epoch, value in enumerate([*column, last])))

    assert float(last) == found.curves[0].values[-1]


def test_a_last_position_is_never_cut_off():
    """Quarters of an epoch end in a whole one."""
    (found,) = read("".join(f"loss {1 - at / 4} epoch {at:.2f}\n" for at in (0.25, 0.5, 0.75)) + "loss 0.6 epoch 1\n")

    assert [0.25, 0.5, 0.75, 1.0] == found.curves[0].steps.tolist()
