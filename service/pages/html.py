"""Pages for browsers: templates that escape whatever they are given, under a policy that runs no script but our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from flask import Flask, Response, after_this_request, current_app, render_template, request
from markupsafe import Markup, escape

from service.negotiation import choose, negotiated
from service.pages.assets import digest
from service.pages.condition import cost
from service.wording.amounts import amount_shown

HTML = "text/html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
ON_PAGES = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
ANYTHING = "*/*"
# Programs that fetch a page to show a preview of its link in a chat; they accept anything, and want what a person would see.
PREVIEWING = re.compile(
    r"(?i)slackbot|discordbot|twitterbot|facebookexternalhit|telegrambot|whatsapp|linkedinbot|skypeuripreview|mattermost-bot|mastodon"
)
POINT = "- "
CODE = re.compile(r"`([^`]+)`")


def wanted(offered: Sequence[str]) -> str:
    """The media type that the current request asks for among those of a page; a link's preview is made of the page."""
    after_this_request(_varies)
    accept = request.headers.get("Accept", ANYTHING).strip()
    if accept == ANYTHING and PREVIEWING.search(request.headers.get("User-Agent", "")):
        return HTML
    return choose(accept, offered)


def _varies(response: Response) -> Response:
    """Whatever was chosen, a cache must know by what."""
    response.vary.add("User-Agent")
    return response


def html(template: str, **values: object) -> Response:
    """Render a page. Links are relative, so that it works under any prefix a proxy gives it."""
    root = "../" * (request.path.count("/") - 1) or "./"
    assets = f"static/{digest()}/"
    link = current_app.config["SETTINGS"].public_url
    rendered = render_template(
        template, root=root, assets=f"{root}{assets}", link=link, card=f"{link}/{assets}card.png", **values
    )
    response = negotiated(rendered, HTML)
    response.headers["Cache-Control"] = "no-cache"  # it names the digest of its files
    return response


def titled(name: str) -> str:
    """A condition's name as people write it."""
    return name.replace("_", " ").capitalize().replace("relu", "ReLU").replace("Relu", "ReLU")


def phrase(text: str) -> Markup:
    """One line of prose; what stands in backticks is code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before it is marked  # nosec B704


def prose(text: str) -> Markup:
    """Paragraphs, divided by empty lines, and lists, whose points begin with a dash."""
    lines = (line.strip() for line in text.splitlines())
    parts = [list(part) for filled, part in groupby(lines, bool) if filled]
    return Markup("").join(_points(part) if part[0].startswith(POINT) else _paragraph(part) for part in parts)


def _paragraph(lines: Sequence[str]) -> Markup:
    return Markup("<p>{}</p>").format(phrase(" ".join(lines)))


def _points(lines: Sequence[str]) -> Markup:
    points: list[list[str]] = []
    for line in lines:
        if line.startswith(POINT):
            points.append([line.removeprefix(POINT)])
        else:
            points[-1].append(line)
    items = (Markup("<li>{}</li>").format(phrase(" ".join(point))) for point in points)
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def register(app: Flask) -> None:
    """Teach the templates our prose, and every answer to be no more than it says it is."""
    app.jinja_env.filters.update(amount=amount_shown, cost=cost, titled=titled, phrase=phrase, prose=prose)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.mimetype == HTML:
            response.headers.update(ON_PAGES)
        return response
