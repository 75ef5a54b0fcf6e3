import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from diagnosis.examining.model_check import all_checks
from diagnosis.rule import all_rules
from schemas.catalogue import all_conditions
from service import metrics


def test_the_catalogue_lists_every_condition(client: FlaskClient) -> None:
    """With the address of its page."""
    found = client.get("/conditions").get_json()["conditions"]

    assert sorted({*all_rules(), *all_checks()}) == [c["name"] for c in found]
    assert {"name", "title", "scope", "severity", "page", "in_model"} == set(found[0])


def test_the_catalogue_says_of_what_a_condition_is(client: FlaskClient) -> None:
    """Of a curve, of a model, or of both; then both are described."""
    scopes = {c["name"]: c["scope"] for c in client.get("/conditions").get_json()["conditions"]}
    both = client.get("/conditions/vanishing_gradients").get_json()

    assert ("curve", "model", "both") == tuple(scopes[n] for n in ("overfitting", "relu_output", "vanishing_gradients"))
    assert {name for name, scope in scopes.items() if scope == "both"} == set(all_rules()) & set(all_checks())
    assert both["how"] != both["in_model"]["how"]
    assert client.get("/conditions/overfitting").get_json()["in_model"] is None


def test_of_a_curve_and_of_a_model_each_severity_is_told_for_itself(client: FlaskClient) -> None:
    """In the list as on the page: what an exploding norm costs in a log, it need not cost in a model."""
    listed = {c["name"]: c for c in client.get("/conditions").get_json()["conditions"]}
    for name in set(all_rules()) & set(all_checks()):
        of_curve, of_model = list(all_rules()[name].severity), list(all_checks()[name].severity)
        for found in (listed[name], client.get(f"/conditions/{name}").get_json()):
            assert (of_curve, of_model) == (found["severity"], found["in_model"]["severity"])
        assert all_checks()[name].title == listed[name]["in_model"]["title"]

    page = client.get("/conditions", headers={"Accept": "text/markdown"}).get_data(as_text=True)
    of_curves, of_models = page.split("## Of a model")
    assert "exploding_gradients) (an error): The gradient norm explodes." in of_curves
    assert "exploding_gradients) (a warning or an error): Gradients are far larger" in of_models


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("divergence", ["an error"]),
        ("loss_spike", ["information or a warning"]),
        ("not_learning", ["an error, a warning or information"]),
        ("vanishing_gradients", ["a warning", "a warning or an error"]),
    ],
)
def test_a_page_says_its_severity_in_words(client: FlaskClient, name: str, words: list[str]) -> None:
    """The usual one first; of a curve and of a model, each its own."""
    address = f"/conditions/{name}"
    text = client.get(address, headers={"Accept": "text/markdown"}).get_data(as_text=True)
    page = client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)

    assert words == re.findall(r"^Its severity: (.*)\.$", text, re.MULTILINE)
    assert words == [said[0].lower() + said[1:] for said in re.findall(r"</svg>([^<]+)</span>", page)]


@pytest.mark.parametrize("name", all_conditions())
def test_every_condition_has_a_page(client: FlaskClient, name: str) -> None:
    """For programs and for people."""
    page = client.get(f"/conditions/{name}", headers={"Accept": "text/markdown"})

    assert (200, name) == (page.status_code, client.get(f"/conditions/{name}").get_json()["name"])
    assert page.get_data(as_text=True).startswith(f"# {name}\n")
    plain = client.get(f"/conditions/{name}", headers={"Accept": "text/plain"})
    assert ("text/plain", page.get_data()) == (plain.mimetype, plain.get_data())


def test_the_catalogue_is_a_page_too(client: FlaskClient) -> None:
    """For a bot that was asked what it knows."""
    text = client.get("/conditions", headers={"Accept": "text/markdown"}).get_data(as_text=True)

    assert all(f"[{name}](/conditions/{name})" in text for name in all_conditions())


def test_every_format_is_listed(client: FlaskClient) -> None:
    """Each name is one that `?format=` takes, and each sample one that is read."""
    found = client.get("/formats").get_json()["formats"]

    assert "json" == found[0]["name"]
    for entry in found:
        response = client.post(f"/diagnose?format={entry['name']}", data=entry["sample"].encode())
        assert (200, entry["name"]) == (response.status_code, response.get_json()["source"]["format"]), entry["name"]


def test_the_index_lists_addresses_that_answer(client: FlaskClient) -> None:
    """A person who opens the root finds the way."""
    for address in client.get("/").get_json()["addresses"]:
        assert 200 == client.get(address).status_code


def test_the_service_says_that_it_lives_and_is_ready(client: FlaskClient) -> None:
    """A cluster asks both."""
    alive, ready = client.get("/healthz").get_json(), client.get("/readyz").get_json()

    assert ("alive", "ready") == (alive["status"], ready["status"])
    assert ready["overfit_check"].startswith("unavailable: ")
    assert len(all_conditions()) == ready["conditions"]


FREE = os.statvfs_result((4096, 4096, 1000, 500, 500, 1000, 500, 500, 0, 255))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("f_bavail", 1, "is full"), ("f_favail", 0, "inodes"), ("f_flag", os.ST_RDONLY, "cannot be written to")],
)
def test_without_room_to_write_in_the_service_is_not_ready_and_says_why(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, field: str, value: int, says: str
) -> None:
    """It lives all the same."""
    spoilt = SimpleNamespace(
        **{name: getattr(FREE, name) for name in dir(FREE) if name.startswith("f_")} | {field: value}
    )
    monkeypatch.setattr(os, "statvfs", lambda _: spoilt)

    response = client.get("/readyz")

    assert (503, True) == (response.status_code, response.get_json()["type"].endswith("/unavailable"))
    assert response.get_json()["detail"].startswith("The check of the disk failed")
    assert says in response.get_json()["detail"]
    assert 200 == client.get("/healthz").status_code


def test_a_folder_that_was_taken_away_is_no_room(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By whoever cleans up; the problem does not say where it was."""
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path / "gone"))

    response = client.get("/readyz")

    assert 503 == response.status_code
    assert "is gone" in response.get_json()["detail"]
    assert str(tmp_path) not in response.get_data(as_text=True)


def test_a_file_system_that_counts_no_inodes_has_room(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As btrfs."""
    none = os.statvfs_result((4096, 4096, 1000, 500, 500, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: none)

    assert 200 == client.get("/readyz").status_code
