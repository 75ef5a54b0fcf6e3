"""Who is heard out when everything has been said, and for how long."""

import socket
import time
from collections.abc import Iterator

import pytest

from service.server import farewell
from service.server.farewell import Farewell

PIECE = b"a" * 65536
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test need not wait."""
    monkeypatch.setattr(farewell, "SILENT", 0.3)
    monkeypatch.setattr(farewell, "LONGEST", 0.9)
    monkeypatch.setattr(farewell, "LOOKING", 0.05)


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Clients, and the service's side of each."""
    found = [socket.socketpair() for _ in range(3)]
    for client, _ in found:
        client.settimeout(5)
    yield found
    for pair in found:
        for one in pair:
            one.close()


def sends(client: socket.socket, seconds: float) -> float:
    """For how many seconds the client could send, of so many."""
    began = time.monotonic()
    while (took := time.monotonic() - began) < seconds:
        try:
            client.sendall(PIECE)
        except OSError:
            break
        time.sleep(0.01)
    return took


def test_a_client_that_still_sends_reads_its_answer(pairs: list[Pair]) -> None:
    """And the end after it, before it has stopped."""
    (client, ours), *_ = pairs
    ours.sendall(b"answer")
    Farewell(9, 1 << 30).part(ours)

    assert sends(client, 0.4) >= 0.4
    assert [b"answer", b""] == [client.recv(100), client.recv(100)]


def test_a_client_that_has_hung_up_is_let_go_at_once(pairs: list[Pair]) -> None:
    """Within the wait of the thread that answered."""
    (client, ours), *_ = pairs
    client.close()
    Farewell(9, 1 << 30).part(ours, 0.1)

    assert -1 == ours.fileno()


def test_a_silent_client_is_let_go(pairs: list[Pair]) -> None:
    """It had time enough to read."""
    (_, ours), *_ = pairs
    Farewell(9, 1 << 30).part(ours)
    time.sleep(0.8)

    assert -1 == ours.fileno()


def test_a_client_that_never_ends_is_let_go(pairs: list[Pair]) -> None:
    """After so many seconds in all, or so many bytes."""
    (slow, ours), (large, ours_too), _ = pairs
    Farewell(9, 1 << 30).part(ours)

    assert 0.5 < sends(slow, 5) < 3

    Farewell(9, 10 * len(PIECE)).part(ours_too)

    assert sends(large, 5) < 0.5


def test_the_oldest_makes_room(pairs: list[Pair]) -> None:
    """A crowd costs no more than so many connections."""
    parting = Farewell(2, 1 << 30)
    for _, ours in pairs:
        parting.part(ours)
    time.sleep(0.1)

    assert [True, False, False] == [ours.fileno() == -1 for _, ours in pairs]


def test_the_end_waits_for_clients_but_not_long(pairs: list[Pair]) -> None:
    """A worker that ends leaves nobody's answer behind."""
    (client, ours), (_, stays), _ = pairs
    parting = Farewell(9, 1 << 30)
    parting.part(ours)
    client.close()
    began = time.monotonic()
    parting.finish(5)

    assert time.monotonic() - began < 0.2

    parting = Farewell(9, 1 << 30)
    parting.part(stays)
    began = time.monotonic()
    parting.finish(0.1)

    assert 0.1 <= time.monotonic() - began < 0.25
