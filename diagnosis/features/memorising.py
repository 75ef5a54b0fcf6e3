"""How far validation is off its best, and what training did since: where that goes on to gain, it memorises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnosis.features.cliff import NEXT_TO_NOTHING, fall_to, gains_after, highest_start
from diagnosis.features.few_rises import STEADY, climb, had_risen, witnesses
from diagnosis.features.gap import Gap
from diagnosis.features.measured import Measured
from diagnosis.features.middle import median
from diagnosis.features.skill import SHARES, guesses, surely_rose
from diagnosis.features.turn import wins_back
from diagnosis.lazy import lazy
from diagnosis.run import Context
from diagnosis.shares import share_of

SIGMAS = 4.0  # standard errors of a level; the best of many points is low by chance
LEAST_PROGRESS = 0.10  # share of training's progress that stands in for validation's where that is smaller
GIVEN_BACK = 0.08  # share of validation's progress; set by benchmarks/ on really trained runs
LEARNT = 0.10  # share of what guessing costs, where `num_classes` tells it: who learnt less knows nothing by heart
RECOVERED = 0.25  # share of the rise, with more to come: late generalisation looks like overfitting until it is over
AFTER_FALL = "share of what was gained after the first fall"
NEVER = "more than it had ever gained"
FAR_OFF, OFF = 2.0, 1.15  # times what training began with
STANDS = 0.10  # of all answers
HARDLY = 0.03  # of what training learnt, below where it began: validation that got no further has learnt nothing
FOLLOWED = 0.2  # of what training learnt: a validation that gained as much has learnt with it
THROWN, REGAINED = 0.5, 0.9  # of what training learnt, lost in a jump since validation was best; and of that, regained
JUMPS = 8.0  # noise levels of training, that such a jump has at least
WORSE, CALM = 0.25, 0.2  # share of validation's rise that comes after such a jump; of the jump, half of what follows
TURNED = 0.5  # share of what training gained since: having lost it again, training has turned as well
RUINED = 3.0  # times all that was learnt: a validation that lost so much was lost before training turned


@dataclass(frozen=True, eq=False)
class Memorising:
    """Validation, training of the same quantity (`pair`), of the same or of another (`beside`), and its metric (`answers`); lower is better."""

    validation: Measured
    pair: Gap | None
    beside: Gap | None
    answers: Measured | None
    context: Context

    @lazy
    def best(self) -> int:
        """Grid index of validation's best; of few values the lowest of all, as a smoothed one would be another."""
        return int(self.validation.z.argmin()) if self.few else self.validation.best_index

    @lazy
    def low(self) -> float:
        """Its level."""
        return float(self.validation.z[self.best]) if self.few else self.validation.best

    @lazy
    def rise(self) -> float:
        """What validation gave back: nothing where it is best at its end."""
        return max(self.validation.end - self.low, 0.0) if self.few else self.validation.rebound

    @lazy
    def learnt(self) -> float:
        """What training learnt; of another quantity than validation's, nothing is to be had, and the rise stands for it."""
        return self.pair.learnt if self.pair else self.rise

    @lazy
    def whole(self) -> float:
        """Validation's progress, or of training's the share that stands in for it."""
        return max(self.validation.progress, LEAST_PROGRESS * self.learnt, 1e-300)

    @lazy
    def unit(self) -> float:
        """What the rise is a share of: the whole, or what came after a cliff."""
        # Far below guessing all along, validation gained next to nothing of what is learnt, and had no first fall to speak of.
        low = self.context.guessing is not None and self.validation.progress < LEAST_PROGRESS * self.learnt
        if self.rise > GIVEN_BACK * self.whole or self.came_down or low:
            return self.whole
        after = gains_after(self.validation, self.best, self.low)
        return next((gain for gain, much in after if self.rise > much * max(gain, self.gained)), self.whole)

    @property
    def lost(self) -> str:
        """The rise as a share, and of what, for people."""
        if self.unit < self.whole:
            return share_of(self.given_back, "what it gained after its first fall")
        if self.validation.progress >= LEAST_PROGRESS * self.learnt:
            return share_of(self.given_back, "its progress")
        return share_of(self.rise / self.learnt, "what training learnt") if self.pair else NEVER

    @property
    def measure(self) -> tuple[str, float]:
        """What the rise is a share of, as the unit of a number, and what a unit is of that."""
        if self.unit < self.whole:
            return AFTER_FALL, 1.0
        return share_in(own=self.validation.progress >= LEAST_PROGRESS * self.learnt)

    @property
    def since_in(self) -> str:
        """What the share that training gained since is of."""
        return AFTER_FALL if self.dwarfed else "share of progress"

    @property
    def dwarfed(self) -> bool:
        """Whether the first fall dwarfs what came after it, as where a regression learnt the mean of what it predicts.

        Of a cross-entropy the beginning is known, and a rise that is next to nothing of it is next to nothing.
        """
        answers = self.answers is not None and self.answers.curve.metric in SHARES
        if answers or self.context.guessing is not None:
            return False
        return self.unit < min(self.whole, NEXT_TO_NOTHING * fall_to(self.validation, self.low))

    @lazy
    def recovers(self) -> bool:
        """Whether validation has come down again from the top of its rise, by a share that tells, and still falls."""
        return wins_back(self.validation, self.best, self.low, RECOVERED)

    @lazy
    def came_down(self) -> bool:
        """The same, whether it still falls or rests: what is learnt by heart stays, and what overshot settles."""
        top = float(self.validation.s[self.best :].max())
        return top - self.validation.end > max(RECOVERED * (top - self.low), SIGMAS * self.validation.end_error)

    @lazy
    def given_back(self) -> float:
        """The rise in units."""
        return self.rise / self.unit

    @lazy
    def sigmas(self) -> float:
        """The rise in standard errors of the final level."""
        return self.rise / max(self.validation.end_error, 1e-300)

    @lazy
    def few(self) -> bool:
        """Whether validation has too few values to know their noise."""
        return self.validation.bends and self.validation.curve.role == "val_loss"

    @lazy
    def steady(self) -> float:
        """The least that its witnesses stand above the best value, in units, or in what training gained; 0 where it has none."""
        late = witnesses(self.validation.z, self.best)
        return float(late.min() - self.low) / max(self.unit, self.gained) if self.few and late.size else 0.0

    @lazy
    def climb(self) -> tuple[float, float] | None:
        """The share that a few values rose by, each higher than the one before, and the least that is no noise; None where they did not."""
        return climb(self.validation.z[self.best :], self.rise / max(self.unit, self.gained)) if self.few else None

    @property
    def witnessed(self) -> bool:
        """Whether a few values tell that the rise is no noise."""
        as_far = had_risen(self.validation.z, self.best) >= self.rise
        return not as_far and (self.steady > STEADY or self.climb is not None)

    @property
    def sure(self) -> bool:
        """Whether the rise is no noise."""
        return self.sigmas > SIGMAS or self.witnessed

    @property
    def soon_more(self) -> bool:
        """Whether training has too few values as well: of a run that goes on, a few epochs more will tell."""
        return self.few and (self.beside is None or self.beside.training.bends)

    @property
    def knows_nothing(self) -> bool:
        """Whether training learnt too little to know anything by heart, where guessing has a score."""
        guessing = self.context.guessing if self.validation.curve.metric == "loss" else None
        return self.beside is not None and guessing is not None and self.learnt < LEARNT * guessing

    @property
    def unsettled(self) -> bool:
        """Whether a run that goes on may yet tell otherwise."""
        return self.knows_nothing or self.soon_more or self.recovers

    @property
    def answers_nothing(self) -> bool:
        """Whether training's metric tells that nothing is known by heart either: it is at chance, and rose by no more than its noise."""
        return self.answers is not None and guesses(self.answers, self.context) and not surely_rose(self.answers)

    @property
    def nothing_carries_over(self) -> bool:
        """Whether validation was never better than training began: as where labels do not belong to their inputs."""
        if self.pair is None:
            return False
        began = highest_start(self.pair.training)  # what is learnt counts from the very first value
        return self.low >= began - HARDLY * self.learnt

    def treated_apart(self, metric: Measured | None) -> bool:
        """Whether validation was worse all along than training began: no honest split costs more than guessing from its first value on.

        Far worse; or by less, where its answers are as right, or as wrong, at the end as they were at first.
        """
        if self.pair is None or self.pair.training.start <= 0.0:
            return False
        times = self.low / self.pair.training.start
        stands = metric is not None and metric.curve.metric == "accuracy" and np.ptp(metric.s) < STANDS * metric.scale
        return times > (OFF if stands else FAR_OFF)

    @property
    def only_by_heart(self) -> bool:
        """Whether validation hardly moved for the better either: on another scale its level tells nothing."""
        return self.nothing_carries_over and self.validation.progress < FOLLOWED * self.learnt

    @lazy
    def gained(self) -> float:
        """What training gained since; where it was thrown up since then and learnt again, from up there."""
        return max(self.beside.gained_after(self.best), self._gained_anew(self.beside)) if self.beside else 0.0

    def _gained_anew(self, beside: Gap) -> float:
        """What training gained from the top of a jump that it recovered from while validation got worse and worse.

        It learns other examples, which cost the ones before.
        """
        since = np.interp(beside.at, beside.training.x, beside.training.z)[self.best :]
        top = int(since.argmax())
        thrown, back = float(since[top] - since[0]), float(since[top] - since[-1])
        on = self.validation.end - float(self.validation.s[self.best + top])
        jumps = thrown > max(THROWN * beside.learnt, JUMPS * beside.train_noise)
        rests = median(since[top:]) - since[-1] < CALM * thrown  # a loss that swings was thrown by nothing else
        return back if jumps and rests and back > REGAINED * thrown and on > WORSE * self.rise else 0.0

    @property
    def share(self) -> float:
        """The same, of its progress; where that is a cliff and next to nothing else, of what validation gained after it."""
        if self.dwarfed:
            return self.gained / self.unit
        return self.beside.training.share(self.gained) if self.beside else 0.0

    def goes_on(self, sigmas: float) -> bool:
        """Whether that is no noise, by so many standard errors, and training has not turned as well."""
        if self.beside is None:
            return False
        train = self.beside.train
        ended = min(float(train[-1]), self.beside.training.end)  # the last value alone may be off
        ruined = self.rise > RUINED * max(self.whole, self.learnt) and ended < float(train[self.best])
        if ended - float(train[self.best :].min()) > TURNED * self.gained and not ruined:
            return False
        if self.gained > sigmas * self.beside.train_error:
            return True
        level, late = self.beside.level, witnesses(self.beside.level, self.best)
        return self.witnessed and late.size > 0 and float(late.max()) < float(level[self.best])


def share_in(*, own: bool) -> tuple[str, float]:
    """The unit of a share of validation's `own` progress, or of what stands in for it, and what one is of that."""
    return ("share of progress", 1.0) if own else ("share of what training learnt", LEAST_PROGRESS)
