"""What a name means by the names beside it: short forms of a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from diagnosis.names import Meaning, Split, words

PAIR: dict[str, Split] = {"t": "train", "v": "val"}
# Alone these may be anything: a text encoder, a teacher, how experts vary. Beside training's own they are splits where that is
# as short, or where two quantities have them.
SHORT: dict[str, Split] = {"vl": "val", "cv": "val", "te": "test", "ts": "test"}
AS_SHORT = {"tr", "trn"}
TWO = 2  # quantities


def paired(meanings: Mapping[str, Meaning], said: Collection[str], notes: list[str]) -> dict[str, Meaning]:
    """Take `t_loss` beside `v_loss`, and `vl_loss` beside `tr_loss`, for training's and validation's; it is noted where the caller has not `said` it."""
    found = dict(meanings)
    plain = {(m.kind, m.metric) for m in meanings.values() if m.split is None and not m.qualifier}
    letters = {(m.kind, m.metric, m.qualifier) for m in meanings.values() if m.split is None}
    trained: dict[tuple[str, str], list[str]] = {}
    for name, m in meanings.items():
        if m.split == "train" and not m.qualifier:
            trained.setdefault((m.kind, m.metric), []).append(name)
    shared = Counter(m.qualifier for m in meanings.values() if m.split is None and (m.kind, m.metric) in trained)
    for name, m in meanings.items():
        short, quantity = m.qualifier if m.split is None else "", (m.kind, m.metric)
        if short in PAIR and quantity not in plain and all((*quantity, letter) in letters for letter in PAIR):
            found[name] = replace(m, split=PAIR[short], qualifier="")
        elif short in SHORT and quantity in trained:
            as_short = any(AS_SHORT.intersection(words(each)) for each in trained[quantity])
            if as_short or shared[short] >= TWO:
                found[name] = replace(m, split=SHORT[short], qualifier="")
    told = sorted(
        name for name, m in found.items() if m is not meanings[name] and m.split != "train" and name not in said
    )
    if told:
        notes.append(f"{', '.join(told[:4])}: taken for held-out data, by the names beside (say otherwise with roles)")
    return found
