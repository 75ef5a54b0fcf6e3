"""Small models and a batch, written in a process of its own, for torch is there.

`python -m tests.service.overfit_models FOLDER` writes `<name>.pt` for each, and `batch.npz`.
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tests.zoo.case import archive, packed

CLASSES, WIDTH = 4, 20


class Endless(nn.Module):
    """Never comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Do it."""
        n = 0
        while x.size(0) > 0:
            n += 1
        y: Tensor = self.layer(x)
        return y


class Slow(nn.Module):
    """Takes a tenth of a second for each pass, and learns nothing to speak of."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Do it."""
        y: Tensor = self.layer(x)
        for _ in range(3000):
            y = torch.sin(y)
        return y


class Reading(nn.Module):
    """Reads a file that is none of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Do it."""
        y: Tensor = self.layer(x) + torch.from_file("/etc/passwd", False, 4).sum()  # noqa: FBT003
        return y


class Raising(nn.Module):
    """Raises an exception of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Do it."""
        raise ValueError("I will not")


class InPlace(nn.Module):
    """Changes what its gradient needs."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Do it."""
        y: Tensor = self.layer(x).exp()
        y.add_(1.0)
        return y


def models() -> dict[str, nn.Module]:
    """Each by what it is."""
    net = nn.Sequential(nn.Linear(WIDTH, 64), nn.ReLU(), nn.Linear(64, CLASSES))
    dead = nn.Sequential(nn.Linear(WIDTH, 64), nn.ReLU(), nn.Linear(64, CLASSES))
    with torch.no_grad():
        dead.get_parameter("0.bias").fill_(-100.0)
    return {
        "good": net,
        "softmax": nn.Sequential(*net, nn.Softmax(1)),
        "dead": dead,
        "endless": Endless(),
        "slow": Slow(),
        "reading": Reading(),
        "raising": Raising(),
        "in_place": InPlace(),
    }


def main(folder: Path) -> None:
    """Write them."""
    torch.manual_seed(0)
    inputs: tuple[Tensor, ...] = (torch.randn(16, WIDTH),)
    made: Any = models()
    for name, model in made.items():
        (folder / f"{name}.pt").write_bytes(archive(model, inputs, "script"))
    torch.save(made["good"].state_dict(), folder / "state_dict.pt")
    (folder / "batch.npz").write_bytes(packed(inputs, torch.arange(16) % CLASSES))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
