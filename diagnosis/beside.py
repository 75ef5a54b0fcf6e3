"""What a name means by the names beside it: short forms of a split, and metrics that tell none beside losses that do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from diagnosis.names import LEARNT_FOR, Meaning, Split

NAMED = 3  # series in a note
HELD_OUT: tuple[Split, ...] = ("val", "test")
PAIR: dict[str, Split] = {"t": "train", "v": "val"}
# Beside training's own of the same quantity; alone they may be anything: a text encoder, a teacher, how experts vary.
SHORT: dict[str, Split] = {**dict.fromkeys(("vl", "vld", "cv", "oof"), "val"), **dict.fromkeys(("te", "ts"), "test")}


def paired(meanings: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Take `t_loss` beside `v_loss`, and `vl_loss` beside `tr_loss`, for training's and validation's; alone, a `v` may as well be a value function's."""
    letters = {(m.kind, m.metric, m.qualifier) for m in meanings.values() if m.split is None}
    trained = {(m.kind, m.metric) for m in meanings.values() if m.split == "train" and not m.qualifier}
    found = dict(meanings)
    for name, m in meanings.items():
        if m.split is not None:
            continue
        if m.qualifier in PAIR and all((m.kind, m.metric, letter) in letters for letter in PAIR):
            found[name] = replace(m, split=PAIR[m.qualifier], qualifier="")
        elif m.qualifier in SHORT and (m.kind, m.metric) in trained:
            found[name] = replace(m, split=SHORT[m.qualifier], qualifier="")
    return found


def held_out(meanings: Mapping[str, Meaning], said: Collection[str], notes: list[str]) -> dict[str, Meaning]:
    """Where both losses tell their splits, and no metric but training's does, the others stand beside validation's loss: theirs.

    But for the caller's own word, and for rewards, which are training's.
    """
    losses = {m.split for m in meanings.values() if m.kind == "loss"}
    metrics = {name: m for name, m in meanings.items() if m.kind == "metric"}
    split = next((s for s in HELD_OUT if losses == {"train", s}), None)
    untold = [name for name, m in metrics.items() if m.split is None and name not in said]
    told = {m.split for m in metrics.values()} - {None, "train"}
    if split is None or told or not untold or any(m.metric in LEARNT_FOR for m in metrics.values()):
        return dict(meanings)
    shown = ", ".join(untold[:NAMED]) + (f" and {len(untold) - NAMED} more" if len(untold) > NAMED else "")
    theirs = "validation's" if split == "val" else "those of the test set"
    notes.append(
        f"{shown}: taken for {theirs}, as both losses tell their splits and this does not (say otherwise with roles)"
    )
    return {name: replace(m, split=split) if name in untold else m for name, m in meanings.items()}
