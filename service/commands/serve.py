"""Start the service, as `make run` does: gunicorn with the settings of the environment.

HOST, PORT, WORKERS and the others of the README are read from the environment; the options go before them.
"""

from __future__ import annotations

import argparse
import os
import sys

GUNICORN = ("-m", "gunicorn", "-c", "python:service.gunicorn", "service.wsgi:app")
OPTIONS = {
    "host": "where to listen (127.0.0.1)",
    "port": "on which port (8000)",
    "workers": "how many processes (2)",
    "public-url": "the address from outside, for the links in answers",
}


def add(parser: argparse.ArgumentParser) -> None:
    """What is asked most often; the rest stays in the environment."""
    for name, says in OPTIONS.items():
        parser.add_argument(f"--{name}", help=says)


def run(arguments: argparse.Namespace) -> int:
    """Become the server: signals reach it, and its exit code is this one's."""
    given = {name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name in OPTIONS}
    os.environ.update({name.upper(): value for name, value in given.items() if value is not None})
    os.execv(sys.executable, (sys.executable, *GUNICORN))  # noqa: S606 - no shell: the arguments are fixed
