"""The entry point of a WSGI server: `gunicorn service.wsgi:app`."""

from service import create_app

app = create_app()
