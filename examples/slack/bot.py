"""A Slack bot: share a training log with it, or mention it below one, and it answers in the thread, with the picture.

    gunicorn --threads 8 --bind 0.0.0.0:3000 bot:api      # Slack's Request URL: https://…/slack/events

    SLACK_BOT_TOKEN         xoxb-…, with the scopes app_mentions:read, chat:write, files:read, files:write, im:history and,
                            to find the log above a mention in a thread, channels:history
    SLACK_SIGNING_SECRET    by which it knows that a request is Slack's; Bolt checks it
    DIAGNOSIS_URL           where the service listens (http://127.0.0.1:8000); PUBLIC_URL there makes its links work here
    DIAGNOSIS_KEY           the key, where it wants one

It subscribes to the events `app_mention` and `message.im`. One process with threads: what was answered is remembered in it.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

DIAGNOSIS = os.environ.get("DIAGNOSIS_URL", "http://127.0.0.1:8000").rstrip("/")
KEY = os.environ.get("DIAGNOSIS_KEY")
# Another address is for tests. A file that lies elsewhere (on a drive that was linked) must not be asked for with our token.
SLACK_API = os.environ.get("SLACK_API_URL", "https://slack.com/api/")
SLACK_FILES = os.environ.get("SLACK_FILES_URL", "https://files.slack.com/")
LARGEST = 64 * 1024 * 1024  # bytes: what the service takes by default
MOST_FILES = 5  # of one message
MESSAGE = 12_000  # characters of a `markdown` block, by Slack's reference
NOTIFICATION = 300  # characters; it is what a telephone shows
PATIENCE = 60  # seconds
TRIES, LONGEST_WAIT = 3, 20.0  # of a busy service; seconds
REMEMBERED = 10_000  # events; Slack repeats one three times within an hour
HELP = "Share a training log with me (CSV, JSON, a console log, an event file …), and I say what is wrong with the run."

app = App(
    client=WebClient(os.environ.get("SLACK_BOT_TOKEN"), base_url=SLACK_API),
    signing_secret=os.environ.get("SLACK_SIGNING_SECRET"),
)
api = SlackRequestHandler(app)
seen: OrderedDict[str, None] = OrderedDict()
looking = Lock()


class Unanswered(Exception):
    """There is no diagnosis; the message is for the one who asked."""


@app.use
def once(request: BoltRequest, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002 - Bolt passes it by this name
    """Slack repeats an event that was not acknowledged in time (X-Slack-Retry-Num): one that is known is not answered again.

    The event's id is what counts, not the header: where the first delivery was lost, the second must be answered.
    """
    event = request.body.get("event_id")
    with looking:
        if event in seen:
            return BoltResponse(status=200)
        if event:
            seen[event] = None
            if len(seen) > REMEMBERED:
                seen.popitem(last=False)
    return next()


@app.event("app_mention")
@app.event("message")
def answer(event: dict[str, Any], client: WebClient) -> None:
    """Answer every file of a message to us, in its thread. Bolt has acknowledged the event by now."""
    direct = event.get("channel_type") == "im" and event.get("subtype") in {None, "file_share"}
    if event["type"] == "message" and not direct:  # edits, joins, and what is said in channels to others
        return
    channel, thread = event["channel"], event.get("thread_ts", event["ts"])
    files = event.get("files") or above(client, event)
    if not files:
        client.chat_postMessage(channel=channel, thread_ts=thread, text=HELP)
    for file in files[:MOST_FILES]:
        try:
            name, log = download(client, file["id"])
            words = diagnose(log, name, "text/markdown").decode()
        except Unanswered as error:
            client.chat_postMessage(channel=channel, thread_ts=thread, text=escaped(str(error)), mrkdwn=False)
            continue
        client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=escaped(plain(words))[:NOTIFICATION],
            blocks=[{"type": "markdown", "text": cut(words)}],
        )
        try:
            picture = diagnose(log, name, "image/png")
        except Unanswered:
            continue  # the words are there
        client.files_upload_v2(
            channel=channel,
            thread_ts=thread,
            content=picture,
            filename="diagnosis.png",
            title=f"The curves of {name}",
            alt_txt=plain(words)[:1000],
        )


def above(client: WebClient, event: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of the message at the top of the thread in which we are mentioned."""
    if "thread_ts" not in event:
        return []
    replies = client.conversations_replies(channel=event["channel"], ts=event["thread_ts"], limit=1)
    return next(iter(replies["messages"]), {}).get("files", [])


def download(client: WebClient, file_id: str) -> tuple[str, bytes]:
    """Name and content of a shared file."""
    file = client.files_info(file=file_id)["file"]
    name, url = str(file.get("name") or file_id), str(file.get("url_private_download") or "")
    if not url.startswith(SLACK_FILES):
        raise Unanswered(f"{name} does not lie with Slack, so I cannot read it. Upload it here.")
    if file.get("size", 0) > LARGEST:
        raise Unanswered(f"{name} has more than {LARGEST // 1024**2} MiB, which is too much for me. Thin it out.")
    request = urllib.request.Request(url)  # noqa: S310 - it was just looked at
    request.add_unredirected_header("Authorization", f"Bearer {client.token}")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
            if response.headers.get_content_type() == "text/html" and not name.endswith(("html", "htm")):
                raise Unanswered(f"Slack does not let me read {name}: I lack the scope files:read.")  # a login page
            return name, response.read()
    except OSError as error:
        raise Unanswered(f"Slack did not hand out {name} ({error}). Share it again.") from None


def diagnose(log: bytes, name: str, media_type: str) -> bytes:
    """Ask the service for one form of the answer; ask again where it is busy."""
    url = f"{DIAGNOSIS}/diagnose?{urllib.parse.urlencode({'filename': name})}"
    headers = {"Accept": media_type, "Content-Type": "application/octet-stream"}
    if KEY:
        headers["Authorization"] = f"Bearer {KEY}"
    for left in reversed(range(TRIES)):
        try:
            request = urllib.request.Request(url, log, headers)  # noqa: S310 - our own service
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code in {429, 503}:
                if left:
                    time.sleep(min(float(error.headers.get("Retry-After") or 1), LONGEST_WAIT))
                continue
            if error.code in {401, 403} or error.code >= 500:
                app.logger.error("%s answered %d", url, error.code)  # noqa: TRY400 - the line says it all
                raise Unanswered("The diagnosis is out of order. Its keeper finds the reason in my log.") from None
            raise Unanswered(f"{name}: {told(error.read())}") from None
        except OSError as error:
            app.logger.error("%s: %s", url, error)  # noqa: TRY400 - likewise
            raise Unanswered("The diagnosis is not to be reached just now. Try again in a while.") from None
    raise Unanswered("The diagnosis is busy just now. Try again in a while.")


def told(problem: bytes) -> str:
    """What came, what was expected, what to do: the `detail` of a problem document."""
    try:
        return str(json.loads(problem)["detail"])
    except (ValueError, KeyError, TypeError):
        return "the diagnosis refused it without a word."


def plain(markdown: str) -> str:
    """The headline without its markup, for notifications and screen readers."""
    return markdown.partition("\n")[0].replace("**", "").replace("\\", "")


def escaped(text: str) -> str:
    """Keep a text from being a link or a mention: the three characters that Slack reads."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(markdown: str) -> str:
    """As many whole lines as a block holds."""
    return markdown if len(markdown) <= MESSAGE else markdown[: MESSAGE - 2].rpartition("\n")[0] + "\n…"
