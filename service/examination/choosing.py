"""Which of the things that forward returns is the output that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from service.examination.batches import Batch
from service.examination.config import CLASSES, REGRESSION, Config
from service.examination.losses import Fit, fit
from service.examination.refused import Refused

PREFERRED = (
    "logits",
    "logit",
    "output",
    "outputs",
    "out",
    "prediction",
    "predictions",
    "pred",
    "preds",
    "scores",
    "y_hat",
    "recon",
    "reconstruction",
)
ITS_OWN = "loss"  # the fit of a model that returns its loss
Found = tuple[tuple[str | int, ...], Tensor]  # the way to a tensor, and the tensor


def follow(returned: Any, path: tuple[str | int, ...]) -> Tensor:  # noqa: ANN401
    """The tensor at the end of a path."""
    for key in path:
        returned = getattr(returned, key) if isinstance(key, str) and isinstance(returned, tuple) else returned[key]
    if not isinstance(returned, Tensor):
        raise Refused("shapes_refused", "forward does not return the same kind of thing each time.")
    return returned


def found_in(returned: Any, path: tuple[str | int, ...] = ()) -> Iterator[Found]:  # noqa: ANN401
    """Every tensor that forward returned, with the way to it."""
    if isinstance(returned, Tensor):
        yield path, returned
    elif isinstance(returned, dict):
        for key, value in returned.items():
            yield from found_in(value, (*path, key))
    elif isinstance(returned, list | tuple):
        for place, value in zip(getattr(returned, "_fields", range(len(returned))), returned, strict=True):
            yield from found_in(value, (*path, place))


def ranked(config: Config, returned: Any) -> list[Found]:  # noqa: ANN401
    """Tensors that may be the output, likeliest first."""
    tensors = [(path, t) for path, t in found_in(returned) if t.is_floating_point() or t.is_complex()]
    if config.output is not None:
        key = _key(returned, config.output)
        asked = [(path, t) for path, t in tensors if path and path[0] == key]
        if not asked:
            raise Refused("invalid", f"forward returns nothing under output {str(config.output)[:60]!r}.")
        return _dense(asked)
    return sorted(_dense(tensors), key=lambda found: (found[1].ndim == 0, not (found[0] and found[0][0] in PREFERRED)))


def _dense(tensors: list[Found]) -> list[Found]:
    """Those that hold every number, be it zero; Refused where there are others only."""
    dense = [(path, t) for path, t in tensors if t.layout is torch.strided and not t.is_nested]
    if tensors and not dense:
        raise Refused(
            "invalid",
            f"forward returns a tensor that is {'nested' if tensors[0][1].is_nested else 'sparse'}; expected one that is dense. "
            "Make it dense in forward, at its end.",
        )
    return dense


def no_output(config: Config, returned: Any) -> Refused:  # noqa: ANN401
    """What forward returned, where no number of it can be trained."""
    others = [t for _, t in found_in(returned)]
    if others:
        kind = str(others[0].dtype).removeprefix("torch.")
        what, cure = (
            f"a tensor of {kind}",
            "Return the scores before an argmax, a comparison or a conversion to whole numbers.",
        )
    elif returned is None:
        what, cure = "nothing", "End it with the output that is trained."
    else:
        what, cure = f"a {type(returned).__name__} without a tensor", "Return the output that is trained."
    return Refused(
        "shapes_refused", f"forward returns {what}; {config.loss} takes floating point numbers, with a gradient. {cure}"
    )


def _key(returned: Any, output: str | int) -> str | int:  # noqa: ANN401
    """What was asked for, by the key that `found_in` gives: places from the end, and those of a named tuple."""
    if (
        isinstance(output, str)
        or not isinstance(returned, list | tuple)
        or not -len(returned) <= output < len(returned)
    ):
        return output
    fields: tuple[str, ...] | None = getattr(returned, "_fields", None)
    return fields[output] if fields else output % len(returned)


def _alike(config: Config, candidates: list[Found], targets: Tensor) -> list[Found]:
    """Those that the loss can be taken of: real numbers beside real ones, or complex ones that are told apart by their parts."""
    if targets.is_complex() and config.loss not in REGRESSION:
        return []
    return [(path, t) for path, t in candidates if t.is_complex() == targets.is_complex()]


def _unlike(config: Config, output: Tensor, targets: Tensor) -> Refused:
    ours, theirs = ("complex" if t.is_complex() else "real" for t in (output, targets))
    both = ", or complex ones on both sides" if config.loss in REGRESSION else ""
    return Refused(
        "invalid",
        f"forward returns {ours} numbers, and the targets are {theirs} ones; {config.loss} takes real ones{both}. "
        "Take the real part, the magnitude, or both of the parts as real numbers.",
    )


def _exact(config: Config, fitted: Fit, targets: Tensor) -> bool:
    """Whether an output has as many classes as there are, by the config or by the highest label."""
    if fitted.classes is None or fitted.kind == "soft":
        return True
    return fitted.classes == (config.num_classes or int(targets.max()) + 1)


def chosen(
    config: Config,
    batch: Batch,
    candidates: list[Found],
    targets: Tensor,
    keyword: str | None,
) -> tuple[tuple[str | int, ...], Tensor, Fit]:
    """The first output that the loss takes, exact shapes before broadcast ones."""
    first = batch.inputs[0]
    tokens = not first.is_floating_point() and first.shape == targets.shape
    alike = _alike(config, candidates, targets)
    fits = [
        (path, t, fitted) for path, t in alike if (fitted := fit(config.loss, t, targets, tokens=tokens)) is not None
    ]
    unclear = len(fits) > 1 and not any(path and path[0] in PREFERRED for path, _, _ in fits)
    fits.sort(
        key=lambda found: (
            found[1].ndim == 0,
            found[2].kind == "broadcast",
            unclear and not _exact(config, found[2], targets),
        )
    )
    scalars = [(path, t) for path, t in candidates if t.numel() == 1 and t.ndim == 0 and not t.is_complex()]
    if (not fits or fits[0][1].ndim == 0) and scalars and (keyword or len(batch.inputs) > 1) and targets.ndim:
        return (*scalars[0], Fit(ITS_OWN))
    if fits:
        return fits[0]
    if candidates and not alike:
        raise _unlike(config, candidates[0][1], targets)
    shapes = " and ".join(str(tuple(t.shape)) for _, t in candidates[:4]) or "no tensor"
    hint = ""
    if any(t.squeeze().shape == targets.squeeze().shape for _, t in candidates):
        hint = " They differ by a dimension of size 1: squeeze or unsqueeze one of them."
    elif config.loss in CLASSES and any(targets.ndim == t.ndim > 1 == targets.shape[1] for _, t in candidates):
        hint = " Labels have no dimension for the classes: use targets.squeeze(1)."
    elif config.loss in CLASSES and targets.ndim > 1 and targets.shape[-1] == 1:
        hint = " Labels have no dimension for the classes: use targets.squeeze(-1)."
    raise Refused(
        "shapes_refused",
        f"{config.loss} refuses an output of {shapes} against targets of {tuple(targets.shape)}.{hint}",
    )
