"""What to try where a loss never left its first level, or rests on a poor one: likeliest first, by what the run tells."""

import math
from dataclasses import replace

from diagnosis.advice import check_fixes, datasets, losses, models, policies, rates
from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.usual_rates import times_usual, too_high, too_low, usual_rate
from diagnosis.features.entropy import Collapse
from diagnosis.features.measured import Measured
from diagnosis.features.offset import Offset
from diagnosis.features.reason import Reason
from diagnosis.features.shortfall import Shortfall
from diagnosis.rewards import is_reward
from diagnosis.rule import Cause
from diagnosis.run import Context

HIGH = 5.0  # times the usual learning rate, where answers do change: more likely the rate than the labels
LOW = 0.3  # likewise, below
TENTH = 0.1  # likewise: less is said as one part in so many
KNEW = 0.8  # times what guessing scores: a loss that was below had learnt, and whatever lets it learn is sound
THROWN = 1.05  # likewise, after the first value: a step too small goes nowhere near as far up
SLACK = 1.05  # times ln 2: of more, there are three classes or more
HEAVY_DROPOUT, HEAVY_DECAY = 0.5, 0.3  # more than most networks bear
COUPLED = 0.02  # weight decay that is added to the gradient, and outweighs it where that is small
DECOUPLED = ("adamw", "sgdw", "lion", "lamb")  # optimisers that shrink the weights beside it

ANEW = {"fix_initialization", "add_normalization_layers"}  # what begins a training anew
OF_EXAMPLES = {"check_labels", "overfit_one_batch"}
UNHELD = {"void", "blown", "asleep"}  # whatever held these runs, it was no regularisation

WEIGHTS = Cause("Parameters get no gradient or no step.", "Compare two checkpoints: some weights are the same in both.")
LABELS = Cause(
    "Labels do not belong to their inputs.",
    "Overfit one batch: that works, and a second batch is then no better than by chance.",
)
RATE = Cause(
    "The learning rate is off by orders of magnitude.",
    "Run 200 steps each at ×10 and ÷10: one of them leaves this level.",
)
SIGNALS = Cause("Signals die between the layers: saturated or dead units, badly scaled weights.", "Print each layer's output scale over one batch: it shrinks, or sticks at its limits.")  # fmt: skip
MASKED = Cause("No example counts: every label is masked or ignored.", "Print the targets of one batch: some must not be the ignored index.")  # fmt: skip
LOGGED = Cause("What is logged is not the loss: rounded to an integer, or never set.", "Print the loss of one batch beside the log.")  # fmt: skip

ASLEEP = Cause("The schedule ran out early: it is stepped once a batch, where once an epoch was meant.", "Print the rate after every epoch: it is next to nothing after the first few.")  # fmt: skip
SKIPPED = Cause("No step is taken any more: parameters are frozen, or a loss scaler skips every step.", "Compare two late checkpoints: all weights are the same.")  # fmt: skip
SIZE = Cause(
    "The model is too small, or lacks inputs.",
    "Train on a tenth of the data: that is learnt by heart, and all of it is not.",
)
REGULAR = Cause(
    "Regularisation holds it back.",
    "Train a fifth of the epochs without weight decay and dropout: the training loss gets lower.",
)
STEP = Cause(
    "The learning rate is too low, or too high to settle.",
    "Go on for a tenth of the epochs at ×3 and ÷3: one of them gets lower.",
)
OFFSET = Cause(
    "The targets are far from 0: their mean has to be learnt first, step by step.",
    "Print the mean and the standard deviation of the training targets: the one is many times the other.",
)
COOLED = Cause(
    "The schedule ended before the model was done.",
    "Go on for half of the run, from half of the highest rate: it falls on.",
)
TOO_EARLY = Cause(
    "The learning rate dropped too early.", "Go on from before the drop, at the rate before: the loss falls on."
)
TWICE = Cause("A softmax stands before a loss that applies its own.", "Feed the loss what comes before the softmax: it falls at once.")  # fmt: skip
UNTRIED = Cause("Exploration never came upon what pays, or ended too early.", "Take actions at random for as many episodes: some of them are rewarded.")  # fmt: skip


def ladder(
    reason: Reason, loss: Measured, context: Context, guess: float | None = None, collapse: Collapse | None = None
) -> tuple[tuple[Cause, ...], tuple[Fix, ...]]:
    """Causes, likeliest first, and what to do about them in the same order; `guess` is what guessing scores.

    A policy has no examples with labels; its weights may be as sound as can be, if what pays was never tried.
    """
    causes, advised = _rungs(reason, loss, context, guess)
    if not is_reward(loss.curve):
        return causes, advised
    sound = [fix for fix in advised if fix.action not in OF_EXAMPLES]
    sound.insert(0 if collapse else 1, policies.explore(collapse))
    causes = tuple(c for c in causes if c is not LABELS)
    return ((UNTRIED, *causes) if collapse else (*causes[:1], UNTRIED, *causes[1:])), tuple(sound)


def _rungs(
    reason: Reason, loss: Measured, context: Context, guess: float | None
) -> tuple[tuple[Cause, ...], tuple[Fix, ...]]:
    times = times_usual(context)
    higher = rates.learning_rate(context, 10.0, "If the weights move but hardly, steps are too small.")
    large = "If outputs are saturated or all units dead, steps were too large."
    lower = rates.learning_rate(context, 0.1, "It blew up: steps were too large." if reason == "blown" else large)
    still = "The most common reason for a loss that does not move at all."
    still = still if reason == "held" else "Weights that no step reaches stay as they are."
    trainable = check_fixes.check_trainable(loss, still)
    labels = check_fixes.check_labels("Random labels leave the loss at chance.", context)
    overfit = check_fixes.overfit_one_batch(
        "Tells a broken model from a data problem in a minute.", loss, context, guess
    )
    inputs = datasets.normalize_inputs("Large inputs saturate or kill the first layer.")
    one = "All inputs get one answer: signals and gradients are to keep their size."
    layers = models.normalize_layers(one if reason == "mute" else "Signals and gradients keep their size.")
    scheme = models.initialize("Units start alive, and tell inputs apart.")
    checks = (overfit, labels, trainable, *_twice(guess))
    roomier = models.larger_model("A model without the right features or room guesses as well.")
    much = significant(times or 0.0, 2)
    of_usual = f"{much:g} times" if much >= TENTH else f"1/{significant(1 / much, 1):.0f} of" if much else ""
    says = f"It is {of_usual} what is usual." if much else "At next to nothing no step is taken."
    usual = rates.set_usual_rate(context, says)
    if reason not in {"asleep", "faint"} and (too_high(context) or too_low(context)):
        reason = "off"
    if heavy(context) and reason not in UNHELD:
        weaker = models.unregularized(context, "So much of it can hold every answer at the mean.")
        if reason == "off":  # at such a rate nothing is learnt, whatever else may hold it back
            return (RATE, REGULAR, SIGNALS), (usual, *weaker, layers, scheme, trainable, overfit, inputs)
        return (REGULAR, SIGNALS, LABELS), (*weaker, overfit, scheme, higher, trainable, inputs)
    knew = guess is not None and reason in {"moves", "mute"} and float(loss.z.min()) < KNEW * guess
    if knew or (reason in {"moves", "creeps"} and (times or 1.0) > HIGH):
        return (RATE, LABELS, WEIGHTS), (lower, overfit, labels, trainable, inputs)
    if reason == "creeps" or (reason == "moves" and (times or 1.0) < LOW):
        return (RATE, LABELS, WEIGHTS), (higher, overfit, labels, roomier, trainable, inputs)
    either: tuple[Fix, ...] = (lower, higher) if (times or 0.0) > 1.0 else (higher, lower)
    if times is None and guess is not None and loss.n > 1 and float(loss.z[1:].max()) > THROWN * guess:
        either = (lower,)
    if times is None and reason in {"mute", "silent"}:  # with a usual rate, it is the model that is left to doubt
        asked = replace(overfit, because="Nothing logged points to one cause: it tells model from data in a minute.")
        return (RATE, SIGNALS, LABELS, WEIGHTS), (asked, *checks[1:], *either, scheme, layers, inputs)
    return {
        "void": ((MASKED, LOGGED), (labels, overfit, trainable)),
        "faint": ((SIGNALS, RATE, WEIGHTS), (layers, scheme, trainable, overfit, higher, inputs)),
        "asleep": ((ASLEEP, RATE, WEIGHTS), (_awake(context), trainable, overfit, inputs)),
        "off": ((RATE, SIGNALS, WEIGHTS), (usual, layers, scheme, trainable, overfit, inputs)),
        "blown": ((RATE, SIGNALS, WEIGHTS), (lower, layers, scheme, overfit, trainable, labels, inputs)),
        "mute": ((SIGNALS, RATE, WEIGHTS), (layers, *checks, lower, scheme, inputs)),
        "silent": ((SIGNALS, RATE, WEIGHTS), (scheme, *checks, higher, layers, inputs)),
        "held": ((WEIGHTS, SIGNALS, LABELS), (trainable, overfit, labels, scheme, *either, inputs)),
        "moves": ((LABELS, SIZE, RATE), (overfit, labels, *either, roomier, scheme, inputs)),
    }[reason]


def _twice(guess: float | None) -> tuple[Fix, ...]:
    """The output's activation, where classes are told apart: applied twice, or over one output alone, it levels all answers."""
    if not guess:
        return ()
    name = "sigmoid" if guess < math.log(2) * SLACK else "softmax"
    levels = "Applied twice, or over a single output, it makes all answers alike."
    return (losses.drop_activation(name, "a loss that applies its own", levels),)


def carefully(advised: tuple[Fix, ...], reason: Reason, context: Context) -> tuple[Fix, ...]:
    """The same, a check before what undoes anything, of a loss that may have rested since before it was logged: nothing that was learnt is thrown away unasked.

    What begins a training anew does that, and so does another rate than a fine-tune's, where nobody says that it is none.
    """
    undoes = {*ANEW, "raise_learning_rate"} if reason != "asleep" and context.learning_rate is None else ANEW
    actions = [fix.action for fix in advised]
    check = actions.index("overfit_one_batch") if "overfit_one_batch" in actions else 0
    at = next((i for i, action in enumerate(actions[:check]) if action in undoes), check)
    return (*advised[:at], advised[check], *advised[at:check], *advised[check + 1 :])


def _awake(context: Context) -> Fix:
    """A rate that lasts as long as the run."""
    rate = context.learning_rate or usual_rate(context)
    advice = f"Keep the learning rate up, at {rate:g}: step its scheduler once an epoch, not once a batch."
    return Fix("raise_learning_rate", advice, "Hardly a step was taken after it ran out.", {"learning_rate": rate})


def heavy(context: Context) -> bool:
    """Whether the caller says to regularise more than most networks bear."""
    return (context.dropout or 0.0) >= HEAVY_DROPOUT or _decays(context)


def lighter(context: Context) -> tuple[Fix, ...]:
    """Without a weight decay beyond what most networks bear: as weights vanish, the loss rises."""
    alone = replace(context, dropout=None)
    return models.unregularized(alone, "So much of it outweighs the gradient.") if _decays(context) else ()


def _decays(context: Context) -> bool:
    apart = any(name in str(context.optimizer or "adamw").lower() for name in DECOUPLED)
    return (context.weight_decay or 0.0) >= (HEAVY_DECAY if apart else COUPLED)


def remedies(
    short: Shortfall, validation: Measured, context: Context, offset: Offset | None, *, annealed: bool
) -> tuple[tuple[Cause, ...], tuple[Fix, ...]]:
    """Of a level that is poor, or was held there: causes, likeliest first, and what to do about them; `annealed`: a logged rate came down."""
    strong, hot = heavy(context), too_high(context)
    causes = (REGULAR, SIZE, STEP) if strong else (SIZE, REGULAR, STEP)
    tried = [
        models.larger_model("The training loss itself is poor: the model lacks room."),
        rates.set_usual_rate(context, "Steps far beyond what is usual settle nowhere near the best.")
        if hot
        else rates.learning_rate(context, 3.0, "A step that is too small rests early."),
        check_fixes.overfit_one_batch(
            "Tells a model that cannot learn from one that is merely too small.", None, context
        ),
    ]
    begins = short.distant or (offset is not None and short.skill is not None and short.skill.share < 0.0)
    if begins or short.cooled or hot or (times_usual(context) or 1.0) < LOW:  # then the likeliest cause is known
        known = (OFFSET,) if begins else (COOLED,) if short.cooled and annealed else ()
        causes = (*known, STEP, SIZE) if known else (STEP, *causes[:2])
        tried.insert(0, tried.pop(1))
    tried[:0] = datasets.standardize_targets(offset if begins else None)
    at = 0 if strong else 1
    tried[at:at] = models.unregularized(context, "There is nothing to regularise yet.")
    if short.asleep:
        return (ASLEEP, *causes[:2]), (_awake(context), *(fix for fix in tried if fix.action != "raise_learning_rate"))
    if short.stands is not None:
        every = check_fixes.check_trainable(
            validation, "A step that is taken shows in a validation, by its last digits."
        )
        return (SKIPPED, *causes[:2]), (every, *tried)
    if short.frozen is not None:
        tried.insert(
            0, rates.drop_later(short.frozen.drop, "It was still falling fast then, and hardly moved afterwards.")
        )
        return (TOO_EARLY, *causes[:2]), tuple(tried)
    if short.floor is not None:
        logits = "The loss cannot get below this floor with it."
        tried.insert(0, losses.drop_activation("softmax", "cross_entropy", logits, below=short.floor.level))
        return (TWICE, *causes[:2]), tuple(tried)
    if short.held and not short.poor:  # then nothing tells that there is too little room, or that steps are too small
        return causes, tuple(fix for fix in tried if fix.action not in {"increase_capacity", "raise_learning_rate"})
    return causes, tuple(tried)
