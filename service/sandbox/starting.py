"""How the warm process is started: what it inherits, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from service.sandbox.orders import Orders

MODULE = "service.sandbox.warm"
# Of the service's environment, what finding a GPU and its libraries takes; no key and no address.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "CUDA_HOME", "TMPDIR")
SET = {
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "PYTHONDONTWRITEBYTECODE": "1",
    # one thread each; see service.sandbox.torch_warming
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "MALLOC_ARENA_MAX": "1",  # each arena takes 64 MiB of addresses, which are what the memory limit counts
    # Kept, not given back: by the chance of how the heap lies, a training loop otherwise returns its buffers to the kernel
    # at every step, and a third of its speed with them. A child does not live long, and its memory is limited anyway.
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "CUDA_CACHE_DISABLE": "1",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of the warm process."""
    root = str(Path(__file__).parents[2])
    found = [root, *(str(Path(path).absolute()) for path in sys.path if path != root)]
    return {
        **{name: given[name] for name in INHERITED if name in given},
        **SET,
        "PYTHONPATH": os.pathsep.join(found),
    }


def start(intake: int, page: int, orders: Orders) -> subprocess.Popen[bytes]:
    """Start it, in a session of its own: it ends when the service has gone, not at a key of a terminal."""
    command: Sequence[str] = (
        *(sys.executable, "-P", "-W", "ignore", "-m", MODULE),
        *(str(intake), str(page), orders.to_text()),
    )
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(intake, page),
        start_new_session=True,
    )
