"""Runs of one configuration end far apart.

What it means
    What a fold or a seed reaches is a matter of luck, or one of them is broken. A single run says little about the
    configuration then, and differences between models that are smaller than this spread say nothing.

How it is detected
    The best monitored value of each run (the curve `monitor` names, else the validation loss), over the stretch that all
    of them cover. One is an outlier where it is `APART` of the median progress from the middle of the others, and `TIMES`
    the others' own spread. Else the standard deviation over all exceeds `SPREAD` of that progress and `SIGMAS` times the noise within a
    run. Where some runs never learn on their training loss while others do, the outcome is mixed.

When it is wrong
    Runs that differ by design (learning rate, optimiser, model, size of the data: by context, names or logged rates) are
    no repeats, and are not compared; nor are runs of very different length or starting level. Small folds differ by the
    luck of their few validation examples.

Sources
    H. V. Pham et al., "Problems and opportunities in training deep learning software systems", ASE 2020: identical runs differ by up to 10.8 %.
    X. Bouthillier et al., "Accounting for variance in machine learning benchmarks", MLSys 2021: report the spread.
"""

import numpy as np

from diagnosis.features.siblings import TIMES, Siblings  # noqa: F401 - its page tells the number
from diagnosis.fixes import Fix, enlarge_validation, initialize, learning_rate, significant, warm_up
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, percent, rule, share_of
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run

SPREAD = 0.10  # share of the median progress, as standard deviation; repeats of benchmarks/ have up to 0.07
SIGMAS = 5.0  # noise levels of one value within a run
APART = 0.35  # share of the median progress, of one run from the middle of the others
AGREE = 0.10  # share of their progress, as standard deviation: runs whose training losses are that close trained alike
LISTED = 8  # runs named
QUADRUPLE = 4.0  # times the validation set: half the luck of the draw

DATA = Cause("This fold's data are different: another source, other classes, a leak or a broken file.", "Train the run's seed on another fold: it does as well as the others.")  # fmt: skip
START = Cause("At the edge of what still trains: the start decides whether it learns.", "Repeat the worst seed at a third of the learning rate with warm-up: it learns.")  # fmt: skip
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
def check(siblings: Siblings, context: Context) -> Finding | None:
    """Compare the best values with each other, and their distance with what the runs gained."""
    k, idle, name, judged = len(siblings.names), siblings.never_learnt, siblings.names[siblings.oddest], siblings.judged
    off, times, spread = siblings.distance, siblings.times, siblings.spread / siblings.gained
    noise = siblings.spread / max(siblings.noise, 1e-300)
    wide, single = spread > SPREAD and noise > SIGMAS, abs(off) > APART and times > siblings.bound
    if not wide and not single:
        return None
    look, cooler, warmer, scheme, larger = _fixes(siblings, context)
    apart = Evidence("spread", spread, SPREAD, PROGRESS, f"standard deviation of the best {judged} of {k} runs")
    noisy = Evidence("spread_over_noise", noise, SIGMAS, NOISE, "the same spread against the noise within a run")
    evidence: tuple[Evidence, ...] = (apart, noisy)
    causes: tuple[Cause, ...] = (START, SMALL, DATA)
    fixes: tuple[Fix, ...] = (cooler, warmer, larger, look)
    if siblings.trained is not None and siblings.trained < AGREE:
        causes, fixes = (SMALL, DATA, START), (look, larger, cooler, warmer)  # it is in what they were validated on
    summary = f"Unstable across runs: the best {judged} differs by ±{percent(spread)} of the progress (sd of {k} runs); {name} is farthest off."
    if len(idle) > 1 or (idle and not single):
        never = ", ".join(idle[:LISTED])
        says = f"runs that never left the first level of their training loss: {never}"
        evidence, causes = (Evidence("idle", len(idle), None, "runs", says), *evidence), (START, DATA, SMALL)
        fixes = (cooler, scheme, warmer, look)
        summary = f"Mixed outcome: {len(idle)} of {k} runs never learnt ({never}), the others did."
    elif single:
        side = "worse" if off > 0 else "better"
        evidence = (
            Evidence("distance", abs(off), APART, PROGRESS, f"distance of {name} from the middle of the other runs, {side}"),
            Evidence("distance_over_spread", times, siblings.bound, "standard deviations of the others", "the same distance"),
        )  # fmt: skip
        causes = (START, DATA, SMALL) if idle else CAUSES
        fixes = (look, cooler, warmer, scheme) if idle else (look, larger, cooler)
        summary = f"One run stands apart: {name} is {share_of(abs(off), 'the progress')} {side} than the middle of the {k - 1} others in {judged}."
    return Finding(
        summary=summary,
        evidence=evidence,
        series=(judged,),
        since=None,
        points=2 * k,
        causes=causes,
        against=(_ranked(siblings, without=single), SEEDS),
        fixes=fixes,
    )


def _ranked(siblings: Siblings, *, without: bool) -> str:
    """What to report of the configuration; without the run that stands apart, where there is one."""
    levels = np.delete(siblings.best, siblings.oddest) if without else siblings.best
    mean, sd = significant(float(siblings.sign * levels.mean())), float(levels.std(ddof=1))
    which = f"the others' sd, {levels.size} runs" if without else f"sd of {levels.size} runs"
    return f"Report {siblings.judged} {mean:g} ± {significant(sd, 2):g} ({which}), and rank no models by less than {significant(2 * sd, 2):g}."


def _fixes(siblings: Siblings, context: Context) -> tuple[Fix, Fix, Fix, Fix, Fix]:
    name = siblings.names[siblings.oddest]
    look, why = f"Look at {name} first: its data, its split, its log.", "It is the farthest from the others."
    return (
        Fix("inspect_run", look, why, {"name": name}),
        learning_rate(context, 0.3, "Further from the edge, starts matter less."),
        warm_up(context, "The first steps decide which way a run goes."),
        initialize("Some starts learn and others do not."),
        enlarge_validation(context, QUADRUPLE, "Halves the luck of the draw."),
    )
