"""Files and folders of this machine → the parts of a question, as if they had been sent.

A folder is taken as the archive of it would be; `-` is standard input.
"""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from service.containers.archive import GZIP, is_tar, wanted
from service.question.parts import MIB, Part, unpacked
from service.refusals import Refusal

STDIN = "-"
RAISE = "MAX_BODY_MIB in the environment raises the limit."


class CannotRead(Refusal):
    """A file that is not there, may not be read, or is too large."""


def parts_of(names: Sequence[str], limit: int, filename: str | None = None) -> list[Part]:
    """Read several; where two have the same name, each is labelled with the folders in which they differ."""
    parts = [part_of(name, limit, filename) for name in names]
    labels = [part.filename for part in parts]
    if filename or len(set(labels)) == len(labels):
        return parts
    folders = [Path(name).resolve().parent for name in names if name != STDIN]
    shared = Path(os.path.commonpath(folders))
    below = {name: Path(name).resolve().parent.relative_to(shared) for name in names if name != STDIN}
    return [
        replace(part, filename=_readable(below[name] / part.filename)) if part.filename and name in below else part
        for name, part in zip(names, parts, strict=True)
    ]


def part_of(name: str, limit: int, filename: str | None = None) -> Part:
    """Read one file or folder, of at most `limit` bytes; `filename` is a label that goes before its own name."""
    path = Path(name)
    try:
        body = _folder(path, limit) if name != STDIN and path.is_dir() else _whole(name, limit)
    except OSError as error:
        raise CannotRead(f"{name}: {error.strerror or error}.") from None
    label = filename or (_readable(Path(path.name)) if name != STDIN else None)
    if body.startswith(GZIP) and not is_tar(body):  # a packed log: what a request says with Content-Encoding
        return Part("file", unpacked(body, limit), label and label.removesuffix(".gz"))
    return Part("file", body, label)


def _whole(name: str, limit: int) -> bytes:
    if name == STDIN:
        body = sys.stdin.buffer.read(limit + 1)
    else:
        with Path(name).open("rb") as file:
            body = file.read(limit + 1)
    if len(body) > limit:
        raise CannotRead(f"{name}: more than {limit // MIB} MiB. {RAISE}")
    return body


def _folder(path: Path, limit: int) -> bytes:
    """The folder as an archive in memory; what is no log by its name is never opened."""
    packed = io.BytesIO()
    size = 0
    # Reproducible builds date their files 1970, before archives begin.
    with zipfile.ZipFile(packed, "w", strict_timestamps=False) as archive:
        for file in _files(path.resolve()):
            size += file.stat().st_size
            if size > limit:
                raise CannotRead(f"{path}: the files in it that may be logs have more than {limit // MIB} MiB. {RAISE}")
            archive.write(file, _readable(file.relative_to(path.resolve().parent)))
    if not size:
        raise CannotRead(f"{path}: there is nothing in this folder that may be a log.")
    return packed.getvalue()


def _readable(path: Path) -> str:
    """A file's name as a label that can be sent: what is no UTF-8 in it is replaced."""
    return os.fsencode(path.as_posix()).decode(errors="replace")


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder that may be a log, but for links."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and wanted(file.relative_to(folder).as_posix()):
            yield file
