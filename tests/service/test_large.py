"""Large questions wait for one another, and so do short ones; neither waits for the other."""

import threading

import pytest

from service.admission.large import LARGE, SMALL, OneByOne
from service.question.parts import Part
from service.refusals import Overloaded

THREADS = 4
turn = OneByOne(THREADS).turn


def test_a_picture_holds_up_pictures_alone() -> None:
    """It takes ten times as long as a short answer in words."""
    short = [Part("file", b"x")]

    with turn(short, drawn=True):
        assert turn(short).acquire(blocking=False)  # type: ignore[attr-defined]
        turn(short).release()  # type: ignore[attr-defined]
        assert not turn(short, drawn=True).acquire(blocking=False)  # type: ignore[attr-defined]
    large = [Part("file", bytes(LARGE))]
    assert turn(large, drawn=True, in_line=True) is turn(large, in_line=True)


def answered_beside_a_large_one(*bodies: bytes) -> bool:
    """Whether a question of these files is answered while a large one is."""
    done = threading.Event()

    def answer() -> None:
        with turn([Part("file", body) for body in bodies]):
            done.set()

    with turn([Part("file", bytes(LARGE))]):
        other = threading.Thread(target=answer, daemon=True)
        other.start()
        beside = done.wait(0.2)
    other.join(5)
    assert done.is_set()
    return beside


def test_a_large_question_waits_for_another() -> None:
    """A worker needs the memory of one of them, however many are sent at once."""
    assert not answered_beside_a_large_one(bytes(LARGE // 2), bytes(LARGE // 2))


def test_a_small_question_waits_for_nobody() -> None:
    """A pipeline's hundred epochs are answered beside somebody's million."""
    assert answered_beside_a_large_one(bytes(LARGE - 1))


def test_an_archive_waits_however_small_it_is() -> None:
    """It may unpack to as much as a question may hold."""
    assert not answered_beside_a_large_one(b"PK\x03\x04")


def test_short_questions_take_turns_and_wait_for_no_other() -> None:
    """Two that fight for the interpreter cost more than one after the other; beside a large one, neither waits."""
    short, longer = [Part("file", bytes(SMALL))], [Part("file", bytes(SMALL + 1))]

    assert turn(short) is turn(short)
    assert turn(longer) is not turn(longer)
    assert answered_beside_a_large_one(bytes(SMALL))


def test_what_did_not_say_that_it_is_large_holds_so_many_threads_and_no_more() -> None:
    """A body in chunks, or an archive: the others of the worker go on answering."""
    held = THREADS // 2
    large, begun, over = [Part("file", bytes(LARGE))], threading.Barrier(held), threading.Event()

    def wait() -> None:
        begun.wait(5)
        with turn(large):
            pass

    with turn(large, in_line=True):
        waiting = [threading.Thread(target=wait) for _ in range(held)]
        for thread in waiting:
            thread.start()
        over.wait(0.2)
        with pytest.raises(Overloaded), turn(large):
            pass
    for thread in waiting:
        thread.join(5)
    with turn(large):
        pass


@pytest.mark.parametrize(("threads", "held"), [(1, 1), (2, 1), (3, 1), (8, 4)])
def test_half_of_the_threads_are_left_for_others(threads: int, held: int) -> None:
    """As many as the operator asked for; a worker of one thread reads what comes."""
    assert held == OneByOne(threads).held
