"""The application, a client, and a server that really runs."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from scripts.listening import Server, listening
from service import create_app
from service.settings import Settings


@pytest.fixture(scope="session")
def app() -> Flask:
    """The application with its default settings."""
    return create_app(Settings())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Asks the application without a server."""
    return app.test_client()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two processes on a port of its own, with little patience."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with listening(log, WORKERS="2", CLIENT_TIMEOUT="2", MAX_BODY_MIB="8") as server:
        yield server
