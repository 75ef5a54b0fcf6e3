"""Large questions wait for one another, and so do short ones; neither waits for the other."""

import threading

from service.large import LARGE, SMALL, turn
from service.parts import Part


def test_a_picture_holds_up_pictures_alone() -> None:
    """It takes ten times as long as a short answer in words."""
    short = [Part("file", b"x")]

    with turn(short, drawn=True):
        assert turn(short).acquire(blocking=False)  # type: ignore[attr-defined]
        turn(short).release()  # type: ignore[attr-defined]
        assert not turn(short, drawn=True).acquire(blocking=False)  # type: ignore[attr-defined]
    assert turn([Part("file", bytes(LARGE))], drawn=True) is turn([Part("file", bytes(LARGE))])


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
