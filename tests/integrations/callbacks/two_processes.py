"""Train in one of two processes: `torchrun --nproc-per-node 2 two_processes.py FRAMEWORK URL`."""

import os
import sys
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir

import torch
from torch import distributed

from tests.integrations.callbacks.problems import overfitting


def main(framework: str, url: str) -> None:
    """Say how many epochs it took."""
    torch.set_num_threads(1)
    if framework == "plain_pytorch":
        distributed.init_process_group("gloo")
    train = import_module(f"tests.integrations.callbacks.with_{framework}").train
    trained = train(overfitting(), url, chart=None, stop=True)
    Path(gettempdir(), f"epochs.{distributed.get_rank()}").write_text(str(trained.epochs), encoding="ascii")
    if distributed.is_initialized():
        distributed.barrier()
        sys.stdout.flush()
        # What is tested is over; of two that take gloo down, one may be aborted by the other's closed socket.
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
