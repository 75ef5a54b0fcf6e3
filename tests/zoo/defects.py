"""Models and batches with a planted defect: it must be named, and the verdict be right.

`also` lists what is true of the same model besides; anything else above an info is a false alarm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.zoo.case import Case
from tests.zoo.healthy import GPT, Encoder, Recurrent, conv, flat, images, labels, made, mlp, numbers, sequence, tokens

CANNOT, EITHER, OVERFITS, OPEN = (
    ("cannot_overfit",),
    ("cannot_overfit", "overfits", "inconclusive"),
    ("overfits",),
    ("inconclusive",),
)
NONE = (
    "constant_output",
    "input_ignored",
    "dead_parameters",
    "dead_relu",
    "vanishing_gradients",
)  # what follows where nothing comes through


class Then(nn.Module):
    """A model, and a function of its output."""

    def __init__(self, net: nn.Module, what: int) -> None:
        super().__init__()
        self.net, self.what = net, what

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        if self.what == 0:
            return y.detach()
        if self.what == 1:
            return (y / (y - y)) * 1.0
        if self.what == 2:
            return torch.log(-y.abs())
        if self.what == 3:
            return y.round()
        if self.what == 4:
            return y * 0.0 + torch.ones_like(y)
        if self.what == 5:
            return y.mean(0, keepdim=True).expand(y.size(0), -1) + 0.5 * y
        if self.what == 6:
            return y.view(-1, y.size(0)).t()
        if self.what == 7:
            return y.softmax(0)
        if self.what == 8:
            return F.dropout(y, 0.3)
        if self.what == 9:
            return y + 0.5 * torch.randn_like(y)
        if self.what == 10:
            return torch.exp(y) / torch.exp(y).sum(1, keepdim=True)
        if self.what == 11:
            return y.clamp(min=0.0)
        if self.what == 12:
            return y.softmax(1).unsqueeze(2).squeeze(2)
        if self.what == 14:
            return (y > 0).to(y.dtype)
        if self.what == 13:
            return torch.sqrt((y - y).pow(2).sum(1, keepdim=True)) + y
        return y


class Before(nn.Module):
    """Something done to the input, and a model."""

    def __init__(self, net: nn.Module, what: int) -> None:
        super().__init__()
        self.net, self.what = net, what

    def forward(self, x: Tensor) -> Tensor:
        if self.what == 0:
            return self.net(torch.zeros_like(x))
        if self.what == 1:
            return self.net(torch.ones_like(x) * 0.5)
        if self.what == 2:
            return self.net(x * 0.0)
        if self.what == 3:
            return self.net(F.dropout(x, 0.2))
        return self.net(x)


class Cut(nn.Module):
    """Two halves with a cut between."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.a, self.b, self.how = mlp(20, 64, 32), mlp(32, 64, 4), how
        self.unused = nn.Linear(20, 32)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.a(x))
        if self.how == 0:
            h = h.detach()
        if self.how == 1:
            h = torch.sign(h)
        if self.how == 3:
            h = h + 0.0 * self.unused(x)
        return self.b(h)


class Hidden(nn.Module):
    """Weights that are no parameters."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.how, self.head = how, nn.Linear(64, 4)
        self.w = torch.randn(20, 64) * 0.2
        self.k = torch.randn(64, 64) * 0.1

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(x @ self.w)
        if self.how > 0:
            h = F.relu(F.linear(h, self.k))
        return self.head(h)


class Listed(nn.Module):
    """Layers in a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(20, 64).requires_grad_(requires_grad=False)]
        self.head = nn.Linear(64, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.relu(self.layers[0](x)))


class OneOfTwo(nn.Module):
    """The second input is not used."""

    def __init__(self, how: int = 0) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.net(a + 0.0 * b) if self.how else self.net(a)


class Exchanged(nn.Module):
    """batch_first is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = nn.LSTM(8, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0][:, -1])


class Mixed(nn.Module):
    """A view across examples in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(20, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.a(x))
        return self.b(h.t().reshape(h.size(0), h.size(1)))


class Exploding(nn.Module):
    """A recurrence that amplifies."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.w, self.head = nn.Linear(8, 32), nn.Parameter(torch.randn(32, 32)), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.a(x[:, 0])
        for i in range(1, x.size(1)):
            h = self.a(x[:, i]) + h @ self.w
        return self.head(h)


class Norm(nn.Module):
    """Divides by a norm that is zero."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        if self.how == 0:
            return y + torch.sqrt((y - y).abs())
        if self.how == 1:
            return y + (y - y).pow(2).sum(1, keepdim=True).sqrt().sqrt()
        return torch.where(y > -1e9, y, torch.log(y - y)) + torch.where(y > 1e9, torch.sqrt(y - 1e9 - y), y)


def all_(model: nn.Module, change: Callable[[nn.Parameter], Any], *, dims: int = 0) -> nn.Module:
    """Change every parameter of at least `dims` dimensions."""
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() >= dims:
                change(p)
    return model


def with_(model: nn.Module, name: str, change: Callable[[Tensor], Any]) -> nn.Module:
    """Change one parameter."""
    with torch.no_grad():
        change(model.get_parameter(name))
    return model


def frozen(model: nn.Module) -> nn.Module:
    """Nothing trains."""
    return model.requires_grad_(requires_grad=False)


def softmaxed(net: nn.Module, d: int = 1) -> nn.Module:
    """A softmax at the end."""
    return nn.Sequential(net, nn.Softmax(d))


def binary(net: nn.Module, n: int = 16, out: int = 1) -> Any:
    """Binary targets."""
    return made(lambda: net, lambda: ((torch.randn(n, 20),), (torch.arange(n * out).reshape(n, out) % 2).float()))


def changed(
    data: Callable[[], tuple[tuple[Tensor, ...], Tensor]],
    x: Callable[[Tensor], Tensor] = lambda x: x,
    y: Callable[[Tensor], Tensor] = lambda y: y,
) -> Any:
    """Inputs or targets changed."""

    def build() -> tuple[tuple[Tensor, ...], Tensor]:
        inputs, targets = data()
        return tuple(map(x, inputs)), y(targets)

    return build


def holed(t: Tensor) -> Tensor:
    """One NaN."""
    t = t.clone()
    t.view(-1)[3] = math.nan
    return t


def pair(t: Tensor) -> Tensor:
    """The second half repeats the first."""
    return torch.cat([t[: len(t) // 2], t[: len(t) // 2]])


S: Any = {"how": ("script",)}
T: Any = {"how": ("trace",)}
Q: Any = {"quick": True}
RATE = ("learning_rate_too_high", "learning_rate_too_low")
SOFT = {"verdict": CANNOT, "named": ("softmax_before_cross_entropy",)}
SIGMOID: Any = {"loss": "bce_with_logits", "verdict": CANNOT, "named": ("sigmoid_before_bce_with_logits",)}
HINGE: Any = {"verdict": EITHER, "named": ("relu_output",), "also": NONE}
BROAD: Any = {"loss": "mse", "verdict": CANNOT, "named": ("shape_broadcast",), "also": ("input_ignored",)}
RANGE: Any = {"verdict": CANNOT, "named": ("target_out_of_range",)}
LAZY = {"verdict": OVERFITS, "named": ("learning_rate_too_low",)}
DEEP = {"also": ("constant_output", "input_ignored", "dead_parameters", "saturated_activations", "dead_relu")}
DEFECTS = (
    Case("softmax, mlp", made(lambda: softmaxed(mlp(20, 64, 4)), flat), **SOFT, **Q),
    Case("softmax, convolutions", made(lambda: softmaxed(conv()), images), **SOFT),
    Case("softmax, lstm", made(lambda: softmaxed(Recurrent(nn.LSTM, 30)), tokens), **SOFT),
    Case("softmax, by hand", made(lambda: Then(mlp(20, 64, 4), 10), flat), **SOFT, **Q),
    Case("softmax, then views", made(lambda: Then(mlp(20, 64, 4), 12), flat), **SOFT),
    Case("softmax, two classes", made(lambda: softmaxed(mlp(20, 64, 2)), lambda: flat(classes=2)), **SOFT),
    Case("sigmoid, bce", binary(nn.Sequential(mlp(20, 64, 1), nn.Sigmoid())), **SIGMOID, **Q),
    Case("sigmoid, multi-label", binary(nn.Sequential(mlp(20, 64, 5), nn.Sigmoid()), out=5), **SIGMOID),
    Case("sigmoid, linear", binary(nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())), **SIGMOID),
    Case("relu, mlp", made(lambda: nn.Sequential(mlp(20, 64, 4), nn.ReLU()), flat), **HINGE, **Q),
    Case("relu, in place", made(lambda: nn.Sequential(conv(), nn.ReLU(inplace=True)), images), **HINGE),
    Case("relu, clamp", made(lambda: Then(mlp(20, 64, 4), 11), flat), **HINGE),
    Case("relu, then dropout", made(lambda: nn.Sequential(mlp(20, 64, 4), nn.ReLU(), nn.Dropout(0.1)), flat), verdict=EITHER, named=("relu_output",), also=(*NONE, "train_mode_baked", "eval_mode_stochastic")),
    Case("relu, bce", binary(nn.Sequential(mlp(20, 64, 3), nn.ReLU()), out=3), "bce_with_logits", **HINGE),
    Case("broadcast (N,1) (N,)", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), torch.randn(16))), **BROAD, **Q),
    Case("broadcast (N,) (N,1)", made(lambda: nn.Sequential(mlp(20, 64, 1), nn.Flatten(0)), lambda: ((torch.randn(16, 20),), torch.randn(16, 1))), **BROAD),
    Case("broadcast, huber", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), torch.randn(16))), **(BROAD | {"loss": "huber"})),
    Case("labels from 1", made(lambda: mlp(20, 64, 4), changed(flat, y=lambda y: y + 1)), **RANGE, **Q),
    Case("labels of −1", made(lambda: mlp(20, 64, 4), changed(flat, y=lambda y: y - 1)), **RANGE),
    Case("255 in a mask", made(lambda: nn.Conv2d(3, 4, 3, padding=1), lambda: ((torch.randn(2, 3, 8, 8),), (torch.arange(128) % 4).view(2, 8, 8).where(torch.rand(2, 8, 8) > 0.3, torch.tensor(255)))), **RANGE),
    Case("too few outputs", made(lambda: mlp(20, 64, 4), lambda: flat(classes=7)), **RANGE),
    Case("labels of floating point", made(lambda: mlp(20, 64, 4), changed(flat, y=lambda y: y.float())), verdict=CANNOT, named=("target_dtype",), **Q),
    Case("whole numbers, bce", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), (torch.arange(16) % 2)[:, None])), "bce_with_logits", verdict=CANNOT, named=("target_dtype",)),
    Case("one-hot of whole numbers", made(lambda: mlp(20, 64, 4), changed(flat, y=lambda y: F.one_hot(y, 4))), verdict=CANNOT, named=("target_dtype",)),
    Case("nothing trains", made(lambda: frozen(mlp(20, 64, 4)), flat), verdict=CANNOT, named=("no_trainable_parameters",), **Q),
    Case("nothing trains, convolutions", made(lambda: frozen(conv()), images), verdict=CANNOT, named=("no_trainable_parameters",)),
    Case("frozen archive", made(lambda: mlp(20, 64, 4), flat), verdict=CANNOT, named=("no_trainable_parameters",), also=("unregistered_parameters",), how=("frozen",), **Q),
    Case("detached", made(lambda: Then(mlp(20, 64, 4), 0), flat), verdict=CANNOT, named=("detached_graph",), **Q),
    Case("detached, gpt", made(lambda: Then(GPT(), 0), sequence), verdict=CANNOT, named=("detached_graph",)),
    Case("compared", made(lambda: Then(mlp(20, 64, 4), 14), flat), verdict=CANNOT, named=("detached_graph",)),
    Case("rounded", made(lambda: Then(mlp(20, 64, 4), 3), flat), verdict=CANNOT, named=("dead_parameters",), also=("cannot_overfit",)),
    Case("cut in the middle", made(lambda: Cut(0), flat), verdict=EITHER, named=("dead_parameters",), **Q),
    Case("sign in the middle", made(lambda: Cut(1), flat), verdict=EITHER, named=("dead_parameters",)),
    Case("an unused layer", made(lambda: Cut(2), flat), verdict=OVERFITS, named=("dead_parameters",)),
    Case("a layer times zero", made(lambda: Cut(3), flat), verdict=OVERFITS, named=("dead_parameters",)),
    Case("a hidden tensor", made(lambda: Hidden(0), flat), verdict=OVERFITS, named=("unregistered_parameters",), **Q),
    Case("two hidden tensors", made(lambda: Hidden(1), flat), verdict=OVERFITS, named=("unregistered_parameters",)),
    Case("a plain list", made(Listed, flat), verdict=OVERFITS, named=("unregistered_parameters",), **T),
    Case("0/0 at the end", made(lambda: Then(mlp(20, 64, 4), 1), flat), verdict=CANNOT, named=("non_finite_output",), **Q),
    Case("log of a negative", made(lambda: Then(mlp(20, 64, 4), 2), flat), verdict=CANNOT, named=("non_finite_output",)),
    Case("NaN among the inputs", made(lambda: mlp(20, 64, 4), changed(flat, x=holed)), verdict=CANNOT, named=("non_finite_output",)),
    Case("NaN among the weights", made(lambda: with_(conv(), "0.weight", lambda p: p.view(-1)[0].fill_(math.nan)), images), verdict=CANNOT, named=("non_finite_output",)),
    Case("NaN among the targets", made(lambda: mlp(20, 64, 1), changed(numbers(), y=holed)), "mse", verdict=CANNOT, named=("target_out_of_range",), also=("non_finite_loss",)),
    Case("a loss that overflows", made(lambda: with_(mlp(20, 64, 1), "2.weight", lambda p: p.mul_(1e25)), numbers()), "mse", verdict=CANNOT, named=("non_finite_loss",)),
    Case("a loss that overflows, targets", made(lambda: mlp(20, 64, 1), numbers(scale=1e25)), "mse", verdict=CANNOT, named=("non_finite_loss",)),
    Case("a loss that overflows, huge bias", made(lambda: with_(mlp(20, 64, 3), "2.bias", lambda p: p.fill_(1e30)), numbers(out=3)), "mse", verdict=CANNOT, named=("non_finite_loss",), also=("constant_output",)),
    Case("root of zero", made(lambda: Norm(0), flat), verdict=CANNOT, named=("non_finite_gradients",), **Q),
    Case("root of a norm of zero", made(lambda: Norm(1), flat), verdict=CANNOT, named=("non_finite_gradients",)),
    Case("where of a bad branch", made(lambda: Norm(2), flat), verdict=CANNOT, named=("non_finite_gradients",)),
    Case("twelve sigmoid layers", made(lambda: mlp(20, *[32] * 12, 4, act=nn.Sigmoid), flat), verdict=EITHER, named=("vanishing_gradients",), **DEEP, **Q),
    Case("tiny weights, tanh", made(lambda: all_(mlp(20, *[32] * 8, 4, act=nn.Tanh), lambda p: p.mul_(0.1), dims=2), flat), verdict=EITHER, named=("vanishing_gradients",), **DEEP),
    Case("tiny weights, relu", made(lambda: all_(mlp(20, *[32] * 10, 4), lambda p: p.mul_(0.2), dims=2), flat), verdict=EITHER, named=("vanishing_gradients",), **DEEP),
    Case("an amplifying recurrence", made(Exploding, lambda: ((torch.randn(8, 12, 8),), labels(8, 4))), verdict=EITHER, named=("exploding_gradients",), also=("bad_initial_loss", *RATE), **Q),
    Case("weights times five", made(lambda: all_(mlp(20, *[64] * 8, 4), lambda p: p.mul_(8.0), dims=2), flat), verdict=EITHER, named=("exploding_gradients",), also=("bad_initial_loss", *RATE, "dead_relu")),
    Case("weights of size one", made(lambda: all_(mlp(20, *[64] * 6, 4), lambda p: nn.init.normal_(p, std=1.0), dims=2), flat), verdict=EITHER, named=("exploding_gradients",), also=("bad_initial_loss", *RATE, "dead_relu")),
    Case("pixels of 255", made(conv, changed(images, x=lambda x: (x.sigmoid() * 255).round())), verdict=EITHER, named=("unnormalized_inputs",), also=("bad_initial_loss", *RATE), **Q),
    Case("raw amounts", made(lambda: mlp(20, 64, 4), changed(flat, x=lambda x: 1000 + 300 * x)), verdict=EITHER, named=("unnormalized_inputs",), also=("bad_initial_loss", "exploding_gradients", "dead_relu", *RATE)),
    Case("tiny amounts", made(lambda: mlp(20, 64, 4), changed(flat, x=lambda x: 1e-5 * x)), verdict=EITHER, named=("unnormalized_inputs",), also=("constant_output", "input_ignored", *RATE)),
    Case("one class", made(lambda: mlp(20, 64, 4), changed(flat, y=torch.zeros_like)), verdict=OVERFITS, named=("single_class_batch",), **Q),
    Case("one class, images", made(conv, changed(images, y=lambda y: torch.full_like(y, 2))), verdict=OVERFITS, named=("single_class_batch",)),
    Case("all negative", made(lambda: mlp(20, 64, 5), lambda: ((torch.randn(16, 20),), torch.zeros(16, 5))), "bce_with_logits", verdict=OVERFITS, named=("single_class_batch",)),
    Case("contradictory pair", made(lambda: mlp(20, 64, 4), changed(flat, x=pair, y=lambda y: torch.cat([y[:8], (y[:8] + 1) % 4]))), verdict=OVERFITS, named=("contradictory_targets",), **Q),
    Case("contradictory numbers", made(lambda: mlp(20, 64, 1), changed(numbers(), x=pair)), "mse", verdict=OVERFITS, named=("contradictory_targets",)),
    Case("contradictory tokens", made(lambda: Recurrent(nn.LSTM, 30), changed(tokens, x=pair, y=lambda y: torch.cat([y[:4], (y[:4] + 1) % 4]))), verdict=OVERFITS, named=("contradictory_targets",)),
    Case("a last layer too large", made(lambda: with_(mlp(20, 64, 4), "2.weight", lambda p: p.mul_(50)), flat), verdict=EITHER, named=("bad_initial_loss",), also=RATE, **Q),
    Case("a bias that is sure", made(lambda: with_(mlp(20, 64, 4), "2.bias", lambda p: p[0].fill_(20.0)), flat), verdict=EITHER, named=("bad_initial_loss",), also=RATE),
    Case("targets far from zero", made(lambda: mlp(20, 64, 1), changed(numbers(), y=lambda y: 1000 + y)), "mse", verdict=EITHER, named=("bad_initial_loss",), also=RATE),
    Case("relus with a bias of −20", made(lambda: with_(mlp(20, 64, 4), "0.bias", lambda p: p.fill_(-20.0)), flat), verdict=CANNOT, named=("dead_relu",), also=NONE, **Q),
    Case("dead second layer", made(lambda: with_(mlp(20, 64, 64, 4), "2.bias", lambda p: p.fill_(-20.0)), flat), verdict=CANNOT, named=("dead_relu",), also=NONE),
    Case("dead convolutions", made(lambda: with_(conv(), "0.bias", lambda p: p.fill_(-20.0)), images), verdict=CANNOT, named=("dead_relu",), also=(*NONE,)),
    Case("saturated tanh", made(lambda: with_(mlp(20, 64, 64, 4, act=nn.Tanh), "0.weight", lambda p: p.mul_(100)), flat), verdict=EITHER, named=("saturated_activations",), also=RATE, **Q),
    Case("saturated sigmoid", made(lambda: with_(mlp(20, 64, 4, act=nn.Sigmoid), "0.weight", lambda p: p.mul_(200)), flat), verdict=EITHER, named=("saturated_activations",), also=RATE),
    Case("saturated by inputs", made(lambda: mlp(20, 64, 4, act=nn.Tanh), changed(flat, x=lambda x: 200 * x)), verdict=EITHER, named=("saturated_activations",), also=("unnormalized_inputs", *RATE)),
    Case("constant weights", made(lambda: all_(mlp(20, 64, 4), lambda p: p.fill_(0.1)), flat), verdict=CANNOT, named=("symmetric_init",), also=("input_ignored", "constant_output", "dead_parameters"), **Q),
    Case("zero weights", made(lambda: all_(mlp(20, 64, 64, 4), lambda p: p.zero_()), flat), verdict=CANNOT, named=("symmetric_init",), also=NONE),
    Case("constant convolutions", made(lambda: all_(conv(), lambda p: p.fill_(0.02)), images), verdict=EITHER, named=("symmetric_init",), also=("dead_parameters",)),
    Case("rate of 1e-7", made(lambda: mlp(20, 64, 4), flat), config={"lr": 1e-7}, **LAZY, **Q),
    Case("rate of 1e-6, convolutions", made(conv, images), config={"lr": 1e-6}, **LAZY),
    Case("rate of 1e-5, sgd", made(lambda: mlp(20, 64, 1), numbers()), "mse", config={"lr": 1e-5, "optimizer": "sgd"}, **LAZY),
    Case("rate of 30, sgd", made(lambda: mlp(20, 64, 1), numbers()), "mse", verdict=OVERFITS, named=("learning_rate_too_high",), config={"lr": 30.0, "optimizer": "sgd"}, **Q),
    Case("rate of 1, gpt", made(GPT, sequence), verdict=OVERFITS, named=("learning_rate_too_high",), config={"lr": 1.0}),
    Case("rate of 3, deep", made(lambda: mlp(20, 64, 64, 64, 64, 4), flat), verdict=OVERFITS, named=("learning_rate_too_high",), config={"lr": 3.0}),
    Case("inputs of zero", made(lambda: Before(mlp(20, 64, 4), 0), flat), verdict=CANNOT, named=("input_ignored", "constant_output"), also=NONE, **Q),
    Case("inputs overwritten", made(lambda: Before(conv(), 1), images), verdict=CANNOT, named=("input_ignored", "constant_output"), also=NONE),
    Case("inputs times zero", made(lambda: Before(mlp(20, 64, 4), 2), flat), verdict=CANNOT, named=("input_ignored", "constant_output"), also=NONE),
    Case("constant output", made(lambda: Then(mlp(20, 64, 4), 4), flat), verdict=CANNOT, named=("constant_output",), also=NONE),
    Case("second input not used", made(OneOfTwo, lambda: ((torch.randn(12, 20), torch.randn(12, 20)), labels(12, 4))), verdict=OVERFITS, named=("input_ignored",)),
    Case("second input times zero", made(lambda: OneOfTwo(1), lambda: ((torch.randn(12, 20), torch.randn(12, 20)), labels(12, 4))), verdict=OVERFITS, named=("input_ignored",)),
    Case("mean over the batch", made(lambda: Then(mlp(20, 64, 4), 5), flat), verdict=EITHER, named=("batch_leakage",), **Q),
    Case("view across examples", made(lambda: Then(mlp(20, 64, 4), 6), flat), verdict=EITHER, named=("batch_leakage",)),
    Case("view in the middle", made(Mixed, flat), verdict=EITHER, named=("batch_leakage",)),
    Case("batch_first forgotten", made(Exchanged, lambda: ((torch.randn(8, 12, 8),), labels(8, 4))), verdict=EITHER, named=("batch_leakage",)),
    Case("softmax over the batch", made(lambda: Then(mlp(20, 64, 4), 7), flat), verdict=EITHER, named=("batch_leakage",), also=("softmax_before_cross_entropy",)),
    Case("dropout always on", made(lambda: Then(mlp(20, 64, 4), 8), flat), verdict=EITHER, named=("eval_mode_stochastic",), also=("train_mode_baked",), **Q),
    Case("dropout of the input, always on", made(lambda: Before(mlp(20, 64, 4), 3), flat), verdict=EITHER, named=("eval_mode_stochastic",), also=("train_mode_baked",)),
    Case("noise always on", made(lambda: Then(mlp(20, 64, 4), 9), flat), verdict=EITHER, named=("eval_mode_stochastic",), **S),
    Case("traced in eval mode, dropout", made(lambda: mlp(20, 64, 4, drop=0.5), flat), verdict=OVERFITS, named=("train_mode_baked",), mode=False, **T, **Q),
    Case("traced in train mode, dropout", made(lambda: mlp(20, 64, 64, 4, drop=0.3), flat), verdict=EITHER, named=("train_mode_baked", "eval_mode_stochastic"), **T),
    Case("traced in eval mode, batch norm", made(lambda: conv(norm=True), images), verdict=OVERFITS, named=("train_mode_baked",), mode=False, **T),
    Case("traced in eval mode, transformer", made(lambda: Encoder(drop=0.1), tokens), verdict=OVERFITS, named=("train_mode_baked",), mode=False, **T),
    Case("nll of probabilities", made(lambda: softmaxed(mlp(20, 64, 4)), flat), "nll", verdict=OPEN, named=("unbounded_loss",), **Q),
    Case("nll of scores", made(lambda: mlp(20, 64, 4), flat), "nll", verdict=OPEN, named=("unbounded_loss",)),
    Case("binary targets of −1 and 1", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), (torch.arange(16) % 2 * 2 - 1).float()[:, None])), "bce_with_logits", verdict=OPEN, named=("unbounded_loss",), also=("target_out_of_range",)),
    Case("binary targets of 0 and 255", made(lambda: mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), (torch.arange(16) % 2 * 255).float()[:, None])), "bce_with_logits", verdict=OPEN, named=("unbounded_loss",), also=("target_out_of_range", "bad_initial_loss")),
    Case("labels without a rule, one weight", made(lambda: nn.Linear(1, 2), lambda: ((torch.linspace(-1, 1, 32)[:, None],), labels(32, 2))), verdict=CANNOT, named=("cannot_overfit",), **Q),
    Case("a bottleneck of one", made(lambda: nn.Sequential(nn.Linear(20, 1), nn.Linear(1, 20)), lambda: (((x := torch.randn(32, 20)),), x.clone())), "mse", verdict=CANNOT, named=("cannot_overfit",)),
    Case("a line through noise", made(lambda: nn.Linear(2, 1), numbers(d=2, n=32)), "mse", verdict=CANNOT, named=("cannot_overfit",)),
)  # fmt: skip
