"""When it is a thread's turn."""

import socket
from collections.abc import Iterator

import pytest

from service.patient_socket import LONG, PatientSocket

Pair = tuple[socket.socket, PatientSocket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A client, and the service's side of it."""
    client, ours = socket.socketpair()
    with client, PatientSocket(fileno=ours.detach()) as patient:
        yield client, patient


def test_headers_are_heard_out_in_pieces(pair: Pair) -> None:
    """Also where the end of them comes in two; what follows them is kept."""
    client, patient = pair
    found = []
    for piece in (b"", b"GET / HTTP/1.1\r\n", b"Host: x\r\n\r", b"\n{"):
        client.sendall(piece)
        found.append(patient.hears_out())

    assert [False, False, False, True] == found
    assert b"GET / HTTP/1.1\r\nHost: x\r\n\r\n{" == patient.heard


def test_who_hangs_up_is_a_thread_s_to_part_from(pair: Pair) -> None:
    """With half of its headers, too."""
    client, patient = pair
    client.sendall(b"GET /")
    client.close()

    assert patient.hears_out()


def test_headers_that_never_end_are_not_gathered_for_ever(pair: Pair) -> None:
    """A thread takes them as they are, and refuses them."""
    client, patient = pair
    sent = 0
    while not patient.hears_out():
        sent += client.send(b"a" * 5000)

    assert LONG <= sent <= LONG + 5000
    assert LONG <= len(patient.heard)
