"""A chart → a picture, by matplotlib. Nothing else imports matplotlib, and this only once a picture is asked for."""

import service.drawing.library  # noqa: F401 - before any other part of matplotlib is imported, here or in a module of this package
