"""Bytes → a TorchScript module, and what its archive says before anything runs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from service.examination.refused import Refused

LISTED = 200  # names in a list of facts
LONGEST = 120  # characters of a name
TARGET_NAMES = ("target", "targets", "label", "labels", "y")
MODES = {
    "aten::dropout": ("train", "p"), "aten::dropout_": ("train", "p"), "aten::feature_dropout": ("train", "p"),
    "aten::alpha_dropout": ("train", "p"), "aten::feature_alpha_dropout": ("train", "p"), "aten::native_dropout": ("train", "p"),
    "aten::batch_norm": ("training", None), "aten::_batch_norm_impl_index": ("training", None), "aten::native_batch_norm": ("training", None),
    "aten::rrelu": ("training", None), "aten::lstm": ("train", "dropout"), "aten::gru": ("train", "dropout"),
    "aten::rnn_tanh": ("train", "dropout"), "aten::rnn_relu": ("train", "dropout"), "aten::instance_norm": ("use_input_stats", None),
}  # fmt: skip
FLOW = ("prim::If", "prim::Loop", "prim::RaiseException", "prim::CallFunction")


@dataclass(frozen=True, eq=False)
class Loaded:
    """A module and the arguments of its `forward`, `self` left out."""

    module: Any
    arguments: tuple[tuple[str, str, bool], ...]  # name, type, whether it has a default


@dataclass(frozen=True)
class Graph:
    """What the graph says: whether it was traced, and operations whose mode is a constant."""

    traced: bool
    baked: tuple[tuple[str, bool], ...]


def cut(name: str) -> str:
    """A stranger's name, short enough to show."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def load(data: bytes) -> Loaded:
    """Load an archive of `torch.jit.save`."""
    try:
        module = torch.jit.load(io.BytesIO(data), map_location="cpu")
    except Exception as error:  # noqa: BLE001 - whatever the loader makes of a stranger's bytes
        damaged = "its contents are damaged: export it again, and send it whole"  # of which torch names a byte
        why = (
            damaged
            if isinstance(error, UnicodeDecodeError) or "codec can't decode" in str(error)
            else _first_line(error)
        )
        raise Refused("not_torchscript", f"cannot be loaded: {why}") from None
    try:
        schema = module.forward.schema
        arguments = tuple((cut(a.name), str(a.type)[:LONGEST], a.has_default_value()) for a in schema.arguments[1:])
    except (AttributeError, RuntimeError):
        raise Refused("invalid", "The model has no forward method. Export the module that is trained.") from None
    if quantised(module):
        detail = "The model is quantised: its weights are integers and have no gradient. Export it before quantisation."
        raise Refused("invalid", detail)
    return Loaded(module, arguments)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0].partition(". ")[0] if lines else type(error).__name__)[:160].rstrip(".:")


def said(error: BaseException) -> str:
    """The sentence of an exception that a model raised: TorchScript puts it last, after its own traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if ":" in line and not line.startswith(("File", "<"))), None)
    return (last or (lines[-1] if lines else type(error).__name__)).removeprefix("builtins.")[:240]


def _nodes(block: Any) -> Any:  # noqa: ANN401 - a graph of torch's own
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _inlined(module: Any) -> Any:  # noqa: ANN401 - a graph of torch's own
    with torch.jit.optimized_execution(should_optimize=True):  # without, it is shown simplified
        graph = module.forward.graph.copy()
        torch._C._jit_pass_inline(graph)  # noqa: SLF001 - there is no public way to see the whole graph
    return graph


def quantised(module: Any) -> bool:  # noqa: ANN401 - a ScriptModule
    """Whether an operation works on quantised numbers."""
    try:
        kinds = {node.kind() for node in _nodes(_inlined(module))}
    except RuntimeError:
        return False
    return any(kind.startswith(("quantized::", "aten::quantize_per")) for kind in kinds)


def inspect(module: Any) -> Graph | None:  # noqa: ANN401 - a ScriptModule
    """Read modes off the graph; None where it cannot be inlined."""
    try:
        nodes = list(_nodes(_inlined(module)))
    except RuntimeError:
        return None
    baked = [flag for node in nodes if (flag := _mode(node)) is not None]
    return Graph(not any(node.kind() in FLOW for node in nodes), tuple(baked[:LISTED]))


def _mode(node: Any) -> tuple[str, bool] | None:  # noqa: ANN401 - a node of torch's own
    """The constant mode of a node that has one."""
    if node.kind() not in MODES:
        return None
    mode, share = MODES[node.kind()]
    names = [a.name for a in torch._C.parse_schema(node.schema()).arguments]  # noqa: SLF001 - likewise
    inputs = dict(zip(names, node.inputs(), strict=False))
    if mode not in inputs or inputs[mode].node().kind() != "prim::Constant":
        return None
    if share is not None and share in inputs and inputs[share].node().kind() == "prim::Constant":
        rate = inputs[share].toIValue()
        if isinstance(rate, float) and rate == 0.0:
            return None
    if "running_mean" in inputs and inputs["running_mean"].node().mustBeNone():
        return None  # it keeps no statistics, and does the same in either mode
    return node.kind().removeprefix("aten::").rstrip("_"), bool(inputs[mode].toIValue())


def parameters(module: Any) -> dict[str, Tensor]:  # noqa: ANN401 - a ScriptModule
    """The parameters by name, tied ones once."""
    return {cut(name): parameter for name, parameter in module.named_parameters()}
