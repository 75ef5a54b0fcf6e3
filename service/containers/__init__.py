"""What a log may come in: archives of log folders, gzip, and binary logs; opened before the engine, which receives documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from diagnosis.names import SPLITS
from schemas.limits import Limits
from service.containers import archive, event_file, wandb_file
from service.question.parts import Part, reading, unpacked

# Folders inside a run's own: MLflow's metrics, and the splits of TensorBoard, CatBoost and Keras.
INNER = frozenset(
    ("metrics", "train", "training", "validation", "val", "valid", "eval", "test", "learn", "logs", "vis_data")
)
LEAST = 2  # files of as many runs as there are folders


@dataclass(frozen=True)
class Opened:
    """Files that may be parts of one run; `optional` ones were found in an archive, and may be no logs at all."""

    parts: tuple[Part, ...]
    name: str | None = None
    optional: bool = False


def opened(files: Sequence[Part], limits: Limits, look: Callable[[], None] = lambda: None) -> tuple[Opened, ...]:
    """Unpack archives and decode binary logs: the files sent together, and every folder of an archive for itself.

    `look` is called now and then: a caller whose patience ends raises there.
    """
    together: list[Part] = []
    found: list[Part] = []  # of the whole request: its limit is theirs together
    folders: list[Opened] = []
    for at, file in enumerate(files, 1):
        with reading(file, at, several=len(files) > 1):
            members = archive.members(file.body, limits, look, found)
            if members is None:
                plain = _plain(file, limits.unpacked - sum(len(part.body) for part in found), look)
                found += [plain] if plain is not file else []
                together.append(decoded(plain, limits, look))
            else:
                found += members
                folders += _folders(members, limits, look)
    return (Opened(tuple(together)), *folders) if together else tuple(folders)


def _plain(file: Part, most: int, look: Callable[[], None]) -> Part:
    """A file that was packed with gzip by itself, `metrics.csv.gz`, unpacked to at most so many bytes; any other as it is."""
    if not file.body.startswith(archive.GZIP):
        return file
    name = file.filename and file.filename.removesuffix(".gz")
    return Part(file.field, unpacked(file.body, max(most, 0), look=look), name)


def decoded(file: Part, limits: Limits, look: Callable[[], None] = lambda: None) -> Part:
    """A binary log as the JSON that its reader expects; anything else as it is."""
    if event_file.is_event_file(file.body):
        return Part(file.field, json.dumps(event_file.scalars(file.body, limits, look)).encode(), file.filename)
    if wandb_file.is_wandb_file(file.body):
        return Part(file.field, json.dumps(wandb_file.history(file.body, limits, look)).encode(), file.filename)
    return file


def _folders(members: Sequence[Part], limits: Limits, look: Callable[[], None]) -> list[Opened]:
    """The files of each run's folder; named after it, from where the folders differ."""
    folders: dict[tuple[str, ...], list[Part]] = {}
    for part in members:
        folder = PurePosixPath(part.filename or "").parts[:-1]
        while folder and (folder[-1].lower() in INNER or _scalars_of_a_split(folder[-1], part)):
            folder = folder[:-1]
        folders.setdefault(folder, []).append(decoded(part, limits, look))
    shared = _shared(list(folders))
    several = len(folders) >= LEAST
    return [
        Opened(tuple(parts), "/".join(folder[shared:] or folder[-1:]) or None if several else None, optional=True)
        for folder, parts in folders.items()
    ]


def _scalars_of_a_split(folder: str, part: Part) -> bool:
    """Whether this is what `SummaryWriter.add_scalars` makes: a folder `Loss_train` beside `Loss_val` in the run's own."""
    last = folder.lower().rpartition("_")
    return bool(last[0]) and last[2] in SPLITS and event_file.is_event_file(part.body)


def _shared(folders: Sequence[tuple[str, ...]]) -> int:
    """How many folders from the top are the same for all."""
    count = 0
    while folders and all(len(folder) > count and folder[count] == folders[0][count] for folder in folders):
        count += 1
    return count
