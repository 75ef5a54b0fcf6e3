"""The networks of the corpus: linear, MLP, CNN, recurrent, transformer."""

import networks
import torch
from tasks import WINDOW, Data
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}
RECURRENT: dict[str, type[nn.Module]] = {"gru": nn.GRU, "rnn": nn.RNN}
HEADS = 2  # of the transformer's attention
SIDE = 8  # pixels along a digit's edge


def build(
    name: str, data: Data, *, width: int, depth: int, activation: str, dropout: float, norm: bool, outputs: int
) -> nn.Module:
    """Build one network; `outputs` is the number of logits or predicted values."""
    if name in networks.NAMES:
        return networks.network(name, data, width=width, depth=depth, dropout=dropout, outputs=outputs)
    if name in ("gru", "rnn", "transformer"):
        if data.kind == "language_model":
            return LanguageModel(name, data.classes or 0, width, dropout)
        return SequenceClassifier(RECURRENT[name], width, outputs)
    if name == "cnn":
        return _cnn(width, dropout, norm=norm, outputs=outputs)
    layers: list[nn.Module] = []
    size = data.train[0].shape[1]
    for _ in range(0 if name == "linear" else depth):
        layers += [nn.Linear(size, width)]
        layers += [nn.BatchNorm1d(width)] if norm else []
        layers += [ACTIVATIONS[activation]()]
        layers += [nn.Dropout(dropout)] if dropout else []
        size = width
    return nn.Sequential(*layers, nn.Linear(size, outputs))


def _cnn(width: int, dropout: float, *, norm: bool, outputs: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Unflatten(1, (1, SIDE, SIDE))]
    channels = 1
    for size in (width, 2 * width):
        layers += [nn.Conv2d(channels, size, 3, padding=1)]
        layers += [nn.BatchNorm2d(size)] if norm else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        channels = size
    layers += [nn.Flatten()]
    layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(channels * (SIDE // 4) ** 2, outputs))


class LanguageModel(nn.Module):
    """Characters in, logits of the next character out at every position."""

    def __init__(self, kind: str, letters: int, width: int, dropout: float) -> None:
        """Make a recurrent net, or one pre-norm transformer block with learned positions."""
        super().__init__()
        self.kind = kind
        self.embed = nn.Embedding(letters, width)
        self.drop = nn.Dropout(dropout)
        if kind in RECURRENT:
            self.body = RECURRENT[kind](width, width, batch_first=True)
        else:
            self.place = nn.Parameter(0.02 * torch.randn(WINDOW, width))
            self.body = nn.TransformerEncoderLayer(width, HEADS, 2 * width, dropout, batch_first=True, norm_first=True)
            self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(WINDOW))
        self.head = nn.Linear(width, letters)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Map (n, window) characters to (n, window, letters) logits."""
        hidden = self.embed(text)
        recurrent = self.kind in RECURRENT
        hidden = self.body(hidden)[0] if recurrent else self.body(hidden + self.place, src_mask=self.mask)
        return self.head(self.drop(hidden))


class SequenceClassifier(nn.Module):
    """A recurrent net that reads a wave and names its class at the end."""

    def __init__(self, kind: type[nn.Module], width: int, outputs: int) -> None:
        """Make one recurrent layer and a linear head."""
        super().__init__()
        self.body = kind(1, width, batch_first=True)
        self.head = nn.Linear(width, outputs)

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        """Map (n, steps) samples to (n, classes) logits."""
        return self.head(self.body(wave.unsqueeze(-1))[0][:, -1])
