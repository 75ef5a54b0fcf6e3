"""`POST /overfit-check`: not built yet, and said so."""

from __future__ import annotations

from importlib.util import find_spec

from flask import Blueprint, Response

from service.contract import Operation, promises
from service.refusals import Unavailable

blueprint = Blueprint("overfit_check", __name__)


@promises(Operation({}, ("unavailable",)))
@blueprint.post("/overfit-check")
def check() -> Response:
    """Try to overfit one batch with an uploaded model. Not available in this version: always 501."""
    raise Unavailable(f"The overfit check is unavailable: {unavailable()}.")


def unavailable() -> str:
    """Why the check cannot be made."""
    return "it is not part of this version yet" if find_spec("torch") else "torch is not installed"
