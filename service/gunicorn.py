"""How gunicorn runs the service: `gunicorn -c python:service.gunicorn service.wsgi:app`.

`HOST`, `PORT`, `WORKERS` and `THREADS` come from the environment, as everything else does (`service.settings`).
Bound to loopback unless told otherwise: a proxy in front brings TLS and takes the slowest clients. An address that
others reach is bound only where there are keys, or where `ALLOW_ANONYMOUS=1` says that anybody may ask.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import resource
import socket
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger

from service import metrics
from service.admission.keys import is_local
from service.server import leftovers, memory
from service.server.json_lines import tell_warnings
from service.settings import InvalidSetting, Settings, keys_in

if TYPE_CHECKING:  # it reads the settings too, and would fail first
    from service.server.worker import Worker

log = logging.getLogger("service")


class logger_class(Logger):  # noqa: N801 - gunicorn's name for what it logs with
    """gunicorn's own, without its line a request: `service.server.access_log` writes one, without anything of the client's."""

    access_log_enabled = False  # because of `logconfig_dict` it would put one together each time, for nobody to read

    def setup(self, cfg: Config) -> None:
        """Warnings go where the log goes."""
        super().setup(cfg)
        tell_warnings()


try:
    _settings = Settings.from_environment()
except InvalidSetting as error:
    sys.exit(f"curve-diagnosis: {error}")
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "service.server.worker.Worker"
preload_app = True  # numpy and scipy are imported once, and shared by the workers
timeout = 60
graceful_timeout = 30
keepalive = 5
# A worker's file table must hold what it needs beside its clients: half as many that it parts from, the jail's pipes, sockets of its own.
worker_connections = max(threads + 1, min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2))
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
proc_name = "curve-diagnosis"
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "service.server.json_lines.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
    },
}


MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - to count must not wait for a disk


def _counted_in() -> str | None:
    """Where workers count, each with its room taken: in memory, else on disk; None where both are full."""
    given = os.environ.get(metrics.FOLDER)
    for where in (MEMORY, None):
        leftovers.take_away(where)
        folder = Path(given) if given else None
        try:
            folder = folder or leftovers.folder_in(where)
            metrics.reserve(folder, 2 * workers)  # at a reload there are twice as many for a while
        except OSError:
            if folder is not None:
                metrics.clear(folder)
        else:
            return str(folder)
    return None


# Before the application is made, which looks for it.
if _folder := _counted_in():
    os.environ[metrics.FOLDER] = _folder
else:
    os.environ.pop(metrics.FOLDER, None)


def on_starting(server: Arbiter) -> None:
    """Look whom the address lets in. Settle how memory is taken. Make what the workers share with the jail before any of them is forked."""
    if _folder is None:
        log.error("memory and disk are full: each worker counts for itself, and /metrics tells of one of them")
    memory.use_one_arena()
    bound = server.cfg.address  # tuples, and numbers of sockets that are open already; names are those of local ones
    hosts = [address[0] for address in bound if isinstance(address, tuple)]
    hosts += _listening(*(number for number in bound if isinstance(number, int)), *_handed_over())
    if not (_settings.keys or _settings.anonymous or all(map(is_local, hosts))):
        sys.exit(
            f"curve-diagnosis: refusing to let anybody in at {', '.join(hosts)}: set API_KEYS, or ALLOW_ANONYMOUS=1 "
            "where a proxy or a closed network keeps strangers out, or bind 127.0.0.1."
        )
    if preload_app and server.app is not None:
        app: Any = server.app.wsgi()
        app.extensions["jail"].prepare()
        gc.freeze()  # a collector that looked at what was imported would copy it into every worker


def on_reload(server: Arbiter) -> None:
    """Read the keys anew, before the workers are begun that are to know them; a file that cannot be meant changes nothing."""
    if not preload_app or server.app is None:
        return  # each worker reads them itself
    app: Any = server.app.wsgi()
    try:
        keys = keys_in(os.environ)
        app.extensions["door"].know(keys)
    except (InvalidSetting, OSError) as error:
        log.error("the keys stay as they were: %s", error)  # noqa: TRY400 - the trace tells nothing
    else:
        log.info("known are %d keys of %d names", len(keys), len({key.name for key in keys}))


def pre_exec(server: Arbiter) -> None:
    """At USR2, begin the next as this one was begun: run as a script, gunicorn's `http` would stand before Python's own."""
    begun: dict[Any, Any] = server.START_CTX
    python, script, *rest = begun["args"]
    if Path(script).name == "__main__.py":
        begun["args"] = [python, "-m", "gunicorn", *rest]


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give a worker the first free place to count at."""
    taken = {getattr(other, "place", "") for other in server.WORKERS.values()}
    worker.place = next(place for place in map(str, count()) if place not in taken)


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Count at that place, and keep what the worker is told before it listens to signals."""
    metrics.take_place(worker.place)
    worker.told = server.SIG_QUEUE


def child_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001
    """What a worker had open when it ended is open no more."""
    metrics.leave_place(worker.place)


def on_exit(server: Arbiter) -> None:  # noqa: ARG001
    """Leave no file behind."""
    _leave_nothing(os.getpid())


def _leave_nothing(owner: int) -> None:
    if _folder is not None and os.getpid() == owner:  # workers inherit what is done at exit
        metrics.clear(Path(_folder))


atexit.register(
    _leave_nothing, os.getpid()
)  # also where it never started: refused, or asked to check its configuration


def _handed_over() -> range:
    """The sockets that systemd opened (sd_listen_fds(3)), which gunicorn takes in place of its own."""
    mine = os.environ.get("LISTEN_PID") == str(os.getpid())
    return range(3, 3 + int(os.environ.get("LISTEN_FDS", "0"))) if mine else range(0)


def _listening(*numbers: int) -> Iterator[str]:
    """The addresses at which open sockets can be reached from elsewhere."""
    for number in numbers:
        with socket.socket(fileno=os.dup(number)) as listener:
            if listener.family in {socket.AF_INET, socket.AF_INET6}:
                yield str(listener.getsockname()[0])
