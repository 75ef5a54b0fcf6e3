"""Words of a client in a chat: shown as they are, whoever reads the Markdown, and never obeyed.

Chats disagree on what markup is, so each sign is made harmless for all of them: GitHub, GitLab and Slack's `markdown` block
read CommonMark; Slack's older mrkdwn obeys what stands between `<` and `>` and knows no backslash; most of them make links
of bare domains, mentions of `@`, references of `#` and pictures of `:names:`.
"""

from __future__ import annotations

import re

from service.wording.columns import harmless

JOINER = "\u2060"  # shows as nothing, and keeps what stands before it from being a mention, a reference or an address
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # the three that CommonMark and mrkdwn both know
MARKUP = re.compile(
    r"[\\`*\[\]|~]|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])"
)  # inside of a word, an underscore is a letter
# `@everyone`, `#12`; `http://`; `evil.example`, `www.example.org`; `:tada:`; `$x$`, which GitHub sets as a formula
JOINED = re.compile(r"[@#]|:(?=//)|(?<=[A-Za-z0-9-])\.(?=[A-Za-z]{2})|:(?=[\w+-]+:)")
FORMULA = str.maketrans({"$": "\uff04"})  # the wide dollar sign


def plain(text: str) -> str:
    """A text that shows as it is, whatever it holds; one line."""
    whole = harmless(" ".join(text.split())).translate(FORMULA)
    joined = JOINED.sub(
        lambda found: found[0] + JOINER, MARKUP.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), whole)
    )
    return re.sub("[&<>]", lambda found: ENTITIES[found[0]], joined)


def coded(text: str, most: int) -> str:
    """A text of at most so many characters for a block of code, which it cannot leave; Slack obeys `<` in there too."""
    whole = re.sub("[<>&`]", "'", harmless(" ".join(text.split())))
    return (whole if len(whole) <= most else f"{whole[: most - 1]}…").replace("@", f"@{JOINER}")
