"""The proxy that the documentation advises, in front of the service, as it is in deploy/nginx."""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.listening import ROOT, free_port, listening

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)"),
]
QUESTION = json.dumps({"history": {"loss": [1.0, 0.5, 0.4, 0.3]}}).encode()
MIB = 1024 * 1024


@contextlib.contextmanager
def proxy_of(folder: Path, service: int) -> Iterator[int]:
    """The port of nginx before this one: its configuration with other addresses, and nothing else changed."""
    ours = free_port()
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("web:8000", f"127.0.0.1:{service}").replace("listen 8080", f"listen 127.0.0.1:{ours}")
    config = folder / "nginx.conf"
    config.write_text(text.replace("/tmp/", f"{folder}/"), encoding="utf-8")  # noqa: S108 - what the file itself says
    command = ["nginx", "-c", str(config), "-p", str(folder), "-g", "daemon off;"]
    with (folder / "errors").open("wb") as errors, subprocess.Popen(command, stderr=errors) as nginx:
        try:
            _wait(ours)
            yield ours
        finally:
            nginx.terminate()
            nginx.wait(20)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of a service of few threads."""
    folder = tmp_path_factory.mktemp("nginx")
    with (
        listening(folder / "log", WORKERS="1", THREADS="2", CLIENT_TIMEOUT="5") as server,
        proxy_of(folder, server.port) as ours,
    ):
        yield ours


def _wait(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def ask(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask through nginx."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_question_is_answered_through_the_proxy(port: int) -> None:
    """With the client's own id on it."""
    status, headers, body = ask(port, "POST", "/diagnose", QUESTION, X_Request_ID="abcd-1234")

    assert (200, "abcd-1234", "inconclusive") == (status, headers["x-request-id"], json.loads(body)["status"])


def test_a_problem_of_the_service_is_passed_on(port: int) -> None:
    """A refusal says what to do; the proxy must not put a page of its own in its place."""
    status, headers, body = ask(port, "POST", "/diagnose", b"\0")

    assert (415, "application/problem+json") == (status, headers["content-type"])
    assert json.loads(body)["type"].endswith("/unrecognised-format")


def test_what_the_proxy_refuses_is_a_problem_too(port: int) -> None:
    """Before the service is bothered with it."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (65 * MIB))
        answer = http.client.HTTPResponse(client)
        answer.begin()
        problem = json.loads(answer.read())

    assert (413, "/problems/too-large") == (answer.status, problem["type"])
    assert "application/problem+json" == answer.headers["Content-Type"]


def test_clients_that_drip_never_reach_the_service(port: int) -> None:
    """Twenty of them, for a service of two threads; others are answered meanwhile."""
    drips = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    try:
        for client in drips:
            client.sendall(b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.5)
        began = time.monotonic()
        statuses = {ask(port, "POST", "/diagnose", QUESTION)[0] for _ in range(10)}
        took = time.monotonic() - began
    finally:
        for client in drips:
            client.close()

    assert {200} == statuses
    assert took < 5, "ten small questions waited for those who drip"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/%6detrics"])
def test_what_is_counted_is_not_for_strangers(port: int, path: str) -> None:
    """Prometheus asks the service itself; and whoever is refused is told as elsewhere."""
    status, headers, body = ask(port, "GET", path)

    assert (403, 403, "application/problem+json") == (status, json.loads(body)["status"], headers["content-type"])


@pytest.mark.parametrize(
    "request_line", [b"JUNK", b"GET /" + b"a" * 9000 + b" HTTP/1.1", b"TRACE / HTTP/1.1", b"GET /%zz HTTP/1.1"]
)
def test_a_request_that_is_none_is_refused_with_a_problem(port: int, request_line: bytes) -> None:
    """Its status says what the answer says."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()
        problem = json.loads(answer.read())

    assert answer.status == problem["status"]
    assert ("application/problem+json", "nosniff") == (
        answer.headers["Content-Type"],
        answer.headers["X-Content-Type-Options"],
    )


def test_a_question_that_was_not_answered_is_asked_once_more(tmp_path: Path) -> None:
    """One instance alone stands behind the proxy as it is shipped; what it dropped, it is asked again."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    asked: list[bytes] = []

    def drop_the_first(listener: socket.socket) -> None:
        while len(asked) < 2:
            client, _ = listener.accept()
            with client:
                asked.append(client.recv(65536))
                if len(asked) > 1:
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drop_the_first, args=(listener,), daemon=True)
        thread.start()
        with proxy_of(tmp_path, listener.getsockname()[1]) as ours:
            status = ask(ours, "POST", "/diagnose", QUESTION)[0]

    assert (200, 2) == (status, len(asked))
