"""The one batch: read from .npz, .safetensors or JSON, never from a pickle; or made, and said so."""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from service.examination.config import CLASSES, Config
from service.examination.loading import cut
from service.examination.refused import Refused
from service.first_bytes import LENGTH, is_pickle, is_safetensors

DEFAULT_CLASSES = 10
DTYPES = {
    "float64": torch.float64, "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16,
    "int64": torch.int64, "int32": torch.int32, "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8, "bool": torch.bool,
    "complex64": torch.complex64, "complex128": torch.complex128,
}  # fmt: skip
SAFETENSORS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
               "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool", "C64": "complex64"}  # fmt: skip
ROWS, PLACED = 2, 3  # dimensions of (N, C) and (N, T, C)
UNPACKED, RATIO = 512 << 20, 50  # bytes of all arrays, and times those of the upload: beyond both it was made to burst
LARGEST_HEADER = 1 << 20  # bytes
NUMBERS = "expected numbers, in lists of one length in each dimension"
HELD = {"U": "text", "S": "text", "O": "something that is no number, such as null or an object", "M": "dates"}
EXPECTED = "Expected `inputs` (or `inputs_0`, `inputs_1`, …) and `targets`"


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs in the order `forward` takes them, and targets; `typed` tells arrays with dtypes from JSON."""

    inputs: tuple[Tensor, ...]
    targets: Tensor | None
    made: bool = False
    typed: bool = True
    notes: tuple[str, ...] = field(default=())

    def on(self, device: torch.device) -> Batch:
        """The same batch on a device."""
        targets = None if self.targets is None else self.targets.to(device)
        return replace(self, inputs=tuple(x.to(device) for x in self.inputs), targets=targets)


def read_batch(data: bytes) -> Batch:
    """Recognise the format from the bytes; Refused where it cannot be read, whatever is wrong with it."""
    try:
        return _read(data)
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - each library has its own errors for what is broken, and names itself in them
        raise Refused(
            "invalid", f"The batch is broken and cannot be read. {EXPECTED} as numbers of one shape."
        ) from None


def _read(data: bytes) -> Batch:
    if is_safetensors(data):
        return _chosen(_safetensors(data))
    if data[:4] == b"PK\x03\x04":
        return _chosen(_npz(data))
    if is_pickle(data):
        raise Refused(
            "invalid", f"The batch is a pickle, which is never read. {EXPECTED} in .npz, .safetensors or JSON."
        )
    if data.lstrip()[:1] == b"{":
        return replace(_chosen(_from_json(data)), typed=False)
    raise Refused("invalid", f"The batch is neither .npz nor .safetensors nor JSON. {EXPECTED}.")


def _npz(data: bytes) -> dict[str, Tensor]:
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist())
        if unpacked > max(UNPACKED, RATIO * len(data)):
            raise Refused(
                "invalid",
                f"The .npz batch would unpack to {unpacked >> 20} MiB, and {UNPACKED >> 20} MiB are the most. Send fewer examples.",
            )
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: _tensor(name, arrays[name]) for name in arrays.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError, NotImplementedError, MemoryError) as error:
        why = "it holds Python objects; save numeric arrays" if "pickle" in str(error) else str(error)[:200]
        raise Refused("invalid", f"The .npz batch cannot be read: {why}.") from None


def _from_json(data: bytes) -> dict[str, Tensor]:
    try:
        said = json.loads(data)
        listed = said.get("inputs")
        several = isinstance(listed, dict)
        if several:
            said = {**{f"inputs_{i}": value for i, value in enumerate(listed.values())}, "targets": said.get("targets")}
    except json.JSONDecodeError as broken:
        why = f"it stops being JSON at line {broken.lineno}, column {broken.colno}. Send what json.dumps() writes."
    except RecursionError:
        why = "it is nested too deeply. Expected a list in a list for each dimension."
    except ValueError as error:
        why = (
            "it is not UTF-8; send it as that."
            if isinstance(error, UnicodeDecodeError)
            else "a number in it has too many digits; expected numbers up to 1e308."
        )
    else:
        return {name: _tensor(name, _listed(name, value)) for name, value in said.items() if value is not None}
    raise Refused("invalid", f"The JSON batch cannot be read: {why}")


def _listed(name: str, value: object) -> np.ndarray[Any, Any]:
    """Lists in lists as an array."""
    try:
        return np.array(value)
    except (ValueError, TypeError):
        raise Refused(
            "invalid", f"{cut(name)} holds lists of different lengths, or too deep ones; {NUMBERS}."
        ) from None


def _tensor(name: str, array: np.ndarray[Any, Any]) -> Tensor:
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.int64)
    if array.dtype.kind not in "fiubc":
        raise Refused("invalid", f"{cut(name)} holds {HELD.get(array.dtype.kind, 'no numbers')}; {NUMBERS}.")
    if array.dtype.byteorder not in "=|":
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.name not in DTYPES:
        array = array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
    return torch.from_numpy(np.array(array, order="C"))


def _safetensors(data: bytes) -> dict[str, Tensor]:
    (length,) = struct.unpack("<Q", data[:LENGTH])
    if length > min(LARGEST_HEADER, len(data) - LENGTH):
        raise Refused("invalid", "The .safetensors header is longer than the file.")
    try:
        header = json.loads(data[LENGTH : LENGTH + length])
        body = memoryview(data)[LENGTH + length :]
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            dtype, shape = DTYPES[SAFETENSORS[entry["dtype"]]], [int(size) for size in entry["shape"]]
            if not 0 <= start <= end <= len(body) or math.prod(shape) * dtype.itemsize != end - start:
                raise Refused("invalid", f"The .safetensors entry {name[:60]} does not fit its data.")
            raw = bytearray(body[start:end])
            tensors[name] = (
                torch.frombuffer(raw, dtype=dtype).reshape(shape) if raw else torch.zeros(shape, dtype=dtype)
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, RuntimeError):
        raise Refused("invalid", "The .safetensors header cannot be read, or says what cannot be.") from None
    return tensors


def _chosen(tensors: Mapping[str, Tensor]) -> Batch:
    numbered = sorted(
        (int(name.removeprefix("inputs_")), name)
        for name in tensors
        if name.startswith("inputs_") and name.removeprefix("inputs_").isdecimal()
    )
    names = ["inputs"] if "inputs" in tensors else [name for _, name in numbered]
    unknown = sorted(set(tensors) - set(names) - {"targets"})
    if not names or "targets" not in tensors:
        listed = ", ".join(sorted(tensors)[:8]) or "nothing"
        raise Refused("invalid", f"The batch holds {listed[:200]}. {EXPECTED}.")
    notes = [f"not used: {', '.join(unknown)[:200]}"] if unknown else []
    if "inputs" not in tensors and [number for number, _ in numbered] != list(range(len(numbered))):
        notes.append(f"the inputs are not numbered 0, 1, …, and taken in this order: {', '.join(names)[:200]}")
    if any(tensors[name].numel() == 0 for name in (*names, "targets")):
        raise Refused("invalid", "The batch is empty: expected at least one example.")
    return Batch(tuple(tensors[name] for name in names), tensors["targets"], notes=tuple(notes))


def make_inputs(config: Config) -> Batch:
    """Random inputs of the shapes asked for; shapes are as `forward` takes them, `batch_size` is put in front."""
    if not config.input_shapes:
        raise Refused("invalid", "There is neither a batch nor input_shapes to make one of.")
    generator = torch.Generator().manual_seed(config.seed)
    inputs = []
    for place, asked in enumerate(config.input_shapes):
        shape = asked if config.batch_size is None else (config.batch_size, *asked)
        if 0 in shape:
            raise Refused("invalid", f"input_shapes[{place}] holds a 0: expected at least one of everything.")
        name = config.input_dtypes[place] if place < len(config.input_dtypes) else "float32"
        dtype = DTYPES.get(name.removeprefix("torch."))
        if dtype is None:
            raise Refused("invalid", f"input_dtypes[{place}] is {name[:40]!r}; expected one of {', '.join(DTYPES)}.")
        if dtype.is_floating_point or dtype.is_complex:
            inputs.append(torch.randn(shape, generator=generator).to(dtype))
        else:  # small enough for any vocabulary
            most = 2 if dtype is torch.bool else config.num_classes or DEFAULT_CLASSES
            inputs.append(torch.randint(0, min(most, 128), shape, generator=generator).to(dtype))
    return Batch(tuple(inputs), None, made=True, notes=("the batch is random: made of input_shapes",))


def make_targets(config: Config, batch: Batch, output: Tensor) -> Tensor:
    """Targets that fit the output: a rule of the inputs where that is simple, so that any sound model can learn them."""
    generator = torch.Generator().manual_seed(config.seed + 1)
    shape, rows = tuple(output.shape), output.shape[0] if output.ndim else 1
    flat = torch.cat([x.reshape(x.shape[0], -1).to(torch.float32) for x in batch.inputs if x.ndim and x.shape[0] == rows]
                     or [torch.randn(rows, 4, generator=generator)], dim=1)  # fmt: skip
    if config.loss in CLASSES:
        tokens = (
            output.ndim == PLACED
            and not batch.inputs[0].is_floating_point()
            and shape[:2] == tuple(batch.inputs[0].shape[:2])
        )
        classes = config.num_classes or (shape[-1] if tokens or output.ndim <= ROWS else shape[1])
        if output.ndim == ROWS:
            scores = flat @ torch.randn(flat.shape[1], classes, generator=generator)
            labels = (scores - scores.mean(0)).argmax(1)
            # A batch of one class would tell little.
            return labels if rows == 1 or labels.unique().numel() > 1 else torch.arange(rows) % classes
        places = config.target_shape or (shape[:-1] if tokens else (shape[0], *shape[2:]))
        return torch.randint(0, classes, places, generator=generator)
    if config.target_shape is not None:
        shape = config.target_shape
    drawn = torch.randn(shape, generator=generator)
    if len(shape) == ROWS and shape[0] == flat.shape[0]:
        drawn = flat @ torch.randn(flat.shape[1], shape[1], generator=generator) / max(flat.shape[1], 1) ** 0.5
        drawn = drawn / drawn.std().clamp_min(1e-6) if drawn.numel() > 1 else drawn
    return (drawn > 0).to(torch.float32) if config.loss == "bce_with_logits" else drawn
