"""When it is a thread's turn."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.server.patient_socket import LONG, PatientSocket

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


def test_who_asks_and_does_not_read_holds_no_thread(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """While others wait; whoever reads gets all of it, however large."""
    client, patient = pair
    monkeypatch.setattr("service.server.patient_socket.HURRIED", 0.3)
    monkeypatch.setattr(PatientSocket, "others_wait", True)
    answer = bytes(8 << 20)

    with pytest.raises(ConnectionResetError):
        patient.sendall(answer)

    came = 0
    patient.setblocking(True)  # noqa: FBT003
    with ThreadPoolExecutor(1) as reader:
        counted = reader.submit(lambda: sum(len(piece) for piece in iter(lambda: client.recv(1 << 16), b"")))
        patient.sendall(answer)
        patient.shutdown(socket.SHUT_WR)
        came = counted.result()

    assert came >= len(answer)
