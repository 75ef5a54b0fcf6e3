"""Series that are named by data set and metric, as gradient boosting names them: `valid_1's l2`, `validation_0-rmse`.

They are understood as in a library's own log. There such names are all there is; elsewhere a lone `train_l2` may be the
norm of weights: a name that only boosting has counts in pairs, or where the names around it give trees away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from diagnosis.boosting import OF_TREES, TOLD, of_networks, split_of, understood
from diagnosis.names import Meaning, Split
from diagnosis.roles import directed
from diagnosis.run import Direction

Name = tuple[str, str]  # of a data set, and of a metric

_NAME = re.compile(
    r"(?i)((?:train|training|learn|val|valid|validation|eval|test|dev)(?:_\d+)?)(?:'s |[-_/:. ])(\D.{0,200})"
)
_NUMBERED = re.compile(r"valid(?:ation)?_\d+")  # as LightGBM, CatBoost and XGBoost number what they are given
_XGBOOST = re.compile(r"validation_\d+")


@dataclass(frozen=True)
class Understood:
    """What names mean, and what is to be said of that; `told` is what they tell of the training."""

    meanings: dict[str, Meaning]
    notes: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def parted(name: str) -> Name | None:
    """The data set and the metric in a name; None where it has no such form."""
    found = _NAME.fullmatch(name.strip())
    return (found[1].lower(), found[2]) if found else None


def is_of_boosting(name: str) -> bool:
    """Whether a name is that of a data set and of a metric that a library of boosting has."""
    found = parted(name)
    return found is not None and understood(found[1]).kind != "other"


def training_set(names: Collection[Name]) -> str | None:
    """The data set that is taken for training's where none is called so: the first of those that XGBoost numbers."""
    sets = list(dict.fromkeys(data for data, _ in names))
    return sets[0] if len(sets) > 1 and all(map(_XGBOOST.fullmatch, sets)) else None


def said_of(first: str | None) -> tuple[str, ...]:
    """What is to be said of a data set that is taken for training's."""
    says = "is taken for the training set, as the first of several sets usually is; rename it if it is not"
    return (f"{first} {says}",) if first else ()


def splits(names: Collection[Name], first: str | None) -> dict[Name, Split]:
    """The split of every data set; of several validation sets of a metric the last counts: by that, boosting stops early."""
    found: dict[Name, Split] = {one: "train" if one[0] == first else split_of(one[0]) or "val" for one in names}
    of_metric: dict[str, list[Name]] = {}
    for one in names:
        if found[one] == "val":
            of_metric.setdefault(one[1], []).append(one)
    return found | {one: "test" for several in of_metric.values() for one, _ in pairwise(several)}


def are_of_trees(names: Collection[Name]) -> bool:
    """Whether data sets and metrics are called as only libraries of boosting call them."""
    sets = {data for data, metric in names if understood(metric).kind != "other"}
    numbered = {data for data in sets if _NUMBERED.fullmatch(data)}
    if "learn" in sets and (numbered or "validation" in sets):
        return True
    if of_networks(metric for _, metric in names):
        return False
    alone = len(sets) == 1 or sets - numbered == {"training"} or training_set(names)
    given = (numbered and alone) or {"learn", "test"} <= sets
    return bool(given or any(OF_TREES.match(metric) for _, metric in names))


def of_eval_sets(
    meanings: Mapping[str, Meaning],
    asked: Collection[str],
    ways: Mapping[str, Direction | None],
    *,
    trees: bool,
) -> Understood:
    """Understand the names that are `asked` as those of data sets and metrics; `trees`: the caller says what is trained."""
    found = {name: one for name in asked if (one := parted(name))}
    names = dict.fromkeys(found.values())
    others = [m for name, m in meanings.items() if name not in found]
    trained = any(m.kind in {"loss", "metric"} and m.split in {None, "train"} for m in others)
    first = None if trained else training_set(names)
    split, told = splits(names, first), not trained and are_of_trees(names)
    networks = of_networks(metric for _, metric in names)
    seen = {(metric, split[data, metric]) for data, metric in names}
    count = Counter((metric, split_of(data)) for data, metric in names)
    new = dict(meanings)
    for name, (data, metric) in found.items():
        known = directed(name, understood(metric), ways[name])
        paired = not networks and {(metric, "train"), (metric, "val")} <= seen
        alone = count[metric, split_of(data)] == 1  # then the number of its data set tells nothing apart
        named = bool(first) or alone if meanings[name].kind != "other" else paired
        if known.kind != "other" and (told or trees or named):
            new[name] = replace(known, split=split[data, metric])
    return Understood(new, said_of(first), TOLD if told else {})
