"""Data and model of one recipe, with the faults of either put in before the first step."""

from dataclasses import replace

import models
import torch
from recipe import Recipe
from tasks import Data, Split, load
from torch import nn
from training import losses, shaped

DEAD_BIAS = -50.0
HEADS = {"relu": nn.ReLU, "softmax": lambda: nn.Softmax(-1)}


def prepare(recipe: Recipe) -> tuple[Data, nn.Module]:
    """Load the data and build the model, faults included."""
    torch.manual_seed(recipe.seed)
    seed = recipe.seed if recipe.data_seed is None else recipe.data_seed
    data = load(recipe.task, seed, recipe.train_size, recipe.val_size, scaled=recipe.scaled)
    if recipe.rare is not None:
        data = replace(data, **{name: thinned(getattr(data, name), recipe.rare) for name in ("train", "val", "test")})
    if data.kind == "regression":
        outputs = 2 if recipe.loss == "gaussian" else data.train[1][0].numel()
    else:
        outputs = 1 if data.kind == "binary" else data.classes or 1
    model = models.build(
        recipe.model,
        data,
        width=recipe.width,
        depth=recipe.depth,
        activation=recipe.activation,
        dropout=recipe.dropout,
        norm=recipe.norm,
        outputs=outputs,
    )
    if recipe.pretrain:
        _pretrain(recipe, data, model)
    spoil_data(recipe, data)
    spoil_weights(recipe, model)
    return data, nn.Sequential(model, HEADS[recipe.head]()) if recipe.head else model


def _pretrain(recipe: Recipe, data: Data, model: nn.Module) -> None:
    """Train on other examples of the same kind: the part no curve shows."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(recipe.pretrain):
        for rows in torch.randperm(len(data.test[0])).split(64):
            outputs = shaped(model(data.test[0][rows]), data.test[1][rows])
            optimizer.zero_grad()
            losses(recipe, data.kind, outputs, data.test[1][rows]).backward()
            optimizer.step()


def thinned(part: Split, share: float) -> Split:
    """Leave so few examples of class 1 that they are this share of the part."""
    inputs, targets = part
    rare = (targets == 1).nonzero()[:, 0]
    rest = (targets != 1).nonzero()[:, 0]
    rows = torch.cat([rest, rare[: max(1, round(len(rest) * share / (1 - share)))]]).sort().values
    return inputs[rows], targets[rows]


def spoil_data(recipe: Recipe, data: Data) -> None:
    """Put the faults of data in, in place."""
    inputs, targets = data.train
    if recipe.label_noise:  # wrong in validation too: whoever labels badly labels all of it so
        for part in (data.train[1], data.val[1]):
            wrong = torch.rand(len(part)) < recipe.label_noise
            part[wrong] = part[torch.randperm(len(part))][wrong]
    if recipe.shuffled_labels:
        targets[:] = targets[torch.randperm(len(targets))]
    if recipe.sorted_data:
        order = targets.argsort() if targets.dim() == 1 else targets.float().mean(1).argsort()
        inputs[:], targets[:] = inputs[order], targets[order]
    if recipe.nan_row == "train":
        inputs[len(inputs) // 3, 0] = torch.nan
    if recipe.nan_row == "val":
        data.val[0][1, 0] = torch.nan
    for part in (data.val, data.test):
        if recipe.shifted_val:
            part[0].add_(recipe.shifted_val * torch.randn_like(part[0]))


def spoil_weights(recipe: Recipe, model: nn.Module) -> None:
    """Put the faults of initialisation in, in place."""
    parameters = list(model.named_parameters())
    for i, (name, parameter) in enumerate(parameters):
        if recipe.init is not None:
            parameter.data *= recipe.init
        if recipe.dead and name.endswith("bias") and parameter is not parameters[-1][1]:
            parameter.data[:] = DEAD_BIAS
        parameter.requires_grad = not (recipe.frozen == "all" or (recipe.frozen == "body" and i < len(parameters) - 2))
