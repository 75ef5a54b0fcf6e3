"""In which line a request stands, told from its head."""

import http.client
import json
import threading
import time
from pathlib import Path

import pytest

from scripts.listening import listening
from service.admission.large import LARGE
from service.server.lines import kind_of


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "probe"),
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "probe"),
        (b"GET /healthzz HTTP/1.1\r\nHost: x\r\n\r\n", "ordinary"),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: %d\r\n\r\n" % LARGE, "bulky"),
        (b"POST /diagnose?summary=1 HTTP/1.1\r\nContent-Length:%d \r\n\r\n" % LARGE, "bulky"),
        (b"POST /diagnose HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LARGE - 1), "ordinary"),
        (b"POST /overfit-check HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % LARGE, "ordinary"),
        (b"POST /diagnose HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 1", "ordinary"),
        (b"", "ordinary"),
    ],
)
def test_a_head_tells_the_line(head: bytes, kind: str) -> None:
    """Probes stand in one that never waits, large bodies in one where all are large."""
    assert kind == kind_of(head)


def test_large_questions_keep_nobody_else_waiting(tmp_path: Path) -> None:
    """More of them than there are threads; probes and short questions are answered between."""
    body = json.dumps({"history": {"loss": [1.0 / (k + 1) for k in range(100_000)]}}).encode()
    body = b" " * (LARGE - len(body)) + body
    answered = []

    def ask(port: int, path: str, sent: bytes | None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST" if sent else "GET", path, sent)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    with listening(tmp_path / "log", WORKERS="1", THREADS="2", CLIENT_TIMEOUT="20") as server:
        clients = [
            threading.Thread(target=lambda: answered.append(ask(server.port, "/diagnose", body))) for _ in range(8)
        ]
        for client in clients:
            client.start()
        time.sleep(0.3)
        before = len(answered)
        short = [ask(server.port, "/healthz", None), ask(server.port, "/diagnose", b'{"history": {"loss": [3, 2, 1]}}')]
        between = len(answered) - before
        for client in clients:
            client.join()

    assert [200] * 8 == answered
    assert [200, 200] == short
    assert between < 4
