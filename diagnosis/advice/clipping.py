"""The fix that bounds the gradient, by what is ordinary in this run."""

from __future__ import annotations

import numpy as np

from diagnosis.advice.fix import Fix, significant
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.run import FloatArray, Position

CLIP_QUANTILE = 0.90  # of the gradient norms (Google, "Deep Learning Tuning Playbook")
CLIP_DEFAULT = 1.0  # the usual global norm, where none is logged
CLIP_CALM = 10.0  # times the median norm: beyond are the bursts that clipping is for
CLIP_LEAST, CLIP_MOSTLY = 3, 0.75  # norms, and share of them that must be calm: else none is ordinary
CLIP_LEFT = 100.0  # times the norm that a rise to the end began with: it has exploded


def clip(grad_norm: Measured | None, because: str, until: Position | None = None) -> Fix:
    """Bound the gradient a little above the run's ordinary norm: nine in ten that are no bursts stay below.

    Ordinary are the norms up to where the loss was sound, `until`; the usual bound where these are too few, or of every size.
    """
    norm = CLIP_DEFAULT if grad_norm is None else _ordinary(grad_norm, until) or CLIP_DEFAULT
    return Fix("clip_gradients", f"Clip the gradients' global norm at {norm:g}.", because, {"max_norm": norm})


def _ordinary(grad_norm: Measured, until: Position | None) -> float | None:
    norms = grad_norm.curve.values
    if until is not None:
        known = until.axis == grad_norm.curve.axis
        norms = norms[: int(np.searchsorted(grad_norm.curve.steps, until.at)) if known else 0]
        if norms.size < CLIP_LEAST:
            return None
    norms = norms[: _exploded(norms)]
    calm = norms[norms <= max(CLIP_CALM * median(norms), norms.min())]
    return significant(float(np.quantile(calm, CLIP_QUANTILE)), 2) if calm.size > CLIP_MOSTLY * norms.size else None


def _exploded(norms: FloatArray) -> int:
    """How many of the gradient norms (n,) come before a rise to the end, from one to the next, that explodes; n without one."""
    (falls,) = (np.diff(norms) <= 0.0).nonzero()
    began = int(falls[-1]) + 1 if falls.size else 0
    return began + 1 if norms[-1] > CLIP_LEFT * norms[began] > 0.0 else norms.size
