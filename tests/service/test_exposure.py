"""What a server that really runs does with strangers, and with too many."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scripts.listening import GUNICORN, ROOT, Server, free_port, listening

KEY = "0123456789abcdef"
QUESTION = json.dumps({"history": {"loss": [1.0, 0.5, 0.4, 0.3]}}).encode()


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start the service where it should refuse to start."""
    variables = {**os.environ, "PORT": str(free_port()), **environment}
    return subprocess.run(GUNICORN, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_a_port_that_others_reach_is_not_opened_without_keys(host: str) -> None:
    """And the reason is one line that says what to do."""
    refused = started(HOST=host)

    assert refused.returncode != 0
    assert "ALLOW_ANONYMOUS=1" in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr


HANDS_OVER = """
import os, socket, sys
opened = socket.create_server(("0.0.0.0", 0))
os.dup2(opened.fileno(), 3)
os.set_inheritable(3, True)
if "--bind" not in sys.argv:
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("told", [(), ("--bind", "fd://3")])
def test_a_socket_that_is_handed_over_opens_no_port_either(told: tuple[str, ...]) -> None:
    """As systemd does it, or by its number: gunicorn takes that socket in place of the address it was told."""
    command = [sys.executable, "-c", HANDS_OVER, *GUNICORN, *told]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode != 0
    assert "ALLOW_ANONYMOUS=1" in refused.stderr.splitlines()[-1]


def test_a_start_that_is_refused_leaves_no_room_taken(tmp_path: Path) -> None:
    """One that is tried again and again would fill the memory."""
    counted = tmp_path / "counted"
    counted.mkdir()

    assert started(HOST="0.0.0.0", PROMETHEUS_MULTIPROC_DIR=str(counted)).returncode != 0  # noqa: S104
    assert not counted.exists()


def test_a_setting_that_cannot_be_meant_is_one_line() -> None:
    """Not the inside of the server."""
    refused = started(WORKERS="many")

    assert "WORKERS='many': expected a whole number from 1 to 4096." in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("setting", [{"ALLOW_ANONYMOUS": "1"}, {"API_KEYS": f"ci={sha256(KEY.encode()).hexdigest()}"}])
def test_a_port_that_others_reach_is_opened_with_keys_or_where_the_operator_insists(
    tmp_path: Path, setting: dict[str, str]
) -> None:
    """The keys are asked for."""
    with listening(tmp_path / "log", HOST="0.0.0.0", WORKERS="1", **setting) as server:  # noqa: S104
        found = [status(server.port, {}), status(server.port, {"Authorization": f"Bearer {KEY}"})]

    assert found == ([200, 200] if "ALLOW_ANONYMOUS" in setting else [401, 200])
    assert KEY not in (tmp_path / "log").read_text(encoding="utf-8")


def status(port: int, headers: dict[str, str]) -> int:
    """Ask for a diagnosis."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/diagnose", QUESTION, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_reload_lets_in_new_keys_and_old_ones_no_more(tmp_path: Path) -> None:
    """A file that is none changes nothing, and the service goes on."""
    file, log = tmp_path / "keys", tmp_path / "log"
    file.write_text(entry("old"), encoding="utf-8")
    with listening(log, WORKERS="1", API_KEYS_FILE=str(file)) as server:
        found = [let_in(server.port, "old", "new")]
        for text, said in ((entry("new"), "known are 1 keys"), ("no entry", "the keys stay as they were")):
            file.write_text(text, encoding="utf-8")
            before = workers(server)
            os.kill(server.pid, signal.SIGHUP)
            end = time.monotonic() + 20
            while (said not in log.read_text(encoding="utf-8") or workers(server) & before) and time.monotonic() < end:
                time.sleep(0.05)
            found.append(let_in(server.port, "old", "new"))

    assert [[200, 401], [401, 200], [401, 200]] == found
    assert "no entry" not in log.read_text(encoding="utf-8")


def entry(key: str) -> str:
    """A line of a file of keys."""
    return f"ci={sha256(key.encode()).hexdigest()}\n"


def let_in(port: int, *keys: str) -> list[int]:
    """What the holders of these keys are answered."""
    return [status(port, {"Authorization": f"Bearer {key}"}) for key in keys]


def workers(server: Server) -> set[str]:
    """The processes that gunicorn has begun."""
    return set(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split())


def test_who_sends_a_large_body_without_a_key_can_read_that_it_needs_one(tmp_path: Path) -> None:
    """Nobody's thread waits until it has come."""
    keys = {"API_KEYS": f"ci={sha256(KEY.encode()).hexdigest()}"}
    with listening(tmp_path / "log", WORKERS="1", **keys) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("POST", "/diagnose", b" " * 60_000_000)
        answer = connection.getresponse()
        problem = json.load(answer)

    assert (401, "close") == (answer.status, answer.headers["Connection"])
    assert problem["type"].endswith("/unauthorized")


def test_who_finds_the_line_full_is_told_at_once(tmp_path: Path) -> None:
    """While clients that drip hold both threads and the place in line, the next are sent away, and health still answers."""
    with listening(tmp_path / "log", WORKERS="1", THREADS="2", QUEUE="1", CLIENT_TIMEOUT="20") as server:
        time.sleep(0.3)  # whoever asked whether it is up has gone
        held: list[Any] = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        for client in held:
            client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
            time.sleep(0.1)
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        held.append(connection)
        connection.request("POST", "/diagnose", QUESTION)
        refused = connection.getresponse()
        problem = json.load(refused)
        connection.request("GET", "/healthz")
        health = connection.getresponse().status
        took = time.monotonic() - began
        for client in held:
            client.close()
        end = time.monotonic() + 20
        while (after := status(server.port, {})) != 200 and time.monotonic() < end:
            time.sleep(0.2)

    assert (503, "2", True) == (refused.status, refused.headers["Retry-After"], problem["type"].endswith("/busy"))
    assert (200, 200) == (health, after)
    assert took < 10, "a refusal must not wait for those who drip"


def test_clients_that_hang_up_take_no_place_in_the_line(tmp_path: Path) -> None:
    """Five that had their answer go while another drips; the next waits for its turn, and is not sent away."""
    with listening(tmp_path / "log", WORKERS="1", THREADS="1", QUEUE="1") as server:
        answered = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=20) for _ in range(5)]
        for connection in answered:
            connection.request("GET", "/conditions")
            connection.getresponse().read()
        time.sleep(0.3)  # they wait at the poller by now
        with socket.create_connection(("127.0.0.1", server.port)) as dripping:
            dripping.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
            time.sleep(0.1)
            for connection in answered:
                connection.close()
            time.sleep(0.3)

            assert status(server.port, {}) == 200


def test_a_client_that_never_pauses_lets_others_in(tmp_path: Path) -> None:
    """The only thread stays with whoever asks again at once, and goes to the next as soon as somebody waits."""
    answered, enough = threading.Event(), time.monotonic() + 10

    def hurry(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            while not answered.is_set() and time.monotonic() < enough:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                client.recv(4096)

    with listening(tmp_path / "log", WORKERS="1", THREADS="1") as server:
        hurries = threading.Thread(target=hurry, args=(server.port,))
        hurries.start()
        time.sleep(0.5)
        found = [status(server.port, {}) for _ in range(5)]
        left = enough - time.monotonic()
        answered.set()
        hurries.join()

    assert [200] * 5 == found
    assert left > 0, "the client that hurries must not keep the others waiting"


def test_turns_are_counted_over_all_workers(tmp_path: Path) -> None:
    """Of four clients with one key, on two workers, one at a time is answered; who drips its body holds the turn."""
    keys = {"API_KEYS": f"ci={sha256(KEY.encode()).hexdigest()}", "KEY_CONCURRENCY": "1"}
    head = f"POST /diagnose HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 9\r\n\r\n"
    with (
        listening(tmp_path / "log", WORKERS="2", CLIENT_TIMEOUT="8", **keys) as server,
        socket.create_connection(("127.0.0.1", server.port)) as drips,
    ):
        drips.sendall(head.encode())
        time.sleep(0.5)
        found = {status(server.port, {"Authorization": f"Bearer {KEY}"}) for _ in range(6)}

    assert {429} == found
