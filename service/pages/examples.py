"""Runs to look at: the logs that the page offers, and the run on which a condition's page shows what it looks like."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import PurePosixPath

import numpy as np

from diagnosis.rule import Fires, all_rules
from diagnosis.run import Curve, Run
from schemas.limits import Limits
from schemas.question import Said
from service.pages.assets import all_assets
from service.question.documents import question_of
from service.question.parts import Part
from service.question.query import Query

FOLDER = "examples/"
WIDTH, HEIGHT, MARGIN = 120.0, 44.0, 3.0  # of a drawing, in its own units
POINTS = 60  # of a line in a drawing
TENS = 50.0  # times between the largest and the smallest value, from which on powers of ten are drawn
LOSSES = ("train_loss", "val_loss")


@dataclass(frozen=True)
class Line:
    """One curve of a drawing: its role, and its points as SVG writes them."""

    role: str
    points: str


@dataclass(frozen=True)
class Example:
    """A log that the page offers: by what name, in which file, and how its losses look at a glance."""

    name: str
    file: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """As the page calls it."""
        words = self.name.replace("-", " ")
        return words[:1].upper() + words[1:]


@cache
def all_examples() -> tuple[Example, ...]:
    """Every log of the folder, by its name."""
    files = {name: asset for name, asset in all_assets().items() if name.startswith(FOLDER)}
    found = []
    for name, asset in files.items():
        path = PurePosixPath(name)
        runs = question_of([Part("file", asset.body, path.name)], Query(), Said(), Limits()).runs
        found.append(Example(path.stem, name, _drawn(runs)))
    return tuple(found)


@cache
def question_on(condition: str) -> str | None:
    """The first example of a rule as a question for `POST /diagnose`; None for what is found in models only."""
    rule = all_rules().get(condition)
    fires = next((example for example in rule.examples if isinstance(example, Fires)), None) if rule else None
    if fires is None:
        return None
    runs = [_asked(run) for run in (fires.run, *fires.others)]
    return json.dumps({"runs": runs} if fires.others else runs[0], separators=(",", ":"))


def _asked(run: Run) -> dict[str, object]:
    given = {field.name: getattr(run.context, field.name) for field in fields(run.context)}
    context = {name: value for name, value in given.items() if value is not None and value != {}}
    history = {
        curve.name: {
            "values": [value if np.isfinite(value) else str(_spelt(value)) for value in curve.values.tolist()],
            "steps": curve.steps.tolist(),
            "axis": curve.axis,
        }
        for curve in run.curves
    }
    return {"history": history, "context": context, "roles": {curve.name: curve.role for curve in run.curves}}


def _spelt(value: float) -> str:
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _drawn(runs: tuple[Run, ...]) -> tuple[Line, ...]:
    """Both losses of a run, or the validation loss of each of several, on one scale."""
    roles = LOSSES if len(runs) == 1 else LOSSES[1:]
    curves = [curve for run in runs for curve in run.having(*roles)]
    values = np.concatenate([curve.finite.values for curve in curves])
    low, high = float(values.min()), float(values.max())
    tens = low > 0 and high > TENS * low
    ends = (np.log(low), np.log(high)) if tens else (low, high)
    return tuple(Line(curve.role, _points(curve, ends, tens=tens)) for curve in curves)


def _points(curve: Curve, ends: tuple[float, float], *, tens: bool) -> str:
    steps, finite = curve.steps, curve.finite
    chosen = np.unique(np.linspace(0, len(finite) - 1, min(POINTS, len(finite))).astype(np.intp))
    values = np.log(finite.values[chosen]) if tens else finite.values[chosen]
    x = MARGIN + (WIDTH - 2 * MARGIN) * (finite.steps[chosen] - steps[0]) / max(steps[-1] - steps[0], 1e-9)
    y = MARGIN + (HEIGHT - 2 * MARGIN) * (ends[1] - values) / max(ends[1] - ends[0], 1e-9)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
