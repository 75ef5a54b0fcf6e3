"""Runs of one configuration end far apart.

What it means
    What a fold or a seed reaches is a matter of luck, or one of them is broken. A single run then says little about
    the configuration, and differences between models that are smaller than this spread say nothing.

How it is detected
    At least `LEAST` repeats are compared by their best value over the stretch that all of them cover: of the curve that
    `monitor` names, else of the validation loss, else of a validation metric that all log (no precision, no recall),
    else of the training loss. Shares are of the median progress of those that learnt; of a metric beside a training
    loss, of all beyond guessing. Either all have a standard deviation of more than `SPREAD`, and of `SIGMAS` noise
    levels of a value within a run; or the run farthest off is more than `APART` from the median of the others, and more
    than `TIMES` their standard deviation (more than `ENOUGH` does, where it is `SURELY` times as many):

    - Where two runs or more never learnt, or one did not and none is that far off, the outcome is mixed. Such runs
      stay near the level at which all begin, within `IDLE` of what the best gained on its training loss.
    - Else, one run that is that far off stands apart.
    - Else they are unstable; by what they were validated on, if training losses agree within `AGREE` of their progress.

    The others' standard deviation is taken for `EVEN` and for the noise of one value at least. Where they are few, more
    than `TIMES` of it is needed: as much as passes Student's t at `SURE`.

When it is wrong
    Runs that differ by design (learning rate, optimiser, model, size of the data: by context, names or logged rates)
    are no repeats, and are not compared; nor are runs of very different length or starting level. Small folds differ
    by the luck of their few validation examples.

Sources
    H. V. Pham et al., "Problems and opportunities in training deep learning software systems",
    ASE 2020: identical runs differ by up to 10.8 %.
    X. Bouthillier et al., "Accounting for variance in machine learning benchmarks", MLSys 2021: report the spread.
"""

import numpy as np

from diagnosis.advice import check_fixes, datasets, models, rates, warm_ups
from diagnosis.advice.fix import Fix, significant
from diagnosis.features.measured import Measured
from diagnosis.features.scattered import SIGMAS, SPREAD, Scattered, measure_scattered
from diagnosis.features.siblings import Siblings
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, rule, share_of
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run

LISTED = 8  # runs that are named
QUADRUPLE = 4.0  # times the validation set: half the luck of the draw

DATA = Cause(
    "This fold's data are different: another source, other classes, a leak or a broken file.",
    "Train the run's seed on another fold: it does as well as the others.",
)
START = Cause(
    "At the edge of what still trains: the start decides whether it learns.",
    "Repeat the worst seed at a third of the learning rate with warm-up: it learns.",
)
SMALL = Cause("The validation set is small.", "Bootstrap its examples: the interval is as wide as the spread.")
CAUSES = (DATA, START, SMALL)
SEEDS = "More runs would tell: the spread of a handful is itself known within a factor of two."
FOLDS = [run(loss=falling(seed=i), val_loss=falling(floor=0.4 + 0.02 * i, seed=i + 9)) for i in range(5)]
ODD = run(loss=falling(seed=5), val_loss=falling(floor=1.5, seed=14))
SEEDED = [run(loss=falling(seed=i) if i % 2 else flat(seed=i)) for i in range(5)]
EXAMPLES = (
    Fires("one of five folds is far off", ODD, FOLDS[1:]),
    Fires("three of five seeds never learn", SEEDED[0], SEEDED[1:]),
    Quiet("five folds that agree", FOLDS[0], FOLDS[1:]),
)


@rule(severity="warning", about="validation", causes=CAUSES, examples=EXAMPLES)
def check(siblings: Siblings, train_loss: Measured | None, context: Context) -> Finding | None:
    """Report runs that end far apart: some that never learnt, one that is far off, or all of them."""
    told = measure_scattered(siblings)
    if told is None:
        return None
    return Finding(
        summary=_summary(siblings, told),
        evidence=_evidence(siblings, told),
        series=(siblings.judged,),
        since=None,
        points=2 * len(siblings.names),
        causes=_causes(told),
        against=(_ranked(siblings, without=told.single), SEEDS),
        fixes=_fixes(siblings, told, train_loss, context),
    )


def _summary(siblings: Siblings, told: Scattered) -> str:
    k, judged, name = len(siblings.names), siblings.judged, siblings.names[siblings.oddest]
    if told.way == "idle":
        return f"Mixed outcome: {len(told.idle)} of {k} runs never learnt ({_listed(told)}), the others did."
    if told.way == "single":
        far = f"{share_of(abs(told.distance), 'the progress')} {_side(told)} than the middle of the {k - 1} others"
        return f"One run stands apart: {name} is {far} in {judged}."
    differs = f"the best {judged} differs by ±{share_of(told.spread, 'the progress')} (sd of {k} runs)"
    return f"Unstable across runs: {differs}; {name} is farthest off."


def _evidence(siblings: Siblings, told: Scattered) -> tuple[Evidence, ...]:
    k, name = len(siblings.names), siblings.names[siblings.oddest]
    if told.way == "single":
        off = f"distance of {name} from the middle of the other runs, {_side(told)}"
        others = "standard deviations of the others"
        distance = Evidence("distance", abs(told.distance), told.apart, PROGRESS, off)
        return distance, Evidence("distance_over_spread", told.times, told.bound, others, "the same distance")
    deviation = f"standard deviation of the best {siblings.judged} of {k} runs"
    apart = Evidence("spread", told.spread, SPREAD, PROGRESS, deviation)
    noisy = Evidence("spread_over_noise", told.noise, SIGMAS, NOISE, "the same spread against the noise within a run")
    never = f"runs that never left the first level of their training loss: {_listed(told)}"
    idle = (Evidence("idle", len(told.idle), None, "runs", never),) if told.way == "idle" else ()
    return *idle, apart, noisy


def _causes(told: Scattered) -> tuple[Cause, ...]:
    if told.idle:
        return START, DATA, SMALL
    if told.way == "single":
        return CAUSES
    return (SMALL, DATA, START) if told.alike else (START, SMALL, DATA)


def _fixes(siblings: Siblings, told: Scattered, loss: Measured | None, context: Context) -> tuple[Fix, ...]:
    first = f"Look at {(name := siblings.names[siblings.oddest])} first: its data, its split, its log."
    look = Fix("inspect_run", first, "It is the farthest from the others.", {"name": name})
    belong = check_fixes.check_labels("It trained as well as the others.", context, f" that {name} is validated on")
    cooler = rates.learning_rate(context, 0.3, "Further from the edge, starts matter less.")
    warmer = warm_ups.warm_up(context, "The first steps decide which way a run goes.", loss)
    scheme = models.initialize("Some starts learn and others do not.")
    larger = datasets.enlarge_validation(context, QUADRUPLE, "Halves the luck of the draw.")
    if told.way == "idle":
        return cooler, scheme, warmer, look
    if told.way == "single":
        return (look, cooler, warmer, scheme) if told.idle else (look, belong) if told.alike else (look, cooler)
    return (look, larger, cooler, warmer) if told.alike else (cooler, warmer, larger, look)


def _listed(told: Scattered) -> str:
    return ", ".join(told.idle[:LISTED])


def _side(told: Scattered) -> str:
    return "worse" if told.distance > 0 else "better"


def _ranked(siblings: Siblings, *, without: bool) -> str:
    """What to report of the configuration; without the run that stands apart, where there is one."""
    levels = np.delete(siblings.best, siblings.oddest) if without else siblings.best
    mean, sd = significant(float(siblings.sign * levels.mean())), float(levels.std(ddof=1))
    which = f"the others' sd, {levels.size} runs" if without else f"sd of {levels.size} runs"
    level = f"{siblings.judged} {mean:g} ± {significant(sd, 2):g} ({which})"
    return f"Report {level}, and rank no models by less than {significant(2 * sd, 2):g}."
