"""`POST /diagnose`: a training log in, a diagnosis out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, request

from schemas.question import Said
from service import metrics, problems
from service.admission.large import OneByOne
from service.answering import answered
from service.contracts.diagnose import PROMISED
from service.contracts.endpoint import promises
from service.negotiation import choose, negotiated
from service.question import body, multipart
from service.question.allowance import Allowance
from service.question.documents import question_of
from service.question.parts import Part
from service.question.query import Query, parsed, said
from service.refusals import InvalidQuery
from service.representations import all_representations
from service.settings import Settings

blueprint = Blueprint("diagnose", __name__)
FIELDS = ("file", "context", "roles")


@promises(PROMISED)
@blueprint.post("/diagnose")
def answer() -> Response:
    """Diagnose a training run, or several.

    The body is canonical JSON (`history` or `runs`), or a training log as it is: as the body itself, or as `file`
    parts of a multipart body, with `context` and `roles` parts. 200 means that the question was answered, not that
    the run is well: see `status`.
    """
    settings: Settings = current_app.config["SETTINGS"]
    content = body.read(request, settings.body)  # first: a client that is still sending would miss a refusal
    representations = all_representations()
    media_type = choose(request.headers.get("Accept"), tuple(representations))
    query = Query.of_address(request.args.items(multi=True))
    allowance = Allowance(settings.seconds)
    files, beside = sent(content, query, settings)
    in_line = getattr(request.environ.get("gunicorn.socket"), "kind", "") == "bulky"
    one_by_one: OneByOne = current_app.extensions["one_by_one"]
    with one_by_one.turn(files, drawn=media_type.startswith("image/"), in_line=in_line):
        asked = question_of(files, query, beside, settings.limits, allowance)
        judged = answered(asked, query.ignore, allowance)
        rendered = representations[media_type].of(judged.found, settings.public_url, query.shown)
    for condition, error in judged.bugs:
        problems.bug(f"the rule {condition} failed", error)
    metrics.of_app().diagnosed(judged.reports)
    response = negotiated(rendered, media_type)
    response.headers["Diagnosis-Status"] = judged.found.status
    return response


def sent(content: bytes, query: Query, settings: Settings) -> tuple[Sequence[Part], Said]:
    """The files, and what is said beside them: in parts of a multipart body, or any other as it is."""
    if request.mimetype != multipart.TYPE:
        return [Part("file", content, query.filename)], said(query)
    parts = multipart.parts(content, request, settings.parts)
    unknown = sorted({part.field for part in parts} - set(FIELDS))
    if unknown:
        raise InvalidQuery(f"There are parts named {', '.join(unknown)[:200]}; expected {', '.join(FIELDS)}.")
    beside = {name: [part.body for part in parts if part.field == name] for name in ("context", "roles")}
    for name, bodies in beside.items():
        if len(bodies) > 1:
            raise InvalidQuery(f"There are {len(bodies)} parts named {name}; expected one at most.")
    files = [part for part in parts if part.field == "file"]
    if not files:
        raise InvalidQuery("There is no part named file: send at least one, such as file=@metrics.csv.")
    told = {name: parsed(f"The part {name}", bodies[0]) for name, bodies in beside.items() if bodies}
    return files, said(query, **told)
