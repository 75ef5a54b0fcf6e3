"""The seam to the judgement of many runs: the one place that knows how it is called.

Until `diagnosis.across` exists, nothing is found across runs, and what is due counts as missed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence

from diagnosis import diagnose
from diagnosis.run import Run

MODULE, FUNCTION = "diagnosis.across", "compare"


def judged_across(runs: Sequence[Run]) -> Mapping[str, tuple[str, float]]:
    """What holds across these runs: condition → (severity, confidence)."""
    if importlib.util.find_spec(MODULE) is None:
        return {}
    judge = getattr(importlib.import_module(MODULE), FUNCTION)
    return {j.condition: (j.severity, j.confidence) for j in judge([diagnose(run) for run in runs]).findings}
