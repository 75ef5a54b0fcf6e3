import ctypes
from pathlib import Path

import pytest

from service.server.memory import give_back, use_one_arena

BLOCK, MANY = 64 << 10, 1024  # bytes, each too small for a mapping of its own; 64 MiB together
GNU = hasattr(ctypes.CDLL(None), "malloc_trim")


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not GNU, reason="only GNU's C library can hand memory back")
def test_what_was_freed_below_what_is_still_held_goes_back() -> None:
    """One block at the end is enough for the C library to keep all that lies before it."""
    blocks = [bytes([1]) * BLOCK for _ in range(MANY)]
    last = blocks[-1]
    del blocks
    kept = resident()

    give_back()

    assert len(last) == BLOCK
    assert resident() < kept - BLOCK * MANY // 2


def test_where_the_c_library_cannot_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another C library than GNU's has neither call."""
    monkeypatch.setattr("service.server.memory._trim", None)
    monkeypatch.setattr("service.server.memory._mallopt", None)

    use_one_arena()
    give_back()
