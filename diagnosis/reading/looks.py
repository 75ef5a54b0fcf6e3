"""What a document that nobody reads looks like, and what would do instead.

Only its first bytes, its shape and its words are looked at; nothing in it is ever run or unpickled.
"""

import json
import re
import struct
from collections.abc import Sequence
from typing import Any

EXPECTED = (
    'Expected a training log: JSON such as {"loss": [2.3, 1.7], "val_loss": [2.4, 1.9]}, or a table with a header such '
    "as epoch,loss,val_loss. GET /formats lists every format that is read."
)
LONGEST = 400  # characters of a line that are looked at
ZEROS = 64  # bytes at the beginning in which text has no zero
SHOWN = 80  # characters of a first line
EXPORT = "Send the history as text: what the training printed or logged, one row an epoch or step."

# The first bytes of a file, what it is, and what would do instead.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image|Send the numbers that were plotted."),
    (b"\xff\xd8\xff", "a JPEG image|Send the numbers that were plotted."),
    (b"GIF8", "a GIF image|Send the numbers that were plotted."),
    (b"BM", "a BMP image|Send the numbers that were plotted."),
    (b"%PDF", "a PDF|Send the numbers that were plotted."),
    (b"\x1f\x8b", "a gzip archive|Send it with the header Content-Encoding: gzip, or unpacked."),
    (b"BZh", "a bzip2 archive|Unpack it first."),
    (b"\xfd7zXZ", "an xz archive|Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive|Unpack it first."),
    (b"7z\xbc\xaf", "a 7z archive|Unpack it first."),
    (b"Rar!", "a RAR archive|Unpack it first."),
    (b"\x89HDF", f"an HDF5 file, perhaps a Keras model|{EXPORT}"),
    (b"\x93NUMPY", f"a NumPy array|{EXPORT}"),
    (b"PAR1", "a Parquet file|Send the table as CSV."),
    (b"ARROW1", "an Arrow file|Send the table as CSV."),
    (b"SQLite format 3", f"an SQLite database|{EXPORT}"),
    (b"\x7fELF", f"a program|{EXPORT}"),
    (b"MZ", f"a program|{EXPORT}"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file|Save the sheet as CSV."),
)
# Names inside a ZIP archive that tell what it is; the first one found counts.
ZIPPED = (
    (
        b"data.pkl",
        f"a PyTorch checkpoint or TorchScript archive|{EXPORT} A TorchScript model goes to POST /overfit-check.",
    ),
    (b"xl/workbook", "an Excel workbook|Save the sheet as CSV."),
    (b"word/document", f"a Word document|{EXPORT}"),
    (b"model.weights.h5", f"a Keras model|{EXPORT}"),
    (b".npy", f"a NumPy archive (.npz)|{EXPORT}"),
)
END_OF_ZIP, LAST_OF_ZIP = b"PK\x05\x06", 1 << 16  # where its list ends, and how near the end of the file that begins
CUT = "a ZIP archive whose end is missing|It was cut on its way: send it again, and whole."
# How the first line of a text begins, and what it is.
STARTS = tuple(
    (re.compile(begins), says)
    for begins, says in (
        (r"(?i)<!doctype html|<html", "This is a web page, not a training log."),
        (r"<(\?xml|!--|[A-Za-z][\w:-]*[\s/>])", "This is XML or SVG, not a training log."),
        (r"Traceback \(most recent call last\)", "This is a Python error, not a training log."),
        (r"Namespace\(", "These are settings as argparse prints them, not a training log."),
        (r'\{"', "These are JSON records, one a line, in which no training history was found."),
        (r"\{'", "This is a Python dictionary as print() shows it, not JSON; json.dumps(history) writes JSON."),
    )
)
_TRIAL = re.compile(r"\bTrial \d+ finished with value")
BETWEEN_TEXT = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"  # control characters no log holds


def binary(body: bytes) -> str | None:  # noqa: PLR0911 - one line, one look
    """What a binary file is, None for text; with what would do after a bar."""
    start = body[:4096]
    # First of all, as its length may look like what follows here.
    if start[8:10] == b'{"' and struct.unpack("<Q", start[:8])[0] < 1 << 30:
        return f"a safetensors file|{EXPORT}"
    if start.startswith(b"PK\x03\x04"):
        ends = start + body[-4096:]
        whole = END_OF_ZIP in body[-LAST_OF_ZIP:]
        otherwise = "a ZIP archive|Unpack it, and send the log in it." if whole else CUT
        return next((says for name, says in ZIPPED if name in ends), otherwise)
    if start[257:262] == b"ustar":
        return "a tar archive|Unpack it, and send the log in it."
    if re.match(rb"\x80[\x02-\x05]", start):
        return f"a pickle, perhaps a checkpoint or a saved history|{EXPORT} A history: json.dump(history, file)."
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "a WebP image|Send the numbers that were plotted."
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:  # UTF-16 with its mark
        return None
    found = next((says for magic, says in MAGIC if start.startswith(magic) and not _is_text(start)), None)
    return found or (None if _is_text(start) else f"a binary file|{EXPORT}")


def _is_text(start: bytes) -> bool:
    """Whether no control characters stand in it; every other byte may be 0, in two-byte characters."""
    for half in (start[::2], start[1::2]):
        if half and not half.strip(b"\0"):
            start = start.replace(b"\0", b"")
    if b"\0" in start[:ZEROS]:
        return False
    controls = len(start) - len(start.translate(None, BETWEEN_TEXT))
    return 100 * controls <= len(start)


def meant_as_json(text: str) -> bool:
    """Whether a text that is no JSON was meant to be: `{"loss": [0.3,`, but not `[Train][Epoch 1/400]`."""
    start = text[:1000].lstrip()
    if re.match(r"\{\s*(\"|\}|$)", start):
        return not _is_json(text.lstrip().partition("\n")[0])
    return (
        re.match(r"\[\s*([\[{\"]|$|(-?[\d.][\d.eE+-]*|null|true|false|NaN|-?Infinity)\s*(,|\]?\s*$))", start)
        is not None
    )


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (RecursionError, ValueError):
        return False
    return True


def looks_like(kind: str | None, value: Any, head: Sequence[tuple[int, str]]) -> str:  # noqa: ANN401 - a JSON value
    """Say what a document is and what would do: `kind` of binary, or the JSON `value`, or the first lines."""
    if kind:
        what, _, instead = kind.partition("|")
        return f"This is {what}, not a training log. {instead}"
    if value is not None:
        return f"{_json(value)} {EXPECTED}"
    begins = _first([line.strip()[:LONGEST] for _, line in head])[1]
    return f"{known_by_sight(head) or f'No format is recognised in this text, which begins with {begins}.'} {EXPECTED}"


def _json(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if isinstance(value, list):
        kinds = {type(item).__name__ for item in value[:100]}
        of = (
            "objects"
            if kinds == {"dict"}
            else "numbers without a name"
            if kinds <= {"int", "float"}
            else "mixed values"
        )
        return f"This is a JSON list of {len(value)} {of}, in which no training history was found."
    if not isinstance(value, dict):
        return "This is a single JSON value, not a training log."
    keys = ", ".join(repr(key) for key in list(value)[:8])
    if "nbformat" in value:
        return "This is a Jupyter notebook, not a training log. Copy what its training cell printed, and send that as text."
    if "class_name" in value and "config" in value:
        return "This is a model's architecture, not a training log."
    if (value and all(isinstance(item, int | float) for item in value.values())) or "_wandb" in value:
        return f"This is a JSON object of single values ({keys}): the end of a run, not its history."
    return f"This is a JSON object with {keys}, in which no training history was found."


def known_by_sight(head: Sequence[tuple[int, str]]) -> str | None:
    """What a text is that is no training log, by its first lines; None where nothing tells."""
    lines = [line.strip()[:LONGEST] for _, line in head]
    first, shown = _first(lines)
    for begins, says in STARTS:
        if begins.match(first):
            return says
    if any(_TRIAL.search(line) for line in lines):
        return "This is the log of a search over settings (Optuna), one line a training, not the log of one training."
    if all(re.fullmatch(r"[\s\d.,;eE+\-|naifNAIF]+", line) for line in lines):
        return f"This is a table of numbers without names, from {shown} on: a header line must name its columns."
    if sum(bool(re.match(r"\s*-?\s*[\w./-]+\s*[:=]\s*\S*$", line)) for line in lines) > 0.8 * len(lines):
        return f"This looks like a configuration (YAML, INI), from {shown} on, not like a training log."
    return None


def _first(lines: Sequence[str]) -> tuple[str, str]:
    first = lines[0] if lines else ""
    return first, repr(first if len(first) <= SHOWN else first[: SHOWN - 3] + "...")
