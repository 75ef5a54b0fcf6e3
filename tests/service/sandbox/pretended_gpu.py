"""The warm process on a machine that seems to have a GPU: its spares train on the processor, in the GPU's jail."""

import os
import sys

from service.sandbox import torch_warming, warm
from service.sandbox.orders import Orders

train = torch_warming.train


def pretend(device: str) -> None:
    """Train where it can be."""
    del device
    train("cpu")


if __name__ == "__main__":
    torch_warming.gpus = lambda: 1
    torch_warming.train = pretend
    os._exit(warm.main(int(sys.argv[1]), int(sys.argv[2]), Orders.from_text(sys.argv[3])))
