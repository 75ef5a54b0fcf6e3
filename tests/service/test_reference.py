"""`GET /docs`: the whole contract, and every reference in it a link that leads somewhere."""

import re
from pathlib import Path

import yaml
from flask.testing import FlaskClient

from service.contracts.reference import reference

CONTRACT = (Path(__file__).parents[2] / "openapi.yaml").read_bytes()
DOCUMENT = yaml.safe_load(CONTRACT)


def test_every_call_parameter_answer_and_schema_is_there() -> None:
    """Nothing of the contract is left out; what people come for goes first."""
    found = reference(CONTRACT)
    calls = {(call.method, call.path): call for call in found.calls}

    assert {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods} == set(calls)
    assert list(DOCUMENT["components"]["schemas"]) == [schema.name for schema in found.schemas]
    assert "post" == found.calls[0].method
    for (method, path), call in calls.items():
        described = DOCUMENT["paths"][path][method]
        assert [p["name"] for p in described.get("parameters", [])] == [field.name for field in call.parameters]
        assert list(described["responses"]) == [answer.status for answer in call.answers]
        assert list(described.get("requestBody", {}).get("content", {})) == [body.media_type for body in call.bodies]


def test_every_reference_is_a_link_that_leads_somewhere(client: FlaskClient) -> None:
    """From a field to its schema."""
    text = client.get("/docs").get_data(as_text=True)
    links = set(re.findall(r'href="#(schema-\w+)"', text))

    assert len(links) > 20
    assert links <= set(re.findall(r'id="(schema-\w+)"', text))


def test_types_are_told_in_words() -> None:
    """Lists, choices, enumerations, and objects by their keys."""
    schemas = {schema.name: {field.name: field for field in schema.fields} for schema in reference(CONTRACT).schemas}

    def words(schema: str, field: str) -> str:
        return "".join(text for text, _ in schemas[schema][field].type.parts)

    assert "list of FindingOut" == words("ReportOut", "findings")
    assert "PositionOut or null" == words("FindingOut", "since")
    assert '"error" | "warning" | "info"' == words("FindingOut", "severity")
    assert schemas["ReportOut"]["headline"].required


def test_the_parts_of_a_body_are_told_each() -> None:
    """Whoever uploads a model must know the names; and what is left out has a default."""
    call = next(call for call in reference(CONTRACT).calls if call.path == "/overfit-check")
    steps = next(
        f for s in reference(CONTRACT).schemas if s.name == "OverfitCheckIn" for f in s.fields if f.name == "steps"
    )

    assert [("model", True), ("batch", False), ("config", True)] == [
        (f.name, f.required) for f in call.bodies[0].fields
    ]
    assert "Default: `200`." in steps.says
