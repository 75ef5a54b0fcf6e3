"""Of two processes one asks, and both stop: one that stopped alone would leave the other waiting for ever."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.listening import ROOT, Server

MODULES = {"plain_pytorch": "torch", "lightning": "pytorch_lightning", "transformers": "transformers"}
pytestmark = pytest.mark.integration


@pytest.mark.parametrize("framework", MODULES)
def test_both_stop_after_the_same_epoch(framework: str, server: Server, tmp_path: Path) -> None:
    """And what was found is printed once."""
    if find_spec(MODULES[framework]) is None or find_spec("torch") is None:
        pytest.skip(f"{MODULES[framework]} is not installed")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = Path(__file__).with_name("two_processes.py")

    done = subprocess.run(
        [*launch, str(script), framework, server.url], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr  # whole: what went wrong stands before the launcher's own words
    epochs = {int(path.read_text(encoding="ascii")) for path in tmp_path.glob("epochs.?")}
    assert 2 == len(list(tmp_path.glob("epochs.?")))
    assert 1 == len(epochs)
    assert max(epochs) < 40
    assert 1 == done.stdout.count("Decision: stop")
