"""What the checks of a loss, an output and gradients that are no number share: each has its own words, and its own causes."""

from __future__ import annotations

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import attempt, examined
from diagnosis.examining.model_check import Fires, Quiet, found
from diagnosis.examining.model_fixes import clip, guard, norms, rate, scheme
from diagnosis.examining.sections import Batch, Broken
from diagnosis.rule import Cause, Evidence, Finding

COOLER = 0.1  # times the learning rate
LOST = attempt() | {"stopped": "non_finite", "final": None}
SHOWN = 3  # weights in a sentence
LAYERS = (
    "addmm",
    "mm",
    "bmm",
    "baddbmm",
    "mv",
    "addmv",
    "convolution",
    "mkldnn",
    "linear",
    "einsum",
    "lstm",
    "gru",
)  # operations with weights
SAVED = Cause(
    "The weights were saved after a training that broke, or never filled.",
    "Print torch.isfinite(p).all() for each parameter before export.",
)
GROWN = Cause(
    "Weights start too large for the depth.", "Print the largest output of each layer: it grows from layer to layer."
)
Advice = tuple[tuple[Fix, ...], tuple[Cause, ...]]


def examples(what: str) -> tuple[Fires | Quiet, ...]:
    """Broken from the start, while training, and at one rate while another trains."""
    start = {"what": what, "step": 0, "where": "2", "start": True}
    later = {"what": what, "step": 7, "where": "2", "start": False}
    return (
        Fires("from the start", examined(broken=start, attempts=[], used=None, after=None)),
        Fires("while training", examined(broken=later, attempts=[LOST])),
        Quiet("another rate trains", examined(broken=later, attempts=[LOST, attempt(1e-4)], used=1)),
    )


def broke(what: str, broken: Broken | None, examination: Examination) -> Broken | None:
    """Where it was this that broke, and nothing made up for it: where and when."""
    if broken is None or broken.what != what or (not broken.start and examination.passed):
        return None
    return broken


def first_in(broken: Broken) -> str:
    """The module that broke first, or the weights that came broken, for the end of a sentence."""
    if broken.weights:
        return f": {', '.join(map(_held, broken.weights[:SHOWN]))}"
    return f", first in {broken.where}" if broken.where else ""


def _held(weights: tuple[str | int, ...]) -> str:
    name, nans, infinite = (*weights, 0, 0)[:3]
    held = [f"{count} {what}" for count, what in ((nans, "NaN"), (infinite, "infinity")) if count]
    return f"{name} holds {' and '.join(held)} itself"


def spoilt(batch: Batch) -> int:
    """How many numbers of the batch are none."""
    return batch.inputs_not_finite + batch.targets_not_finite


def advice(broken: Broken, examination: Examination, causes: tuple[Cause, Cause, Cause]) -> Advice:
    """Fixes and causes, likeliest first: the batch or the weights where they are spoilt, else the model, or the rate once steps were taken.

    `causes` are of the model, of the rate, and of the batch, in this order.
    """
    batch, asked = examination.batch, examination.asked
    if count := spoilt(batch):
        advised = "Remove or replace NaN and infinity in the batch."
        return (
            Fix("check_batch", advised, f"{count} of its numbers {'is' if count == 1 else 'are'} not finite."),
        ), causes[::-1]
    if broken.weights:
        again = f"Initialise {broken.weights[0][0]} again, or export a checkpoint from before it broke."
        return (Fix("fix_initialization", again, "A weight that is no number makes none of all that follows."),), (
            SAVED,
        )
    if broken.start and broken.overflows and broken.where.startswith(LAYERS):
        smaller = scheme(
            "kaiming_normal_", "Keeps the size of activations from layer to layer; here they outgrow the dtype."
        )
        return (smaller, norms("Keep every layer's inputs at unit size.")), (GROWN,)
    if broken.start:
        return (guard(broken.where),), causes[:1]
    cooler = rate(asked, COOLER * asked.lr, "It broke after steps were taken, so steps may be what broke it.")
    lower = {a.stopped for a in examination.attempts if a.lr <= COOLER * asked.lr}
    tried = bool(lower) and lower <= {"non_finite", "blown_up"}  # in vain
    in_layer = broken.where.startswith(LAYERS)  # whose weights broke before: nothing there can be bounded
    fixes = (
        *(() if tried else (cooler,)),
        clip("Bounds what one step can do."),
        *(() if in_layer else (guard(broken.where),)),
    )
    return fixes, (causes[0], causes[1]) if tried else (causes[1], causes[0], causes[2])


def told(summary: str, broken: Broken, batch: Batch, advised: Advice) -> Finding:
    """The finding, with what all three can show."""
    count = spoilt(batch)
    return found(
        summary,
        Evidence("step", broken.step, None, "steps", "when it broke"),
        Evidence(
            "not_finite_in_batch", count, 0 if count else None, "numbers", "NaN or infinity in inputs and targets"
        ),
        fixes=advised[0],
        causes=advised[1],
    )
