"""TensorBoard event files, `events.out.tfevents.…`: binary; send them as they are, several together or a log folder as `.zip`.

    {"tensorboard_events": {
       "train/loss": {"steps": [0, 100, 200], "values": [2.31, 1.92, 1.63]},
       "val/loss": {"steps": [100, 200], "values": [2.01, 1.75]}}}

Recognised by the framing of their records; the scalars in them reach this reader as the JSON above. A folder called
`train` or `validation` names the split of what it holds (`epoch_loss` of Keras). Where many values share a step, as where a trainer
logs batches at the number of their epoch, their mean counts; a few that share one are restarts, and the last counts.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from diagnosis.errors import NoCurve
from diagnosis.names import SPLITS, understand, words
from diagnosis.reading.assemble import Log, Series
from diagnosis.reading.document import Document
from diagnosis.run import Axis, FloatArray

KEY = "tensorboard_events"
MANY = 3.0  # values a step on average, from which they are batches
FOLDERS = 2  # the file's own and the one around it


def recognises(document: Document) -> bool:
    """Whether these are decoded event files."""
    return isinstance(document.json, dict) and isinstance(document.json.get(KEY), dict)


def read(document: Document) -> Log:
    """Every tag at its steps."""
    notes = [str(note) for note in document.json.get("notes") or ()]
    split = _folder(document.filename or "")
    series = []
    for tag, points in document.json[KEY].items():
        try:
            steps, values = (np.array(points[what], dtype=np.float64) for what in ("steps", "values"))
        except (KeyError, TypeError, ValueError):
            raise NoCurve(f"{tag[:80]}: expected steps and values, as many of both.") from None
        if not steps.size or steps.shape != values.shape or steps.ndim != 1:
            continue
        name = f"{split}/{tag}" if split and understand(tag).split is None else tag
        axis: Axis = "epoch" if "epoch" in words(tag) else "step"
        steps, values = _one_a_step(name, steps, values, notes)
        series.append(Series(name, values, steps, axis))
    if not series:
        raise NoCurve("The event file holds no scalars: images, graphs or histograms alone, or nothing was logged yet.")
    return Log(tuple(series), KEY, notes=tuple(notes))


def _folder(filename: str) -> str | None:
    """The split that one of the folders around the file names."""
    around = PurePosixPath(filename.replace("\\", "/")).parts[-1 - FOLDERS : -1]
    last = [name.lower().rpartition("_")[2] for name in reversed(around)]
    return next((SPLITS[name] for name in last if name in SPLITS), None)


def _one_a_step(name: str, steps: FloatArray, values: FloatArray, notes: list[str]) -> tuple[FloatArray, FloatArray]:
    """The mean of batches that share a step; else the last value of each, as of restarts."""
    if (np.diff(steps) > 0).all():
        return steps, values
    at, place, counts = np.unique(steps, return_inverse=True, return_counts=True)
    if steps.size >= MANY * at.size:
        notes.append(f"{name}: about {steps.size / at.size:.0f} values share each step; their mean counts")
        return at, np.bincount(place, weights=values) / counts
    last = np.empty(at.size)
    last[place] = values
    back, again = int((np.diff(steps) < 0).sum()), steps.size - at.size
    goes = f"steps go back {back} time{'s' * (back > 1)}, " if back else ""
    notes.append(
        f"{name}: {goes}{again} value{'s' * (again > 1)} of a step that was logged before; the last one counts"
    )
    return at, last
