"""What to try where a loss never left its first level, or rests on a poor one: likeliest first, by what the run tells."""

from diagnosis import fixes
from diagnosis.features.shortfall import Shortfall
from diagnosis.features.stuck import Reason
from diagnosis.rule import Cause
from diagnosis.run import Context

HIGH = 5.0  # times the usual learning rate, where answers do change: more likely the rate than the labels
HEAVY_DROPOUT, HEAVY_DECAY = 0.5, 0.3  # more than most networks bear

WEIGHTS = Cause("Parameters get no gradient or no step.", "Compare two checkpoints: have the weights moved at all?")
LABELS = Cause("Labels do not belong to their inputs.", "Overfit one batch: if that works, the pairing is wrong.")
RATE = Cause("The learning rate is off by orders of magnitude.", "Run 200 steps each at ×10 and ÷10.")
SIGNALS = Cause("Signals die between the layers: saturated or dead units, badly scaled weights.", "Print each layer's output scale over one batch: it shrinks, or sticks at its limits.")  # fmt: skip
MASKED = Cause("No example counts: every label is masked or ignored.", "Print the targets of one batch: some must not be the ignored index.")  # fmt: skip
LOGGED = Cause("What is logged is not the loss: rounded to an integer, or never set.", "Print the loss of one batch beside the log.")  # fmt: skip

SIZE = Cause("The model is too small, or lacks inputs.", "Overfit one batch: if that works, its size is at fault.")
REGULAR = Cause("Regularisation holds it back.", "Train without weight decay and dropout for a fifth of the epochs.")
STEP = Cause("The learning rate is too low, or too high to settle.", "Run a tenth of the epochs at ×3 and ÷3.")
TOO_EARLY = Cause("The learning rate dropped too early.", "Go on from before the drop, at the rate before.")
TWICE = Cause("A softmax stands before a loss that applies its own.", "Feed the loss what comes before the softmax: it falls at once.")  # fmt: skip


def ladder(reason: Reason, context: Context) -> tuple[tuple[Cause, ...], tuple[fixes.Fix, ...]]:
    """Causes, likeliest first, and what to do about them in the same order."""
    times = fixes.times_usual(context)
    higher = fixes.learning_rate(context, 10.0, "If the weights move but hardly, steps are too small.")
    lower = fixes.learning_rate(context, 0.1, "If outputs are saturated or all units dead, steps were too large.")
    trainable = fixes.check_trainable("The most common reason for a loss that does not move at all.")
    labels = fixes.check_labels("Random labels leave the loss at chance.")
    overfit = fixes.overfit_one_batch("Tells a broken model from a data problem in a minute.")
    inputs = fixes.normalize_inputs("Large inputs saturate or kill the first layer.")
    layers = fixes.normalize_layers("Signals and gradients keep their size.")
    scheme = fixes.initialize("Units start alive, and tell inputs apart.")
    roomier = fixes.larger_model("A model without the right features or room guesses as well.")
    much = fixes.significant(times or 0.0, 2)
    says = f"It is {much:g} times what is usual." if much else "At next to nothing no step is taken."
    usual = fixes.set_usual_rate(context, says)
    if fixes.too_high(context) or fixes.too_low(context):
        reason = "off"
    if reason == "moves" and (times or 1.0) > HIGH:
        return (RATE, LABELS, WEIGHTS), (lower, labels, overfit, trainable, inputs)
    return {
        "void": ((MASKED, LOGGED), (labels, overfit, trainable)),
        "off": ((RATE, SIGNALS, WEIGHTS), (usual, layers, scheme, trainable, overfit, inputs)),
        "blown": ((RATE, SIGNALS, WEIGHTS), (lower, layers, scheme, overfit, trainable, labels, inputs)),
        "mute": ((SIGNALS, RATE, WEIGHTS), (layers, scheme, lower, trainable, overfit, inputs)),
        "silent": ((SIGNALS, RATE, WEIGHTS), (scheme, layers, higher, trainable, overfit, inputs)),
        "held": ((WEIGHTS, SIGNALS, LABELS), (trainable, scheme, overfit, labels, higher, lower, inputs)),
        "moves": ((LABELS, RATE, WEIGHTS), (labels, overfit, higher, lower, roomier, trainable, inputs)),
    }[reason]


def remedies(short: Shortfall, context: Context) -> tuple[tuple[Cause, ...], tuple[fixes.Fix, ...]]:
    """Of a level that is poor, or was held there: causes, likeliest first, and what to do about them."""
    strong = (context.dropout or 0.0) >= HEAVY_DROPOUT or (context.weight_decay or 0.0) >= HEAVY_DECAY
    causes = (REGULAR, SIZE, STEP) if strong else (SIZE, REGULAR, STEP)
    tried = [
        fixes.larger_model("The training loss itself is poor: the model lacks room."),
        fixes.learning_rate(context, 3.0, "A step that is too small rests early."),
        fixes.overfit_one_batch("Tells a model that cannot learn from one that is merely too small."),
    ]
    weaker = {name: 0.0 for name in ("weight_decay", "dropout") if getattr(context, name)}
    if weaker:
        nothing = "There is nothing to regularise yet."
        tried.insert(0 if strong else 1, fixes.Fix("decrease_regularization", "Train without it.", nothing, weaker))
    if short.frozen is not None:
        tried.insert(
            0, fixes.drop_later(short.frozen.drop, "It was still falling fast then, and hardly moved afterwards.")
        )
        return (TOO_EARLY, *causes[:2]), tuple(tried)
    if short.floor is not None:
        logits = "The loss cannot get below this floor with it."
        tried.insert(0, fixes.Fix("remove_output_activation", "Take the softmax off the model's output.", logits))
        return (TWICE, *causes[:2]), tuple(tried)
    return causes, tuple(tried)
