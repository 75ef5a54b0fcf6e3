"""A `.zip`, `.tar` or `.tar.gz` of a log folder → the files in it, in memory, within limits.

Nothing is written to disk and nothing is unpickled. Links, devices and archives inside are left out; so is what is no log
by its ending: checkpoints, pictures, code. The clock is looked at between pieces: little can be packed so that it takes long.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from schemas.limits import Limits, TooMany
from service.containers.tar_file import BrokenTar, files
from service.question.parts import MIB, Part, unpacked
from service.refusals import BrokenEncoding, TooLarge

ZIP, GZIP, USTAR, USTAR_AT = b"PK\x03\x04", b"\x1f\x8b", b"ustar", 257
CHUNK = 1 << 16
ENTRY, ENTRIES = b"PK\x01\x02", 20_000  # how the directory of a ZIP begins each line; more are not even listed
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    OSError,
    ValueError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
)
# The other methods of a ZIP, LZMA and bzip2, are unpacked by the library without a bound: 2 KB become 2 GiB. Nobody packs logs with them.
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
UNPACKED = 4  # times the limit: what a tar may hold beside its logs, such as checkpoints
NO_LOG = frozenset(
    (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".keras", ".onnx", ".pkl", ".pickle", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".gif",
     ".svg", ".pdf", ".mp4", ".py", ".pyc", ".ipynb", ".yaml", ".yml", ".toml", ".md", ".html", ".css", ".js", ".sh", ".zip", ".gz", ".tar",
     ".whl", ".so", ".model", ".spm", ".patch", ".cfg", ".ini")
)  # fmt: skip
# A checkpoint of PyTorch and an Excel workbook are archives too, and no log folders.
OTHERWISE = ("data.pkl", "xl/workbook.xml", "word/document.xml", "model.weights.h5", "[Content_Types].xml")


def is_tar(body: bytes) -> bool:
    """Whether it is a tar archive, in gzip or as it is."""
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


def members(
    body: bytes, limits: Limits, look: Callable[[], None], before: Sequence[Part] = ()
) -> tuple[Part, ...] | None:
    """The files that may be logs, in the order of their names; None where it is no archive of files.

    `before` are those of other archives of the same request. Raises TooLarge, TooMany and BrokenEncoding, and whatever `look` does.
    """
    if body.startswith(ZIP):
        directory = _directory(body)
        within = None if directory is None else _zip(directory, limits.unpacked, look)
    else:
        within = _tar(body, limits.unpacked, look) if is_tar(body) else None
    if within is None:
        return None
    found, size = [], sum(len(part.body) for part in before)
    for name, data in within:
        size += len(data)
        if size > limits.unpacked:
            raise TooLarge(
                f"The archive unpacks to more than {limits.unpacked // MIB} MiB, and one request may have that. Send the logs alone."
            )
        found.append(Part("file", data, name))
        if len(before) + len(found) > limits.files:
            raise TooMany(
                f"The archive holds more than {limits.files} files that may be logs; one request may have {limits.files}. Send some of them."
            )
    return tuple(sorted(found, key=lambda part: part.filename or ""))


def wanted(name: str) -> bool:
    """Whether a file may be a log, by its path: hidden ones are none, nor is what has another purpose by its ending."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) and part.strip(".") for part in path.parts)
    return not hidden and path.suffix.lower() not in NO_LOG


def _directory(body: bytes) -> zipfile.ZipFile | None:
    """An opened ZIP archive; None where it cannot be opened, or is something else in an archive's clothes."""
    if body.count(ENTRY) > ENTRIES:
        raise TooMany(f"The ZIP archive has more than {ENTRIES} entries. Send the logs alone.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except BROKEN:
        return None
    names = archive.namelist()
    otherwise = any(name.endswith(OTHERWISE) for name in names) or all(name.endswith(".npy") for name in names)
    return None if otherwise else archive


def _zip(archive: zipfile.ZipFile, most: int, look: Callable[[], None]) -> Iterator[tuple[str, bytes]]:
    for entry in archive.infolist():
        if not entry.is_dir() and wanted(entry.filename):
            look()
            yield entry.filename, b"".join(_pieces(archive, entry, most, look))


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, look: Callable[[], None]) -> Iterator[bytes]:
    """The bytes of one file, up to just above `most`."""
    if entry.compress_type not in METHODS:
        raise BrokenEncoding(
            "The ZIP archive is packed with a method other than deflate. Pack it anew, as ZIP programs do by default."
        )
    size = 0
    try:
        with archive.open(entry) as file:
            while size <= most and (piece := file.read(CHUNK)):
                size += len(piece)
                yield piece
                look()
    except BROKEN:
        raise BrokenEncoding("The ZIP archive cannot be unpacked: is it whole, and without a password?") from None


def _tar(body: bytes, most: int, look: Callable[[], None]) -> Iterator[tuple[str, bytes]]:
    raw = unpacked(body, UNPACKED * most, look=look) if body.startswith(GZIP) else body
    try:
        for name, data in files(raw, look):
            if wanted(name):
                yield name, bytes(data[: most + 1])
    except BrokenTar as why:
        raise BrokenEncoding(f"The tar archive cannot be unpacked: {why}.") from None
