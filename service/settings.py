"""What an operator decides, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from schemas.limits import Limits
from service.admission.keys import InvalidKeys, Key, keys_of

MIB = 1024 * 1024
LEAST_MEMORY_MIB = 256  # below it, small models fail
MOST_MIB = 2**24  # 16 TiB: the largest machines have that, and no limit of the system overflows
MOST_PORT = 2**16 - 1
MOST_AT_ONCE = 4096  # workers, or threads of one: the system allows a process little more
DAY = 86_400  # seconds: whoever waits for longer has no limit in mind, and a poll cannot wait for a month
MOST = 2**31 - 1  # of anything else that is counted


class InvalidSetting(ValueError):
    """A variable of the environment that cannot be meant."""


@dataclass(frozen=True)
class Overfit:
    """How strangers' models are run; `memory` is in bytes, and what one check may use beyond torch itself."""

    device: str = "auto"  # or cpu, which leaves a GPU alone
    deadline: int = 30  # seconds that a client may ask for
    memory: int = 2048 * MIB
    queue: int = 4  # checks that wait while as many run as there are cores, or GPUs
    required: bool = False  # /readyz is 503 where no check can be made
    unjailed: bool = False  # the operator insists, on a machine where the jail cannot be built
    examination: str = "service.examination:examine"


@dataclass(frozen=True)
class Settings:
    """`body` is in bytes, after decompression too; `parts` counts the files of a multipart request."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 4
    client_timeout: int = 10  # seconds in which a client must send its next bytes
    queue: int = 32  # requests that wait for a thread of a worker, before others are told to come back
    public_url: str = ""
    body: int = 64 * MIB
    seconds: int = 30  # of computing that one question may take
    parts: int = 64
    limits: Limits = field(default_factory=Limits)
    overfit: Overfit = field(default_factory=Overfit)
    keys: tuple[Key, ...] = ()  # none: whoever reaches the port may ask
    key_concurrency: int = 4  # requests of one key that are answered at once
    anonymous: bool = False  # the operator insists on a port that others reach, without keys
    origins: tuple[str, ...] = ()  # other sites whose pages may ask; * for any

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables of docs/settings.md; an empty one is not set.

        Raises:
            InvalidSetting: one of them cannot be meant; it says which, what came and what was expected.
        """
        said = _Variables(environment)
        body = said.whole("MAX_BODY_MIB", cls.body // MIB, most=MOST_MIB) * MIB
        return cls(
            host=said.text("HOST") or cls.host,
            port=said.whole("PORT", cls.port, 0, MOST_PORT),
            workers=said.whole("WORKERS", cls.workers, most=MOST_AT_ONCE),
            threads=said.whole("THREADS", cls.threads, most=MOST_AT_ONCE),
            client_timeout=said.whole("CLIENT_TIMEOUT", cls.client_timeout, most=DAY),
            queue=said.whole("QUEUE", cls.queue, 0),
            public_url=_url(said.text("PUBLIC_URL")),
            body=body,
            seconds=said.whole("MAX_SECONDS", cls.seconds, most=DAY),
            parts=said.whole("MAX_PARTS", cls.parts),
            limits=_limits(said, body),
            overfit=_overfit(said),
            keys=keys_in(environment),
            key_concurrency=said.whole("KEY_CONCURRENCY", cls.key_concurrency),
            anonymous=said.flag("ALLOW_ANONYMOUS"),
            origins=_origins(said.text("ALLOW_ORIGINS")),
        )


@dataclass(frozen=True)
class _Variables:
    """What the environment says; an empty variable is not set, and one that cannot be meant is refused."""

    environment: Mapping[str, str]

    def text(self, name: str) -> str:
        """As it stands there, without spaces around it."""
        return self.environment.get(name, "").strip()

    def whole(self, name: str, default: int, least: int = 1, most: int = MOST) -> int:
        """A whole number between these."""
        text = self.text(name)
        if not text:
            return default
        short = len(text) <= len(str(MOST))  # thousands of digits are refused by `int` in words of its own
        if not (short and text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise InvalidSetting(f"{name}={text!r}: expected a whole number from {least} to {most}.")
        return int(text)

    def one_of(self, name: str, *words: str) -> str:
        """One of these words; the first where nothing is said."""
        text = self.text(name).lower() or words[0]
        if text not in words:
            raise InvalidSetting(f"{name}={text!r}: expected one of {', '.join(words)}.")
        return text

    def flag(self, name: str) -> bool:
        """Whether the operator says yes."""
        return self.one_of(name, "0", "1", "false", "true", "no", "yes") in {"1", "true", "yes"}


def _overfit(said: _Variables) -> Overfit:
    return Overfit(
        device=said.one_of("OVERFIT_DEVICE", "auto", "cpu"),
        deadline=said.whole("OVERFIT_DEADLINE", Overfit.deadline, most=DAY),
        memory=said.whole("OVERFIT_MEMORY_MIB", Overfit.memory // MIB, LEAST_MEMORY_MIB, MOST_MIB) * MIB,
        queue=said.whole("OVERFIT_QUEUE", Overfit.queue, 0),
        required=said.flag("OVERFIT_REQUIRED"),
        unjailed=said.flag("OVERFIT_UNJAILED"),
    )


def _limits(said: _Variables, body: int) -> Limits:
    return Limits(
        points=said.whole("MAX_POINTS", Limits.points),
        series=said.whole("MAX_SERIES", Limits.series),
        all_series=said.whole("MAX_ALL_SERIES", Limits.all_series),
        lines=said.whole("MAX_LINES", Limits.lines),
        runs=said.whole("MAX_RUNS", Limits.runs),
        name=said.whole("MAX_NAME", Limits.name),
        files=said.whole("MAX_FILES", Limits.files),
        unpacked=body,
        parsed=said.whole("MAX_PARSED_MIB", Limits.parsed // MIB, most=MOST_MIB) * MIB,
    )


def _url(text: str) -> str:
    """The address under which the service is reached from outside, without its last slash."""
    text = text.rstrip("/")
    if text and not text.startswith(("http://", "https://")):
        raise InvalidSetting(f"PUBLIC_URL={text!r}: expected an address that starts with http:// or https://.")
    return text


def keys_in(environment: Mapping[str, str]) -> tuple[Key, ...]:
    """The keys of both variables, or InvalidSetting; never what was in them, for it may be a key by mistake."""
    texts = {"API_KEYS": environment.get("API_KEYS", "")}
    if file := environment.get("API_KEYS_FILE", "").strip():
        try:
            texts["API_KEYS_FILE"] = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise InvalidSetting(f"API_KEYS_FILE={file!r}: expected a text file that can be read.") from None
    found: list[Key] = []
    for name, text in texts.items():
        try:
            found += keys_of(text)
        except InvalidKeys as error:
            raise InvalidSetting(f"{name}: {error}") from None
    if file and not found:
        raise InvalidSetting(f"API_KEYS_FILE={file!r}: expected at least one key in it; leave it out for none.")
    return tuple(found)


def _origins(text: str) -> tuple[str, ...]:
    """Origins as browsers write them: scheme, host and port, without a slash at the end."""
    found = tuple(entry.rstrip("/").lower() for entry in text.replace(",", " ").split())
    for entry in found:
        if entry != "*" and not re.fullmatch(r"https?://[^/?#@\s]+", entry):
            raise InvalidSetting(f"ALLOW_ORIGINS: {entry!r}: expected * or origins such as https://example.org.")
    return found
