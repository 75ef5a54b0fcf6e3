"""Reinforcement learning: what tells progress is the reward; losses move with the policy that makes the data."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.names import LEARNT_FOR, Meaning, understand
from diagnosis.reading.assemble import Log
from diagnosis.run import Curve


def is_reward(curve: Curve) -> bool:
    """Whether it is what is learnt for, as a whole: `rollout/ep_rew_mean`, `charts/episodic_return`; no part, spread or margin of it."""
    return curve.role.endswith("_metric") and curve.metric in LEARNT_FOR


def judged_by_reward(log: Log) -> Log:
    """Where a reward is logged, the losses are set beside it; the first reward is the training's metric."""
    meanings = {s.name: understand(s.name) for s in log.series}
    if not any(meaning.kind == "metric" and meaning.metric in LEARNT_FOR for meaning in meanings.values()):
        return log
    losses = [name for name, meaning in meanings.items() if meaning.kind == "loss"]
    series = tuple(
        replace(s, meaning=Meaning("other", meanings[s.name].split, s.name)) if s.name in losses else s
        for s in log.series
    )
    note = f"{', '.join(losses[:4])}: losses of a policy and its critic tell no progress; the reward is judged"
    return replace(log, series=series, notes=(*log.notes, note) if losses else log.notes)
