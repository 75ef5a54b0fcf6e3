"""The contract is what the service does today, and everything in it is tried."""

import gzip
import json
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from diagnosis.advice.verbs import VERBS
from diagnosis.rule import all_rules
from schemas.catalogue import all_conditions
from scripts.openapi import FILE, PAGES_OWN, ask, current
from service import create_app
from service.problems import BY_STATUS, KINDS
from service.settings import Overfit, Settings

CONTRACT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
DIAGNOSE = CONTRACT["paths"]["/diagnose"]["post"]
EXAMPLES = [
    (media, name, example["value"])
    for media, body in DIAGNOSE["requestBody"]["content"].items()
    for name, example in body["examples"].items()
]


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A service without torch, whose operator insists on checks."""
    monkeypatch.setattr("service.sandbox.jail.importlib.util.find_spec", lambda _name: None)
    return create_app(Settings(overfit=Overfit(required=True))).test_client()


def checked(schema: dict[str, Any], value: object) -> None:
    """Hold a value against a schema of the contract."""
    Draft202012Validator({**schema, "components": CONTRACT["components"]}).validate(value)


def test_the_file_is_current() -> None:
    """`make docs` writes it; a change of a model or a rule that is not in it is red."""
    assert current() == FILE.read_text(encoding="utf-8")


def test_the_file_is_openapi_3_1() -> None:
    """As the specification has it."""
    validate(CONTRACT)

    assert "3.1.0" == CONTRACT["openapi"]


def words_of(schema: object) -> set[str]:
    """Every keyword of a schema, and of those within it; names of properties and examples are none."""
    if isinstance(schema, list):
        return set().union(*map(words_of, schema))
    if not isinstance(schema, dict):
        return set()
    plain = {name: part for name, part in schema.items() if name not in {"properties", "$defs", "examples", "default"}}
    within = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    return set(plain).union(words_of(list(plain.values())), words_of(within))


def test_every_bound_is_one_that_a_client_understands() -> None:
    """`ge: 1` is no word of JSON Schema: whoever checks by the contract would let 0 pass."""
    pydantics_own = {"ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of"}

    assert set() == words_of(list(CONTRACT["components"]["schemas"].values())) & pydantics_own


def test_every_address_is_described(app: Flask) -> None:
    """And none that is not there; what only the pages load is nobody else's."""
    served = {rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()}
    served = {address for address in served if not address.startswith(PAGES_OWN)}

    assert served == set(CONTRACT["paths"])


def test_a_generated_client_sends_a_key_where_one_is_asked_for() -> None:
    """What service.admission.guard lets in, and what it says to others; whatever else can be read needs none."""
    assert "bearer" == CONTRACT["components"]["securitySchemes"]["key"]["scheme"]
    for methods in CONTRACT["paths"].values():
        for method, operation in methods.items():
            assert (method == "post") == ({"key": []} in operation.get("security", []))
            if method == "post":
                assert {"401", "429", "503"} <= operation["responses"].keys()


def test_a_generated_client_has_a_name_for_each_operation() -> None:
    """Each its own, and one that a person would give."""
    names = [operation["operationId"] for methods in CONTRACT["paths"].values() for operation in methods.values()]

    assert len(names) == len(set(names))
    assert {"diagnose", "overfitCheck", "getConditions", "getConditionsName", "getHealthz"} <= set(names)


def test_every_condition_verb_and_problem_is_listed() -> None:
    """What a program switches on is an enumeration."""
    schemas = CONTRACT["components"]["schemas"]

    assert list(all_conditions()) == schemas["Condition"]["enum"]
    ignore = next(p for p in DIAGNOSE["parameters"] if p["name"] == "ignore")
    assert sorted(all_rules()) == ignore["schema"]["items"]["enum"]
    assert list(VERBS) == schemas["FixOut"]["properties"]["action"]["enum"]
    assert list(VERBS) == [verb["properties"]["action"]["const"] for verb in schemas["FixOut"]["oneOf"]]
    kinds = {kind.name for kind in (*KINDS.values(), *BY_STATUS.values())}
    assert kinds == set(schemas["Problem"]["properties"]["type"]["pattern"][2:-2].split("|"))


@pytest.mark.parametrize(("media", "name", "value"), EXAMPLES, ids=[name for _, name, _ in EXAMPLES])
def test_every_example_is_answered_as_shown(client: FlaskClient, media: str, name: str, value: object) -> None:
    """The answer has the documented status and shape, and where one is shown, it is that one."""
    response = ask(client, "/diagnose", media, value)

    described = DIAGNOSE["responses"][str(response.status_code)]["content"][response.content_type]
    found = json.loads(response.data)
    checked(described["schema"], found)
    if media == "application/json":
        checked(DIAGNOSE["requestBody"]["content"][media]["schema"], value)
        assert 200 == response.status_code
    shown = described.get("examples", {}).get(name)
    if shown:
        assert {**shown["value"], "request_id": None} == {**found, "request_id": None}
    else:
        assert 200 == response.status_code


@pytest.mark.parametrize("path", ["/", "/conditions", "/conditions/overfitting", "/formats", "/healthz", "/readyz"])
def test_every_answer_has_the_shape_described(client: FlaskClient, path: str) -> None:
    """The models are the contract."""
    address = "/conditions/{name}" if path.count("/") > 1 else path
    described = CONTRACT["paths"][address]["get"]["responses"]["200"]["content"]["application/json"]

    checked(described["schema"], client.get(path).get_json())


def test_readiness_is_200_or_503(required: FlaskClient) -> None:
    """A probe has no use for a third; where the operator insists on checks, and torch is missing, it is not ready."""
    response = required.get("/readyz")

    assert ["200", "503", "default"] == sorted(CONTRACT["paths"]["/readyz"]["get"]["responses"])
    assert (503, True) == (response.status_code, "torch is not installed" in response.get_json()["detail"])


@pytest.mark.parametrize("path", ["/nowhere", "/diagnose", "/conditions/bad_luck"])
def test_every_error_has_the_shape_described(client: FlaskClient, path: str) -> None:
    """Documented here or not, it is a problem."""
    checked(CONTRACT["components"]["schemas"]["Problem"], client.get(path).get_json())


def test_every_coding_of_a_body_is_taken_and_listed(client: FlaskClient) -> None:
    """An empty list of them is none, as RFC 9110 has it."""
    body = b'{"history": {"loss": [1]}}'
    packed = {"gzip": gzip.compress(body), "identity": body, "": body}
    (listed,) = (p["schema"]["enum"] for p in DIAGNOSE["parameters"] if p["name"] == "Content-Encoding")

    answers = [client.post("/diagnose", data=packed[name], headers={"Content-Encoding": name}) for name in listed]

    assert set(packed) == set(listed)
    assert {200} == {answer.status_code for answer in answers}


def test_the_service_gives_its_contract(client: FlaskClient) -> None:
    """The file itself."""
    response = client.get("/openapi.yaml")

    assert ("application/yaml", FILE.read_bytes()) == (response.content_type, response.data)


def test_a_fix_with_a_wrong_parameter_breaks_the_contract() -> None:
    """The schema of a verb is no empty promise."""
    fix = {"action": "restore_best", "params": {"epcoh": 3}, "advice": "", "because": ""}

    assert not Draft202012Validator(
        {"$ref": "#/components/schemas/FixOut", "components": CONTRACT["components"]}
    ).is_valid(fix)
