"""A service that has drawn before, so that no test waits for the drawing library."""

import json
import urllib.request
from collections.abc import Iterator

import pytest

from scripts.listening import Server, listening

QUESTION = json.dumps({"history": {"loss": [3.0, 2.0, 1.0]}}).encode()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as `make run` starts it, in one process."""
    with listening(tmp_path_factory.mktemp("server") / "log.txt", WORKERS="1") as server:
        for media_type in ("image/png", "image/svg+xml"):
            asked = urllib.request.Request(f"{server.url}/diagnose", QUESTION, {"Accept": media_type})  # noqa: S310 - our own
            urllib.request.urlopen(asked, timeout=60).close()  # noqa: S310 - likewise
        yield server
