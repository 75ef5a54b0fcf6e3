"""Fixes that several checks of a model advise, with the numbers of this examination."""

from __future__ import annotations

from diagnosis.advice import losses, models
from diagnosis.advice.clipping import CLIP_DEFAULT
from diagnosis.advice.fix import Fix, significant
from diagnosis.examining.sections import Asked
from diagnosis.listed import listed

BF16 = Fix(
    "use_bf16",
    "Keep the weights in float32 (or bfloat16), and use half precision under autocast only.",
    "float16 ends at 65504, and Adam's epsilon of 1e-8 is zero in it: the first step can divide by zero.",
)
# Operations that a bound away from zero does not mend, by a part of torch's name.
KNOWN = {
    "attention": ("Leave every query at least one key that is not masked", "A softmax over nothing but −∞ is 0/0."),
    "softmax": ("Leave every row at least one score that is not masked", "A softmax over nothing but −∞ is 0/0."),
    "std": ("Take the deviation of more than one value, or with correction=0 and an epsilon", "That of one value is 0/0."),
    "var": ("Take the variance of more than one value, or with correction=0 and an epsilon", "That of one value is 0/0."),
}  # fmt: skip
SHOWN, NAMED = 5, 20  # modules in a sentence, parameters in a list
EPSILON = 1e-6  # smallest argument of a logarithm, a root or a division in single precision


def rate(asked: Asked, to: float, because: str) -> Fix:
    """Another learning rate, as a factor and as a number."""
    action = "raise_learning_rate" if to > asked.lr else "lower_learning_rate"
    new = significant(to)
    return Fix(
        action,
        f"Set the learning rate to {new:g} instead of {asked.lr:g}.",
        because,
        {"factor": significant(to / asked.lr), "learning_rate": new},
    )


def guard(where: str) -> Fix:
    """Divisions, roots and logarithms of nothing."""
    operation = where.partition(" ")[0]
    for known, (advised, because) in KNOWN.items():
        if known in operation:
            return Fix("guard_operation", f"{advised} ({where}).", because)
    asked = f"Bound the argument of {where or 'divisions, roots, logarithms and exponentials'} away from zero, with clamp_min({EPSILON:g})."
    return Fix(
        "guard_operation",
        asked,
        "NaN comes of 0/0, of the logarithm or root of nothing, and of overflow.",
        {"epsilon": EPSILON},
    )


def into_unit(low: float, high: float, because: str) -> Fix:
    """Targets that run from `low` to `high`, put between 0 and 1."""
    if low == -1.0 and high == 1.0:
        return Fix("check_labels", "Use (targets + 1) / 2.", because, {"add": 1, "divide": 2})
    if low >= 0.0:
        return Fix("check_labels", f"Use targets / {high:g}.", because, {"divide": high})
    return Fix("check_labels", "Clamp the targets to 0 to 1.", because, {"low": 0, "high": 1})


def one_output(asked: Asked) -> tuple[Fix, ...]:
    """A loss over classes that is given one score for two of them."""
    because = f"{asked.loss} compares the scores of classes, and there is one."
    binary = Fix(
        "change_loss",
        "Use bce_with_logits, with targets.float() of the output's shape.",
        because,
        {"to": "bce_with_logits"},
    )
    return binary, Fix("resize_output", "Or give the last layer 2 outputs.", because, {"size": 2})


def reach(names: list[str], of: int) -> str:
    """How many parameters of all, in which modules, for the end of a sentence."""
    modules = dict.fromkeys(name.rpartition(".")[0] or name for name in names)
    return f"{len(names)} of {of} parameters, of {listed(modules, SHOWN)}"


def clip(because: str) -> Fix:
    """Bound the gradient's global norm."""
    return Fix(
        "clip_gradients", f"Clip the gradients' global norm at {CLIP_DEFAULT:g}.", because, {"max_norm": CLIP_DEFAULT}
    )


def scheme(name: str, because: str) -> Fix:
    """Another initialisation."""
    return Fix("fix_initialization", f"Initialise with {name}.", because, {"scheme": name})


def norms(because: str) -> Fix:
    """Normalisation between layers."""
    return models.normalize_layers(because)


def drop_activation(name: str, loss: str) -> Fix:
    """The last activation, which the loss applies itself."""
    return losses.drop_activation(name, loss, "The loss expects raw scores.")
