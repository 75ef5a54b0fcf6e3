"""HTTP: `create_app()` is the whole of it; the engine and the wire stand on their own."""

from service.app import create_app

__all__ = ["create_app"]
