"""`GET /static/…`: the files of the web page; no part of the contract."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from service.pages.assets import all_assets, digest

blueprint = Blueprint("static", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


@blueprint.get("/static/<state>/<path:name>")
def file(state: str, name: str) -> Response:
    """Give one file; under the digest of another version, the present one, which is not to be kept."""
    asset = all_assets().get(name)
    if asset is None:
        abort(404)
    response = Response(asset.body, content_type=asset.content_type)
    response.headers["Cache-Control"] = FOR_GOOD if state == digest() else ASK_AGAIN
    response.set_etag(digest())
    response.make_conditional(request)
    return response
