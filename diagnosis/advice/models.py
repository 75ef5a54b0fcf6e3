"""Fixes of the model: its size, its first weights, what holds it back, and the numbers it computes with."""

from __future__ import annotations

from diagnosis.advice.fix import Fix, significant
from diagnosis.run import Context

DECAY_FIRST, DECAY_MOST = 0.01, 0.3  # weight decay: AdamW's default, and more than which hardly anyone uses
DROPOUT_NOTCH, DROPOUT_MOST = 0.2, 0.5  # dropout rate


def smaller_model(because: str) -> Fix:
    """Half the width."""
    return Fix("decrease_capacity", "Halve the model's width.", because, {"factor": 0.5})


def larger_model(because: str) -> Fix:
    """Four times the width: twice hardly shows."""
    return Fix("increase_capacity", "Make the model four times as wide.", because, {"factor": 4})


def regularize(context: Context, because: str, *, drop: bool = True) -> tuple[Fix, ...]:
    """One notch more weight decay and, with `drop`, dropout than the run had; none where they are at their most."""
    params = {}
    decay = significant(context.weight_decay * 10) if context.weight_decay else DECAY_FIRST
    if min(decay, DECAY_MOST) > (context.weight_decay or 0.0):
        params["weight_decay"] = min(decay, DECAY_MOST)
    dropout = round(min((context.dropout or 0.0) + DROPOUT_NOTCH, DROPOUT_MOST), 2)
    if drop and dropout > (context.dropout or 0.0):
        params["dropout"] = dropout
    shown = " and ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in params.items())
    return (Fix("increase_regularization", f"Regularise more: {shown}.", because, params),) if params else ()


def unregularized(context: Context, because: str) -> tuple[Fix, ...]:
    """Without the weight decay and the dropout there are; none where there are none."""
    used = {name: float(getattr(context, name)) for name in ("weight_decay", "dropout") if getattr(context, name)}
    shown = " and ".join(f"the {name.replace('_', ' ')} of {value:g}" for name, value in used.items())
    advice = f"Train without {shown}."
    return (Fix("decrease_regularization", advice, because, dict.fromkeys(used, 0.0)),) if used else ()


def initialize(because: str) -> Fix:
    """Weights whose outputs are as large as their inputs."""
    advice = "Initialise with He's scheme: weights of variance 2 / inputs (1 / inputs before tanh or sigmoid), recurrent ones orthogonal."
    return Fix("fix_initialization", advice, because, {"scheme": "he"})


def normalize_layers(because: str) -> Fix:
    """What keeps signals, and gradients, of one size through the layers."""
    advice = "Normalise what goes into each activation to mean 0 and deviation 1 (batch or layer norm); add residual paths if deep."
    return Fix("add_normalization_layers", advice, because, {"mean": 0, "deviation": 1})


def bfloat16() -> Fix:
    """The range of single precision in half of its bits."""
    why = "float16 ends at 65504, bfloat16 at 3.4e38, as float32 does."
    return Fix("use_bf16", "Use bfloat16 where float16 is used.", why)
