import logging

import pytest
from flask.testing import FlaskClient

from service.request_id import HARMLESS, request_id


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

    lines = [record.getMessage() for record in caplog.records]
    assert ["method=POST route=/diagnose status=200", "method=GET route=/conditions/<name> status=404"] == [
        line.split(" ms=")[0] for line in lines[:2]
    ]
    assert lines[2].startswith("method=other route=- status=404 ")
    assert "diagnosis=inconclusive" in lines[0]
    assert "secret" not in caplog.text.lower()
