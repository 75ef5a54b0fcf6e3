"""The proxy that the documentation advises, in front of the service, as it is in deploy/nginx."""

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from scripts.listening import ROOT, free_port, listening

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)"),
]
QUESTION = json.dumps({"history": {"loss": [1.0, 0.5, 0.4, 0.3]}}).encode()
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx: its configuration with other addresses, and nothing else changed."""
    folder = tmp_path_factory.mktemp("nginx")
    ours = free_port()
    with listening(folder / "log", WORKERS="1", THREADS="2", CLIENT_TIMEOUT="5") as server:
        text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
        text = text.replace("web:8000", f"127.0.0.1:{server.port}").replace("listen 8080", f"listen 127.0.0.1:{ours}")
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


def test_what_is_counted_is_not_for_strangers(port: int) -> None:
    """Prometheus asks the service itself."""
    assert 403 == ask(port, "GET", "/metrics")[0]
