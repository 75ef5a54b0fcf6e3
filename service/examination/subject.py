"""The one under examination: a module, a batch it takes, the output that is meant, and the loss between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from service.examination.batches import Batch, make_inputs, make_targets, read_batch
from service.examination.choosing import ITS_OWN, chosen, follow, found_in, no_output, ranked
from service.examination.config import Config
from service.examination.loading import TARGET_NAMES, Graph, Loaded, inspect, load, parameters, said
from service.examination.losses import FUNCTIONS, Fit, arranged, converted, outside, refused_dtype
from service.examination.refused import Refused, of_the_jail

DROPOUTS = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
# Their only other use of the mode is dropout inside. Learning one batch by heart is asked without it.
DROPPING = (*DROPOUTS, "MultiheadAttention", "LSTM", "GRU", "RNN")
LISTS = {"List[Tensor": list, "list[Tensor": list, "Tuple[Tensor": tuple, "tuple[Tensor": tuple}  # all inputs in one
ELSEWHERE = re.compile(r"'CUDA' backend|NVIDIA driver|not compiled with CUDA")
OUT_OF_RANGE = "index out of range in self"  # as an embedding says it
MULTIPLIED = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x")
FIXED = re.compile(r"shape '\[\d.*' is invalid for input of size")
# What a model that raises by itself says when it minds what it was given: shapes were refused, and nothing failed.
ABOUT_SHAPES = re.compile(r"shape|size|dim|channel|length|batch|expect|\bdtype|\d-?d\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything that does not change while it is examined."""

    config: Config
    loaded: Loaded
    batch: Batch
    targets: Tensor
    fitted: Fit
    keyword: str | None  # argument of forward that takes the targets
    path: tuple[str | int, ...]  # from what forward returns to the output that is meant
    device: torch.device
    refused: str | None  # dtype of the targets that torch's loss would refuse
    outside: int  # targets that are out of range
    norms_held: bool  # batch norms are in eval mode, as they must be for one value a channel
    notes: tuple[str, ...]
    outputs: int  # tensors that forward returns
    writes: bool  # forward writes to its inputs: it is given copies
    graph: Graph | None

    @property
    def module(self) -> Any:  # noqa: ANN401 - a ScriptModule
        """The module."""
        return self.loaded.module

    def output(self, inputs: tuple[Tensor, ...] | None = None) -> Tensor:
        """What the model answers to the batch, or to other inputs."""
        given = self.batch.inputs if inputs is None else inputs
        if self.writes:
            given = tuple(x.clone() for x in given)
        return follow(ask(self.loaded, given, self.keyword, self.targets), self.path)

    def loss(self, output: Tensor) -> Tensor:
        """The loss of an output on this batch."""
        if self.fitted.kind == ITS_OWN:
            return output.reshape(())
        given, aim = arranged(self.fitted, output, self.targets)
        if given.is_complex() and aim.is_complex():
            given, aim = torch.view_as_real(given), torch.view_as_real(aim)
        return FUNCTIONS[self.config.loss](given, aim)

    def train_mode(self) -> None:
        """Train, but with dropout off wherever it can be switched off: by heart is learnt without it."""
        self.module.train()
        for name, inner in self.module.named_modules():
            kind = getattr(inner, "original_name", "")
            if name and (kind in DROPPING or (self.norms_held and kind.startswith("BatchNorm"))):
                inner.eval()


def ask(loaded: Loaded, inputs: tuple[Tensor, ...], keyword: str | None, targets: Tensor | None) -> Any:  # noqa: ANN401
    """Call forward, converting each input to what its argument takes."""
    given: list[Any] = [_argument(x, kind) for x, (_, kind, _) in zip(inputs, loaded.arguments, strict=False)]
    together = _together(loaded)
    if together is not None:
        given = [together(inputs)]
    return loaded.module(*given, **({keyword: targets} if keyword else {}))


def _together(loaded: Loaded) -> Callable[[Iterable[Tensor]], Any] | None:
    """The kind of list that is the only argument, where it is one."""
    if len(loaded.arguments) != 1:
        return None
    return next((made for kind, made in LISTS.items() if loaded.arguments[0][1].startswith(kind)), None)


def _argument(x: Tensor, kind: str) -> Any:  # noqa: ANN401
    if kind.rstrip("]").endswith(("float", "int", "bool", "number")) and x.numel() == 1:
        return x.item()
    return x


def present(config: Config, model: bytes, data: bytes | None, device: torch.device) -> Subject:
    """Load the model, read or make the batch, and find out how they go together."""
    batch = make_inputs(config) if data is None else read_batch(data)
    loaded = load(model)
    graph = inspect(loaded.module)  # before it runs: torch rewrites a graph that has run
    loaded.module.to(device)
    batch, notes = _of_one_kind(loaded, batch.on(device))
    keyword = _target_argument(loaded, len(batch.inputs))
    torch.manual_seed(config.seed)
    buffers = {name: b.clone() for name, b in loaded.module.named_buffers()}
    kept = tuple(x.clone() for x in batch.inputs)
    returned, batch, held, more = _first_answer(loaded, batch, keyword, traced=graph is not None and graph.traced)
    writes = any(not torch.equal(x.to(y.dtype), y) for x, y in zip(kept, batch.inputs, strict=True))
    batch = (
        replace(batch, inputs=tuple(x.to(y.dtype) for x, y in zip(kept, batch.inputs, strict=True)))
        if writes
        else batch
    )
    with torch.no_grad():
        for name, b in loaded.module.named_buffers():
            b.copy_(buffers[name])
    targets = batch.targets
    candidates = ranked(config, returned)
    if not candidates:
        raise no_output(config, returned)
    count = sum(t.is_floating_point() or t.is_complex() for _, t in found_in(returned))
    if targets is None:
        targets = make_targets(config, batch, candidates[0][1].detach().cpu()).to(device)
        candidates = candidates[:1]
    path, output, fitted = chosen(config, batch, candidates, targets, keyword)
    refused = refused_dtype(config.loss, fitted, targets) if batch.typed and fitted.kind != ITS_OWN else None
    wrong = outside(config.loss, fitted, targets) if fitted.kind != ITS_OWN else 0
    aim = targets if fitted.kind == ITS_OWN or wrong else converted(config.loss, fitted, output, targets)
    if wrong and config.loss == "bce_with_logits":
        aim = converted(config.loss, fitted, output, targets)
    notes = (*batch.notes, *notes, *more)
    if len(candidates) > 1:
        notes = (*notes, f"forward returns several tensors; judged is {'.'.join(map(str, path)) or 'the first'}"[:200])
    return Subject(
        config, loaded, batch, aim, fitted, keyword, path, device, refused, wrong, held, notes, count, writes, graph
    )


def _of_one_kind(loaded: Loaded, batch: Batch) -> tuple[Batch, tuple[str, ...]]:
    """Inputs in the precision of the parameters: numpy's default is float64, torch's is not."""
    kinds = [p.dtype for p in parameters(loaded.module).values() if p.dtype.is_floating_point]
    wanted = kinds[0] if kinds else torch.float32
    other = [x for x in batch.inputs if x.is_floating_point() and x.dtype != wanted]
    if not other or (len(set(kinds)) > 1 and other[0].dtype in kinds):
        return batch, ()
    cast = tuple(x.to(wanted) if x.is_floating_point() else x for x in batch.inputs)
    note = f"inputs were converted from {other[0].dtype} to {wanted}, as the parameters are".replace("torch.", "")
    return replace(batch, inputs=cast), (note,) if batch.typed and not batch.made else ()


def _target_argument(loaded: Loaded, given: int) -> str | None:
    """The argument that takes the targets, where one does: a forward that returns its own loss."""
    rest = loaded.arguments[given:]
    missing = [name for name, _, default in rest if not default]
    named = [name for name, kind, _ in rest if name.lower() in TARGET_NAMES and "Tensor" in kind]
    by_name = [name for name, kind, default in loaded.arguments if kind.lower().startswith("dict") and not default]
    if by_name:
        raise Refused(
            "shapes_refused",
            f"forward takes {by_name[0]}, a dictionary, and a batch holds tensors without names. "
            "Export a wrapper whose forward takes tensors and makes the dictionary.",
        )
    if (given > len(loaded.arguments) and _together(loaded) is None) or [name for name in missing if name not in named]:
        listed = ", ".join(f"{name}: {kind}" for name, kind, _ in loaded.arguments[:12])
        raise Refused(
            "shapes_refused", f"forward takes ({listed}); the batch holds {given} input{'s' * (given != 1)}."[:400]
        )
    return named[0] if named else None


def _first_answer(
    loaded: Loaded, batch: Batch, keyword: str | None, *, traced: bool
) -> tuple[Any, Batch, bool, tuple[str, ...]]:
    """Call forward once; where it refuses, try what people get wrong about dtypes, then batch norms held still."""
    module, first = loaded.module, None
    wanted = next((p.dtype for p in module.parameters() if p.dtype.is_floating_point), torch.float32)
    floats = tuple(x if x.is_floating_point() or x.is_complex() else x.to(wanted) for x in batch.inputs)
    wholes = tuple(
        x.to(torch.int64) if x.is_floating_point() and bool((x == x.round()).all()) else x for x in batch.inputs
    )
    complexes = tuple(x.to(torch.complex64) if x.is_floating_point() else x for x in batch.inputs)
    ways = [(batch.inputs, False, ""), (floats, False, "whole numbers among the inputs were converted to floating point"),
            (wholes, False, "inputs were converted to whole numbers"), (complexes, False, "inputs were converted to complex numbers"),
            (batch.inputs, True, "batch norm was held in eval mode: it needs more than one value per channel to train")]  # fmt: skip
    for inputs, held, note in ways:
        if inputs is not batch.inputs and all(a.dtype == b.dtype for a, b in zip(inputs, batch.inputs, strict=True)):
            continue
        module.train()
        if held:
            for inner in module.modules():
                if getattr(inner, "original_name", "").startswith("BatchNorm"):
                    inner.eval()
        try:
            with torch.no_grad():
                returned = ask(loaded, inputs, keyword, batch.targets)
        except Exception as error:
            if of_the_jail(error):
                raise
            first = first or error
        else:
            return returned, replace(batch, inputs=inputs), held, (note,) if note and (batch.typed or held) else ()
    shapes = ", ".join(f"{tuple(x.shape)} {str(x.dtype).removeprefix('torch.')}" for x in batch.inputs)
    assert first is not None  # noqa: S101 - no way was taken without an error
    raise _refusal(first, shapes, keyword, loaded, batch, traced=traced)


def _refusal(
    error: Exception, shapes: str, keyword: str | None, loaded: Loaded, batch: Batch, *, traced: bool
) -> Exception:
    """What is told of an error of `forward`: mostly it refused the shapes; what it raises by itself is its own."""
    if isinstance(error, torch.jit.Error) and not ABOUT_SHAPES.search(said(error)):
        return error
    if ELSEWHERE.search(str(error)):
        away = "Take the device from an input (x.device), and export again."
        return Refused("invalid", f"forward asks for a GPU by itself, and this check has none. {away}")
    if OUT_OF_RANGE in str(error):
        cure = "Send indices from 0 to less than its num_embeddings, or export the model with more of them."
        return Refused(
            "invalid", f"forward looks up an index that its embedding does not have{_indices(loaded, batch)}. {cure}"
        )
    rows = MULTIPLIED.search(str(error))
    examples = batch.inputs[0].shape[0] if batch.inputs[0].ndim else 1
    baked = FIXED.search(str(error)) or (traced and rows and int(rows[1]) % examples)
    hint = (
        ". The archive was traced, and holds the example's size: use x.size(0) in forward, or script it."
        if baked
        else ""
    )
    if keyword is not None:
        hint += f". The targets were passed as {keyword}: if that is an input, send it too, as inputs_1."
    return Refused("shapes_refused", f"forward refuses inputs of {shapes}: {said(error)}{hint}")


def _indices(loaded: Loaded, batch: Batch) -> str:
    """How far the indices go, and how many rows there are."""
    whole = [x for x in batch.inputs if not x.is_floating_point() and not x.is_complex() and x.numel()]
    rows = [m.weight.shape[0] for m in loaded.module.modules() if getattr(m, "original_name", "") == "Embedding"]
    if len(whole) != 1 or len(rows) != 1:
        return ""
    return f": they go from {int(whole[0].min())} to {int(whole[0].max())}, and it has {rows[0]} rows"
