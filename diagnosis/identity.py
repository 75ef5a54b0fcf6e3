"""The same question has the same id: a hash of the curves, the context and the version.

Bytes, compression and the format of the log do not matter, so a pipeline that asks twice can tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from diagnosis.run import Run

try:
    VERSION = version("curve-diagnosis")
except PackageNotFoundError:  # run from a checkout that was never installed
    VERSION = "0+unknown"

ENCODER = json.JSONEncoder(sort_keys=True, default=str)  # the order of keys is no part of a question


def identify(run: Run, ignore: Collection[str] = ()) -> str:
    """Thirty-two hexadecimal digits for one run."""
    digest = hashlib.sha256()
    said = ENCODER.encode(vars(run.context))
    digest.update(repr((VERSION, run.name, said, sorted(set(ignore)))).encode())
    for curve in sorted(run.curves, key=lambda c: c.name):
        digest.update(repr((curve.name, curve.role, curve.axis, curve.direction, len(curve))).encode())
        digest.update(np.ascontiguousarray(curve.values).data)
        if not (curve.steps == np.arange(len(curve))).all():  # counted from 0, steps say nothing new
            digest.update(np.ascontiguousarray(curve.steps).data)
    return digest.hexdigest()[:32]
