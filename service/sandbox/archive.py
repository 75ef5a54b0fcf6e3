"""What an upload is, by its first bytes and its list of files: TorchScript is let through, anything else is named.

Nothing is unpickled here, and nothing is unpacked but the source code inside, up to a limit. This is a courtesy, for a
refusal that says how to export; the jail must hold for whatever passes.
"""

from __future__ import annotations

import re
from collections import Counter

from service.first_bytes import is_safetensors
from service.sandbox.zip_directory import DEFLATED, ENCRYPTED, STORED, BrokenArchive, Entry, content, entries

UNPACKED = 1024 * 1024 * 1024  # bytes of all files; weights are stored, not packed, so an upload is about as large
RATIO = 50  # source code packs to a tenth; hostile zeros to a thousandth
CODE = 4 * 1024 * 1024  # bytes; a large transformer has 300 kB
NESTING = 200  # brackets in brackets; torch's own parser crashes at some ten thousand
SPARE = 64 * 1024  # bytes that an archive of any ratio may unpack to
EXPORT = (
    'Export the model as TorchScript: torch.jit.script(model).save("model.pt"), '
    'or torch.jit.trace(model, example_inputs).save("model.pt").'
)
STARTS = (
    (b"\x80", "a pickle, as older versions of torch.save write a state_dict or a module"),
    (b"\x89HDF", "an HDF5 file, as Keras writes"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array; the batch goes into the part `batch`"),
    (b"{", "JSON text"),
    (b"<", "HTML or XML"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
)
NO_BRACKETS = re.compile(rb"[^\[\](){}]+")


class NotTorchScript(ValueError):
    """The upload cannot be examined; `detail` says what it looks like, and how to export a model."""

    def __init__(self, found: str) -> None:
        """Say what was found, and what to do."""
        self.detail = f"The part `model` {found}. {EXPORT}"
        super().__init__(self.detail)


def check(data: bytes) -> None:
    """Let a TorchScript archive through, or raise `NotTorchScript`."""
    if not data:
        raise NotTorchScript("is empty")
    if not data.startswith(b"PK"):
        kind = _looks_like(data)
        raise NotTorchScript(f"looks like {kind}, not like TorchScript" if kind else "is of no kind that is known here")
    try:
        listed = entries(data)
        kind = _kind({entry.name for entry in listed})
        if kind is not None:
            raise NotTorchScript(f"is {kind}, not TorchScript")
        _bounded(data, listed)
        _shallow(data, listed)
    except BrokenArchive as error:
        raise NotTorchScript(f"is an archive that cannot be read: {error}") from error


def _looks_like(data: bytes) -> str | None:
    head = data[:4096]
    if is_safetensors(head):
        return "a safetensors file, which holds weights but no model"
    known = next((kind for start, kind in STARTS if head.startswith(start)), None)
    if known is not None:
        return known
    if head[257:262] == b"ustar":
        return "a tar archive, as the oldest versions of torch.save write"
    if head[4:8] == b"TFL3":
        return "a TensorFlow Lite model"
    if head[:1] == b"\x08" and re.search(rb"onnx|pytorch|ir_version|\x12.[a-z]", head[:200], re.IGNORECASE | re.DOTALL):
        return "an ONNX model"
    return None


def _kind(names: set[str]) -> str | None:
    """What an archive is, if it is not TorchScript."""
    within = {name.partition("/")[2] for name in names}
    if "constants.pkl" in within and any(name.startswith("code/") for name in within):
        return None
    exported = {"archive_format", "models/model.json"} & within or "serialized_exported_program.json" in names
    package = any(name.startswith(".data/extern_modules") for name in within)
    inner = [name[:80] for name in names if name.endswith((".pt", ".pth", ".ptl", ".ts"))]
    arrays = bool(names) and all(name.endswith(".npy") for name in names)
    kinds = (
        (inner, f"a zip archive around {min(inner, default='')}: unzip it, and send that file"),
        (exported, "a program of torch.export (.pt2), which cannot be loaded safely and has no training mode"),
        (package, "a torch.package archive"),
        ("data.pkl" in within, "a file of torch.save (a state_dict, a checkpoint or a pickled module)"),
        (arrays, "a NumPy .npz archive (the batch goes into the part `batch`)"),
        ({"config.json", "model.weights.h5"} <= names, "a Keras model"),
    )
    return next((kind for is_it, kind in kinds if is_it), "a zip archive that holds no model known here")


def _bounded(data: bytes, listed: list[Entry]) -> None:
    """Refuse what unpacks to more than a model holds, or is listed as no program writes it."""
    total, packed = sum(entry.unpacked for entry in listed), sum(entry.packed for entry in listed)
    if total > UNPACKED or total > RATIO * len(data) + SPARE:
        raise NotTorchScript(f"would unpack to {total / 2**20:.0f} MiB from {len(data) / 2**20:.1f} MiB")
    if packed > len(data):
        raise BrokenArchive("its files overlap or are cut off")
    twice = [name for name, count in Counter(entry.name for entry in listed).items() if count > 1]
    if twice:
        raise BrokenArchive("it lists a file twice")
    if any(entry.flags & ENCRYPTED or entry.method not in {STORED, DEFLATED} for entry in listed):
        raise BrokenArchive("a file in it is encrypted, or packed in an unusual way")


def _shallow(data: bytes, listed: list[Entry]) -> None:
    """Refuse source code that is too long or too deeply nested to be parsed."""
    left = CODE
    for entry in listed:
        if not (entry.name.endswith(".py") and "/code/" in entry.name):
            continue
        source = content(data, entry, left + 1)
        left -= len(source)
        if left < 0:
            raise NotTorchScript(f"holds more than {CODE // 2**20} MiB of source code")
        if _nesting(source) > NESTING:
            raise NotTorchScript(f"holds source code that is nested more than {NESTING} levels deep")


def _nesting(source: bytes) -> int:
    depth = deepest = 0
    for bracket in NO_BRACKETS.sub(b"", source):
        depth += 1 if bracket in b"[({" else -1
        deepest = max(deepest, depth)
    return deepest
