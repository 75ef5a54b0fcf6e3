"""A plain PyTorch loop, as one writes it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as criterion
from torch.utils.data import DataLoader, TensorDataset

from tests.integrations.callbacks.example import example
from tests.integrations.callbacks.problems import WIDTH, Problem, Trained, counts


def train(problem: Problem, url: str | None, **options: Any) -> Trained:
    """Train, watched by the service at `url`."""
    torch.manual_seed(0)
    model, (training, validation) = network(problem), loaders(problem)
    optimizer = torch.optim.Adam(model.parameters(), problem.rate)
    watching = None
    if url:
        watching = example("plain_pytorch").CurveDiagnosis(
            url, epochs=problem.epochs, optimizer=optimizer, loader=training, **options
        )
    for epoch in range(problem.epochs):
        losses = []
        for inputs, labels in training:
            optimizer.zero_grad()
            loss = criterion(model(inputs).squeeze(1), labels.float())
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        with torch.no_grad():
            inputs, labels = (torch.cat(each) for each in zip(*validation, strict=True))
            logits = model(inputs).squeeze(1)
            seen = {"loss": torch.stack(losses).mean(), "val_loss": criterion(logits, labels.float())}
        if watching and watching.epoch(epoch, **seen, **counts(logits > 0, labels)):
            break
    if watching:
        watching.finish()
    return Trained(weights(model), epoch + 1, watching.doctor if watching else None)


def network(problem: Problem) -> Any:
    """Two layers."""
    return nn.Sequential(nn.Linear(WIDTH, problem.hidden), nn.ReLU(), nn.Linear(problem.hidden, 1))


def loaders(problem: Problem) -> tuple[Any, Any]:
    """Batches to train on, shuffled, and to validate on."""
    training, validation = (TensorDataset(*map(torch.from_numpy, part)) for part in (problem.train, problem.held_out))
    return DataLoader(training, problem.batch, shuffle=True), DataLoader(validation, 512)


def weights(model: Any) -> bytes:
    """Every bit of them."""
    return b"".join(each.detach().numpy().tobytes() for each in model.parameters())
