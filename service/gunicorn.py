"""How gunicorn runs the service: `gunicorn -c python:service.gunicorn service.wsgi:app`.

`HOST`, `PORT`, `WORKERS` and `THREADS` come from the environment, as everything else does (`service.settings`).
Bound to loopback unless told otherwise: a proxy in front brings TLS and takes the slowest clients.
"""

import gc
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

from service.settings import Settings

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "service.worker.Worker"
preload_app = True  # numpy and scipy are imported once, and shared by the workers
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat must not wait for a disk
control_socket_disable = True
proc_name = "curve-diagnosis"
accesslog = None  # service.access_log writes one line a request, without anything of the client's
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": False},
    },
}


def on_starting(server: Arbiter) -> None:
    """Make what the workers share with the jail before any of them is forked; the first worker starts it."""
    if preload_app and server.app is not None:
        app: Any = server.app.wsgi()
        app.extensions["jail"].prepare()
        gc.freeze()  # a collector that looked at what was imported would copy it into every worker
