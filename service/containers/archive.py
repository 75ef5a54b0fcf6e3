"""A `.zip`, `.tar` or `.tar.gz` of a log folder → the files in it, in memory, within limits.

Nothing is written to disk and nothing is unpickled. Links, devices and archives inside are left out; so is what is no log
by its ending: checkpoints, pictures, code.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from schemas.limits import TooMany
from service.containers.tar_file import BrokenTar, files
from service.parts import MIB, Part, unpacked
from service.refusals import BrokenEncoding, TooLarge

ZIP, GZIP, USTAR, USTAR_AT = b"PK\x03\x04", b"\x1f\x8b", b"ustar", 257
CHUNK = 1 << 16
ENTRY, ENTRIES = b"PK\x01\x02", 20_000  # how the directory of a ZIP begins each line; more are not even listed
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError, OSError, ValueError, EOFError, IndexError,
)  # fmt: skip
UNPACKED = 4  # times the limit: what a tar may hold beside its logs, such as checkpoints
NO_LOG = frozenset(
    (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".keras", ".onnx", ".pkl", ".pickle", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".gif",
     ".svg", ".pdf", ".mp4", ".py", ".pyc", ".ipynb", ".yaml", ".yml", ".toml", ".md", ".html", ".css", ".js", ".sh", ".zip", ".gz", ".tar",
     ".whl", ".so", ".model", ".spm", ".patch", ".cfg", ".ini")
)  # fmt: skip
# A checkpoint of PyTorch and an Excel workbook are archives too, and no log folders.
OTHERWISE = ("data.pkl", "xl/workbook.xml", "word/document.xml", "model.weights.h5", "[Content_Types].xml")


def is_archive(body: bytes) -> bool:
    """Whether it is an archive of files, and not something else in an archive's clothes."""
    if body.startswith(ZIP):
        if body.count(ENTRY) > ENTRIES:
            return True  # and refused when it is opened
        try:
            names = zipfile.ZipFile(io.BytesIO(body)).namelist()
        except BROKEN:
            return False
        return not any(name.endswith(OTHERWISE) for name in names) and not all(name.endswith(".npy") for name in names)
    if body.startswith(GZIP):
        return _inside(body)[USTAR_AT : USTAR_AT + len(USTAR)] == USTAR
    return body[USTAR_AT : USTAR_AT + len(USTAR)] == USTAR


def is_packed(body: bytes) -> bool:
    """Whether it may unpack to more than it is."""
    return body.startswith((ZIP, GZIP))


def _inside(body: bytes) -> bytes:
    """The first bytes under a gzip wrapper."""
    try:
        return zlib.decompressobj(31).decompress(body[:CHUNK], 512)
    except zlib.error:
        return b""


def members(body: bytes, most_bytes: int, most_files: int) -> tuple[Part, ...]:
    """The files that may be logs, in the order of their names; raises TooLarge, TooMany and BrokenEncoding."""
    found, size = [], 0
    for name, data in _zip(body, most_bytes) if body.startswith(ZIP) else _tar(body, most_bytes):
        size += len(data)
        if size > most_bytes:
            raise TooLarge(
                f"The archive unpacks to more than {most_bytes // MIB} MiB, and one request may have that. Send the logs alone."
            )
        found.append(Part("file", data, name))
        if len(found) > most_files:
            raise TooMany(
                f"The archive holds more than {most_files} files that may be logs; one request may have {most_files}. Send some of them."
            )
    return tuple(sorted(found, key=lambda part: part.filename or ""))


def wanted(name: str) -> bool:
    """Whether a file may be a log, by its path: hidden ones are none, nor is what has another purpose by its ending."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) and part.strip(".") for part in path.parts)
    return not hidden and path.suffix.lower() not in NO_LOG


def _zip(body: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    if body.count(ENTRY) > ENTRIES:
        raise TooMany(f"The ZIP archive has more than {ENTRIES} entries. Send the logs alone.")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and wanted(entry.filename):
                    with archive.open(entry) as file:
                        yield entry.filename, file.read(most + 1)
    except BROKEN:
        raise BrokenEncoding("The ZIP archive cannot be unpacked: is it whole, and without a password?") from None


def _tar(body: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    raw = unpacked(body, UNPACKED * most) if body.startswith(GZIP) else body
    try:
        for name, data in files(raw):
            if wanted(name):
                yield name, bytes(data[: most + 1])
    except BrokenTar as why:
        raise BrokenEncoding(f"The tar archive cannot be unpacked: {why}.") from None
