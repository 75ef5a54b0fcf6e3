"""Peers beside us on the same runs, scored alike: F1 over what each claims to name, false alarms, changes with units."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from benchmarks.corpus import Record, to_run
from benchmarks.intervals import between, share
from benchmarks.outcomes import ACROSS, Outcome, judged, truth
from benchmarks.peers import History, Peer, all_peers, history_of
from benchmarks.scoreboard import INFORMATION, macro, scores
from benchmarks.units import CHANGES
from diagnosis.run import Run

# What a peer can be asked: no peer knows a direction, and few know steps from epochs.
ASKED = tuple(change for change in CHANGES if change.name.startswith(("losses ×", "losses ÷", "losses +", "losses −", "acc")))  # fmt: skip
PACKAGES = {"sk-autod", "trainpulse"}


@dataclass(frozen=True)
class Standing:
    """A peer's outcomes, and how many of the runs it answers otherwise when they are written in other units."""

    peer: Peer
    outcomes: list[Outcome]
    flipped: int


def kindly(alarms: set[str], expected: frozenset[str], tolerated: frozenset[str]) -> set[str]:
    """Read each alarm as whichever of its conditions is due; drop it where one is tolerated; else it is the first."""
    found: set[str] = set()
    for alarm in sorted(alarms):
        meant = alarm.split("|")
        due = expected.intersection(meant)
        found |= due or (set() if tolerated.intersection(meant) else {meant[0]})
    return found


def standing(peer: Peer, records: Sequence[Record], histories: Sequence[list[History]]) -> Standing:
    """Ask one peer about every run, as it was logged (first) and in other units."""
    outcomes, flipped = [], 0
    for record, (plain, *others) in zip(records, histories, strict=True):
        said, label = answer(peer, plain, record), truth(record)
        found = kindly(said, frozenset(record["expected"]), frozenset(record["tolerated"]))
        severity = {name: "info" if name in INFORMATION else "warning" for name in sorted(found)}
        outcomes.append(Outcome(**label, found=severity))  # type: ignore[arg-type]
        flipped += any(answer(peer, other, record) != said for other in others)
    return Standing(peer, outcomes, flipped)


def answer(peer: Peer, history: History, record: Record) -> set[str]:
    """What a peer says; an overflow or a doubtful test in its arithmetic is its own affair."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return peer.judge(history, record["context"])


def written(run: Run) -> list[History]:
    """The run as a peer is fed, first as logged, then in every other unit that can be meant."""
    pairs = [pair for change in ASKED if (pair := change.of(run))]
    return [history_of(run), *(history_of(other) for _, other in pairs)]


def standings(records: Sequence[Record]) -> list[Standing]:
    """Every peer on every run."""
    histories = [written(to_run(record)) for record in records]
    return [standing(peer, records, histories) for peer in all_peers()]


def alarmed(outcomes: Sequence[Outcome]) -> str:
    """The share of healthy runs with a false alarm; information is none, for either side."""
    healthy = [o for o in outcomes if o.fault == "healthy"]
    return share(sum(bool(o.wrong) for o in healthy), len(healthy))


def table(ours: Sequence[Outcome], theirs: Sequence[Standing]) -> str:
    """One line a peer, ours over the same conditions beside it."""
    lines = [
        "| peer | names | macro-F1 | ours on the same | healthy runs with a false alarm | answers that change with the units |",
        "| --- | ---: | ---: | ---: | --- | ---: |",
    ]
    lines.append(f"| **this engine** | all | {macro(scores(ours))[0]:.2f} | | {alarmed(ours)} | see above |")
    for each in theirs:
        claims = sorted(each.peer.claims)
        score, own = macro(scores(each.outcomes, claims))[0], macro(scores(ours, claims))[0]
        changed = f"{each.flipped / max(len(each.outcomes), 1):.0%}"
        alarms = "names information only" if each.peer.claims <= INFORMATION else alarmed(each.outcomes)
        lines.append(f"| {each.peer.name} | {len(claims)} | {score:.2f} | {own:.2f} | {alarms} | {changed} |")
    return "\n".join(lines)


def by_condition(ours: Sequence[Outcome], theirs: Sequence[Standing]) -> str:
    """The best peer on each condition that any peer names, and where it is ahead of us."""
    lines = ["| condition | best peer | its F1 | ours (95 %) | ahead |", "| --- | --- | ---: | --- | --- |"]
    for name in sorted({claim for each in theirs for claim in each.peer.claims}):
        ranked = [(scores(each.outcomes, [name])[0].f1, each.peer.name) for each in theirs if name in each.peer.claims]
        best, peer = max(ranked, key=lambda pair: np.nan_to_num(pair[0]))
        (own,) = scores(ours, [name])
        low, high = between(own.replicates)
        ahead = "**the peer**" if best > own.f1 else "tie" if best == own.f1 else "we"
        lines.append(f"| `{name}` | {peer} | {best:.2f} | {own.f1:.2f} ({low:.2f} to {high:.2f}) | {ahead} |")
    return "\n".join(lines).replace("nan", "–")


def sources() -> str:
    """Where each rule comes from, and which package was missing."""
    peers = all_peers()
    lines = [
        f"- **{peer.name}** ({peer.source}): {peer.says}"
        + (f", {peer.package} {version(peer.package)}" if peer.package else "")
        for peer in peers
    ]
    missing = sorted(PACKAGES - {peer.package for peer in peers})
    said = f"- Not installed, so only re-implemented: {', '.join(missing)}; the extra `bench` brings them."
    return "\n".join([*lines, *([said] if missing else [])])


def section(records: Sequence[Record], ours: Sequence[Outcome] | None = None) -> str:
    """The comparison of one half as markdown."""
    own = [o for o in ours or judged(list(records)) if o.fault != ACROSS]
    theirs = standings(records)
    return f"{table(own, theirs)}\n\n{by_condition(own, theirs)}"
