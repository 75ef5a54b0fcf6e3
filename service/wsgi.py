"""The entry point of a WSGI server: `gunicorn service.wsgi:app`."""

import sys

from service import create_app
from service.settings import InvalidSetting

try:
    app = create_app()
except InvalidSetting as error:
    sys.exit(f"curve-diagnosis: {error}")
