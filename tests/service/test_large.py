"""Large questions wait for one another, small ones for nobody."""

import threading

from service.large import LARGE, turn


def answered_beside_a_large_one(size: int) -> bool:
    """Whether a question of so many bytes is answered while a large one is."""
    done = threading.Event()

    def answer() -> None:
        with turn(size):
            done.set()

    with turn(LARGE):
        other = threading.Thread(target=answer, daemon=True)
        other.start()
        beside = done.wait(0.2)
    other.join(5)
    assert done.is_set()
    return beside


def test_a_large_question_waits_for_another() -> None:
    """A worker needs the memory of one of them, however many are sent at once."""
    assert not answered_beside_a_large_one(LARGE)


def test_a_small_question_waits_for_nobody() -> None:
    """A pipeline's hundred epochs are answered beside somebody's million."""
    assert answered_beside_a_large_one(LARGE - 1)
