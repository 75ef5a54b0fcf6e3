import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from service.sandbox import status
from service.sandbox.status import Status


@pytest.fixture
def page() -> Iterator[int]:
    """A page of its own."""
    found = status.create()
    yield found
    os.close(found)


def test_a_new_page_says_nothing(page: int) -> None:
    """Nobody holds it."""
    assert (Status(), 0) == (status.read(page), status.holder(page))


def test_what_is_written_is_read(page: int) -> None:
    """By whoever shares the page."""
    status.write(page, Status("broken", "é" * 600, "cuda"))
    found = status.read(page)

    assert ("broken", "é" * 500, "cuda") == (found.state, found.why, found.device)


def test_half_a_page_says_nothing(page: int) -> None:
    """Whoever reads at the wrong moment reads again."""
    os.pwrite(page, b'{"state": "rea', 0)

    assert Status() == status.read(page)


def test_one_process_holds_the_page_until_it_ends(page: int) -> None:
    """However it ends."""
    code = f"from service.sandbox import status; print(status.hold({page}), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], pass_fds=(page,), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert b"True\n" == other.stdout.readline()
        assert (other.pid, False) == (status.holder(page), status.hold(page))
        other.kill()
        other.wait()

    assert 0 == status.holder(page)
    assert status.hold(page)
