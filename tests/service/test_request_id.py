import json
import logging

import pytest
from flask.testing import FlaskClient

from service.request_id import HARMLESS, request_id
from service.server.json_lines import JsonLines


@pytest.mark.parametrize("sent", ["abcd1234", "A-b_" * 16])
def test_a_harmless_id_is_kept(sent: str) -> None:
    """A request can be followed through several services."""
    assert sent == request_id(sent)


@pytest.mark.parametrize("sent", [None, "", "short", "a" * 65, "abcd1234\n", "abcd 1234", "ünïcode12", "<script>alert"])
def test_any_other_id_is_replaced(sent: str | None) -> None:
    """It would end up in logs."""
    found = request_id(sent)

    assert sent != found
    assert HARMLESS.fullmatch(found)


def test_every_answer_carries_its_id(client: FlaskClient) -> None:
    """Errors too."""
    for path in ("/healthz", "/nowhere"):
        assert "abcd1234" == client.get(path, headers={"X-Request-ID": "abcd1234"}).headers["X-Request-ID"]


def test_one_line_a_request_is_logged_without_the_clients_words(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Method, route, status, time, sizes: words of this service."""
    with caplog.at_level(logging.INFO, "service.access"):
        client.post("/diagnose?filename=secret-a", data=b'{"history": {"secret-b-loss": [1]}, "name": "secret-c"}')
        client.get("/conditions/secret-d")
        client.open("/secret-e", method="SECRET")

    written = [JsonLines().format(record) for record in caplog.records]
    lines = [json.loads(line) for line in written]
    assert [("POST", "/diagnose", 200), ("GET", "/conditions/<name>", 404), ("other", None, 404)] == [
        (line["method"], line.get("route"), line["status"]) for line in lines
    ]
    assert ("inconclusive", "answered", "INFO") == tuple(lines[0][name] for name in ("diagnosis", "message", "level"))
    assert "secret" not in "".join(written).lower()


def test_a_line_of_the_log_is_one_line_whatever_is_raised() -> None:
    """Neither the message nor the lines of an error are told: they may quote a client."""
    raised = (ValueError, ValueError("secret\n"), None)
    record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "two\nlines", (), raised)

    written = JsonLines().format(record)

    assert (0, "ValueError", False) == (written.count("\n"), json.loads(written)["raised"], "secret" in written)
