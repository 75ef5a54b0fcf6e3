import errno
import logging
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from diagnosis import errors
from service import create_app, refusals
from service.problems import BY_STATUS, KINDS, kind_of
from service.settings import Settings

# The contract's list; what is refused only by what comes later is not made yet.
NAMES = {
    "malformed", "unrecognised-format", "unsupported-encoding", "no-curve", "invalid", "contradictory-roles",
    "too-large", "too-many", "unauthorized", "not-found", "method", "not-acceptable", "busy", "unavailable",
    "not-torchscript", "shapes-refused", "model-failed", "internal",
}  # fmt: skip


@pytest.fixture
def broken() -> Flask:
    """An application with an address at which everything goes wrong."""
    app = create_app(Settings())

    @app.get("/bug")
    def bug() -> str:
        raise ValueError("secret-of-a-client")

    @app.get("/busy")
    def busy() -> str:
        raise ServiceUnavailable(retry_after=7)

    @app.get("/full")
    def full() -> str:
        raise OSError(errno.EMFILE, "too many open files, secret")

    @app.get("/teapot")
    def teapot() -> str:
        abort(418)

    return app


def test_every_kind_has_a_name_of_the_contract() -> None:
    """Programs switch on these words."""
    assert {kind.name for kind in (*KINDS.values(), *BY_STATUS.values())} <= NAMES


@pytest.mark.parametrize("module", [errors, refusals])
def test_every_exception_has_its_place_in_the_table(module: object) -> None:
    """An exception that was forgotten would be a 500."""
    kinds = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Exception)]
    concrete = [kind for kind in kinds if not kind.__subclasses__()]

    assert concrete
    assert {500} & {kind_of(kind.__new__(kind)).status for kind in concrete} == set()


def test_an_exception_is_looked_up_by_its_nearest_ancestor() -> None:
    """A special error goes before the general one it is."""
    assert "contradictory-roles" == kind_of(errors.ContradictoryRoles("x")).name
    assert "internal" == kind_of(ValueError("x")).name


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/conditions/bad_luck", 404, "not-found"),
        ("GET", "/problems/invalid", 404, "not-found"),
        ("GET", "/diagnose", 405, "method"),
        ("POST", "/conditions", 405, "method"),
        ("DELETE", "/healthz", 405, "method"),
        ("POST", "/overfit-check", *((415, "unrecognised-format") if find_spec("torch") else (501, "unavailable"))),
    ],
)
def test_every_error_is_a_problem(client: FlaskClient, method: str, path: str, status: int, kind: str) -> None:
    """404 and 405 too, at every address."""
    response = client.open(path, method=method)

    assert (status, "application/problem+json") == (response.status_code, response.content_type)
    assert kind == response.get_json()["type"].rpartition("/")[2]
    assert ["type", "title", "status", "detail", "request_id"] == list(response.get_json())


def test_405_says_what_is_allowed(client: FlaskClient) -> None:
    """The header is kept."""
    assert {"POST", "OPTIONS"} == set(client.get("/diagnose").headers["Allow"].split(", "))


def test_busy_says_when_to_come_back(broken: Flask) -> None:
    """The header is kept."""
    response = broken.test_client().get("/busy")

    assert ("7", "busy") == (response.headers["Retry-After"], response.get_json()["type"].rpartition("/")[2])


def test_a_machine_that_has_run_out_is_busy(broken: Flask) -> None:
    """Files, memory and disks come back; the client is asked to, too."""
    response = broken.test_client().get("/full")

    assert (503, "/problems/busy", "2") == (
        response.status_code,
        response.get_json()["type"],
        response.headers["Retry-After"],
    )
    assert "secret" not in response.text


def test_an_error_without_an_entry_is_still_a_problem(broken: Flask) -> None:
    """The framework knows statuses that this service never uses."""
    assert "application/problem+json" == broken.test_client().get("/teapot").content_type


def test_a_bug_is_a_problem_that_tells_nothing(broken: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """No stack, path or library leaves; the log has the lines, and not the message, which may quote a client."""
    with caplog.at_level(logging.ERROR):
        response = broken.test_client().get("/bug")

    assert (500, "internal") == (response.status_code, response.get_json()["type"].rpartition("/")[2])
    for word in ("secret", "ValueError", ".py", "Traceback", "flask"):
        assert word not in response.get_data(as_text=True)
    (record,) = caplog.records
    assert "ValueError at test_problems.py" in record.getMessage()
    assert response.get_json()["request_id"] in record.getMessage()
    assert "secret-of-a-client" not in caplog.text


def test_no_problem_names_a_library_or_a_path(client: FlaskClient) -> None:
    """What a client did wrong is said in the service's own words."""
    bodies = [
        b"{",
        b"[" * 9999,
        b"\xff\xfe\xff",
        b"\x80\x04",
        b'{"history": {"a": 1}}',
        b"x,y\n1",
        b'{"history": {"a": ["x"]}}',
    ]

    for body in bodies:
        text = client.post("/diagnose", data=body).get_data(as_text=True).lower()
        for word in (
            "pydantic",
            "werkzeug",
            "flask",
            "numpy",
            "jiter",
            "traceback",
            "site-packages",
            "/home",
            "/work",
            ".py",
        ):
            assert word not in text


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"history": []}', "/history: Expected an object; got an empty list."),
        (b'{"runs": 3}', "/runs: Expected a list; got 3."),
        (b'{"runs": [{}]}', "/runs/0/history: This field is required."),
        (b'{"history": {"loss": [1]}, "name": 3}', "/name: Expected a string; got 3."),
        (
            b'{"history": {"loss": [1]}, "context": {"finished": 1}}',
            "/context/finished: Expected true or false; got 1.",
        ),
        (
            b'{"history": {"loss": [1]}, "context": {"dropout": 2.0}}',
            "/context/dropout: Expected a number up to 1.0; got 2.0.",
        ),
        (
            b'{"history": {"loss": [1]}, "context": {"val_size": "x"}}',
            '/context/val_size: Expected a whole number; got "x".',
        ),
    ],
)
def test_what_is_wrong_with_a_document_is_said_in_words_of_json(client: FlaskClient, body: bytes, detail: str) -> None:
    """No dictionaries and no Nones: the client need not know Python."""
    assert detail == client.post("/diagnose", data=body).get_json()["detail"]


def test_the_engine_and_the_wire_know_no_problem() -> None:
    """Statuses are the web's."""
    for package in ("diagnosis", "schemas"):
        for path in (Path(__file__).parents[2] / package).rglob("*.py"):
            assert "import http" not in path.read_text(encoding="utf-8")


def test_the_service_starts_in_a_fresh_interpreter() -> None:
    """Nothing depends on what the tests have imported."""
    done = subprocess.run([sys.executable, "-c", "import service.wsgi"], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
