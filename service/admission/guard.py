"""Who is let in: holders of a key where there are keys, so many at once, while there is room.

What costs work is asked with POST, and needs a key. Whatever else can be read (the page, the conditions, the contract,
health) says nothing of anybody, and needs none.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from flask import Flask, Response, g, request

from service.admission.keys import Key, holder
from service.admission.turns import Turn, Turns
from service.refusals import Overloaded, TooManyAtOnce, Unauthorized
from service.settings import Settings


class Door:
    """Whose keys are known, and their turns; without keys it stands open."""

    def __init__(self, keys: Sequence[Key], most: int) -> None:
        """Let each name in so many times at once."""
        self.keys, self.most = keys, most
        self.turns = Turns(_names(keys), most)

    def know(self, keys: Sequence[Key]) -> None:
        """Let in the holders of these keys instead, in every worker that is forked from now on."""
        if _names(keys) != self.turns.names:  # else those that are being answered go on being counted
            turns = Turns(_names(keys), self.most)
            os.close(self.turns.file)
            self.turns = turns
        self.keys = keys


def _names(keys: Sequence[Key]) -> list[str]:
    return sorted({key.name for key in keys})


def register(app: Flask) -> None:
    """Ask every request for its key, and for its turn."""
    settings: Settings = app.config["SETTINGS"]
    door = app.extensions["door"] = Door(settings.keys, settings.key_concurrency)

    @app.before_request
    def let_in() -> None:
        if request.method != "POST" or request.url_rule is None:
            return
        if getattr(request.environ.get("gunicorn.socket"), "refused", False):  # the worker found the line full
            raise Overloaded(
                "As many requests wait as may. Nothing is wrong with this one: send it again after Retry-After seconds."
            )
        if not door.keys:
            return
        name = holder(door.keys, request.headers.get("Authorization"))
        if name is None:
            came = "a key that is not known" if "Authorization" in request.headers else "no key"
            raise Unauthorized(f"There came {came}; expected the header Authorization: Bearer <key>.")
        g.key = name
        g.turn = door.turns.take(name)
        if g.turn is None:
            raise TooManyAtOnce(
                f"{settings.key_concurrency} requests of this key are being answered, and one key may have that many at once. "
                "Send it again when one of them has been answered."
            )

    if door.keys:
        _give_back(app)


def _give_back(app: Flask) -> None:
    """See that a turn ends with its answer, or where none came of it."""

    @app.after_request
    def let_out(response: Response) -> Response:
        turn: Turn | None = g.pop("turn", None)
        if turn is not None:
            response.call_on_close(turn.give_back)
        return response

    @app.teardown_request
    def let_out_at_last(_error: BaseException | None) -> None:
        """An answer that failed on its way takes no turn with it."""
        turn: Turn | None = g.pop("turn", None)
        if turn is not None:
            turn.give_back()
