"""Networks of the reported side: residual, normalised, convolutional, recurrent with gates, attention, U-shaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from sources import SIDE
from torch import nn

if TYPE_CHECKING:
    from tasks import Data

ATTENDING = 2  # heads


class Residual(nn.Module):
    """Blocks that add to what they were given."""

    def __init__(self, size: int, width: int, depth: int, dropout: float, outputs: int) -> None:
        """Make `depth` blocks of LayerNorm, two linear layers and GELU."""
        super().__init__()
        self.first = nn.Linear(size, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width)
            )
            for _ in range(depth)
        )
        self.last = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, size) to (n, outputs)."""
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return self.last(x)


class Recurrent(nn.Module):
    """An LSTM or a plain tanh net over a series of values or of tokens."""

    def __init__(self, cell: type[nn.Module], tokens: int, width: int, dropout: float, outputs: int) -> None:
        """Embed tokens where there are any; answer at every position for tokens, at the last one for values."""
        super().__init__()
        self.embed = nn.Embedding(tokens, width) if tokens else None
        self.body = cell(width if tokens else 1, width, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.last = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, steps) to (n, steps, outputs), or for values to (n, outputs)."""
        hidden = self.body(self.embed(x) if self.embed else x.unsqueeze(-1))[0]
        return self.last(self.drop(hidden if self.embed else hidden[:, -1]))


class Attending(nn.Module):
    """A two-layer transformer: causal or not over tokens; over values it pools what it attended to."""

    def __init__(self, data: Data, width: int, depth: int, dropout: float, outputs: int, *, causal: bool) -> None:
        """Make an embedding, learned positions, the layers and a linear head."""
        super().__init__()
        length = data.train[0].shape[1]
        self.tokens = data.kind == "language_model"
        self.embed = nn.Embedding(outputs, width) if self.tokens else nn.Linear(1, width)
        self.place = nn.Parameter(0.05 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(
            width, ATTENDING, 2 * width, dropout, "gelu", batch_first=True, norm_first=True
        )
        self.body = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.mask = nn.Transformer.generate_square_subsequent_mask(length) if causal else None
        self.last = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, length) to (n, length, outputs), or for values to (n, outputs)."""
        hidden = self.embed(x if self.tokens else x.unsqueeze(-1)) + self.place
        hidden = self.body(hidden, mask=self.mask)
        return self.last(hidden if self.tokens else hidden.mean(1))


class Hourglass(nn.Module):
    """A small U: down to a quarter of the pixels and back, with what was seen before handed across."""

    def __init__(self, width: int) -> None:
        """Make one convolution down, one in the middle, one up."""
        super().__init__()
        self.down = nn.Conv2d(1, width, 3, padding=1)
        self.middle = nn.Conv2d(width, width, 3, padding=1)
        self.up = nn.Conv2d(2 * width, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (n, pixels) to (n, pixels)."""
        seen = torch.relu(self.down(x.view(-1, 1, SIDE, SIDE)))
        small = torch.relu(self.middle(nn.functional.avg_pool2d(seen, 2)))
        back = nn.functional.interpolate(small, scale_factor=2.0)
        return self.up(torch.cat([seen, back], 1)).flatten(1)


def picture_net(width: int, dropout: float, outputs: int) -> nn.Module:
    """Two convolutions with group normalisation, and the mean over places."""
    return nn.Sequential(
        nn.Unflatten(1, (1, SIDE, SIDE)), nn.Conv2d(1, width, 3, padding=1), nn.GroupNorm(2, width), nn.SiLU(), nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.SiLU(), nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(dropout),
        nn.Linear(18 * width, outputs),
    )  # fmt: skip


def series_net(width: int, dropout: float, outputs: int) -> nn.Module:
    """Two one-dimensional convolutions, the second with a stride."""
    return nn.Sequential(
        nn.Unflatten(1, (1, -1)), nn.Conv1d(1, width, 5, padding=2), nn.ReLU(), nn.Conv1d(width, width, 5, stride=2, padding=2),
        nn.ReLU(), nn.AdaptiveAvgPool1d(6), nn.Flatten(), nn.Dropout(dropout), nn.Linear(6 * width, outputs),
    )  # fmt: skip


def normalised_net(size: int, width: int, depth: int, dropout: float, outputs: int) -> nn.Module:
    """Linear, LayerNorm, SiLU, as often as asked."""
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(size, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout)]
        size = width
    return nn.Sequential(*layers, nn.Linear(size, outputs))


def network(name: str, data: Data, *, width: int, depth: int, dropout: float, outputs: int) -> nn.Module:
    """Build one of the above."""
    size = data.train[0].shape[1]
    tokens = outputs if data.kind == "language_model" else 0
    made = {
        "residual": lambda: Residual(size, width, depth, dropout, outputs),
        "normalised": lambda: normalised_net(size, width, depth, dropout, outputs),
        "lstm": lambda: Recurrent(nn.LSTM, tokens, width, dropout, outputs),
        "tanh_rnn": lambda: Recurrent(nn.RNN, tokens, width, dropout, outputs),
        "encoder": lambda: Attending(data, width, max(depth, 2), dropout, outputs, causal=False),
        "decoder": lambda: Attending(data, width, max(depth, 2), dropout, outputs, causal=True),
        "picture": lambda: picture_net(width, dropout, outputs),
        "series": lambda: series_net(width, dropout, outputs),
        "hourglass": lambda: Hourglass(width),
    }
    return made[name]()


NAMES = {"residual", "normalised", "lstm", "tanh_rnn", "encoder", "decoder", "picture", "series", "hourglass"}
