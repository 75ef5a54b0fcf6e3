"""Uploads that are no TorchScript are named, before torch sees them; none of this needs torch."""

import io
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from service.sandbox import zip_directory
from service.sandbox.archive import NESTING, NotTorchScript, check

SCRIPT = {
    "m/constants.pkl": b"\x80\x02).",
    "m/data.pkl": b"\x80\x02.",
    "m/code/__torch__.py": b"def forward(x):\n  return (x)\n",
}


def archive(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Zip them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, data in files.items():
            written.writestr(name, data)
    return file.getvalue()


def refused(data: bytes) -> str:
    """Why it is refused."""
    with pytest.raises(NotTorchScript) as caught:
        check(data)
    assert "torch.jit.script(model)" in caught.value.detail
    return caught.value.detail


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_torchscript_passes(method: int) -> None:
    """Stored or packed."""
    check(archive(SCRIPT, method))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\x80\x02}q\x00.", "a pickle"),
        (b"\x89HDF\r\n\x1a\n", "Keras"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0", "an ONNX model"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"GGUF\x03", "GGUF"),
        (struct.pack("<Q", 10) + b'{"a": 1}  ', "safetensors"),
        (struct.pack("<Q", 0x0280) + b'{"a": 1}  ', "safetensors"),  # begins like a pickle
        (b"\0" * 257 + b"ustar" + b"\0" * 300, "tar archive"),
        (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
        (b"{}", "JSON"),
        (b"<html>", "HTML"),
        (b"hello", "of no kind that is known"),
        (archive({"model.pt": b""}), "unzip it"),
        (b"PK\3\4 and no more", "its end is missing"),
        (archive({"m/data.pkl": b"\x80\x02.", "m/version": b"3"}), "torch.save"),
        (archive({"m/archive_format": b"pt2", "m/models/model.json": b"{}"}), "torch.export"),
        (archive({"m/.data/extern_modules": b"", "m/model.py": b""}), "torch.package"),
        (archive({"inputs.npy": b"", "targets.npy": b""}), "part `batch`"),
        (archive({"config.json": b"", "metadata.json": b"", "model.weights.h5": b""}), "Keras model"),
        (archive({"readme.txt": b""}), "no model known here"),
    ],
)
def test_what_is_not_torchscript_is_named(data: bytes, says: str) -> None:
    """With what it looks like, and how to export."""
    assert says in refused(data)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_archive_is_refused(kept: float) -> None:
    """An upload that was cut off is no archive, wherever it was cut."""
    whole = archive({**SCRIPT, "m/data/0": bytes(10_000)})

    assert "cannot be read" in refused(whole[: int(kept * len(whole))])


def test_every_damaged_byte_of_the_directory_is_survived() -> None:
    """Refused or let through, but never an error of another kind."""
    whole = archive(SCRIPT)
    for at in range(len(whole) - 250, len(whole)):
        for value in (0, 255):
            damaged = whole[:at] + bytes([value]) + whole[at + 1 :]
            try:
                check(damaged)
            except NotTorchScript:
                continue


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    """By what its directory says."""
    bomb = archive({**SCRIPT, "m/data/0": bytes(1 << 26)}, zipfile.ZIP_DEFLATED)

    assert "would unpack to 64 MiB" in refused(bomb)


def test_a_directory_that_lies_about_its_size_is_bounded() -> None:
    """Code that unpacks to more than it says is read no further than the limit."""
    whole = bytearray(archive({**SCRIPT, "m/code/b.py": b" " * (6 << 20)}, zipfile.ZIP_DEFLATED))
    real = struct.pack("<I", 6 << 20)
    lied = bytes(whole).replace(real, struct.pack("<I", 10))

    assert "source code" in refused(lied)


def test_many_entries_are_refused_at_once() -> None:
    """A million entries cost no more than their count."""
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, 46 * 65535, 0, 0)
    data = b"PK\3\4" + bytes(46 * 65535) + end
    began = time.perf_counter()

    assert f"{zip_directory.ENTRIES} are the most" in refused(data)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("bracket", ["[]", "()", "{}"])
def test_deep_nesting_is_refused_just_over_the_limit(bracket: str) -> None:
    """Torch's own parser would crash at some ten thousand levels."""
    code = "x = " + bracket[0] * NESTING + bracket[1] * NESTING
    check(archive({**SCRIPT, "m/code/a.py": code.encode()}))
    deeper = f"x = {bracket[0]}{code[4:]}{bracket[1]}"

    assert "nested more than" in refused(archive({**SCRIPT, "m/code/a.py": deeper.encode()}))


def test_a_file_listed_twice_is_refused() -> None:
    """Two readers could see two different files."""
    whole = archive({**SCRIPT, "m/code/a.py": b"1", "m/code/b.py": b"2"})

    assert "twice" in refused(whole.replace(b"m/code/b.py", b"m/code/a.py"))


@pytest.mark.parametrize("name", ["good", "traced", "deflated"])
def test_what_torch_wrote_passes(folder: Path, name: str) -> None:
    """Scripted and traced."""
    check((folder / f"{name}.pt").read_bytes())


@pytest.mark.parametrize("name", ["bomb", "deep_list", "deep_parentheses"])
def test_what_would_crash_torch_is_refused(folder: Path, name: str) -> None:
    """Before torch sees it."""
    refused((folder / f"{name}.pt").read_bytes())
