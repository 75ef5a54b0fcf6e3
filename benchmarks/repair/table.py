"""All trials of one side, and the tables made of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.repair.corpus import records
from benchmarks.repair.measures import SHOWS, Effect
from benchmarks.repair.trials import Faulty, Trial, at_random, attempt, family, faulty, first_applicable, noise_of

EFFECTS: tuple[Effect, ...] = ("improved", "unchanged", "worse")
HEAD = """# Does the advice work?

Written by `python -m benchmarks.repair`: faulty runs in which the fault was found, trained again with the first
fix applied exactly as `action` and `params` say. README.md says what counts as improved.
"""


@dataclass
class Tried:
    """What was tried: the first fix, the first one that a machine can apply, a random one, and every one."""

    noise: dict[str, dict[str, float]] = field(default_factory=dict)  # by condition and family
    first: list[Trial] = field(default_factory=list)
    applicable: list[Trial] = field(default_factory=list)
    random: list[Trial] = field(default_factory=list)
    every: list[Trial] = field(default_factory=list)


def trials(side: str, *, limit: int = 0, only: str = "", every: bool = False) -> Tried:
    """Try the fixes of every faulty run of a side, at most `limit` per condition, spread evenly over its families."""
    cases: dict[str, list[Faulty]] = defaultdict(list)
    for case in faulty(records(side), only):
        cases[case.condition].append(case)
    tried = Tried()
    for condition, found in sorted(cases.items()):
        runs = found[:: -(-len(found) // limit)] if limit else found
        noises = tried.noise[condition] = noise_of(runs)
        for case in runs:
            noise = noises[family(case)]
            if every:
                tried.every += [attempt(case, fix, noise) for fix in case.fixes]
                continue
            fix = first_applicable(case)
            tried.first.append(attempt(case, case.fixes[0], noise))
            tried.applicable += [attempt(case, fix, noise)] if fix else []
            tried.random.append(attempt(case, at_random(case), noise))
    return tried


def counts(some: Iterable[Trial]) -> str:
    """Improved, unchanged, worse, and the share that improved."""
    effects = Counter(trial.judged.effect for trial in some)
    total = sum(effects.values())
    share = f"{effects['improved'] / total:.0%}" if total else "–"
    return " | ".join([*(str(effects[effect]) for effect in EFFECTS), share])


def gained(some: Iterable[Trial]) -> str:
    """The median share of what was lost that came back, on the clean test loss."""
    gains = [trial.judged.gain for trial in some]
    return f"{np.median(gains):+.0%}" if gains else "–"


def text(tried: Tried) -> str:
    """First fixes by condition and action, then beside the first applicable and a random fix."""
    lines = [
        "| condition | first fix | runs | no-op | improved | unchanged | worse | helped | won back |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (condition, action), some in _grouped(tried.first):
        check, idle = " (check)" if some[0].diagnostic else "", sum(not trial.does for trial in some)
        lines.append(f"| {condition} | {action}{check} | {len(some)} | {idle} | {counts(some)} | {gained(some)} |")
    done = [trial for trial in tried.first if not trial.diagnostic]
    checks = [trial for trial in tried.first if trial.diagnostic]
    could = [trial for trial in done if trial.does]
    lines += [
        "",
        "| | runs | improved | unchanged | worse | helped | won back |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = (
        ("first fix", tried.first),
        ("… a change or a checkpoint", done),
        ("… that the corpus has something to apply to", could),
        ("… a check that would reveal the fault put in", checks),
        ("first fix that is no check", tried.applicable),
        ("random fix", tried.random),
    )
    lines += [f"| {name} | {len(some)} | {counts(some)} | {gained(some)} |" for name, some in rows]
    noises = ", ".join(f"{name} {_between(*by.values())}" for name, by in tried.noise.items())
    lines += ["", f"Seed-to-seed deviation of the families, in shares of the task's progress: {noises}."]
    shown = [f"{name}: {' or '.join(shows.says for shows in SHOWS[name])}" for name in tried.noise if name in SHOWS]
    lines += ["Not judged by the clean loss alone: " + "; ".join(shown) + "."] if shown else []
    return "\n".join(lines)


def _between(*noises: float) -> str:
    low, high = min(noises), max(noises)
    return f"{low:.3f}" if f"{low:.3f}" == f"{high:.3f}" else f"{low:.3f} to {high:.3f}"


def every(tried: Tried) -> str:
    """Every fix of every finding: which one should come first."""
    lines = [
        "| condition | fix | runs | no-op | improved | unchanged | worse | helped | won back |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (condition, action), some in _grouped(tried.every, split_factors=True):
        idle = sum(not trial.does for trial in some)
        lines.append(f"| {condition} | {action} | {len(some)} | {idle} | {counts(some)} | {gained(some)} |")
    return "\n".join(lines)


def failures(tried: Tried) -> Iterator[str]:
    """Each run that its first fix did not help, with its numbers."""
    for trial in tried.first or tried.every:
        if trial.judged.effect != "improved":
            numbers = " ".join(f"{name} {value:.4g}" for name, value in trial.judged.numbers.items())
            yield f"{trial.run}: {trial.condition}, {trial.action} {dict(trial.params)}: {trial.judged.effect} {numbers}"


def _grouped(some: Iterable[Trial], *, split_factors: bool = False) -> list[tuple[tuple[str, str], list[Trial]]]:
    groups: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in some:
        factor = f" ×{trial.params['factor']:g}" if split_factors and "factor" in trial.params else ""
        groups[trial.condition, trial.action + factor].append(trial)
    return sorted(groups.items())
