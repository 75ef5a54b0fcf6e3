"""The application: settings in, a Flask app out."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from flask import Flask

from diagnosis.across import rules_across
from diagnosis.examining.model_check import all_checks
from diagnosis.reader import all_readers
from service import metrics, problems, request_id, traces
from service.admission import guard, sharing
from service.admission.large import OneByOne
from service.pages import html
from service.pages.assets import digest
from service.representations import OF_CHECK, all_representations
from service.sandbox.jail import Jail
from service.server import access_log
from service.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Put the application together; every module of `service.routes` brings its `blueprint`."""
    settings = settings or Settings.from_environment()
    app = Flask("service", static_folder=None)
    app.config["SETTINGS"] = settings
    app.config["MAX_CONTENT_LENGTH"] = settings.body
    # one thread of each worker is left for other questions
    app.extensions["jail"] = Jail(settings.overfit, max(1, settings.threads - 1))
    app.extensions["one_by_one"] = OneByOne(settings.threads)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.ensure_sync = _as_it_is  # type: ignore[assignment, method-assign]  # no view or hook is a coroutine: it would be asked of each, each time
    app.url_map.strict_slashes = False
    request_id.register(app)
    access_log.register(app)
    metrics.register(app)
    traces.register(app)
    guard.register(app)
    sharing.register(app)
    problems.register(app)
    html.register(app)
    routes = importlib.import_module("service.routes")
    for entry in sorted(pkgutil.iter_modules(routes.__path__), key=lambda entry: entry.name):
        app.register_blueprint(importlib.import_module(f"{routes.__name__}.{entry.name}").blueprint)
    _discover()
    return app


def _discover() -> None:
    """Walk every folder now: to a worker whose file table is full a folder looks empty, and would for as long as it lives."""
    for walk in (rules_across, all_checks, all_readers, all_representations, digest):
        walk()
    all_representations(OF_CHECK)


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
