import pytest
from flask.testing import FlaskClient

from diagnosis.rule import all_rules


def test_the_catalogue_lists_every_condition(client: FlaskClient) -> None:
    """With the address of its page."""
    found = client.get("/conditions").get_json()["conditions"]

    assert sorted(all_rules()) == [c["name"] for c in found]
    assert {"name", "title", "scope", "severity", "page"} == set(found[0])


@pytest.mark.parametrize("name", sorted(all_rules()))
def test_every_condition_has_a_page(client: FlaskClient, name: str) -> None:
    """For programs and for people."""
    page = client.get(f"/conditions/{name}", headers={"Accept": "text/markdown"})

    assert (200, name) == (page.status_code, client.get(f"/conditions/{name}").get_json()["name"])
    assert page.get_data(as_text=True).startswith(f"# {name}\n")


def test_the_catalogue_is_a_page_too(client: FlaskClient) -> None:
    """For a bot that was asked what it knows."""
    text = client.get("/conditions", headers={"Accept": "text/markdown"}).get_data(as_text=True)

    assert all(f"[{name}](/conditions/{name})" in text for name in all_rules())


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
    assert len(all_rules()) == ready["conditions"]
