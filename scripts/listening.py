"""Start the service on a free port as `make run` does, and stop it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0  # seconds; a busy machine may need some of them to import scipy
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn", "service.wsgi:app")


@dataclass(frozen=True)
class Server:
    """A service that listens, the file it logs to, and the process that leads it."""

    port: int
    log: Path
    pid: int = 0  # gunicorn's own, the parent of the workers

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def listening(log: Path, command: Sequence[str] = GUNICORN, **environment: str) -> Iterator[Server]:
    """Start `command` with `environment`, on a port of its own unless that names one, and wait until it answers."""
    port = int(environment.get("PORT") or free_port())
    variables = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), **environment}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        server = Server(port, log, process.pid)
        try:
            wait_until_answered(f"{server.url}/healthz", process)
            yield server
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_until_answered(address: str, process: subprocess.Popen[bytes], patience: float = PATIENCE) -> None:
    """Return once `process` answers at `address`; RuntimeError where it ends before, or after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()  # noqa: S310 - our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    message = f"nothing answered at {address} within {patience:g} s (exit status {process.poll()})"
    raise RuntimeError(message)
