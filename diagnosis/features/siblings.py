"""Runs of one configuration, repeated over folds or seeds: how far apart they ended, against what each of them gained.

Whether runs are repeats at all comes first: a sweep of learning rates or a comparison of models differs by design.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from diagnosis.features import Features
from diagnosis.features.measured import Measured
from diagnosis.features.primary import HALF
from diagnosis.features.skill import PERFECT, chance_of
from diagnosis.lazy import lazy
from diagnosis.run import Context, FloatArray

LEAST = 3  # runs: of two that differ, nobody knows which is odd
POINTS = 5  # finite values that a run must have to be compared
ALIKE = 0.10  # by which sizes may differ: folds of one set are not cut to the example
SAME = 0.01  # by which logged learning rates may differ
LENGTH = 3.0  # times: runs this much longer than others are another experiment, early stopping or not
START = 3.0  # times what is gained: a start so far off is another loss
SEEN = 10.0  # noise levels: to gain less is to have learnt nothing that could differ
TIMES = 3.5  # standard deviations of the others by which one run is off
SURE = 0.975  # quantile of Student's t that it must pass as well, where the others are few
EVEN = 0.03  # share of the median progress: the others' spread is taken for that at least
LOW = 0.25  # quantile of the runs' first values: where they all begin
IDLE = 0.25  # share of what the best of them gained on its training loss: a run that gained less never learnt
# What may differ between repeats; all else that is said must not.
FREE = {"labels", "finished", "early_stopping", "checkpoint_every", "train_size", "val_size", "steps_per_epoch", "baseline"}  # fmt: skip
TELLING = ("learning_rate", "optimizer", "batch_size", "weight_decay", "dropout", "scheduler")
SIZES = ("train_size", "val_size")
SETTINGS = re.compile(r"(?<![a-z])(lr|wd|bs|learning|rate|decay|batch|dropout|width|depth|layers?|hidden|optimi[sz]er|adamw?|sgd|trial|sweep|ablation|baseline)(?![a-z])")  # fmt: skip
REPEATS = re.compile(r"(?<![a-z])(fold|seed|repeat|rep|split|attempt|replica|cv|k)s?(?![a-z])")
SAID = ("model", "arch", "architecture", "dataset", "task", "config", "variant", "experiment", "method", "group")


@dataclass(frozen=True, eq=False)
class Siblings:
    """`best` (k,) the best level of each run, lower better; `idle` which of them learnt nothing on their own training loss."""

    names: tuple[str, ...]
    judged: str
    best: FloatArray
    gained: float
    noise: float
    idle: tuple[bool, ...]
    sign: float
    trained: float | None  # standard deviation of the best training losses, as a share of their progress

    @property
    def spread(self) -> float:
        """Standard deviation of the best levels."""
        return float(self.best.std(ddof=1))

    def beside(self, index: int) -> tuple[float, float]:
        """How far one run is from the middle of the others, and how far those are apart (standard deviation)."""
        others = np.delete(self.best, index)
        return float(self.best[index] - np.median(others)), float(others.std(ddof=1))

    @lazy
    def oddest(self) -> int:
        """The run farthest from the middle of the others."""
        return int(np.argmax([abs(self.beside(i)[0]) for i in range(self.best.size)]))

    @property
    def distance(self) -> float:
        """How far the oddest run is off, as a share of what is gained; positive where it is worse."""
        return self.beside(self.oddest)[0] / self.gained

    @property
    def times(self) -> float:
        """How far the oddest run is off, in spreads of the others; those may agree by chance, so not below `EVEN`."""
        off, others = self.beside(self.oddest)
        return abs(off) / max(others, EVEN * self.gained, self.noise)

    @property
    def bound(self) -> float:
        """How many spreads of the others a run must be off to stand apart: the fewer they are, the less their spread tells."""
        others = self.best.size - 1
        return max(TIMES, float(stdtrit(others - 1, SURE)) * math.sqrt(1.0 + 1.0 / others))

    @property
    def never_learnt(self) -> tuple[str, ...]:
        """The names of the runs that learnt nothing."""
        return tuple(name for name, idle in zip(self.names, self.idle, strict=True) if idle)


def measure_siblings(measured: Sequence[Features]) -> Siblings | str:
    """Compare runs; or say why they are none that could be compared."""
    shipped = _metrics(measured) or [_shipped(features) for features in measured]
    pairs = [(f, m) for f, m in zip(measured, shipped, strict=True) if m and m.n >= POINTS]
    watched = [m for _, m in pairs]
    if why := _too_few(measured, watched) or _by_design(measured) or _uneven(watched):
        return why
    common = min(float(m.curve.steps[-1]) for m in watched)
    best = np.array([float(m.s[m.begin :][m.x[m.begin :] <= common].min(initial=m.start)) for m in watched])
    own = [t for f, _ in pairs if (t := f.train_loss) and t.n >= POINTS]
    losses = own if len(own) == len(pairs) else watched  # of a few values nobody knows what was learnt
    reached = np.array([min(t.best, t.end) for t in losses])
    start, idle = _usual([t.start for t in losses]), _idle(losses, reached)
    gained = _gain([m.start for m in watched], best[~idle])
    paired = losses is own and all(f.gap is not None and m is f.val_loss for f, m in pairs)
    apart = losses is own and all(m is not f.train_loss for f, m in pairs)
    learnt = _gain([t.start for t in losses], reached[~idle])
    noise = float(np.median([m.grid_noise for m in watched]))
    if paired and not idle.all():  # one unit: validation began where training did, or at what `num_classes` tells
        guessing = pairs[0][0].run.context.guessing if watched[0].curve.metric == "loss" else None
        gained = max(gained, max(start, guessing or start) - float(np.median(best[~idle])))
    if gained <= SEEN * noise:
        return f"hardly any run has gained anything in {watched[0].name} that could differ"
    highest = float(np.quantile([t.start for t in losses], 1.0 - LOW))
    if highest - start > START * (max(gained, learnt) if paired else learnt) and not _said_alike(measured):
        return "the runs begin at very different levels: not the same task or loss"
    if apart and not idle.all():
        gained = max(gained, _beyond_guessing(watched[0], pairs[0][0].run.context, best[~idle]))
    names = tuple(f.run.name or f"run {i + 1}" for i, (f, _) in enumerate(pairs))
    trained = float(reached.std(ddof=1)) / learnt if apart and learnt > 0.0 else None
    return Siblings(names, watched[0].name, best, gained, noise, tuple(map(bool, idle)), watched[0].sign, trained)


def _usual(starts: Sequence[float]) -> float:
    """Where the runs begin: rather low, for a first epoch that blows up begins nowhere."""
    return float(np.quantile(starts, LOW))


def _gain(starts: Sequence[float], reached: FloatArray) -> float:
    """What the median run gained."""
    return max(_usual(starts) - float(np.median(reached)), 0.0) if reached.size else 0.0


def _idle(losses: Sequence[Measured], reached: FloatArray) -> npt.NDArray[np.bool_]:
    """Which runs stay near where all begin, and do not move after their first tenth, while the best of them learns."""
    start = _usual([t.start for t in losses])
    little = IDLE * max(start - float(reached.min()), 0.0)
    later = np.array([float(t.s[t.begin + max(t.s.size // 10, 1) :][0]) for t in losses])
    return (reached >= start - little) & (later - reached <= little)


def _too_few(measured: Sequence[Features], watched: Sequence[Measured]) -> str | None:
    if len(measured) < LEAST:
        given = f"{len(measured)} {'is' if len(measured) == 1 else 'are'} given"
        return f"needs at least {LEAST} runs of one configuration, {given}"
    few = f"fewer than {LEAST} of the {len(measured)} runs have {POINTS} values of a loss or metric"
    return f"{few}: send how each run went, not only how it ended" if len(watched) < LEAST else None


def _uneven(watched: Sequence[Measured]) -> str | None:
    """What in the curves themselves keeps them from being compared."""
    if len({(m.name, m.curve.axis, m.sign) for m in watched}) > 1:
        names = ", ".join(sorted({m.name[:40] for m in watched})[:6])
        return f"the runs do not log the same loss in the same steps: {names}"
    counts, ends = [m.n for m in watched], [float(m.curve.steps[-1]) for m in watched]
    longer = max(max(counts) / min(counts), max(ends) / max(min(ends), 1.0))
    return "the runs are of very different length" if longer > LENGTH else None


def _metrics(measured: Sequence[Features]) -> list[Measured | None]:
    """The metric of validation where each run logs it, and no loss of validation: training's loss does not tell what it is worth."""
    asked = [f for f in measured if f.run.context.monitor is None and f.val_loss is None and f.train_loss]
    found = [f.val_metric for f in asked if f.val_metric and f.val_metric.n >= POINTS]
    alike = len({m.name for m in found}) == 1 and found[0].curve.metric not in HALF
    return list(found) if alike and len(found) == len(measured) else []


def _beyond_guessing(metric: Measured, context: Context, best: FloatArray) -> float:
    """How far the median run is beyond what guessing scores, or beyond nothing: after a first epoch most may be learnt."""
    if metric.curve.metric not in PERFECT:
        return 0.0
    guessing = (chance_of(metric, context) or 0.0) * metric.scale
    return abs(float(np.median(best))) - guessing


def _shipped(features: Features) -> Measured | None:
    """The curve that `monitor` names, else the loss that is watched."""
    monitor = features.run.context.monitor
    named = [
        m for m in features.curves if monitor and monitor == m.name and m.curve.role.endswith(("_loss", "_metric"))
    ]
    return named[0] if named else features.watched


def _by_design(measured: Sequence[Features]) -> str | None:
    """What makes the runs an experiment instead of repeats; None where nothing does."""
    contexts = [f.run.context for f in measured]
    said = [c for c in fields(Context) if c.name not in FREE]
    apart = [c.name for c in said if _differs([getattr(one, c.name) for one in contexts])]
    for size in SIZES:
        known = [v for one in contexts if (v := getattr(one, size))]
        if known and max(known) > (1.0 + ALIKE) * min(known):
            apart.append(size)
    apart += [f"labels.{key}" for key in SAID if _differs([one.labels.get(key) for one in contexts])]
    rates = [float(f.learning_rate.curve.values.max()) for f in measured if f.learning_rate]
    if rates and max(rates) - min(rates) > SAME * max(rates):
        apart.append("the logged learning rate")
    if apart:
        return f"the runs differ in {', '.join(dict.fromkeys(apart))}: compared by design, not repeats of one configuration"
    names = [(f.run.name or "").lower() for f in measured]
    if (
        any(SETTINGS.search(name) for name in names)
        and len({re.sub(r"(?<=seed|fold)\W*\d+", "", n) for n in names}) > 1
    ):
        return "their names tell of different settings: compared by design, not repeats of one configuration"
    stems = {re.sub(r"[\d\W_]+|(?<![a-z])[a-z](?![a-z])", " ", name).strip() for name in names}
    if len(stems) > 1 and not _said_alike(measured):
        return (
            "nothing says that they are repeats of one configuration: call them fold-1, fold-2 …, or send their context"
        )
    return None


def _differs(values: Sequence[object]) -> bool:
    """Whether two runs say different things; what one of them leaves out differs from nothing."""
    return len({repr(value) for value in values if value is not None}) > 1


def _said_alike(measured: Sequence[Features]) -> bool:
    """Whether names call the runs folds or seeds, or one context describes how all of them were trained."""
    told = any(getattr(f.run.context, name) is not None for name in TELLING for f in measured)
    return told or all(REPEATS.search((f.run.name or "").lower()) for f in measured)
