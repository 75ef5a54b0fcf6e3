"""Models as strangers send them: other shapes of input and output, other operations, sound ones and ill ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tests.zoo.case import Case
from tests.zoo.defects import CANNOT, OVERFITS
from tests.zoo.healthy import flat, labels, made, mlp


class Experts(nn.Module):
    """The best two of four, weighted."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(20, 4)
        self.experts = nn.ModuleList([mlp(20, 32, 4) for _ in range(4)])

    def forward(self, x: Tensor) -> Tensor:
        weight, place = self.gate(x).softmax(-1).topk(2, dim=-1)
        answers = torch.stack([expert(x) for expert in self.experts], 1)
        chosen = answers.gather(1, place.unsqueeze(-1).expand(-1, -1, answers.size(-1)))
        return (chosen * (weight / weight.sum(-1, keepdim=True)).unsqueeze(-1)).sum(1)


class Nodes(nn.Module):
    """Each example is a node of one graph, whose edges are an input: list or matrix."""

    def __init__(self, listed: bool) -> None:
        super().__init__()
        self.a, self.b, self.listed = nn.Linear(8, 32), nn.Linear(32, 4), listed

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        h = self.a(x)
        told = torch.zeros_like(h).index_add(0, edges[1], h[edges[0]]) if self.listed else edges @ h
        return self.b((h + told).relu())


class Routing(nn.Module):
    """Capsules, routed three times."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(20, 64)
        self.weight = nn.Parameter(torch.randn(1, 4, 8, 8, 8) * 0.3)

    def forward(self, x: Tensor) -> Tensor:
        votes = (self.weight @ self.first(x).relu().view(-1, 1, 8, 8, 1)).squeeze(-1)
        agreed = torch.zeros_like(votes[..., :1])
        out = votes.mean(2)
        for _ in range(3):
            out = (agreed.softmax(1) * votes).sum(2)
            size = (out * out).sum(-1, keepdim=True)
            out = out * size.sqrt() / (1 + size)
            agreed = agreed + (votes * out[:, :, None]).sum(-1, keepdim=True)
        return 10.0 * (out * out).sum(-1).sqrt()


class Pooled(nn.Module):
    """Attention over places that a mask leaves; `heeded` tells whether it is."""

    def __init__(self, heeded: bool) -> None:
        super().__init__()
        self.a, self.b, self.heeded = nn.Linear(8, 32), nn.Linear(32, 4), heeded
        self.query = nn.Parameter(torch.randn(32))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        h = self.a(x).tanh()
        score = h @ self.query
        if self.heeded:
            score = score.masked_fill(~mask, float("-inf"))
        return self.b((score.softmax(-1).unsqueeze(-1) * h).sum(1))


class Scaled(nn.Module):
    """One of its arguments is a number."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(20, 64, 4)

    def forward(self, x: Tensor, scale: float) -> Tensor:
        return self.net(x * scale)


class Paired(nn.Module):
    """Takes its inputs as a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(20, 64, 4)

    def forward(self, both: tuple[Tensor, Tensor]) -> Tensor:
        return self.net(torch.cat([both[0], both[1]], 1))


class Answer(NamedTuple):
    """Features first, as many people have it."""

    features: Tensor
    logits: Tensor


class Named(nn.Module):
    """Returns what has names."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(20, 64), nn.Linear(64, 4)

    def forward(self, x: Tensor) -> Answer:
        h = self.a(x).relu()
        return Answer(h, self.b(h))


class Last(nn.Module):
    """Ends as people write it out by hand."""

    def __init__(self, net: nn.Module, how: int) -> None:
        super().__init__()
        self.net, self.how = net, how

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        if self.how == 0:
            return 1.0 / (1.0 + torch.exp(-y))
        if self.how == 1:
            return y.sigmoid().clamp(1e-6, 1.0 - 1e-6)
        return y.clamp(min=-20.0)


def yes_no() -> tuple[tuple[Tensor, ...], Tensor]:
    """Vectors, and yes or no."""
    return (torch.randn(16, 20),), (torch.arange(16) % 2).float()[:, None]


def nodes(matrix: bool) -> tuple[tuple[Tensor, ...], Tensor]:
    """Twenty nodes and their edges."""
    edges = torch.randint(0, 20, (2, 50))
    dense = torch.zeros(20, 20).index_put((edges[0], edges[1]), torch.tensor(0.2))
    return (torch.randn(20, 8), dense if matrix else edges), labels(20, 4)


def masked() -> tuple[tuple[Tensor, ...], Tensor]:
    """Sequences, and which of their places count."""
    return (torch.randn(8, 6, 8), torch.arange(6).expand(8, 6) < 4), labels(8, 4)


def stretched(act: Callable[[], nn.Module]) -> nn.Sequential:
    """Far too large weights before an activation."""
    model = mlp(20, 64, 4, act=act)
    with torch.no_grad():
        model.get_parameter("0.weight").mul_(200)
    return model


SCRIPT: Any = {"how": ("script",)}
TRACE: Any = {"how": ("trace",)}
BINARY = "bce_with_logits"
SOUND = (
    Case("mixture of experts", made(Experts, flat)),
    Case("nodes, listed edges", made(lambda: Nodes(listed=True), lambda: nodes(matrix=False)), quick=True),
    Case("nodes, matrix of edges", made(lambda: Nodes(listed=False), lambda: nodes(matrix=True))),
    Case("capsules", made(Routing, flat)),
    Case("a mask of booleans", made(lambda: Pooled(heeded=True), masked), quick=True),
    Case("a number as an argument", made(Scaled, lambda: ((torch.randn(16, 20), torch.tensor(0.7)), labels(16, 4))), quick=True, **SCRIPT),
    Case("a tuple as an argument", made(Paired, lambda: ((torch.randn(8, 8), torch.randn(8, 12)), labels(8, 4))), quick=True, **SCRIPT),
    Case("a named tuple", made(Named, flat), quick=True),
    Case("chance that depends on the inputs", made(lambda: mlp(20, 64, 64, 4, act=nn.RReLU), flat), also=("eval_mode_stochastic", "train_mode_baked"), quick=True, **TRACE),
    Case("scores that are bounded far away", made(lambda: Last(mlp(20, 64, 4), 2), flat)),
    Case("targets of zero", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), torch.zeros(16, 1))), "mse", quick=True),
    Case("instance norm without statistics", made(lambda: nn.Sequential(nn.Conv1d(4, 16, 3), nn.InstanceNorm1d(16), nn.ReLU(), nn.Flatten(), nn.Linear(96, 4)),
                                                  lambda: ((torch.randn(8, 4, 8),), labels(8, 4)))),
)  # fmt: skip
ILL = (
    Case("a sigmoid by hand, bce", made(lambda: Last(mlp(20, 64, 1), 0), yes_no), BINARY, CANNOT, ("sigmoid_before_bce_with_logits",), quick=True),
    Case("a clamped sigmoid, bce", made(lambda: Last(mlp(20, 64, 1), 1), yes_no), BINARY, CANNOT, ("sigmoid_before_bce_with_logits",)),
    Case("a sigmoid by hand, cross-entropy", made(lambda: Last(mlp(20, 64, 4), 0), flat), verdict=CANNOT, named=("softmax_before_cross_entropy",), quick=True),
    Case("a mask that is not heeded", made(lambda: Pooled(heeded=False), masked), verdict=OVERFITS, named=("input_ignored",), quick=True),
    Case("hard sigmoid, saturated", made(lambda: stretched(nn.Hardsigmoid), flat), verdict=OVERFITS, named=("saturated_activations",)),
    Case("instance norm with statistics, traced", made(
        lambda: nn.Sequential(nn.Conv1d(4, 16, 3), nn.InstanceNorm1d(16, track_running_stats=True), nn.ReLU(), nn.Flatten(), nn.Linear(96, 4)),
        lambda: ((torch.randn(8, 4, 8),), labels(8, 4))), verdict=OVERFITS, named=("train_mode_baked",), **TRACE),
    Case("weights in half precision, adam", made(lambda: mlp(20, 64, 4).half(), lambda: ((torch.randn(16, 20).half(),), labels(16, 4))), verdict=CANNOT,
         named=("non_finite_output",), **SCRIPT),
)  # fmt: skip
