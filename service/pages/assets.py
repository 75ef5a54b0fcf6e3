"""The files of the web page, held in memory: what is not in the folder has no address, and nothing is looked up on a disk.

Their address holds a digest of them all, so a browser keeps them for good and asks anew after an upgrade.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".npz": "application/octet-stream",
    ".png": "image/png",
    ".pt": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
DIGITS = 16  # of the digest in an address


@dataclass(frozen=True)
class Asset:
    """One file, and what it is."""

    body: bytes
    content_type: str


@cache
def all_assets() -> Mapping[str, Asset]:
    """Every file that a browser may ask for, by its path in the folder; sources and licences stay inside."""
    found = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix]) for path in found}


@cache
def digest() -> str:
    """A name for this state of all the files."""
    sums = hashlib.sha256()
    for name, asset in all_assets().items():
        sums.update(f"{name} {hashlib.sha256(asset.body).hexdigest()}\n".encode())
    return sums.hexdigest()[:DIGITS]
