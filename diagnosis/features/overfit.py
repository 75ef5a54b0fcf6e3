"""Whether validation got worse while training went on: by how much it must have, and what shows that it is no noise.

What is cheap is asked first; what training did since the best value is asked last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from diagnosis.features.agreement import KEPT
from diagnosis.features.budget import by_chance, handful
from diagnosis.features.few_rises import STEADY
from diagnosis.features.guessing import never_beaten
from diagnosis.features.jitter import measure_jitter
from diagnosis.features.lasting_step import measure_step
from diagnosis.features.measured import Measured
from diagnosis.features.memorising import GIVEN_BACK, SIGMAS, Memorising
from diagnosis.features.outgrown import outgrown
from diagnosis.features.skill import SHARES, as_good, guesses, worse
from diagnosis.features.turn import Turn, turn_of
from diagnosis.run import Position

if TYPE_CHECKING:
    from diagnosis.features import Features

Witness = Literal["level", "values", "moves"]

HALVED = 0.5  # of `GIVEN_BACK`, where the validation metric has got worse as well: two witnesses
AS_WELL = 3.0  # standard errors of training, likewise
OF_METRIC = 0.20  # share of the progress of a metric that is judged in place of a loss: right answers come and go
ANSWERS = 0.02  # of all answers, likewise: fewer come and go among a few hundred examples
STILL_FALLING = 0.005  # share of training's progress that it must have made since validation's best
PLENTY = 3.0  # times what must be given back: so much counts though training, which knew all by heart, had little left
LASTED = 0.20  # share of an unfinished run; of the rises that passed within one epoch, most were shorter
SEVERE = 1.0  # share of validation's progress: all that was gained is lost again
SEVERE_LEARNT = 0.5  # share of what training learnt, lost as well: validation may have begun near its best
BARELY = 0.1  # share of what training learnt: a validation loss that gained less is best before much is learnt


@dataclass(frozen=True)
class Overfit:
    """What validation gave back while training went on, and what decided it.

    `bound`: the share that it had to give back. `witness` of a rise that is no noise: the level at the end, or each of
    the later half of a few values, or that all of these move up. `held`: the validation metric is as good as ever.
    `severe`: as much is lost as was gained, in a log that holds all that was. `unlearnt`: nothing that training learnt
    carries over to validation, neither to its loss nor to its metric. `blind`: its metric is at chance, and its loss was
    best at the first value, or `guessed`: never better than guessing. `turn`: where the rise begins. `after`: the share of the run that came after the best
    checkpoint. `ship`: the checkpoint to go back to, which is the metric's best where the loss was best before much was
    learnt. `sooner`: where the metric was surely better before that. `doubted`: the run goes on, and validation jumps about.
    """

    bound: float
    witness: Witness
    held: bool
    severe: bool
    unlearnt: bool
    blind: bool
    guessed: bool
    turn: Turn
    after: float
    ship: Position
    sooner: Position | None
    doubted: bool


def measure_overfit(memorising: Memorising, val_metric: Measured | None, features: Features) -> Overfit | str | None:
    """Hold what validation gave back against its bound; None where that is no overfitting, or why that cannot be told.

    `val_metric`: the metric beside the validation that is judged.
    """
    validation, finished = memorising.validation, features.run.finished
    as_well = val_metric is not None and worse(val_metric) and not by_chance(val_metric, memorising.context)
    bound = _bound(validation, memorising.unit, as_well=as_well)
    if memorising.given_back <= bound or (not finished and _may_pass(memorising)) or memorising.answers_nothing:
        return None
    # It never gained, and training may not either.
    unseen = memorising.beside is None and validation.best_checkpoint == 0
    if not memorising.sure or (unseen and memorising.few):
        too_few = f"{validation.n} values of {validation.name} are too few to tell its rise from noise"
        return too_few if memorising.few else None
    goes_on = memorising.goes_on(AS_WELL if as_well else SIGMAS)
    if memorising.beside and not (goes_on and _enough(memorising, bound)):
        return None
    turn = turn_of(validation)
    if _by_a_step(turn, features) or _passes(memorising):
        return None
    if few := handful(val_metric or features.val_metric, memorising.context):
        return few
    held = val_metric is not None and as_good(val_metric)
    chance = val_metric is not None and guesses(val_metric, memorising.context)
    better = val_metric is not None and not chance and val_metric.progress > SIGMAS * val_metric.end_error
    ship = _ship(memorising, val_metric)
    better = better or (ship != validation.best_position and not chance)  # what ships is best by its metric, which grew
    guessed = never_beaten(validation, features.guess) and not better
    lost_all = memorising.given_back >= SEVERE and memorising.rise >= SEVERE_LEARNT * memorising.learnt
    return Overfit(
        bound=bound,
        witness="level" if memorising.sigmas > SIGMAS else "values" if memorising.steady > STEADY else "moves",
        held=held,
        severe=lost_all and not held and not validation.resumed,
        unlearnt=guessed or (memorising.nothing_carries_over and not better),
        blind=chance and (guessed or not validation.best_checkpoint),
        guessed=guessed,
        turn=turn,
        after=1 - (validation.best_checkpoint + 1) / validation.n,
        ship=ship,
        sooner=_sooner(ship, val_metric),
        doubted=not finished and _jumps(memorising),
    )


def _bound(validation: Measured, whole: float, *, as_well: bool) -> float:
    """The share that validation must have given back; `as_well`: its metric has got worse too."""
    if validation.curve.role == "val_metric":
        answers = ANSWERS * validation.scale if validation.curve.metric in SHARES else 0.0
        return max(OF_METRIC, answers / whole)
    return GIVEN_BACK * (HALVED if as_well else 1.0)


def _enough(memorising: Memorising, bound: float) -> bool:
    """Whether training has gained what counts, or validation lost so much that next to nothing counts: there was no more to learn by heart."""
    if memorising.share > STILL_FALLING:
        return True
    since = memorising.beside.train[memorising.best :] if memorising.beside else np.zeros(1)
    thrown = float(since.max() - since[0]) > memorising.gained  # then that has cost what was lost
    return memorising.rise > PLENTY * bound * memorising.whole and not thrown


def _may_pass(memorising: Memorising) -> bool:
    """Whether a run that goes on may yet recover from its rise, or tell more of it soon."""
    return memorising.best > (1.0 - LASTED) * memorising.validation.z.size or memorising.unsettled


def _passes(memorising: Memorising) -> bool:
    """Whether validation, best before much was learnt, comes down again, and is no worse than training: it knows nothing by heart."""
    soon = memorising.validation.progress < BARELY * memorising.learnt
    return soon and memorising.recovers and memorising.pair is not None and memorising.pair.late <= 0.0


def _by_a_step(turn: Turn, features: Features) -> bool:
    """Whether training had jumped by then, never came back, and validation with it: that is damage, and nothing learnt by heart."""
    step = measure_step(features.train_loss, features) if features.train_loss else None
    if step is None or step.worse is None or step.since.axis != turn.plain.axis:
        return False
    return step.since.at <= turn.plain.at


def _jumps(memorising: Memorising) -> bool:
    """Whether validation jumps by more than training, as where it has few examples: then a rise may well be chance."""
    pair = memorising.pair
    return pair is not None and measure_jitter(memorising.validation, pair, None, finished=False) is not None


def _ship(memorising: Memorising, val_metric: Measured | None) -> Position:
    """The checkpoint to go back to."""
    at = memorising.validation.best_position
    barely = memorising.validation.progress < BARELY * memorising.learnt
    return (outgrown(at, val_metric) if barely else at) or at


def _sooner(ship: Position, metric: Measured | None) -> Position | None:
    """Where the metric was surely better, before the checkpoint that is to be kept; None where that is noise."""
    if metric is None or metric.curve.axis != ship.axis or metric.best_position.at >= ship.at:
        return None
    place = int(np.searchsorted(metric.x, ship.at).clip(0, metric.x.size - 1))
    lost, answers = float(metric.s[place]) - metric.best, ANSWERS if metric.curve.metric in SHARES else 0.0
    much = max(KEPT * metric.progress, SIGMAS * metric.end_error, answers * metric.scale)
    return metric.best_position if lost > much else None
