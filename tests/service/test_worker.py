"""What a worker does when the system has no more of something."""

import threading

import pytest

from service.server.lines import begun as begin_all


def test_where_a_thread_is_refused_those_that_were_begun_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the worker would wait for them for ever, and its place be held by nobody."""
    begin = threading.Thread.start
    begun: list[threading.Thread] = []

    def two_at_most(thread: threading.Thread) -> None:
        if len(begun) == 2:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", two_at_most)
    with pytest.raises(RuntimeError, match="can't start"):
        begin_all(4)
    for thread in begun:
        thread.join(5)

    assert not any(thread.is_alive() for thread in begun)
