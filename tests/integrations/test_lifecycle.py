"""What happens to questions while the service is stopped, reloaded, killed, and short of everything."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.storm.processes import Family
from scripts.listening import GUNICORN, ROOT, Server, free_port, listening

pytestmark = pytest.mark.integration
QUESTION = json.dumps({"history": {"loss": [1.0, 0.5, 0.4, 0.3], "val_loss": [1.0, 0.6, 0.5, 0.5]}}).encode()
UNSHARE = ("unshare", "--mount", "--propagation", "private")
MAY_MOUNT = (
    shutil.which("unshare") is not None
    and subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode
    == 0
)


def ask(port: int, accept: str = "application/json") -> int:
    """Ask on a connection of its own."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/diagnose", QUESTION, {"Accept": accept})
        answer = connection.getresponse()
        assert answer.read()
        return answer.status


def look(port: int, address: str) -> str:
    """What stands at an address, whatever its status."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", address)
        return connection.getresponse().read().decode()


@contextlib.contextmanager
def load(port: int, clients: int = 6) -> Iterator[Counter[str]]:
    """Clients that ask without a break; what they got: statuses, and the names of what broke."""
    found: Counter[str] = Counter()
    ends = threading.Event()

    def asks() -> None:
        while not ends.is_set():
            try:
                outcome = str(ask(port))
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
            found[outcome] += 1  # the interpreter's own lock is enough here

    threads = [threading.Thread(target=asks) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ends.set()
        for thread in threads:
            thread.join()


def wait(condition: Callable[[], Any], within: float = 40.0) -> Any:
    """What `condition` gives once it is true."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    pytest.fail("it did not come true")


def after(first: str) -> tuple[str, ...]:
    """gunicorn, once a shell has done something."""
    return ("sh", "-c", f'{first} && exec "$@"', "sh", *GUNICORN)


def memory_of(server: Server) -> Path:
    """What it finds at /dev/shm, where that is its own."""
    return Path("/proc", str(server.pid), "root", "dev", "shm")


def workers(server: Server) -> set[int]:
    """Numbers of the processes that answer."""
    return set(Family.of(server.pid).workers)


def staffed(server: Server, places: int) -> set[int]:
    """Them once all places are taken: the service answers as soon as the first is."""
    now = workers(server)
    return now if len(now) == places else set()


def replaced(server: Server, before: set[int]) -> bool:
    """Whether others have taken the places of all workers."""
    now = staffed(server, len(before))
    return bool(now) and not now & before


def test_a_stop_finishes_what_runs_and_refuses_the_rest(tmp_path: Path) -> None:
    """A client that is still sending gets its answer; the next finds nobody."""
    head = b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(QUESTION)
    with (
        listening(tmp_path / "log", WORKERS="1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as client,
    ):
        client.sendall(head + QUESTION[:10])
        time.sleep(0.5)
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(1)
        with pytest.raises(ConnectionRefusedError):
            ask(server.port)
        client.sendall(QUESTION[10:])
        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert 200 == answer.status
        assert "inconclusive" == json.loads(answer.read())["status"]


def test_a_stop_does_not_wait_for_clients_that_have_not_asked(tmp_path: Path) -> None:
    """Neither for one that is silent, nor for one in the middle of its headers, however much patience there is."""
    with (
        listening(tmp_path / "log", WORKERS="1", CLIENT_TIMEOUT="300") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as slow,
    ):
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
        time.sleep(0.5)
        os.kill(server.pid, signal.SIGTERM)

        assert b"" == silent.recv(100)
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_stop_does_not_wait_for_a_worker_that_is_just_begun(tmp_path: Path, number: int) -> None:
    """It was told before it listened to signals, here for a second; gunicorn would kill it after thirty."""
    (tmp_path / "slow.py").write_text(
        "import time\nfrom service.gunicorn import *\nfrom service.gunicorn import post_fork as begin\n"
        "def post_fork(server, worker):\n    begin(server, worker)\n    time.sleep(1)\n"
    )
    command = [*GUNICORN[:4], str(tmp_path / "slow.py"), GUNICORN[-1]]
    with listening(tmp_path / "log", command, WORKERS="1", PYTHONPATH=str(ROOT)) as server:
        (first,) = workers(server)
        os.kill(first, signal.SIGKILL)
        wait(lambda: workers(server) - {first})
        os.kill(server.pid, number)

        wait(lambda: "Shutting down" in server.log.read_text(), within=10)


def test_threads_are_there_before_anybody_asks(tmp_path: Path) -> None:
    """Where the system allows no more, a worker that needs one more to answer would end with everybody's answers."""
    with listening(tmp_path / "log", WORKERS="1") as server:
        (worker,) = workers(server)
        before = set(Path(f"/proc/{worker}/task").iterdir())
        with load(server.port):
            time.sleep(1)

        assert before == set(Path(f"/proc/{worker}/task").iterdir())


def test_a_reload_under_load_loses_nothing(tmp_path: Path) -> None:
    """Twice, every worker is replaced, and every client answered."""
    with listening(tmp_path / "log", WORKERS="2") as server, load(server.port) as found:
        for _ in range(2):
            before = wait(lambda: staffed(server, 2))
            os.kill(server.pid, signal.SIGHUP)
            wait(partial(replaced, server, before))
            time.sleep(1)

    assert {"200"} == found.keys()


def test_the_next_version_takes_over_without_loss(tmp_path: Path) -> None:
    """USR2 begins it beside the old one, which ends when it is told to."""
    with listening(tmp_path / "log", WORKERS="1") as server, load(server.port) as found:
        before = children(server.pid)
        os.kill(server.pid, signal.SIGUSR2)
        wait(lambda: "Starting gunicorn" in server.log.read_text().partition("Starting gunicorn")[2])
        (new,) = children(server.pid) - before
        try:
            wait(lambda: children(new))
            time.sleep(1)
            os.kill(server.pid, signal.SIGTERM)
            wait(lambda: "Shutting down" in server.log.read_text())
            time.sleep(1)
            last = ask(server.port)
        finally:
            os.kill(new, signal.SIGTERM)

    assert 200 == last
    assert {"200"} == found.keys()


def children(pid: int) -> set[int]:
    """The processes that one has begun."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()))


def test_workers_that_have_answered_enough_are_replaced_without_loss(tmp_path: Path) -> None:
    """As is done after so many requests, here after few."""
    command = (*GUNICORN[:-1], "--max-requests", "40", "--max-requests-jitter", "10", GUNICORN[-1])
    with listening(tmp_path / "log", command, WORKERS="2") as server:
        before = wait(lambda: staffed(server, 2))
        with load(server.port) as found:
            wait(lambda: sum(found.values()) > 400)
        after = workers(server)

    assert {"200"} == found.keys()
    assert not before & after


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    """Only whom it was answering loses something; everybody else is answered."""
    with listening(tmp_path / "log", WORKERS="2") as server:
        with load(server.port) as found:
            for _ in range(3):
                time.sleep(1)
                os.kill(next(iter(wait(lambda: workers(server)))), signal.SIGKILL)
            time.sleep(1)
        wait(lambda: staffed(server, 2))

        assert 200 == ask(server.port)

    lost = sum(count for outcome, count in found.items() if outcome != "200")
    assert found["200"] > 20
    assert lost <= 3 * 6, "a kill may cost each of six clients one answer at most"
    assert not [outcome for outcome in found if outcome.startswith("5")]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)")
def test_one_of_two_behind_the_proxy_may_stop_at_any_time(tmp_path: Path) -> None:
    """Each in its turn is stopped under load and started again, as a rolling update does; no question is lost."""
    with contextlib.ExitStack() as stack:
        services = [stack.enter_context(contextlib.ExitStack()) for _ in range(2)]
        ports = [
            each.enter_context(listening(tmp_path / f"log{at}", WORKERS="1")).port for at, each in enumerate(services)
        ]
        ours = stack.enter_context(proxied(tmp_path, ports))
        with load(ours) as found:
            for at, service in enumerate(services):
                time.sleep(1)
                service.close()  # asks it to stop, and waits until it has
                time.sleep(1)
                service.enter_context(listening(tmp_path / f"again{at}", WORKERS="1", PORT=str(ports[at])))
                time.sleep(1)

    assert {"200"} == found.keys()


def knocks(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def proxied(folder: Path, ports: list[int]) -> Iterator[int]:
    """Start nginx, configured as in deploy/nginx, in front of several; its port."""
    ours = free_port()
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
    text = text.replace("server web:8000 max_fails=0;", servers, 1).replace(
        "server web:8000 max_fails=0;", "#"
    )  # one of each
    text = text.replace("listen 8080", f"listen 127.0.0.1:{ours}")
    config = folder / "nginx.conf"
    config.write_text(text.replace("/tmp/", f"{folder}/"), encoding="utf-8")  # noqa: S108 - what the file itself says
    command = ["nginx", "-c", str(config), "-p", str(folder), "-g", "daemon off;"]
    with (folder / "errors").open("wb") as errors, subprocess.Popen(command, stderr=errors) as nginx:
        try:
            wait(lambda: knocks(ours))
            yield ours
        finally:
            nginx.terminate()
            nginx.wait(20)


@pytest.mark.skipif(not MAY_MOUNT, reason="only root may mount")
def test_memory_and_disk_that_are_full_stop_nobody(tmp_path: Path) -> None:
    """Both are filled while it runs; then a worker dies, and its heir has no room either."""
    mount = "mount -t tmpfs -o size=32m none /dev/shm && mkdir /dev/shm/t && mount -t tmpfs -o size=1m none /dev/shm/t"
    command = (*UNSHARE, *after(f"{mount} && export TMPDIR=/dev/shm/t"))
    with listening(tmp_path / "log", command, WORKERS="1") as server:
        seen = memory_of(server)
        for folder in (seen / "t", seen):
            with contextlib.suppress(OSError), (folder / "full").open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        statuses = [ask(server.port), ask(server.port, "image/png"), ask(server.port, "image/svg+xml")]
        (old,) = workers(server)
        os.kill(old, signal.SIGKILL)
        wait(lambda: workers(server) - {old})
        statuses += [ask(server.port) for _ in range(20)] + [ask(server.port, "image/png")]
        (new,) = workers(server)
        counted, ready = look(server.port, "/metrics"), look(server.port, "/readyz")
        statuses.append(ask(server.port))

        assert {200} == set(statuses)
        assert {new} == workers(server)
        assert "curve_diagnosis_diagnoses_total" in counted
        assert 'curve_diagnosis_ready{part="disk"} 0.0' in counted
        assert "workers count is full" in ready


@pytest.mark.skipif(not MAY_MOUNT, reason="only root may mount")
def test_memory_without_room_for_another_file_stops_nobody(tmp_path: Path) -> None:
    """Every inode is taken; then a worker dies, and all of them are replaced."""
    mount = "mount -t tmpfs -o size=32m,nr_inodes=200 none /dev/shm && mkdir /dev/shm/t"
    command = (*UNSHARE, *after(f"{mount} && export TMPDIR=/dev/shm/t"))
    with listening(tmp_path / "log", command, WORKERS="2") as server:
        before = wait(lambda: staffed(server, 2))
        with contextlib.suppress(OSError):
            for name in range(1000):
                (memory_of(server) / "t" / str(name)).touch()
        os.kill(min(before), signal.SIGKILL)
        wait(lambda: min(before) not in workers(server) and staffed(server, 2))
        now = staffed(server, 2)
        os.kill(server.pid, signal.SIGHUP)
        wait(lambda: replaced(server, now))

        assert {200} == {ask(server.port) for _ in range(20)}
        assert "its inodes are used up" in look(server.port, "/readyz")


@pytest.mark.skipif(not MAY_MOUNT, reason="only root may mount")
def test_a_service_starts_where_memory_is_full(tmp_path: Path) -> None:
    """It counts somewhere else."""
    fill = "mount -t tmpfs -o size=64k none /dev/shm && (cat /dev/zero > /dev/shm/full 2>/dev/null || true)"
    with listening(tmp_path / "log", (*UNSHARE, *after(fill)), WORKERS="1") as server:
        before = workers(server)

        assert {200} == {ask(server.port) for _ in range(20)}
        assert before == workers(server)


def test_a_file_table_that_is_full_ends_nobody(tmp_path: Path) -> None:
    """More idle connections than files may be open: the next client waits, and is answered; no worker ends."""
    with listening(tmp_path / "log", after("ulimit -n 60"), WORKERS="1", CLIENT_TIMEOUT="3") as server:
        before = workers(server)
        with contextlib.ExitStack() as idle:
            for _ in range(100):
                idle.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            statuses = {ask(server.port) for _ in range(3)}
        statuses |= {ask(server.port) for _ in range(20)}

        assert {200} == statuses
        assert before == workers(server)
        assert 1 == server.log.read_text().count("clients wait outside: EMFILE")
