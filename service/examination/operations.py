"""torch's operators, as far as the recorder must know them: which only look, which weigh, which cut, squash or draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

BOUNDED = "bounded"  # by a clamp that is no ReLU: against rounding, mostly (1e-7 to 1)
VIEWS = frozenset((
    "view", "_unsafe_view", "reshape", "_reshape_alias", "flatten", "squeeze", "unsqueeze", "transpose", "permute", "t", "select", "slice", "expand",
    "clone", "contiguous", "_to_copy", "alias", "detach", "lift_fresh", "unflatten", "movedim", "numpy_T", "native_dropout", "stack", "cat", "_to_dense",
    BOUNDED,
))  # fmt: skip
WEIGHING = frozenset(("addmm", "mm", "bmm", "baddbmm", "mv", "convolution", "_convolution", "mkldnn_convolution", "mkldnn_rnn_layer", "embedding",
                      "_embedding_bag", "_embedding_bag_forward_only", "addmv", "_cdist_forward", "linear", "einsum", "lstm", "gru"))  # fmt: skip
# How many numbers these draw depends on what they are given, so that a change of one example moves the chance of others.
VARYING = frozenset(("rrelu_with_noise", "poisson", "binomial", "_standard_gamma", "_sample_dirichlet"))
RANDOM = frozenset(("bernoulli", "native_dropout", "rand", "randn", "rand_like", "randn_like", "normal", "uniform", "randint", "multinomial",
                    "randperm", "exponential", "normal_functional", "_fused_dropout", "geometric", "cauchy", "log_normal", "random",
                    *VARYING))  # fmt: skip
MIXING = frozenset(
    ("native_batch_norm", "_native_batch_norm_legit", "cudnn_batch_norm", "_batch_norm_with_update", "batch_norm")
)
# Linear in what flows through them, as long as only one of the operands of a product does.
STRAIGHT = VIEWS - {BOUNDED} | frozenset(("addmm", "mm", "mv", "addmv", "linear", "convolution", "_convolution", "embedding", "add", "sub", "rsub", "neg",
                                         "mean", "sum", "avg_pool2d", "avg_pool1d", "native_batch_norm", "_native_batch_norm_legit"))  # fmt: skip
HINGED = frozenset(("relu", "threshold", "clamp_min", "hardtanh"))
SQUASHING = frozenset(("sigmoid", "tanh", "hardsigmoid"))
CLAMPS = frozenset(("clamp", "clamp_min", "clamp_max", "hardtanh", "threshold"))
LOGARITHMS = frozenset(("log", "log2", "log10", "log1p", "logit"))
EDGE = 0.99  # of the range: beyond, a squashing function has next to no slope
FEW_VALUES = 8  # distinct sizes; a fixed filter, a mask or one-hot rows have fewer


@dataclass(eq=False)
class Trace:
    """Where a tensor comes from."""

    operation: str
    origin: str  # input, parameter, buffer, constant, fresh, made
    place: str = ""  # module of the nearest parameter before it
    parent: Trace | None = None
    weighed: int = 0  # weight operations on the longest way here


def tensors_in(values: Any) -> Iterator[Tensor]:  # noqa: ANN401 - whatever an operator takes
    """Every tensor among the arguments of an operator, lists looked into."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from tensors_in(value)


def switched_off(name: str, args: Any) -> bool:  # noqa: ANN401
    """Whether a dropout does nothing."""
    return name == "native_dropout" and len(args) > 2 and (args[2] is False or args[1] == 0.0)  # noqa: PLR2004 - its third argument


def in_training(func: Any, args: Any, kwargs: Any) -> bool:  # noqa: ANN401
    """Whether a normalisation uses the statistics of the batch."""
    for place, argument in enumerate(func._schema.arguments):  # noqa: SLF001 - likewise
        if argument.name in ("training", "train"):
            return bool(kwargs.get(argument.name, args[place] if place < len(args) else True))
    return "no_training" not in func._schema.name  # noqa: SLF001


def cuts_at_zero(name: str, args: Any) -> bool:  # noqa: ANN401
    """Whether it cuts at zero, as a ReLU does."""
    return name == "relu" or (len(args) > 1 and args[1] == 0)


def after_convolution(trace: Trace) -> bool:
    """Whether the layer before was a convolution: its units are the second dimension."""
    step: Trace | None = trace
    for _ in range(8):
        if step is None:
            return False
        if step.operation in WEIGHING:
            return "convolution" in step.operation
        step = step.parent
    return False


def not_finite(tensor: Tensor, operation: str = "") -> bool:
    """NaN or +∞; −∞ is how attention is masked, but of a logarithm it is that of nothing."""
    if not (tensor.is_floating_point() or tensor.is_complex()):
        return False
    infinite = torch.isinf if operation in LOGARITHMS else torch.isposinf
    return bool(torch.isnan(tensor).any()) or (not tensor.is_complex() and bool(infinite(tensor).any()))


def looks_learnt(tensor: Tensor) -> bool:
    """Whether a constant looks like weights: both signs, many values. Masks, filters and averages do not."""
    values = tensor.detach().reshape(-1)[:10_000].float()
    return bool((values < 0).any() and (values > 0).any()) and values.abs().unique().numel() >= min(
        FEW_VALUES, values.numel()
    )
