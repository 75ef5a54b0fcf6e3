"""A jail with a stand-in for the examination, and models that do what none should."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from service.sandbox.jail import Jail
from service.sandbox.outcomes import Event
from service.settings import Overfit

ROOT = Path(__file__).parents[3]
EXAMINATION = "tests.service.sandbox.examinations:examine"
MEMORY = 1 << 30
Ask = Callable[..., list[Event]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hostile models, and what they would read or write."""
    if find_spec("torch") is None:
        pytest.skip("torch is not installed")
    found = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, "-m", "tests.service.sandbox.hostile", str(found)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return found


@pytest.fixture(scope="session")
def good(folder: Path) -> bytes:
    """A model that is well."""
    return (folder / "good.pt").read_bytes()


@pytest.fixture(scope="session")
def jail(folder: Path) -> Iterator[Jail]:
    """A jail that is warm."""
    jail = Jail(Overfit(examination=EXAMINATION, memory=MEMORY, queue=2), places=64)
    try:
        with jail.submit({}, (folder / "good.pt").read_bytes(), None, 30) as check:
            list(check)
        yield jail
    finally:
        jail.close()


@pytest.fixture
def ask(jail: Jail, good: bytes) -> Ask:
    """Make a check, and give all its events."""

    def asked(model: bytes = good, batch: bytes | None = None, deadline: float = 10.0, **config: Any) -> list[Event]:
        with jail.submit(config, model, batch, deadline) as check:
            return list(check)

    return asked
