"""Who is let in, and what other sites' pages may do."""

from hashlib import sha256

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import create_app
from service.admission.guard import Door
from service.admission.keys import Key
from service.settings import Settings

QUESTION = {"history": {"loss": [1.0, 0.5, 0.4, 0.3]}}
KEYS = tuple(Key(name, sha256(key.encode()).digest()) for name, key in [("ci", "one"), ("ci", "two"), ("lab", "three")])


@pytest.fixture
def client() -> FlaskClient:
    """Asks a service that has keys."""
    return create_app(Settings(keys=KEYS, key_concurrency=1, origins=("https://lab.example",))).test_client()


def ask(client: FlaskClient, key: str | None = None, **headers: str) -> TestResponse:
    """Ask for a diagnosis."""
    sent = {"Authorization": f"Bearer {key}"} if key is not None else {}
    return client.post("/diagnose", json=QUESTION, headers=sent | headers, buffered=True)


@pytest.mark.parametrize("key", ["one", "two", "three"])
def test_the_holder_of_a_key_is_answered(client: FlaskClient, key: str) -> None:
    """Of either of two while they are changed."""
    assert 200 == ask(client, key).status_code


@pytest.mark.parametrize(("key", "came"), [(None, "no key"), ("four", "not known"), ("", "not known")])
def test_whoever_has_no_key_is_told_so(client: FlaskClient, key: str | None, came: str) -> None:
    """With the scheme that RFC 9110 wants beside a 401, and nothing of what came."""
    refused = ask(client, key)

    assert (401, "Bearer") == (refused.status_code, refused.headers["WWW-Authenticate"])
    assert refused.get_json()["type"].endswith("/unauthorized")
    assert came in refused.get_json()["detail"]
    assert "four" not in refused.text


def test_a_model_is_not_examined_without_a_key(client: FlaskClient) -> None:
    """What costs most is guarded as well."""
    assert 401 == client.post("/overfit-check").status_code


def test_what_says_nothing_of_anybody_needs_no_key(app: Flask) -> None:
    """Health, the conditions, the formats, the contract, the page."""
    client = create_app(Settings(keys=KEYS)).test_client()
    plain = [str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]

    refused = [path for path in plain if client.get(path).status_code == 401]

    assert (True, []) == (len(plain) >= 5, refused)


def test_a_request_gives_its_turn_back(client: FlaskClient) -> None:
    """One at a time may be asked for ever, with an error in between."""
    client.post("/diagnose", data=b"\0", headers={"Authorization": "Bearer one"}).close()

    assert [200] * 5 == [ask(client, "one").status_code for _ in range(5)]


def test_whoever_is_being_answered_is_counted_also_after_the_keys_were_read_again() -> None:
    """As long as the names stay; with other names there are other turns."""
    door = Door(KEYS, 1)
    door.turns.take("ci")

    door.know(KEYS[1:])
    counted = door.turns.take("ci")
    door.know(KEYS[:1])

    assert counted is None
    assert door.turns.take("ci") is not None


def test_one_key_cannot_take_the_turns_of_another(client: FlaskClient) -> None:
    """While an answer of a key is on its way, others of it wait, under either of its texts; another key does not."""
    first = client.post("/diagnose", json=QUESTION, headers={"Authorization": "Bearer one"})  # not yet sent to its end

    second, third = ask(client, "two"), ask(client, "three")
    first.close()

    assert [200, 429, 200, 200] == [
        first.status_code,
        second.status_code,
        third.status_code,
        ask(client, "two").status_code,
    ]
    assert ("1", True) == (second.headers["Retry-After"], second.get_json()["type"].endswith("/busy"))


def test_pages_of_named_origins_may_ask(client: FlaskClient) -> None:
    """The browser asks first, without a key; then it lets the page read the answer."""
    before = client.options(
        "/diagnose", headers={"Origin": "https://lab.example", "Access-Control-Request-Method": "POST"}
    )
    answer = ask(client, "one", Origin="https://lab.example")

    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    assert ["https://lab.example"] * 2 == [a.headers["Access-Control-Allow-Origin"] for a in (before, answer)]
    assert "Origin" in answer.vary


def test_pages_of_other_origins_may_not(client: FlaskClient) -> None:
    """Nor does a refusal tell them anything."""
    assert "Access-Control-Allow-Origin" not in ask(client, "one", Origin="https://evil.example").headers


def test_no_origin_is_let_in_unless_named(app: Flask) -> None:
    """Without the setting there is not a word of it."""
    answer = ask(app.test_client(), Origin="https://lab.example")

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_any_origin_can_be_let_in() -> None:
    """For a service that everybody may ask."""
    answer = ask(create_app(Settings(origins=("*",))).test_client(), Origin="https://a.example")

    assert "*" == answer.headers["Access-Control-Allow-Origin"]


@pytest.mark.parametrize("digits", [30, 400])
def test_a_turn_ends_also_where_the_answer_fails(client: FlaskClient, digits: int) -> None:
    """A length of hundreds of digits once made the counting of answers fail, and the key waited for ever."""
    for _ in range(2):
        claimed = client.post(
            "/diagnose",
            headers={"Authorization": "Bearer one"},
            environ_overrides={"CONTENT_LENGTH": "9" * digits},
            buffered=True,
        )
        assert 413 == claimed.status_code

    assert 200 == ask(client, "one").status_code


def test_a_turn_ends_where_counting_answers_raises() -> None:
    """Whatever it is that fails after the answer was made."""
    app = create_app(Settings(keys=KEYS, key_concurrency=1))

    @app.after_request
    def fail(_response: Response) -> Response:
        raise RuntimeError

    client = app.test_client()
    asked = [ask(client, "one").status_code for _ in range(3)]

    assert [500, 500, 500] == asked
