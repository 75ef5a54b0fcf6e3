"""The jail in a server that really runs: shared by its workers, started again, gone with them."""

import http.client
import json
import os
import signal
import socket
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.listening import Server, listening

GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn", "tests.service.sandbox.application:app")


def processes(word: str) -> dict[int, int]:
    """Processes whose command line holds `word`, with their parents."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            status = (path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if word in command and status[0] != "Z":
            found[int(path.name)] = int(status[1])
    return found


def of(log: Path, word: str) -> dict[int, int]:
    """Those whose errors go into `log`."""
    found = {}
    for pid, parent in processes(word).items():
        try:
            if Path(f"/proc/{pid}/fd/2").resolve() == log.resolve():
                found[pid] = parent
        except OSError:
            continue
    return found


def warm(log: Path) -> set[int]:
    """The warm processes of a server; a child that has just been forked looks like one."""
    found = of(log, "service.sandbox.warm")
    return {pid for pid, parent in found.items() if parent not in found}


def master(log: Path) -> int:
    """The process that has started the workers of a server."""
    return next(pid for pid, parent in of(log, "sandbox.application").items() if parent == os.getpid())


def wait(condition: Callable[[], Any], within: float = 20.0) -> Any:
    """What `condition` gives once it is true."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("it did not come true")


def says(server: Server) -> str:
    """What `/readyz` tells of the check."""
    with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
        return str(json.load(answer)["overfit_check"])


def is_up(server: Server) -> bool:
    """Whether checks can be made."""
    return says(server).startswith("available")


def post(server: Server, model: bytes, config: dict[str, Any]) -> tuple[int, list[bytes]]:
    """Ask for a check: the status, and the lines of the answer."""
    query = urllib.parse.urlencode({"config": json.dumps(config)})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("POST", f"/check?{query}", model)
        answer = connection.getresponse()
        return answer.status, answer.read().splitlines()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Server]:
    """Two workers, and a jail that is up."""
    log = tmp_path_factory.mktemp("jail") / "log.txt"
    with listening(log, GUNICORN, WORKERS="2", OVERFIT_QUEUE="2") as server:
        wait(lambda: is_up(server))
        yield server


def test_two_workers_share_one_warm_process(served: Server, good: bytes) -> None:
    """It was started with the service, before anybody asked."""
    for _ in range(8):
        status, lines = post(served, good, {"steps": 2})
        assert (200, 3) == (status, len(lines))

    assert 1 == len(warm(served.log))


def test_a_warm_process_that_dies_is_started_again_unasked(served: Server, good: bytes) -> None:
    """Within seconds, and the service stays ready meanwhile."""
    (first,) = warm(served.log)
    os.kill(first, signal.SIGKILL)

    # both workers may start one, of which one lives
    wait(lambda: is_up(served) and len(warm(served.log) - {first}) == 1)
    assert 200 == post(served, good, {})[0]


def test_a_client_that_leaves_a_stream_ends_its_check(served: Server, good: bytes) -> None:
    """Its process is gone soon after."""
    (pid,) = warm(served.log)
    children = Path(f"/proc/{pid}/task/{pid}/children")
    query = urllib.parse.urlencode({"config": json.dumps({"do": "sleep"})})
    head = f"POST /check?{query}&watch=1 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(good)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port)) as client:
        client.sendall(head.encode() + good)
        wait(lambda: children.read_text(encoding="ascii"))

    wait(lambda: not children.read_text(encoding="ascii"), 2)


def test_busy_is_told_with_when_to_come_back(served: Server, good: bytes) -> None:
    """As a problem, like any other."""
    cores = len(os.sched_getaffinity(0))
    answers = []
    try:
        # each worker holds at most three
        for _ in range(min(cores + 2, 6) + 1):
            query = urllib.parse.urlencode({"config": json.dumps({"do": "sleep", "seconds": 2})})
            client = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
            client.request("POST", f"/check?{query}", good)
            answers.append(client)
            time.sleep(0.05)
        found = [client.getresponse() for client in answers]
        told = [(answer.headers["Retry-After"], answer.read()) for answer in found if answer.status == 429]
        for answer in found:
            answer.read()

        assert told
        assert all(int(retry) >= 1 and json.loads(body)["type"].endswith("/busy") for retry, body in told)
    finally:
        for client in answers:
            client.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_service_that_ends_leaves_no_process(number: int, tmp_path: Path, good: bytes) -> None:
    """In good order or not, with a check that still runs."""
    log = tmp_path / "log.txt"
    with listening(log, GUNICORN, WORKERS="1") as server:
        wait(lambda: is_up(server))
        first = master(log)
        (pid,) = warm(log)
        query = urllib.parse.urlencode({"config": json.dumps({"do": "sleep", "seconds": 1})})
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(
                f"POST /check?{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(good)}\r\n\r\n".encode() + good
            )
            wait(lambda: Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii"))
            os.kill(first, number)
            wait(lambda: not of(log, "sandbox.application") and not of(log, "service.sandbox.warm"), 15)


def test_a_reload_keeps_the_warm_process(served: Server, good: bytes) -> None:
    """New workers share what the old ones had."""
    before = warm(served.log)
    first = master(served.log)
    workers = {pid for pid, parent in of(served.log, "sandbox.application").items() if parent == first}
    os.kill(first, signal.SIGHUP)

    wait(lambda: not workers & of(served.log, "sandbox.application").keys())

    assert 200 == post(served, good, {})[0]
    assert before == warm(served.log)


def test_where_it_is_required_the_service_is_not_ready_without_it(tmp_path: Path) -> None:
    """An operator who needs the check wants no traffic before it can be made; the others do."""
    with listening(tmp_path / "log.txt", GUNICORN, WORKERS="1", OVERFIT_REQUIRED="1") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        problem = json.load(answer)
        connection.close()

    assert 503 == answer.status
    assert problem["type"].endswith("/unavailable")
    assert "OVERFIT_REQUIRED" in problem["detail"]
