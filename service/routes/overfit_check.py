"""`POST /overfit-check`: a model and one batch in, whether it can learn that batch by heart out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, current_app, request, stream_with_context

from schemas.checked import to_json
from service import metrics, problems
from service.contracts.endpoint import promises
from service.contracts.overfit_check import NDJSON, PROMISED
from service.judging import Judgement, judged
from service.negotiation import choose, negotiated
from service.question.overfit_check import OverfitQuestion, question_of
from service.representations import OF_CHECK, all_representations
from service.sandbox.check import Check
from service.sandbox.jail import Jail
from service.sandbox.outcomes import Broken, Event, NotInstalled, Progress
from service.settings import Settings

blueprint = Blueprint("overfit_check", __name__)
GRACE_S, GRACE = 2.0, 0.1  # seconds, and share of the deadline asked for, after which what does not come back is killed


@promises(PROMISED)
@blueprint.post("/overfit-check")
def overfit_check() -> Response:
    """Try to overfit one batch with an uploaded model, and say what keeps it from that.

    Multipart: `model` is a TorchScript archive, `config` says how to train, `batch` holds `inputs` and `targets` (or
    is left out, where `input_shapes` in the config say what to make one of). 200 means that the check was made, not
    that the model is well: see `verdict`. The model runs in a jail without files and network, and is killed with it.
    A client that closes its side of the connection before the answer is taken for one that has gone: its check ends.
    """
    jail: Jail = current_app.extensions["jail"]
    settings: Settings = current_app.config["SETTINGS"]
    obstacle = jail.available()
    if isinstance(obstacle, NotInstalled):  # whatever is sent, nothing could be done
        raise obstacle
    asked = question_of(request, settings)
    representations = all_representations(OF_CHECK)
    media_type = choose(request.headers.get("Accept"), (*representations, NDJSON))
    check = _submitted(asked, jail)
    if media_type == NDJSON:
        answer = negotiated(stream_with_context(_lines(check, asked, settings.public_url)), NDJSON)
        answer.implicit_sequence_conversion = False  # nothing may gather the lines before they are sent
        answer.call_on_close(check.close)
        return answer
    found = _judged(check, asked)
    rendered = representations[media_type].render(found.report, settings.public_url, queued_ms=found.queued_ms)
    answer = negotiated(rendered, media_type)
    answer.headers["Diagnosis-Status"] = found.report.status
    return answer


def _submitted(asked: OverfitQuestion, jail: Jail) -> Check:
    """Hand the question to the jail; where the server has a socket for each client, a client that hangs up is noticed."""
    client = request.environ.get("gunicorn.socket")
    config = asked.config
    ends = config.deadline_s * (1.0 + GRACE) + GRACE_S
    watch = client.fileno() if client else None
    checking = metrics.of_app().checking
    check = jail.submit(config.to_config(), asked.model, asked.batch, ends, watch=watch, ended=checking.dec)
    checking.inc()
    return check


def _judged(check: Check, asked: OverfitQuestion) -> Judgement:
    with check:
        *_, last = _events(check)
    assert not isinstance(last, Progress)  # noqa: S101 - a check ends with its end
    return judged(last, device=asked.config.device)


def _events(check: Iterable[Event]) -> Iterator[Event]:
    """What it tells; one that ended with the jail has no outcome of its own, and is counted as lost."""
    try:
        yield from check
    except Broken:
        metrics.of_app().checks.labels(metrics.LOST).inc()
        raise


def _lines(check: Check, asked: OverfitQuestion, link: str) -> Iterator[bytes]:
    """A line for each step while the model trains, at last the answer, or the problem in its place."""
    try:
        with check:
            for event in _events(check):
                if isinstance(event, Progress):
                    yield json.dumps(event.values).encode() + b"\n"
                else:
                    found = judged(event, device=asked.config.device)
                    yield b'{"answer":' + to_json(found.report, link, queued_ms=found.queued_ms) + b"}\n"
    except Exception as error:  # noqa: BLE001 - the status has been sent; what happened is said in the last line
        _, written = problems.of_error(error)
        yield b'{"problem":' + written + b"}\n"
