"""Turns: so many of a key at once, over all processes."""

import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from service.admission.turns import Turns


def open_files() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_only_so_many_turns_are_given() -> None:
    """And each name has its own."""
    turns = Turns(["ci", "lab"], 2)

    taken = [turns.take("ci") for _ in range(3)]

    assert [True, True, False] == [turn is not None for turn in taken]
    assert turns.take("lab") is not None


def test_a_turn_given_back_is_taken_again() -> None:
    """A request that ended makes room."""
    turns = Turns(["ci"], 1)
    first = turns.take("ci")
    assert first is not None

    first.give_back()

    assert turns.take("ci") is not None


def test_no_file_is_left_open_by_a_refusal() -> None:
    """Who asks too often must not use up the table of files."""
    turns = Turns(["ci"], 1)
    held = turns.take("ci")
    before = open_files()

    assert [None] * 50 == [turns.take("ci") for _ in range(50)]
    assert (before, True) == (open_files(), held is not None)


def hold(turns: Turns, to: Connection) -> None:
    """Take a turn and keep it."""
    to.send(turns.take("ci") is not None)
    signal.pause()


def test_a_worker_that_is_killed_keeps_no_turn() -> None:
    """Workers share the turns; the system gives back what a dead one held."""
    turns = Turns(["ci"], 1)
    here, there = multiprocessing.Pipe()
    worker = multiprocessing.get_context("fork").Process(target=hold, args=(turns, there))
    worker.start()
    assert here.recv()
    assert turns.take("ci") is None

    worker.kill()
    worker.join()

    assert turns.take("ci") is not None
