"""examples/slack under gunicorn, between a stand-in for Slack's HTTP API and the running service."""

import hashlib
import hmac
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripts.listening import ROOT, Server, free_port, listening

PYTHON = ROOT / ".venv-slack" / "bin" / "python"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not PYTHON.exists(), reason="Bolt is not installed (make .venv-slack/.installed)"),
]
TOKEN, SECRET = "xoxb-test", "a signing secret"
CHANNEL, THREAD = "C0123456789", "1700000000.000100"
PNG = b"\x89PNG\r\n\x1a\n"
LOG = (ROOT / "examples" / "logs" / "digits.csv").read_bytes()


@dataclass
class Slack:
    """What the stand-in has been asked, and the files it keeps."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    posted: list[dict[str, Any]] = field(default_factory=list)
    announced: dict[str, dict[str, str]] = field(default_factory=dict)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    completed: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    parent: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    def auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        """Whose token it is."""
        return {
            "user_id": "UBOT",
            "bot_id": "BBOT",
            "team_id": "T1",
            "team": "t",
            "user": "doctor",
            "url": "https://x/",
        }

    def files_info(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is known of a file."""
        name, content = self.files[given["file"]]
        url = f"http://127.0.0.1:{self.port}/files/{given['file']}"
        if given["file"] in self.elsewhere:
            url = f"http://localhost:{self.port}/elsewhere"
        return {"file": {"id": given["file"], "name": name, "size": len(content), "url_private_download": url}}

    def conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        """A thread, its first message first."""
        assert (CHANNEL, THREAD) == (given["channel"], given["ts"])
        return {"messages": [{"ts": THREAD, "files": self.parent}]}

    def chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        """A message; its limits are those of Slack's reference."""
        assert {"channel", "text"} <= set(given)
        assert 1 <= len(given["text"]) <= 4000, "text_too_long"
        blocks = given.get("blocks", [])
        blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
        assert len(blocks) <= 50, "too many blocks"
        assert sum(len(block["text"]) for block in blocks) <= 12_000, "msg_blocks_too_long"
        assert {"markdown"} >= {block["type"] for block in blocks}
        self.posted.append({**given, "blocks": blocks})
        return {"ts": "1700000001.000100", "channel": given["channel"]}

    def files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        """First of three steps: where to upload."""
        assert {"filename", "length"} <= set(given)
        assert int(given["length"]) > 0
        assert len(given.get("alt_txt", "")) <= 1000, "alt_txt_too_large"
        file = f"FUP{len(self.announced)}"
        self.announced[file] = given
        return {"file_id": file, "upload_url": f"http://127.0.0.1:{self.port}/upload/{file}"}

    def files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        """Last of three steps: who sees it."""
        files = json.loads(given["files"]) if isinstance(given["files"], str) else given["files"]
        for file in files:
            assert int(self.announced[file["id"]]["length"]) == len(self.uploaded[file["id"]])
        self.completed.append({**given, "files": files})
        return {"files": [{"id": file["id"], "title": file["title"]} for file in files]}


def handler(slack: Slack) -> type[http.server.BaseHTTPRequestHandler]:
    """Slack's addresses: methods under /api/, files, and uploads."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def answer(self, body: bytes) -> None:
            parts = urllib.parse.urlsplit(self.path)
            place, _, name = parts.path.strip("/").partition("/")
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if place == "upload":
                slack.uploaded[name] = body
                return self.say(b"OK", "text/plain")
            if place == "files":
                return self.say(
                    slack.files[name][1] if known else b"<html>sign in</html>", "text/csv" if known else "text/html"
                )
            if place != "api":
                slack.wrong.append(f"{self.path} was asked for")
                return self.say(b"", "text/plain")
            try:
                assert known, f"{name}: not_authed"
                given = dict(urllib.parse.parse_qsl(parts.query))
                kind = self.headers.get_content_type()
                in_json = kind == "application/json"
                given |= json.loads(body or b"{}") if in_json else dict(urllib.parse.parse_qsl(body.decode()))
                said = {"ok": True, **getattr(slack, name.replace(".", "_"))(given)}
            except (AssertionError, AttributeError, KeyError) as error:
                slack.wrong.append(f"{name}: {error!r}")
                said = {"ok": False, "error": "invalid_arguments"}
            return self.say(json.dumps(said).encode(), "application/json")

        def say(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@pytest.fixture
def slack() -> Iterator[Slack]:
    """The stand-in for Slack, which must have been asked as its reference says."""
    slack = Slack()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(slack)) as server:
        slack.port = server.server_port
        threading.Thread(target=server.serve_forever).start()
        yield slack
        server.shutdown()
    assert [] == slack.wrong


@dataclass(frozen=True)
class Bot:
    """The bot, as Slack speaks to it."""

    url: str

    def told(self, event: dict[str, Any], *, secret: str = SECRET, age: float = 0.0, **headers: str) -> int:
        """Deliver an event, signed; the status that Slack gets."""
        event = {"channel": CHANNEL, "ts": THREAD, "user": "U1", **event}
        document = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event": event}
        document["event_id"] = headers.pop("event_id", f"Ev{time.monotonic_ns()}")
        return self.sent(document, secret=secret, age=age, **headers)[0]

    def sent(
        self, document: dict[str, Any], *, secret: str = SECRET, age: float = 0.0, **headers: str
    ) -> tuple[int, str]:
        """Sign a body as Slack does, and send it."""
        body, now = json.dumps(document), str(int(time.time() - age))
        signature = hmac.new(secret.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
        given = {
            "X-Slack-Signature": f"v0={signature}",
            "X-Slack-Request-Timestamp": now,
            "Content-Type": "application/json",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            request = urllib.request.Request(self.url, body.encode(), given)  # noqa: S310 - our own address
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""


@pytest.fixture
def bot(slack: Slack, server: Server, tmp_path: Path) -> Iterator[Bot]:
    """The bot in front of the running service."""
    with running(slack, server.url, tmp_path) as started:
        yield started


@contextmanager
def running(slack: Slack, diagnosis: str, folder: Path, **more: str) -> Iterator[Bot]:
    """The bot under gunicorn, between this service and this Slack."""
    port = free_port()
    command = [str(PYTHON), "-m", "gunicorn", "--threads", "8", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", "bot:api"]
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": f"http://127.0.0.1:{slack.port}/api/",
        "SLACK_FILES_URL": f"http://127.0.0.1:{slack.port}/files/",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "DIAGNOSIS_URL": diagnosis,
        **more,
    }
    here = ROOT / "examples" / "slack"
    with (
        (folder / "bot.txt").open("ab") as log,
        subprocess.Popen(command, cwd=here, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            until(lambda: _listens(port) or process.poll() is not None, 60)
            yield Bot(f"http://127.0.0.1:{port}/slack/events")
        finally:
            process.terminate()
            process.wait(60)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for what a thread of the bot does after it has acknowledged."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it was waited for in vain"
        time.sleep(0.05)


def shared(*files: str) -> dict[str, Any]:
    """The event of a message to the bot with files."""
    return {
        "type": "message",
        "subtype": "file_share",
        "channel_type": "im",
        "files": [{"id": file, "file_access": "check_file_info"} for file in files],
    }


def test_a_shared_log_is_answered_in_its_thread_in_words_and_as_a_picture(slack: Slack, bot: Bot) -> None:
    """The Markdown of the service in a block, a sentence for the notification, and the picture with a text for who cannot see it."""
    slack.files["F1"] = ("digits.csv", LOG)

    assert 200 == bot.told(shared("F1"))
    until(lambda: slack.completed)

    (message,) = slack.posted
    assert (CHANNEL, THREAD) == (message["channel"], message["thread_ts"])
    assert re.match(r"🟡 \*\*Overfitting since epoch 13", message["blocks"][0]["text"])
    assert message["text"].startswith("🟡 Overfitting since epoch 13: val_loss gave back")
    ((upload,), (picture,)) = (slack.completed, slack.uploaded.values())
    assert (CHANNEL, THREAD, "The curves of digits.csv") == (
        upload["channel_id"],
        upload["thread_ts"],
        upload["files"][0]["title"],
    )
    assert PNG == picture[: len(PNG)]
    assert "Overfitting" in slack.announced["FUP0"]["alt_txt"]


def test_an_event_that_slack_repeats_is_answered_once(slack: Slack, bot: Bot) -> None:
    """And one whose first delivery was lost is answered at its second."""
    slack.files["F1"] = ("digits.csv", LOG)

    assert 200 == bot.told(shared("F1"), event_id="Ev1")
    assert 200 == bot.told(shared("F1"), event_id="Ev1", X_Slack_Retry_Num="1", X_Slack_Retry_Reason="http_timeout")
    assert 200 == bot.told(shared("F1"), event_id="Ev2", X_Slack_Retry_Num="1", X_Slack_Retry_Reason="http_error")
    until(lambda: len(slack.completed) == 2)
    time.sleep(0.5)

    assert (2, 2) == (len(slack.posted), len(slack.completed))


def test_what_slack_did_not_sign_is_refused(slack: Slack, bot: Bot) -> None:
    """Another secret, or a request that somebody kept for six minutes."""
    slack.files["F1"] = ("digits.csv", LOG)

    assert 401 == bot.told(shared("F1"), secret="another")  # noqa: S106 - of nobody
    assert 401 == bot.told(shared("F1"), age=360)
    time.sleep(0.3)
    assert [] == slack.posted
    status, said = bot.sent({"type": "url_verification", "challenge": "c"})
    assert (200, "c") == (status, json.loads(said)["challenge"])


def test_a_mention_below_a_log_finds_it(slack: Slack, bot: Bot) -> None:
    """Somebody else shared it; what is said in a channel to others is left alone."""
    slack.files["F1"] = ("digits.csv", LOG)
    slack.parent = [{"id": "F1"}]

    assert 200 == bot.told({**shared("F1"), "channel_type": "channel"})
    assert 200 == bot.told({"type": "app_mention", "ts": "1700000009.1", "thread_ts": THREAD, "text": "<@UBOT>?"})
    until(lambda: slack.completed)

    (message,) = slack.posted
    assert THREAD == message["thread_ts"]


def test_the_bot_does_not_answer_itself(slack: Slack, bot: Bot) -> None:
    """Its picture is a shared file too: it would go on for ever."""
    slack.files["F1"] = ("diagnosis.png", PNG)

    assert 200 == bot.told({**shared("F1"), "user": "UBOT", "bot_id": "BBOT"})
    assert 200 == bot.told({**shared("F1"), "user": "UBOT"})
    assert 200 == bot.told({"type": "message", "subtype": "message_changed", "channel_type": "im"})
    time.sleep(1)

    assert [] == slack.posted


def test_what_cannot_be_diagnosed_is_said_in_words(slack: Slack, bot: Bot) -> None:
    """Each file for itself; a file on another server is never asked for with the bot's token."""
    slack.files |= {
        "F1": ("cat <!channel>.png", PNG + b"\0\0"),
        "F2": ("linked.csv", b""),
        "F3": ("digits.csv", LOG),
        "F4": ("empty.csv", b""),
    }
    slack.elsewhere.add("F2")

    bot.told(shared("F1", "F2", "F3", "F4"))
    until(lambda: len(slack.posted) == 4)
    bot.told({"type": "message", "channel_type": "im", "text": "hello"})
    until(lambda: len(slack.posted) == 5)

    texts = [message["text"] for message in slack.posted]
    assert texts[0].startswith("cat &lt;!channel&gt;.png: ")
    assert "does not lie with Slack" in texts[1]
    assert "Overfitting" in texts[2]
    assert texts[3].startswith("empty.csv: The document is empty.")
    assert "Share a training log with me" in texts[4]


def test_a_service_that_is_away_or_wants_a_key_is_told(slack: Slack, tmp_path: Path) -> None:
    """Nothing of addresses and keys reaches the channel."""
    slack.files["F1"] = ("digits.csv", LOG)
    with running(slack, f"http://127.0.0.1:{free_port()}", tmp_path) as alone:
        alone.told(shared("F1"))
        until(lambda: len(slack.posted) == 1)
    digest = hashlib.sha256(b"secret-key").hexdigest()
    with listening(tmp_path / "log.txt", API_KEYS=f"slack={digest}", WORKERS="1") as guarded:
        with running(slack, guarded.url, tmp_path) as keyless:
            keyless.told(shared("F1"))
            until(lambda: len(slack.posted) == 2)
        with running(slack, guarded.url, tmp_path, DIAGNOSIS_KEY="secret-key") as known:
            known.told(shared("F1"))
            until(lambda: slack.completed)

    assert "not to be reached just now" in slack.posted[0]["text"]
    assert "out of order" in slack.posted[1]["text"]
    assert "Overfitting" in slack.posted[2]["text"]


def test_a_busy_service_is_asked_three_times_and_then_told(slack: Slack, tmp_path: Path) -> None:
    """It said when to come back."""
    slack.files["F1"] = ("digits.csv", LOG)
    asked: list[str] = []

    class Busy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(503)
            self.send_header("Retry-After", "0.1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as busy:
        threading.Thread(target=busy.serve_forever).start()
        with running(slack, f"http://127.0.0.1:{busy.server_port}", tmp_path) as bot:
            bot.told(shared("F1"))
            until(lambda: slack.posted)
        busy.shutdown()

    assert ["/diagnose?filename=digits.csv"] * 3 == asked
    assert "busy just now" in slack.posted[0]["text"]
