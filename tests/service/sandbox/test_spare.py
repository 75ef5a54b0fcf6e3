"""Spares for a GPU, on a machine without one: everything but the driver is as it would be."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.sandbox import landlock, starting, status
from service.sandbox.jail import Jail
from service.sandbox.outcomes import Declined, Facts, Failure
from service.settings import Overfit
from tests.service.sandbox.conftest import EXAMINATION

# Landlock hides files from a process that may open some; without it, the probes refuse this profile
pytestmark = pytest.mark.skipif(landlock.version() < 1, reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def pretended(folder: Path) -> Iterator[Jail]:
    """A jail that seems to have one GPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starting, "MODULE", "tests.service.sandbox.pretended_gpu")
        jail = Jail(Overfit(examination=EXAMINATION, memory=1 << 30, queue=3), places=64)
        try:
            asked(jail, (folder / "good.pt").read_bytes())
            yield jail
        finally:
            jail.close()


def asked(jail: Jail, model: bytes, deadline: float = 10.0, **config: Any) -> Any:
    """Make a check, and give its last event."""
    with jail.submit(config, model, None, deadline) as check:
        return list(check)[-1]


def test_a_check_goes_to_the_gpu_by_itself(pretended: Jail, good: bytes) -> None:
    """And to the processor where that is asked for."""
    assert "cuda" == asked(pretended, good).values["device"]
    assert "cuda" == asked(pretended, good, device="cuda").values["device"]
    assert "cpu" == asked(pretended, good, device="cpu").values["device"]
    assert "available on cuda" == pretended.says()


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("loop", {"deadline"}),
        ("writes_file", {"forbidden", "Facts", "exception"}),
        ("reads_passwd", {"forbidden"}),
        ("reads_file", {"forbidden"}),
        ("one_huge_tensor", {"memory"}),
        ("reads_far_outside", {"crash"}),
    ],
)
def test_a_hostile_model_is_contained_there_too(
    name: str, reasons: set[str], folder: Path, good: bytes, pretended: Jail
) -> None:
    """Its jail is weaker by the files of the system, and by nothing else."""
    before = {path.name for path in folder.iterdir()}

    found = asked(pretended, (folder / f"{name}.pt").read_bytes(), 2.0)

    assert (found.reason if isinstance(found, Failure) else type(found).__name__) in reasons
    assert before == {path.name for path in folder.iterdir()}
    assert isinstance(asked(pretended, good), Facts)


def test_a_spare_is_ready_before_it_is_asked_for(pretended: Jail, good: bytes) -> None:
    """A check pays for no start-up; and each is used once."""
    time.sleep(0.5)
    warm = status.holder(pretended.prepare())
    spares = Path(f"/proc/{warm}/task/{warm}/children").read_text(encoding="ascii").split()
    asked(pretended, good)
    time.sleep(0.5)
    others = Path(f"/proc/{warm}/task/{warm}/children").read_text(encoding="ascii").split()

    assert (1, 1) == (len(spares), len(others))
    assert spares != others


def test_a_spare_that_dies_is_replaced(good: bytes, pretended: Jail) -> None:
    """Whatever it died of."""
    warm = status.holder(pretended.prepare())
    time.sleep(0.5)
    for spare in Path(f"/proc/{warm}/task/{warm}/children").read_text(encoding="ascii").split():
        os.kill(int(spare), 9)
    time.sleep(0.1)

    assert "cuda" == asked(pretended, good, 10).values["device"]


def test_checks_wait_for_the_only_gpu(pretended: Jail, good: bytes) -> None:
    """One at a time, in turn."""
    checks = [pretended.submit({"do": "sleep", "seconds": 0.3}, good, None, 10) for _ in range(3)]
    found = [list(check)[-1] for check in checks]

    waited = [last.queued_ms for last in found if isinstance(last, Facts)]
    assert 3 == len(waited)
    assert waited[2] > 300


def test_an_operator_can_turn_the_gpu_off(folder: Path, good: bytes) -> None:
    """Then everything runs on the processor."""
    jail = Jail(Overfit(examination=EXAMINATION, device="cpu"))
    try:
        assert "cpu" == asked(jail, good, 20).values["device"]
        found = asked(jail, good, 20, device="cuda")
        assert isinstance(found, Declined)
    finally:
        jail.close()
