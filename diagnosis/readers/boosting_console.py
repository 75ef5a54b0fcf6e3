"""What XGBoost, LightGBM and CatBoost print: a line a round, with the metrics of every data set.

    [0]⇥train-logloss:0.58214⇥eval-logloss:0.60113
    [1]⇥train-logloss:0.49925⇥eval-logloss:0.53370
    [2]⇥train-logloss:0.43512⇥eval-logloss:0.48871

Recognised by such lines, by those of LightGBM (`[1]⇥training's auc: 0.91⇥valid_1's auc: 0.88`) and of CatBoost
(`0:⇥learn: 0.69⇥test: 0.70⇥best: 0.70 (0)`). Data sets are told apart by their names; of `validation_0` and
`validation_1` the first is taken for the training set, and that is said; of several validation sets the last counts.
"""

from __future__ import annotations

import re

from diagnosis.reading.assemble import Log
from diagnosis.reading.console import NUMBER, lines_of
from diagnosis.reading.document import Document
from diagnosis.reading.splits import of_sets

_ROUND = re.compile(r"^\s*(?:\[LightGBM\] \[Info\] )?(?:\[(\d+)\]|(\d+):|Iteration:(\d+),)\s+(?=[\w.@ -]+(?:['-]|:))")
# Of cross-validation older versions say so in front of the set: `cv-test-rmse:0.31+0.02`.
_XGBOOST = re.compile(rf"(?<![\w.])(?:cv-(?=(?:train|test)-))?([\w.]++)-([\w.@:-]{{1,200}}?):({NUMBER})(?=\s|$|\+)")
_LIGHTGBM = re.compile(rf"(?<![\w.])([\w.]++)'s ([\w.@ -]{{1,200}}?): ({NUMBER})(?=\s|$)")
_CATBOOST = re.compile(rf"\b(learn|test\d*): ({NUMBER})(?=\s|$)")
HEAD, ROUNDS = 300, 2  # lines looked at, and rounds among them


def recognises(document: Document) -> bool:
    """Whether several of the first lines are rounds."""
    if document.binary or document.text[:1] == "{":
        return False
    rounds = 0
    for at, line in lines_of(document):
        rounds += bool(_values(line)[1])
        if rounds >= ROUNDS or at > HEAD:
            break
    return rounds >= ROUNDS


def read(document: Document) -> Log:
    """Every metric of every data set, at the rounds; of a round printed twice, the last."""
    sets: dict[tuple[str, str], dict[float, float]] = {}
    for _, line in lines_of(document):
        at, values = _values(line)
        for name, value in values.items():
            sets.setdefault(name, {})[at] = value
    return of_sets({name: (list(rows), list(rows.values())) for name, rows in sets.items()}, "boosting_console")


def _values(line: str) -> tuple[float, dict[tuple[str, str], float]]:
    """The round, and the values by data set and metric."""
    found = _ROUND.match(line)
    if not found:
        return 0.0, {}
    rest = line[found.end() :]
    if "learn:" in rest or "\ttest:" in line:
        named = {(data, "loss"): float(value) for data, value in _CATBOOST.findall(rest)}
    else:
        pattern = _LIGHTGBM if "'s " in rest else _XGBOOST
        named = {(data, metric): float(value) for data, metric, value in pattern.findall(rest)}
    return float(found[1] or found[2] or found[3]), named
