import pytest
from flask.testing import FlaskClient

from service.negotiation import choose
from service.refusals import NotAcceptable

OFFERED = ("application/json", "text/markdown", "text/plain")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        (" ", "application/json"),
        ("*/*", "application/json"),
        ("*", "application/json"),
        ("text/plain", "text/plain"),
        ("TEXT/Plain", "text/plain"),
        ("text/*", "text/markdown"),
        ("text/plain;q=0.5, text/markdown;q=0.9", "text/markdown"),
        ("text/plain, text/markdown", "text/markdown"),
        ("application/json;q=0, */*", "text/markdown"),
        ("text/plain;q=0.1, */*;q=0.2", "application/json"),
        ("text/markdown; variant=GFM", "text/markdown"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/problem+json, text/plain", "text/plain"),
        ("text/plain;q=nonsense, application/json;q=0.1", "application/json"),
        ("text/plain;q=nan, application/json;q=0.1", "application/json"),
        ("text/plain;q=9", "text/plain"),
        ("nonsense, text/plain", "text/plain"),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str | None, chosen: str) -> None:
    """The closest entry counts for each type; of equals the first that is offered."""
    assert chosen == choose(accept, OFFERED)


@pytest.mark.parametrize("accept", ["application/xml", "text/plain;q=0", "nonsense", "*/*;q=0", "/", ","])
def test_what_cannot_be_made_is_refused_with_what_can(accept: str) -> None:
    """The sentence lists what is available."""
    with pytest.raises(NotAcceptable, match="application/json, text/markdown, text/plain"):
        choose(accept, OFFERED)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml"),
        ("image/png", "image/png"),
        ("image/*", "image/png"),
    ],
)
def test_an_answer_says_what_it_is_and_what_chose_it(client: FlaskClient, accept: str, content_type: str) -> None:
    """A cache must not give the one for the other."""
    response = client.post("/diagnose", data=b'{"history": {"loss": [1]}}', headers={"Accept": accept})

    assert (content_type, "Accept") == (response.content_type, response.headers["Vary"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/diagnose"), ("GET", "/conditions"), ("GET", "/conditions/plateau"), ("GET", "/formats")],
)
def test_an_address_that_cannot_please_answers_406(client: FlaskClient, method: str, path: str) -> None:
    """As a problem, whatever was accepted."""
    response = client.open(path, method=method, headers={"Accept": "image/webp"})

    assert (406, "/problems/not-acceptable") == (response.status_code, response.get_json()["type"])
    assert "Accept" in response.headers["Vary"], "a cache must not give it to others"


def test_an_svg_may_run_and_load_nothing(client: FlaskClient) -> None:
    """It is a document that a browser opens, and holds names that a client chose."""
    response = client.post("/diagnose", data=b'{"history": {"loss": [1]}}', headers={"Accept": "image/svg+xml"})

    assert "default-src 'none'; style-src 'unsafe-inline'" == response.headers["Content-Security-Policy"]
    assert "nosniff" == response.headers["X-Content-Type-Options"]
