"""What stands in the log."""

import json
import subprocess
import sys

WARNS = """
import warnings
from gunicorn.config import Config
from service import gunicorn

config = Config()
config.set("logconfig_dict", gunicorn.logconfig_dict)
gunicorn.logger_class(config)
warnings.warn_explicit("what a client sent", RuntimeWarning, "/secret/trend.py", 74)
"""


def test_a_warning_is_a_line_of_the_log_without_its_words() -> None:
    """Beside its kind and its place they may hold what a client sent."""
    found = subprocess.run([sys.executable, "-c", WARNS], capture_output=True, text=True, timeout=60, check=True)

    line = json.loads(found.stderr)
    assert ("WARNING", "RuntimeWarning at trend.py:74") == (line["level"], line["message"])
