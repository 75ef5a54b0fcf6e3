import pytest
from flask.testing import FlaskClient

from diagnosis.model_check import all_checks
from diagnosis.rule import all_rules
from schemas.catalogue import all_conditions


def test_the_catalogue_lists_every_condition(client: FlaskClient) -> None:
    """With the address of its page."""
    found = client.get("/conditions").get_json()["conditions"]

    assert sorted({*all_rules(), *all_checks()}) == [c["name"] for c in found]
    assert {"name", "title", "scope", "severity", "page"} == set(found[0])


def test_the_catalogue_says_of_what_a_condition_is(client: FlaskClient) -> None:
    """Of a curve, of a model, or of both; then both are described."""
    scopes = {c["name"]: c["scope"] for c in client.get("/conditions").get_json()["conditions"]}
    both = client.get("/conditions/vanishing_gradients").get_json()

    assert ("curve", "model", "both") == tuple(scopes[n] for n in ("overfitting", "relu_output", "vanishing_gradients"))
    assert {name for name, scope in scopes.items() if scope == "both"} == set(all_rules()) & set(all_checks())
    assert both["how"] != both["in_model"]["how"]
    assert client.get("/conditions/overfitting").get_json()["in_model"] is None


@pytest.mark.parametrize("name", all_conditions())
def test_every_condition_has_a_page(client: FlaskClient, name: str) -> None:
    """For programs and for people."""
    page = client.get(f"/conditions/{name}", headers={"Accept": "text/markdown"})

    assert (200, name) == (page.status_code, client.get(f"/conditions/{name}").get_json()["name"])
    assert page.get_data(as_text=True).startswith(f"# {name}\n")


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
