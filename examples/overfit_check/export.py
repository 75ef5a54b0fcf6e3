"""Write model.pt and batch.npz for `POST /overfit-check`: a small classifier with a mistake that costs many a week.

    python examples/overfit_check/export.py [FOLDER]

Replace `Classifier` by your model, and the random batch by one of your own: eight to thirty-two examples are plenty.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

EXAMPLES, WIDTH, CLASSES = 16, 64, 4


class Classifier(nn.Module):
    """Ends in a softmax, and is trained with cross-entropy, which takes one itself."""

    def __init__(self) -> None:
        """Two layers."""
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(WIDTH, 32), nn.ReLU(), nn.Linear(32, CLASSES), nn.Softmax(dim=1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Probabilities of the classes."""
        probabilities: Tensor = self.layers(pixels)
        return probabilities


def main(folder: Path) -> None:
    """Export it as it is trained: in train mode, raw, not quantised."""
    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    inputs, targets = torch.rand(EXAMPLES, WIDTH), torch.arange(EXAMPLES) % CLASSES
    torch.jit.script(Classifier().train()).save(str(folder / "model.pt"))  # or torch.jit.trace(model, inputs).save(…)
    np.savez(folder / "batch.npz", inputs=inputs.numpy(), targets=targets.numpy())


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # TorchScript is announced to go one day
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
