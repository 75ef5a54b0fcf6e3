"""What is there before a worker is begun."""

import subprocess
import sys

FULL = """
import resource
from service import create_app
from service.settings import Settings

client = create_app(Settings()).test_client()
client.get("/healthz")  # the test's own client opens files as well, at its first question
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
for body in ('{"history": {"loss": [3, 2, 1, 1]}}', "epoch,loss\\n1,2\\n2,1\\n"):
    for accept in ("application/json", "text/plain"):
        answer = client.post("/diagnose", data=body, headers={"Accept": accept})
        assert 200 == answer.status_code, (body, accept, answer.data)
assert len(client.get("/formats").get_json()["formats"]) > 40

from diagnosis.across import rules_across
from diagnosis.examining.model_check import all_checks
from diagnosis.reader import all_readers
from diagnosis.rule import all_rules
from service.pages.assets import all_assets
from service.representations import OF_CHECK, all_representations

walked = (all_rules(), rules_across(), all_checks(), all_readers(), all_assets(), all_representations(), all_representations(OF_CHECK))
assert all(walked)
"""


def test_whoever_begins_with_a_full_file_table_knows_all_that_is_found_by_walking_a_folder() -> None:
    """A folder that cannot be opened looks empty, and what was found in it is kept for good."""
    found = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=60, check=False)

    assert (0, "") == (found.returncode, found.stderr[-2000:])
