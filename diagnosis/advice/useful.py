"""Whether a fix is of use to this run: not done already, not at its end, and something that what was trained has."""

from __future__ import annotations

from dataclasses import replace

from diagnosis.advice.fix import Fix
from diagnosis.advice.ladder import HIGH, LOW, heavy
from diagnosis.advice.usual_rates import times_usual
from diagnosis.advice.verbs import OF_NETWORKS
from diagnosis.boosting import boosted
from diagnosis.features import Features
from diagnosis.run import Context, Run

OVERSHOT = 2.0  # times what guessing scores: the first steps of a run that began above were too large already
LARGER = 1.5  # times the validation examples there are: less noise than that takes off is not seen
OF_LANGUAGE = frozenset({"nano_gpt", "llm_c", "machine_translation"})  # formats of logs
OF_THE_START = frozenset({"warm_up", "shorten_warm_up"})  # of no use to a log that begins in the middle of a run


def useful(fix: Fix, features: Features) -> bool:
    """Whether to advise it, by what the caller says and by what was logged."""
    run, loss, schedule = features.run, features.train_loss, features.schedule
    if fix.done(run.context) or (fix.action in OF_NETWORKS and boosted(run.context)):
        return False
    enlarged = fix.action == "enlarge_validation_set" and fix.params.get("factor", LARGER) < LARGER
    if enlarged or (fix.action == "augment_data" and _of_words(run)):  # words changed at random are other sentences
        return False
    raised = fix.action == "raise_learning_rate" and _is_high(features)
    if raised or (fix.action == "increase_regularization" and heavy(run.context)):
        return False
    if fix.action in OF_THE_START and loss is not None and loss.resumed:
        return False
    if schedule is None:
        return True
    cosine = fix.action == "schedule_learning_rate" and fix.params.get("kind") == "cosine"
    falls = cosine and (schedule.annealed or schedule.falling)
    return not falls and not (fix.action == "warm_up" and schedule.warm_up_end is not None)


def _of_words(run: Run) -> bool:
    """Whether it learns a language, as said, or as only such logs look."""
    return run.context.task == "language_model" or run.source.format in OF_LANGUAGE


def as_kept(fix: Fix, context: Context) -> Fix:
    """The fix, with what to do where the checkpoint that it sends back to was not kept: only every so many are."""
    every = context.checkpoint_every
    if fix.action != "restore_best" or not every or every <= 1.0 or boosted(context):
        return fix
    return replace(fix, advice=f"{fix.advice.removesuffix('.')}, or the nearest of those kept every {every:g} epochs.")


def _is_high(features: Features) -> bool:
    """Whether the rate is far beyond what is usual, as said or logged, or its first steps threw the loss far above what guessing scores.

    Steps at a rate known to be low threw nothing: a loss that begins there holds more than a cross-entropy.
    """
    loss, guess, times = features.train_loss, features.guess, times_usual(features.context) or 1.0
    thrown = loss is not None and guess is not None and float(loss.z[0]) > OVERSHOT * guess.level
    return times >= HIGH or (thrown and times >= LOW)
