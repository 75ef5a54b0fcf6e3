"""What only a server that really runs can show: broken HTTP, slow clients, large bodies, its log."""

import gzip
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from scripts.listening import GUNICORN, Server, listening

MIB = 1024 * 1024


def ask(server: Server, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes, and read the answer until the server ends it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(request)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"junk\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 0\r\n\r\n", 417),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{", 408),
    ],
)
def test_http_that_is_none_gets_a_problem(server: Server, request_: bytes, status: int) -> None:
    """The server's own refusals are problems like any other, and tell nothing of it."""
    found, headers, body = ask(server, request_)

    assert (status, "application/problem+json") == (found, headers["content-type"])
    assert (status, headers["x-request-id"]) == (json.loads(body)["status"], json.loads(body)["request_id"])
    assert ("curve-diagnosis", "close") == (headers["server"], headers["connection"])
    assert "date" in headers
    assert b"gunicorn" not in body
    assert re.search("Send|Leave", json.loads(body)["detail"]), "what to do"


def test_no_header_names_what_the_service_is_made_of(server: Server) -> None:
    """Whoever looks for a known weakness must try."""
    _, headers, _ = ask(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert "curve-diagnosis" == headers["server"]


def post(server: Server, body: bytes | Iterator[bytes], **headers: str) -> tuple[int, str]:
    """Post to /diagnose; give the status and the kind of problem, if it is one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("POST", "/diagnose", body, {name.replace("_", "-"): v for name, v in headers.items()})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        return answer.status, found.get("type", "").rpartition("/")[2]
    finally:
        connection.close()


def large(size: int) -> bytes:
    """Canonical JSON of so many bytes."""
    head, tail = b'{"history": {"loss": [', b"1]}}"
    return head + b" " * (size - len(head) - len(tail)) + tail


def test_a_body_at_the_limit_is_read(server: Server) -> None:
    """The limit is the last that is allowed."""
    assert (200, "") == post(server, large(8 * MIB))


def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    """By its length, before it is read."""
    assert (413, "too-large") == post(server, large(8 * MIB + 1))


@pytest.mark.parametrize(("size", "expected"), [(8 * MIB, (200, "")), (8 * MIB + 1, (413, "too-large"))])
def test_a_body_without_a_length_is_refused_over_the_limit_and_never_cut(
    server: Server, size: int, expected: tuple[int, str]
) -> None:
    """In chunks, its size is known only at its end; what was cut off silently would be judged as the whole."""
    body = large(size)

    assert expected == post(server, (body[at : at + MIB] for at in range(0, len(body), MIB)))


def test_a_body_in_chunks_is_read(server: Server) -> None:
    """A program may write as it goes."""
    assert (200, "") == post(server, iter([b'{"history": ', b'{"loss": [1, 2', b", 3]}}"]))


def test_a_bomb_is_refused(server: Server) -> None:
    """What unpacks to more than the limit is too large."""
    assert (413, "too-large") == post(server, gzip.compress(large(80 * MIB)), Content_Encoding="gzip")


def test_clients_that_stall_do_not_keep_others_out(server: Server) -> None:
    """More of them than there are threads, and the next client is served."""
    stalled = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    try:
        for client in stalled:
            client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        time.sleep(0.3)
        started = time.monotonic()

        assert (200, "") == post(server, b'{"history": {"loss": [1]}}')
        assert time.monotonic() - started < 15
    finally:
        for client in stalled:
            client.close()


def test_clients_that_say_nothing_hold_no_thread(server: Server) -> None:
    """Forty of them, for eight threads; a question is answered at once."""
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
    try:
        time.sleep(0.3)
        started = time.monotonic()

        assert (200, "") == post(server, b'{"history": {"loss": [1]}}')
        assert time.monotonic() - started < 2, "a thread that waits for a client waits as long as its patience"
    finally:
        for client in silent:
            client.close()


def dripped(client: socket.socket, begins: bytes, piece: bytes, every: float) -> http.client.HTTPResponse:
    """The answer to a request that begins, and goes on with a piece now and then."""
    client.sendall(begins)
    for _ in range(5):
        time.sleep(every)
        with suppress(OSError):
            client.send(piece)
    answer = http.client.HTTPResponse(client)
    answer.begin()
    return answer


def test_a_client_that_drips_its_body_is_sent_away(server: Server) -> None:
    """A byte now and then keeps no thread: a body must come at a pace."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        answer = dripped(client, b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{", b" ", 0.7)

        assert 408 == answer.status, answer.read()


def test_a_client_whose_headers_do_not_come_in_time_is_told(server: Server) -> None:
    """A byte now and then does not prolong it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        began = time.monotonic()
        answer = dripped(client, b"GET / HTTP/1.1\r\nX-", b"a", 0.5)

        assert (408, "close") == (answer.status, answer.headers["Connection"])
        assert json.loads(answer.read())["type"].endswith("/malformed")
        assert time.monotonic() - began < 5


def test_a_client_that_said_nothing_in_time_gets_no_answer(server: Server) -> None:
    """A browser that connects beforehand would take it for that to its next question."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        assert b"" == client.recv(100)


def test_clients_that_drip_their_headers_hold_no_thread(tmp_path: Path) -> None:
    """Ten of them, for two threads; a question is answered at once."""
    with listening(tmp_path / "log", WORKERS="1", THREADS="2", CLIENT_TIMEOUT="5") as server, ExitStack() as opened:
        dripping = [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20)) for _ in range(10)
        ]
        for piece in (b"GET /healthz HTTP/1.1\r\nX-", b"a"):
            for client in dripping:
                client.sendall(piece)
            time.sleep(0.3)
        started = time.monotonic()

        assert (200, "") == post(server, b'{"history": {"loss": [1]}}')
        assert time.monotonic() - started < 1


def test_clients_that_drip_their_bodies_are_hurried_while_others_wait(tmp_path: Path) -> None:
    """Two for two threads have all the time they may have, until somebody else comes."""
    with listening(tmp_path / "log", WORKERS="1", THREADS="2", CLIENT_TIMEOUT="20") as server, ExitStack() as opened:
        for _ in range(2):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        time.sleep(3)
        client.sendall(b" ")
        started = time.monotonic()

        assert (200, "") == post(server, b'{"history": {"loss": [1]}}')
        assert time.monotonic() - started < 2
        assert client.recv(4096).startswith(b"HTTP/1.1 408")


def test_requests_are_told_apart_however_they_come(server: Server) -> None:
    """Two and a half at once, then the rest of the third in pieces."""
    request_ = b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n" + b'{"history": {"loss": [1]}}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(2 * request_ + request_[:30])
        for at in range(30, len(request_)):
            time.sleep(0.01)
            client.sendall(request_[at : at + 1])
        client.shutdown(socket.SHUT_WR)
        came = b"".join(iter(lambda: client.recv(65536), b""))

    assert 3 == came.count(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/nowhere", 404), ("PUT", "/diagnose", 405)])
def test_whoever_still_sends_when_it_is_refused_can_read_why(
    server: Server, method: str, path: str, status: int
) -> None:
    """`http.client` sends all it has before it reads."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request(method, path, b" " * (20 * MIB))
        answer = connection.getresponse()

        assert (status, "close") == (answer.status, answer.headers["Connection"])
        assert status == json.loads(answer.read())["status"]


def test_a_small_body_that_nobody_asked_for_does_not_end_the_connection(server: Server) -> None:
    """It is read out, and the next question follows on the same connection."""
    body = b" " * 10_000
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        for _ in range(3):
            client.sendall(head)
            time.sleep(0.02)
            client.sendall(body)
            answer = http.client.HTTPResponse(client)
            answer.begin()
            answer.read()

            assert (404, "keep-alive") == (answer.status, answer.headers["Connection"])


def test_a_small_body_that_does_not_come_delays_no_refusal(server: Server) -> None:
    """Whoever waits for the answer before it sends has it, and the end of the connection, at once."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        began = time.monotonic()
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert (404, "close") == (answer.status, answer.headers["Connection"])
        assert time.monotonic() - began < 1


def test_connections_that_say_nothing_make_room(tmp_path: Path) -> None:
    """Ten of those that a worker may have had an answer, two hundred others nothing: the next is answered at once."""
    command = (*GUNICORN[:-1], "--worker-connections", "40", GUNICORN[-1])

    def answered(client: socket.socket) -> int:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()
        answer.read()
        return answer.status

    with listening(tmp_path / "log", command, WORKERS="1") as server, ExitStack() as opened:
        idle = [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20)) for _ in range(210)
        ]
        assert [200] * 10 == [answered(client) for client in idle[-10:]]
        started = time.monotonic()

        assert (200, "") == post(server, b'{"history": {"loss": [1]}}')
        assert 200 == answered(idle[-1]), "whoever had an answer goes last"
        assert time.monotonic() - started < 1


def test_clients_at_once_get_each_their_answer(server: Server) -> None:
    """Threads share nothing of a question."""
    found: dict[int, object] = {}

    def one(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        body = json.dumps({"history": {f"loss_{number}": [3, 2, 1]}, "context": {"labels": {"number": number}}})
        connection.request("POST", "/diagnose", body)
        found[number] = json.loads(connection.getresponse().read())["labels"]["number"]
        connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {number: number for number in range(16)} == found


def test_the_log_has_a_line_a_request_and_nothing_of_the_client(server: Server) -> None:
    """Not even of what is not HTTP."""
    ask(server, b"secret-a\r\n\r\n")
    ask(server, b"GET /secret-b?secret-c=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: secret-d\r\nConnection: close\r\n\r\n")
    post(server, b'{"history": {"secret-e": [true]}}')
    time.sleep(0.2)

    log = server.log.read_text(encoding="utf-8")

    assert "secret" not in log
    assert "refused by the server: InvalidRequestLine status=400" in log
    lines = [json.loads(line) for line in log.splitlines()]
    answered = [(line["method"], line.get("route"), line["status"]) for line in lines if line["message"] == "answered"]
    assert {("GET", None, 404), ("POST", "/diagnose", 422)} <= set(answered)
    assert "Traceback" not in log


def test_a_body_cut_on_its_way_is_refused(server: Server) -> None:
    """Half a log must not be diagnosed as a whole one."""
    table = b"epoch,loss\n" + b"".join(b"%d,%d\n" % (i, 100 - i) for i in range(40))
    head = b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(table)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(head + table[: len(table) // 2])
        client.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert answer.status in {400, 408}
        assert json.loads(answer.read())["type"].endswith("/malformed")
