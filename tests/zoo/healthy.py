"""Sound models, from a line to a tiny GPT: each learns its batch, and nothing is to be said against it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.zoo.case import Case

Built = tuple[nn.Module, tuple[Tensor, ...], Tensor]


def labels(n: int, classes: int) -> Tensor:
    """Every class, in turn."""
    return torch.arange(n) % classes


def flat(n: int = 16, d: int = 20, classes: int = 4) -> tuple[tuple[Tensor, ...], Tensor]:
    """Vectors and labels."""
    return (torch.randn(n, d),), labels(n, classes)


def images(n: int = 8, c: int = 3, size: int = 16, classes: int = 4) -> tuple[tuple[Tensor, ...], Tensor]:
    """Images and labels."""
    return (torch.randn(n, c, size, size),), labels(n, classes)


def tokens(n: int = 8, t: int = 12, vocabulary: int = 30, classes: int = 4) -> tuple[tuple[Tensor, ...], Tensor]:
    """Sequences of tokens and labels."""
    return (torch.randint(0, vocabulary, (n, t)),), labels(n, classes)


def mlp(*sizes: int, act: Callable[[], nn.Module] = nn.ReLU, norm: bool = False, drop: float = 0.0) -> nn.Sequential:
    """Layers of these sizes."""
    parts: list[nn.Module] = []
    for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        parts.append(nn.Linear(a, b))
        if i < len(sizes) - 2:
            parts += [*([nn.BatchNorm1d(b)] if norm else []), act(), *([nn.Dropout(drop)] if drop else [])]
    return nn.Sequential(*parts)


class Block(nn.Module):
    """A residual block."""

    def __init__(self, a: int, b: int, stride: int = 1) -> None:
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.n1, self.n2 = nn.BatchNorm2d(b), nn.BatchNorm2d(b)
        self.short = (
            nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))
            if stride > 1 or a != b
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.n2(self.c2(F.relu(self.n1(self.c1(x))))) + self.short(x))


class Recurrent(nn.Module):
    """An LSTM, GRU or plain RNN, and a head on its last state."""

    def __init__(  # noqa: PLR0917 - by place, as torch takes them
        self,
        kind: Any,
        vocabulary: int = 0,
        d: int = 8,
        h: int = 32,
        classes: int = 4,
        layers: int = 1,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, d) if vocabulary else nn.Identity()
        self.rnn = kind(d, h, layers, batch_first=True, dropout=drop)
        self.head = nn.Linear(h, classes)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(self.embed(x))
        return self.head(out[:, -1])


class Encoder(nn.Module):
    """A transformer over tokens, averaged."""

    def __init__(
        self, vocabulary: int = 30, d: int = 32, classes: int = 4, drop: float = 0.0, *, first: bool = True
    ) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(vocabulary, d), nn.Parameter(torch.randn(1, 12, d) * 0.02)
        self.body = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(d, 4, 64, drop, batch_first=True, norm_first=first),
            2,
            enable_nested_tensor=False,
        )
        self.head = nn.Linear(d, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(self.embed(x) + self.place).mean(1))


class Attention(nn.Module):
    """Causal self-attention written out."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        score = (q @ k.transpose(-2, -1)) * (d // self.heads) ** -0.5
        mask = torch.triu(torch.ones(t, t, dtype=torch.bool, device=x.device), 1)
        return self.out((score.masked_fill(mask, float("-inf")).softmax(-1) @ v).transpose(1, 2).reshape(n, t, d))


class GPT(nn.Module):
    """A tiny GPT; `tied` shares the embedding with the head."""

    def __init__(self, vocabulary: int = 20, d: int = 32, t: int = 12, tied: bool = False) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(vocabulary, d), nn.Embedding(t, d)
        self.att = nn.ModuleList([Attention(d, 4) for _ in range(2)])
        self.mlp = nn.ModuleList([nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d)) for _ in range(2)])
        self.n1, self.n2 = (
            nn.ModuleList([nn.LayerNorm(d) for _ in range(2)]),
            nn.ModuleList([nn.LayerNorm(d) for _ in range(2)]),
        )
        self.last, self.head = nn.LayerNorm(d), nn.Linear(d, vocabulary, bias=False)
        for m in self.modules():
            if isinstance(m, nn.Linear | nn.Embedding):
                nn.init.normal_(m.weight, std=0.02)
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        h = self.embed(x) + self.place(torch.arange(x.size(1), device=x.device))
        for a, m, p, q in zip(self.att, self.mlp, self.n1, self.n2):  # noqa: B905 - TorchScript knows no strict=
            h = h + a(p(h))
            h = h + m(q(h))
        return self.head(self.last(h))


class GPTWithLoss(nn.Module):
    """Returns (logits, loss), as nanoGPT does."""

    def __init__(self) -> None:
        super().__init__()
        self.gpt = GPT()

    def forward(self, x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.gpt(x)
        return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))


class OnlyLoss(nn.Module):
    """Returns its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(20, 64, 4)

    def forward(self, x: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(self.net(x), targets)


class UNet(nn.Module):
    """Two levels."""

    def __init__(self, c: int = 3, classes: int = 3) -> None:
        super().__init__()
        self.a, self.b = (
            nn.Sequential(nn.Conv2d(c, 16, 3, padding=1), nn.ReLU()),
            nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()),
        )
        self.up, self.c = nn.ConvTranspose2d(32, 16, 2, 2), nn.Sequential(nn.Conv2d(32, 16, 3, padding=1), nn.ReLU())
        self.head = nn.Conv2d(16, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)
        b = self.up(self.b(F.max_pool2d(a, 2)))
        return self.head(self.c(torch.cat([a, b], 1)))


class Siamese(nn.Module):
    """Two inputs, one encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encode, self.head = mlp(20, 64, 16), nn.Linear(16, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.head((self.encode(a) - self.encode(b)).abs()).squeeze(1)


class Dictionary(nn.Module):
    """Returns a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.a, self.b = mlp(20, 64, 32), nn.Linear(32, 4), nn.Linear(32, 7)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = F.relu(self.body(x))
        return {"aux": self.b(h), "logits": self.a(h)}


class Pair(nn.Module):
    """Returns a tuple, as an LSTM does."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = nn.GRU(8, 32, batch_first=True), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out, h = self.rnn(x)
        return self.head(out[:, -1]), h


class Bag(nn.Module):
    """An embedding bag; `sparse` gradients."""

    def __init__(self, sparse: bool = False) -> None:
        super().__init__()
        self.bag, self.head = nn.EmbeddingBag(30, 32, sparse=sparse), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.bag(x))


class Auto(nn.Module):
    """An autoencoder."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = mlp(20, 64, 8), mlp(8, 64, 20)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(F.relu(self.down(x)))


class Ensemble(nn.Module):
    """The mean of three."""

    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleList([mlp(20, 32, 4) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([net(x) for net in self.nets]).mean(0)


class Gated(nn.Module):
    """ReZero: every branch starts at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.branch, self.head = nn.Linear(20, 32), mlp(32, 64, 32), nn.Linear(32, 4)
        self.gate = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        return self.head(h + self.gate * self.branch(h))


class Fourier(nn.Module):
    """Fixed random features, as a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Buffer(torch.randn(20, 64))
        self.head = nn.Linear(128, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = x @ self.projection
        return self.head(torch.cat([h.sin(), h.cos()], 1))


class Pixels(nn.Module):
    """Takes bytes, and normalises them itself."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(256, 4)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net((x.to(torch.float32) / 255.0 - 0.5) / 0.25)


class Squeeze(nn.Module):
    """Ends like SqueezeNet: convolution, ReLU, average."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 4, 1), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x).mean((2, 3))


class Vision(nn.Module):
    """A vision transformer with a class token."""

    def __init__(self) -> None:
        super().__init__()
        self.patch, self.token = nn.Conv2d(3, 32, 4, 4), nn.Parameter(torch.zeros(1, 1, 32))
        self.place = nn.Parameter(torch.randn(1, 17, 32) * 0.02)
        self.body, self.head = (
            nn.TransformerEncoderLayer(32, 4, 64, 0.1, batch_first=True, norm_first=True),
            nn.Linear(32, 4),
        )

    def forward(self, x: Tensor) -> Tensor:
        h = self.patch(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.token.expand(h.size(0), -1, -1), h], 1) + self.place
        return self.head(self.body(h)[:, 0])


class Excited(nn.Module):
    """Squeeze and excitation: a sigmoid gate inside."""

    def __init__(self) -> None:
        super().__init__()
        self.c, self.gate, self.head = nn.Conv2d(3, 32, 3, padding=1), mlp(32, 8, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.c(x))
        return self.head((h * torch.sigmoid(self.gate(h.mean((2, 3))))[:, :, None, None]).mean((2, 3)))


class Complex(nn.Module):
    """Complex weights inside, real outside."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.head = nn.Parameter(torch.randn(20, 32, dtype=torch.complex64) * 0.2), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head((x.to(torch.complex64) @ self.w).abs())


class Mixer(nn.Module):
    """An MLP mixer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.t, self.c = nn.Linear(8, 32), mlp(10, 20, 10), mlp(32, 64, 32)
        self.n, self.m, self.head = nn.LayerNorm(32), nn.LayerNorm(32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        h = h + self.t(self.n(h).transpose(1, 2)).transpose(1, 2)
        return self.head((h + self.c(self.m(h))).mean(1))


class TimeFirst(nn.Module):
    """An LSTM with time first."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = nn.LSTM(8, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0][-1])


class Tagger(nn.Module):
    """A label for every token, both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn, self.head = (
            nn.Embedding(30, 16),
            nn.LSTM(16, 32, batch_first=True, bidirectional=True),
            nn.Linear(64, 5),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(self.embed(x))[0])


class Graphic(nn.Module):
    """Two graph convolutions with a given adjacency."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(8, 32), nn.Linear(32, 4)

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        return (adjacency @ self.b(F.relu(adjacency @ self.a(x)))).mean(1)


def sequence(n: int = 8, t: int = 12, v: int = 20) -> tuple[tuple[Tensor, ...], Tensor]:
    """Tokens and the next tokens."""
    x = torch.randint(0, v, (n, t + 1))
    return (x[:, :-1].clone(),), x[:, 1:].clone()


def conv(classes: int = 4, norm: bool = False, drop: float = 0.0) -> nn.Sequential:
    """A small convolutional network."""
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16) if norm else nn.Identity(), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(drop), nn.Linear(512, classes))  # fmt: skip


def resnet() -> nn.Sequential:
    """Three residual blocks."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        Block(16, 16),
        Block(16, 32, 2),
        Block(32, 32),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 4),
    )


def held(model: nn.Sequential) -> nn.Sequential:
    """The first layer frozen."""
    model[0].requires_grad_(requires_grad=False)
    return model


def made(
    model: Callable[[], nn.Module],
    data: tuple[tuple[Tensor, ...], Tensor] | Callable[[], tuple[tuple[Tensor, ...], Tensor]],
) -> Callable[[], Built]:
    """A model and its data."""

    def build() -> Built:
        inputs, targets = data() if callable(data) else data
        return model(), inputs, targets

    return build


def numbers(
    n: int = 16, d: int = 20, out: int = 1, scale: float = 1.0
) -> Callable[[], tuple[tuple[Tensor, ...], Tensor]]:
    """Vectors and numbers."""
    return lambda: ((torch.randn(n, d),), scale * torch.randn(n, out))


BAKED = ("train_mode_baked", "eval_mode_stochastic")
SCRIPT: Any = {"how": ("script",)}
Q: Any = {"quick": True}
HEALTHY = (
    Case("linear", made(lambda: nn.Linear(20, 4), lambda: flat(8)), **Q),
    Case("linear, one example", made(lambda: nn.Linear(20, 4), lambda: flat(1))),
    Case("logistic, bce", made(lambda: nn.Linear(20, 1), lambda: ((torch.randn(8, 20),), (torch.arange(8) % 2).float()[:, None])), "bce_with_logits", **Q),
    Case("mlp", made(lambda: mlp(20, 64, 4), flat), **Q),
    Case("mlp, batch 256", made(lambda: mlp(20, 256, 256, 4), lambda: flat(256))),
    Case("mlp, batch 1", made(lambda: mlp(20, 64, 4), lambda: flat(1))),
    Case("mlp, sgd", made(lambda: mlp(20, 64, 4), flat), config={"optimizer": "sgd", "lr": 0.1}),
    Case("deep mlp, gelu", made(lambda: mlp(20, 64, 64, 64, 64, 4, act=nn.GELU), flat)),
    Case("deep mlp, relu", made(lambda: mlp(20, 64, 64, 64, 64, 4), flat)),
    Case("tanh mlp", made(lambda: mlp(20, 64, 64, 4, act=nn.Tanh), flat)),
    Case("sigmoid mlp", made(lambda: mlp(20, 64, 4, act=nn.Sigmoid), flat)),
    Case("mlp, batch norm", made(lambda: mlp(20, 64, 64, 4, norm=True), flat), also=("train_mode_baked",)),
    Case("mlp, batch norm, batch 1", made(lambda: mlp(20, 64, 4, norm=True), lambda: flat(1)), **SCRIPT),
    Case("mlp, dropout", made(lambda: mlp(20, 128, 128, 4, drop=0.5), flat), also=BAKED, **Q),
    Case("mlp, log_softmax, nll", made(lambda: nn.Sequential(mlp(20, 64, 4), nn.LogSoftmax(1)), flat), "nll", **Q),
    Case("mlp, log_softmax, cross-entropy", made(lambda: nn.Sequential(mlp(20, 64, 4), nn.LogSoftmax(1)), flat)),
    Case("regression", made(lambda: mlp(20, 64, 1), numbers()), "mse", **Q),
    Case("regression, three numbers", made(lambda: mlp(20, 64, 3), numbers(out=3)), "mse"),
    Case("regression, huber", made(lambda: mlp(20, 64, 1), numbers()), "huber"),
    Case("regression, l1", made(lambda: mlp(20, 64, 1), numbers()), "l1"),
    Case("regression, large targets", made(lambda: mlp(20, 64, 1), numbers(scale=100.0)), "mse"),
    Case("regression, small targets", made(lambda: mlp(20, 64, 1), numbers(scale=1e-3)), "mse"),
    Case("regression, squeezed", made(lambda: nn.Sequential(mlp(20, 64, 1), nn.Flatten(0)), lambda: ((torch.randn(16, 20),), torch.randn(16))), "mse"),
    Case("positive regression, relu", made(lambda: nn.Sequential(mlp(20, 64, 1), nn.Softplus()), lambda: ((torch.randn(16, 20),), torch.rand(16, 1) + 0.5)), "mse"),
    Case("sigmoid to 0..1, mse", made(lambda: nn.Sequential(mlp(20, 64, 3), nn.Sigmoid()), lambda: ((torch.randn(16, 20),), torch.rand(16, 3))), "mse"),
    Case("multi-label", made(lambda: mlp(20, 64, 5), lambda: ((torch.randn(16, 20),), (torch.rand(16, 5) > 0.5).float())), "bce_with_logits", **Q),
    Case("soft targets", made(lambda: mlp(20, 64, 4), lambda: ((torch.randn(16, 20),), torch.randn(16, 4).softmax(1))), **Q),
    Case("convolutions", made(conv, images), **Q),
    Case("convolutions, batch norm, dropout", made(lambda: conv(norm=True, drop=0.3), images), also=BAKED),
    Case("convolutions, batch 1", made(conv, lambda: images(1))),
    Case("resnet", made(resnet, images), also=("train_mode_baked",)),
    Case("squeezenet's end", made(Squeeze, lambda: images(4))),
    Case("u-net", made(UNet, lambda: ((torch.randn(2, 3, 8, 8),), (torch.rand(2, 8, 8) * 3).long()))),
    Case("1-d convolutions", made(lambda: nn.Sequential(nn.Conv1d(4, 32, 3), nn.ReLU(), nn.AdaptiveMaxPool1d(2), nn.Flatten(), nn.Linear(64, 4)), lambda: ((torch.randn(8, 4, 20),), labels(8, 4)))),
    Case("lstm, tokens", made(lambda: Recurrent(nn.LSTM, 30), tokens), **Q),
    Case("gru, numbers", made(lambda: Recurrent(nn.GRU), lambda: ((torch.randn(8, 12, 8),), labels(8, 4)))),
    Case("rnn", made(lambda: Recurrent(nn.RNN), lambda: ((torch.randn(8, 6, 8),), labels(8, 4)))),
    Case("two-layer lstm, dropout", made(lambda: Recurrent(nn.LSTM, 30, layers=2, drop=0.3), tokens), also=BAKED),
    Case("lstm, time first", made(TimeFirst, lambda: ((torch.randn(12, 8, 8),), labels(8, 4)))),
    Case("tagger", made(Tagger, lambda: (tokens()[0], torch.randint(0, 5, (8, 12))))),
    Case("transformer", made(Encoder, tokens), **SCRIPT, **Q),
    Case("transformer, dropout", made(lambda: Encoder(drop=0.1, first=False), tokens), **SCRIPT),
    Case("tiny gpt", made(GPT, sequence), **Q),
    Case("tiny gpt, tied", made(lambda: GPT(tied=True), sequence)),
    Case("tiny gpt, few tokens", made(lambda: GPT(4), lambda: sequence(v=4)), **Q),
    Case("gpt that returns logits and loss", made(GPTWithLoss, sequence), **SCRIPT),
    Case("returns its loss", made(OnlyLoss, flat), **SCRIPT),
    Case("vision transformer", made(Vision, images), **SCRIPT),
    Case("siamese", made(Siamese, lambda: ((torch.randn(12, 20), torch.randn(12, 20)), (torch.arange(12) % 2).float())), "bce_with_logits", **Q),
    Case("dictionary", made(Dictionary, flat), how=("script",)),
    Case("tuple", made(Pair, lambda: ((torch.randn(8, 12, 8),), labels(8, 4)))),
    Case("embedding bag", made(Bag, tokens)),
    Case("embedding bag, sparse", made(lambda: Bag(sparse=True), tokens), **Q),
    Case("autoencoder", made(Auto, lambda: (((x := torch.randn(16, 20)),), x.clone())), "mse"),
    Case("ensemble", made(Ensemble, flat)),
    Case("rezero", made(Gated, flat), **Q),
    Case("fourier features", made(Fourier, flat)),
    Case("bytes", made(Pixels, lambda: ((torch.randint(0, 256, (8, 3, 16, 16), dtype=torch.uint8),), labels(8, 4))), **Q),
    Case("squeeze and excitation", made(Excited, images)),
    Case("complex weights", made(Complex, flat), **Q),
    Case("float64", made(lambda: mlp(20, 64, 4).double(), lambda: ((torch.randn(16, 20).double(),), labels(16, 4)))),
    Case("bfloat16", made(lambda: mlp(20, 128, 4).bfloat16(), lambda: ((torch.randn(16, 20),), labels(16, 4))), how=("script",)),
    Case("mixer", made(Mixer, lambda: ((torch.randn(8, 10, 8),), labels(8, 4)))),
    Case("graph convolutions", made(Graphic, lambda: ((torch.randn(8, 6, 8), torch.rand(8, 6, 6)), labels(8, 4)))),
    Case("frozen first layer", made(lambda: held(mlp(20, 64, 64, 4)), flat), **Q),
    Case("zero head", made(lambda: zero_head(mlp(20, 64, 4)), flat), **Q),
    Case("causes of equal inputs, floor", made(lambda: mlp(20, 64, 4), lambda: ((torch.randn(8, 20).repeat(2, 1),), labels(8, 4).repeat(2)))),
)  # fmt: skip


def zero_head(model: nn.Sequential) -> nn.Sequential:
    """The last layer starts at zero."""
    nn.init.zeros_(model[-1].weight)
    nn.init.zeros_(model[-1].bias)
    return model
