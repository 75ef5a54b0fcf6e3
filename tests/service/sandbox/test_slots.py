from service.sandbox.slots import LONGEST, Slots, cores


def test_as_many_run_as_there_are_places_then_wait_then_are_sent_away() -> None:
    """In the order in which they came."""
    slots: Slots[str] = Slots(2, 1)

    assert ["run", "run", "wait", "full"] == [slots.enter(job) for job in "abcd"]

    slots.leave("a", 1.0)

    assert ["c"] == list(slots.next())
    assert "wait" == slots.enter("e")


def test_nobody_overtakes_the_line() -> None:
    """A free place belongs to the first who waits."""
    slots: Slots[str] = Slots(1, 2)
    slots.enter("a")
    slots.enter("b")
    slots.leave("a")

    assert "wait" == slots.enter("c")
    assert ["b"] == list(slots.next())


def test_who_hangs_up_leaves_the_line() -> None:
    """And the next one moves up."""
    slots: Slots[str] = Slots(1, 2)
    for job in "abc":
        slots.enter(job)
    slots.leave("b")
    slots.leave("a", 0.1)

    assert ["c"] == list(slots.next())


def test_when_to_come_back_follows_what_checks_take() -> None:
    """At least a second, never an hour."""
    slots: Slots[int] = Slots(1, 0)
    for _ in range(50):
        slots.leave(0, 0.01)
    quick = slots.retry_after()
    for _ in range(50):
        slots.leave(0, 10_000)

    assert (1, LONGEST) == (quick, slots.retry_after())


def test_there_is_a_core() -> None:
    """On any machine."""
    assert cores() >= 1
