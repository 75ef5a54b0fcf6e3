"""The contract, held against the running service by a program that knows nothing else of it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.listening import ROOT, Server

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(find_spec("schemathesis") is None, reason="schemathesis is not installed: make dev"),
]
EXAMPLES = 30  # questions made up for each address; its phases of boundaries and of sequences add some hundred

# Some of what a schema lets through cannot be meant, and a schema cannot say so: bytes that are no log, gzip that is none,
# a role for a series that is not there. A refusal of those is right, as long as it is one of the documented ones.
CONFIG = """
[[operations]]
include-path-regex = "^/(diagnose|overfit-check)$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 406, 413, 415, 422, 501, 503]
"""


def test_nothing_the_contract_says_is_found_untrue(server: Server, tmp_path: Path) -> None:
    """Every check of schemathesis, over every address, with examples, boundaries, made-up questions and sequences of them."""
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", str(ROOT / "openapi.yaml")),
        *("--url", server.url, "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        *("--generation-database", "none"),
    )

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)

    assert 0 == done.returncode, done.stdout[-8000:] + done.stderr[-2000:]
