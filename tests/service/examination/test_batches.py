"""Batches are read from three formats, never from a pickle, and nonsense is refused with what was expected."""

import io
import json
import pickle
import re
import struct
import zipfile

import numpy as np
import pytest
import torch

from service.examination.batches import make_inputs, make_targets, read_batch
from service.examination.config import Config
from service.examination.refused import Refused

X, Y = np.arange(6, dtype=np.float32).reshape(3, 2), np.array([0, 1, 0])


def npz(**arrays: np.ndarray) -> bytes:
    """The bytes of numpy.savez."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def safetensors(**arrays: np.ndarray) -> bytes:
    """Header and data, as its specification says."""
    kinds, header, body = {"float32": "F32", "int64": "I64"}, {}, b""
    for name, array in arrays.items():
        raw = array.tobytes()
        header[name] = {
            "dtype": kinds[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(raw)],
        }
        body += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def header(said: dict[str, object]) -> bytes:
    """A .safetensors of a header, and four bytes."""
    text = json.dumps(said).encode()
    return struct.pack("<Q", len(text)) + text + bytes(4)


def zipped(**members: bytes) -> bytes:
    """A ZIP of anything."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "data", [npz(inputs=X, targets=Y), safetensors(inputs=X, targets=Y), json.dumps({"inputs": X.tolist(), "targets": Y.tolist()}).encode()]
)  # fmt: skip
def test_each_format_gives_the_same_batch(data: bytes):
    """The bytes tell which it is."""
    batch = read_batch(data)

    assert torch.equal(torch.tensor(X, dtype=batch.inputs[0].dtype), batch.inputs[0])
    assert batch.targets is not None
    assert [0, 1, 0] == batch.targets.tolist()


@pytest.mark.parametrize("length", [0x7B + 256, 0x0280], ids=["a brace", "a pickle"])
def test_a_safetensors_batch_is_read_whatever_its_length_looks_like(length: int):
    """Its header may be padded to any length, and the length comes first."""
    data = safetensors(inputs=X, targets=Y)
    (short,) = struct.unpack("<Q", data[:8])
    padded = struct.pack("<Q", length) + data[8 : 8 + short].ljust(length) + data[8 + short :]

    assert torch.equal(torch.tensor(X), read_batch(padded).inputs[0])


def test_several_inputs_keep_their_numbers():
    """inputs_10 comes after inputs_2."""
    named = {f"inputs_{i}": np.full((1, 1), i) for i in (10, 0, 2)}

    assert [0, 2, 10] == [int(x) for x in read_batch(npz(targets=Y[:1], **named)).inputs]


@pytest.mark.parametrize(
    ("numbers", "noted"), [((0, 1), False), ((0,), False), ((1,), True), ((0, 2), True), ((1, 2), True)]
)
def test_a_number_that_is_missing_is_noted(numbers: tuple[int, ...], noted: bool):  # noqa: FBT001
    """It may be an input that was forgotten."""
    named = {f"inputs_{number}": X for number in numbers}

    assert noted == any(", ".join(named) in note for note in read_batch(npz(targets=Y, **named)).notes)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", pickle.dumps({"inputs": 1}), npz(inputs=np.array([{}], dtype=object), targets=Y), npz(targets=Y), npz(inputs=X), npz(inputs=X[:0], targets=Y[:0]),
        npz(inputs=np.array(["a"]), targets=Y), b"{}", b'{"inputs": [[1], [1, 2]], "targets": [0]}', b"[1]", b'{"inputs": ' + b"[" * 100_000,
        struct.pack("<Q", 1 << 60) + b"{}", struct.pack("<Q", 2) + b"{}", safetensors(inputs=X, targets=Y)[:-8], npz(inputs=X, targets=Y)[:-40], b"PK\x03\x04",
        zipped(**{"inputs.txt": b"no array", "targets.npy": b""}), zipped(**{"inputs.npy": b"\x93NUMPY\x01\x00\x05\x00((((\n"}),
        npz(**{"inputs_" + "9" * 5000: X, "targets": Y}), header({"inputs": {"dtype": "F32", "shape": [1e400], "data_offsets": [0, 0]}}),
        header({"inputs": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}), header({"inputs": {"dtype": "F32", "shape": [0, 1 << 70], "data_offsets": [0, 0]}}),
    ],
)  # fmt: skip
def test_nonsense_is_refused(data: bytes):
    """As invalid, and never by another error: what is wrong with the batch is no fault of the model."""
    with pytest.raises(Refused) as refused:
        read_batch(data)

    assert "invalid" == refused.value.kind
    assert not re.search("numpy|torch|THP|sys\\.", str(refused.value))


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (b"[[1, 2], [3]]", "inputs holds lists of different lengths"),
        (b"[[1, null]]", "inputs holds something that is no number, such as null"),
        (b'["a"]', "inputs holds text"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[nan]", "stops being JSON at line 1, column 13. Send what json.dumps() writes"),
        (b"[1" + b"0" * 5000 + b"]", "too many digits"),
        (b'["\xff"]', "not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_batch_of_json_is_said_in_words_of_our_own(inputs: bytes, says: str):
    """Not in those of what reads it."""
    with pytest.raises(Refused) as refused:
        read_batch(b'{"inputs": ' + inputs + b', "targets": [0]}')

    assert says in refused.value.detail


def test_a_made_batch_is_said_and_the_same_for_a_seed():
    """Random, but not by chance."""
    config = Config.of({"loss": "cross_entropy", "input_shapes": [[8, 5]], "seed": 3})
    first, again = make_inputs(config), make_inputs(config)

    assert first.made
    assert "random" in first.notes[0]
    assert torch.equal(first.inputs[0], again.inputs[0])
    assert make_targets(config, first, torch.zeros(8, 4)).unique().numel() > 1


def test_batch_size_is_put_in_front():
    """Shapes are otherwise as forward takes them."""
    config = Config.of({"loss": "mse", "input_shapes": [[3, 4]], "batch_size": 7})

    assert (7, 3, 4) == tuple(make_inputs(config).inputs[0].shape)


@pytest.mark.parametrize(
    "said",
    [{}, {"loss": "hinge"}, {"loss": "mse", "lr": -1}, {"loss": "mse", "lr": True}, {"loss": "mse", "steps": 0}, {"loss": "mse", "steps": 1.5},
     {"loss": "mse", "optimizer": "lion"}, {"loss": "mse", "device": "tpu"}, {"loss": "mse", "input_shapes": [[10**9, 10**9]]}, {"loss": "mse", "input_shapes": [3]},
     {"loss": "mse", "deadline_s": float("inf")}, {"loss": "mse", "seed": -1}],
)  # fmt: skip
def test_a_config_that_cannot_be_meant_is_refused(said: dict[str, object]):
    """With the key and what was expected."""
    with pytest.raises(Refused):
        Config.of(said)


def test_an_archive_made_to_burst_is_refused_by_what_its_directory_says():
    """Nothing of it is unpacked: a gigabyte and a half of zeros in a megabyte and a half."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("inputs.npy", "w", force_zip64=True) as entry,
    ):
        for _ in range(70):
            entry.write(bytes(8 << 20))

    with pytest.raises(Refused, match="would unpack to 560 MiB"):
        read_batch(file.getvalue())
