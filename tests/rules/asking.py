"""How the tests of one rule ask it, and how they find its edge."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from diagnosis.features import measure
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Evidence, Finding, Skipped, all_rules
from diagnosis.run import Context, Run
from diagnosis.synthetic import run

Judge = Callable[..., Finding | Skipped | None]


def ask(name: str) -> tuple[Judge, Callable[..., Finding]]:
    """`judge` asks the one rule about a run, `found` also expects that it fires."""
    rule = all_rules()[name]

    def judge(context: Context | None = None, **series: np.ndarray) -> Finding | Skipped | None:
        return rule.judge(measure(run(context, **series)))

    def found(context: Context | None = None, **series: np.ndarray) -> Finding:
        finding = judge(context, **series)
        assert isinstance(finding, Finding)
        return finding

    return judge, found


def resumed(name: str, context: Context | None = None, **series: np.ndarray) -> Finding | Skipped | None:
    """What a rule says of curves whose log begins at epoch 200, in the middle of the run."""
    logged = tuple(Series(each, values, 200.0 + np.arange(values.size), "epoch") for each, values in series.items())
    return all_rules()[name].judge(measure(assemble(Log(logged, "example"), context)))


def by_step(logged: Run) -> Run:
    """The same run with its epochs called steps."""
    curves = (
        replace(curve, values=curve.values.copy(), steps=curve.steps.copy(), axis="step") for curve in logged.curves
    )
    return replace(logged, curves=tuple(curves))


def numbers(finding: Finding) -> dict[str, Evidence]:
    """The evidence of a finding by name."""
    return {evidence.name: evidence for evidence in finding.evidence}


def faintest(fires: Callable[[float], bool], quiet: float, loud: float) -> float:
    """The least of a fault, within a billionth, that still fires."""
    assert fires(loud)
    assert not fires(quiet)
    for _ in range(30):
        middle = (quiet + loud) / 2
        quiet, loud = (quiet, middle) if fires(middle) else (middle, loud)
    return loud
