"""HTTP: `create_app()` is the whole of it; the engine and the wire stand on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Put the application together. Imported late: the process of `service.sandbox.warm` needs no web."""
    from service.app import create_app as create  # noqa: PLC0415

    return create(settings)
