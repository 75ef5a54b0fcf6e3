"""What a trial puts round the corpus' own functions: to see what they do not write down, or to apply what no recipe can say."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from diagnosis.advice.losses import TEMPERATURES

STEPS = 40  # temperatures tried
SATURATING = {"tanh", "sigmoid"}  # activations that want a variance of 1 / inputs


def watched(extras: dict[str, list[float]], measure: Any) -> Any:  # noqa: ANN401 - the loop's own function
    """Also keep, at each look at the clean test set, both classes' recall, at the usual threshold and at the best one."""

    def watching(recipe: Any, data: Any, model: Any, part: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
        found: dict[str, float] = measure(recipe, data, model, part)
        if part is data.test:
            logits = {name: _logits(model, inputs) for name, inputs in (("val", data.val[0]), ("test", part[0]))}
            usual = _balanced(logits["test"] > 0, part[1])
            cuts = logits["val"].quantile(importlib.import_module("torch").linspace(0, 1, 101))
            moved = max(cuts.tolist(), key=lambda cut: _balanced(logits["val"] > cut, data.val[1]))
            extras.setdefault("balanced", []).append(usual)
            extras.setdefault("balanced_moved", []).append(_balanced(logits["test"] > moved, part[1]))
        return found

    return watching


def tempered(extras: dict[str, list[float]], measure: Any) -> Any:  # noqa: ANN401 - likewise
    """Also keep, at each look at the clean test set, its loss with the logits over the temperature that validation likes best."""

    def looking(recipe: Any, data: Any, model: Any, part: Any) -> dict[str, float]:  # noqa: ANN401 - likewise
        found: dict[str, float] = measure(recipe, data, model, part)
        if part is data.test:
            training: Any = importlib.import_module("training")
            rows = slice(training.VAL_MOST)
            split = {"val": data.val, "test": part}
            logits = {name: _logits(model, inputs[rows]) for name, (inputs, _) in split.items()}

            def scored(name: str, temperature: float) -> float:
                return float(training.losses(recipe, data.kind, logits[name] / temperature, split[name][1][rows]))

            chosen = min(np.geomspace(*TEMPERATURES, STEPS).tolist(), key=lambda each: scored("val", each))
            extras.setdefault("tempered", []).append(scored("test", chosen))
        return found

    return looking


def _logits(model: Any, inputs: Any) -> Any:  # noqa: ANN401 - torch is not imported here
    model.eval()
    logits = model(inputs).detach().squeeze(-1)
    model.train()
    return logits


def _balanced(said: Any, true: Any) -> float:  # noqa: ANN401 - likewise
    """The mean of both classes' recall."""
    rare, usual = true > 0, true <= 0
    return float(((said & rare).sum() / rare.sum() + (~said & usual).sum() / usual.sum()) / 2)


def weighted(losses: Any) -> Any:  # noqa: ANN401 - likewise
    """The loss with one weight a class, in training only."""

    def weighing(recipe: Any, kind: str, outputs: Any, targets: Any) -> Any:  # noqa: ANN401 - likewise
        weights = importlib.import_module("torch").tensor(recipe.class_weights)
        functional = importlib.import_module("torch.nn.functional")
        if kind == "binary":
            each = weights[targets.long()]
            return functional.binary_cross_entropy_with_logits(outputs, targets, weight=each)
        return (
            losses(recipe, kind, outputs, targets)
            if kind != "classification"
            else functional.cross_entropy(outputs, targets, weight=weights)
        )

    return weighing


def initialised(prepare: Any) -> Any:  # noqa: ANN401 - likewise
    """Data and model, its weights drawn anew by He's scheme, as the advice words it."""

    def initialising(recipe: Any) -> Any:  # noqa: ANN401 - likewise
        data, model = prepare(recipe)
        torch = importlib.import_module("torch")
        layers = [
            layer for layer in model.modules() if isinstance(layer, (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d))
        ]
        for layer in layers:
            saturates = layer is layers[-1] or recipe.activation in SATURATING
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear" if saturates else "relu")
            if layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)
        for layer in model.modules():
            if isinstance(layer, torch.nn.RNNBase):
                for name, weights in layer.named_parameters():
                    if name.startswith("weight_hh"):
                        torch.nn.init.orthogonal_(weights)
        return data, model

    return initialising


def validated(load: Any, cut: int, *, drawn: bool) -> Any:  # noqa: ANN401 - likewise
    """Data with more examples to validate on than they were `cut` by; those trained on, and how they are scaled, stay.

    `drawn`: each validation is drawn from elsewhere, and only its size counts.
    """

    def loading(name: str, seed: int, train_size: int, val_size: int, *, scaled: bool = True) -> Any:  # noqa: ANN401 - likewise
        tasks, torch = (importlib.import_module(module) for module in ("tasks", "torch"))
        data = load(name, seed, train_size, cut, scaled=scaled)
        if drawn:
            return data
        # the same cut with the rest behind the training part, scaled by that part alone
        whole = load(name, seed, train_size + val_size - cut, cut, scaled=False)
        plain = load(name, seed, train_size, cut, scaled=False)
        parts = []
        for at in (0, 1):
            rest, seen = whole.train[at][train_size:], plain.train[at]
            real = scaled and data.kind != "language_model" and (at == 0 or data.kind == "regression")
            if real:
                centre, spread = _affine(seen, data.train[at])
                rest = (rest - centre) / spread
            parts.append(torch.cat([data.val[at], rest.to(data.val[at].dtype)]))
        return tasks.Data(data.kind, data.classes, data.train, tuple(parts), data.test)

    return loading


def _affine(plain: Any, scaled: Any) -> tuple[Any, Any]:  # noqa: ANN401 - likewise
    """What was taken off each column, and what it was then divided by."""
    low, high = plain.argmin(0, keepdim=True), plain.argmax(0, keepdim=True)
    moved = scaled.gather(0, high) - scaled.gather(0, low)
    spread = (plain.gather(0, high) - plain.gather(0, low)) / moved.where(moved > 0, moved.new_tensor(math.inf))
    spread = spread.where(moved > 0, moved.new_tensor(1.0))
    return plain.gather(0, low) - scaled.gather(0, low) * spread, spread
