"""Who may ask: bearer keys, of which only the hashes are known here.

A key is a long random text, not a password: one round of SHA-256 hides it, for nobody can try 2²⁵⁶ of them. A name
may have several keys, so that a new one works before the old one is taken away.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

ENTRY = re.compile(r"([A-Za-z0-9_.-]{1,64})[=:]([0-9a-fA-F]{64})")
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*) *", re.IGNORECASE)  # RFC 6750, section 2.1


class InvalidKeys(ValueError):
    """An entry that is not a name and the hash of a key."""


@dataclass(frozen=True)
class Key:
    """Whose it is, and the SHA-256 of its text."""

    name: str
    digest: bytes


def keys_of(text: str) -> tuple[Key, ...]:
    """Read `name=hash` entries, divided by blanks, commas or lines; what follows a `#` in a line is left out."""
    entries = [entry for line in text.splitlines() for entry in re.split(r"[\s,]+", line.partition("#")[0]) if entry]
    found = []
    for position, entry in enumerate(entries, 1):
        match = ENTRY.fullmatch(entry)
        if match is None:  # it may be a key by mistake, so it is not quoted
            raise InvalidKeys(
                f"entry {position} of {len(entries)} is not a name, =, and the 64 hexadecimal digits of a SHA-256. "
                'Make one with: printf %s "$KEY" | sha256sum'
            )
        found.append(Key(match[1], bytes.fromhex(match[2])))
    return tuple(found)


def holder(keys: Iterable[Key], authorization: str | None) -> str | None:
    """The name of the key in the header `Authorization`; None where it holds none that is known.

    Every key is compared, each in the same time, so that nothing can be learnt from how long it took.
    """
    match = BEARER.fullmatch(authorization or "")
    digest = sha256(match[1].encode() if match else b"").digest()
    same = [key.name for key in keys if hmac.compare_digest(key.digest, digest)]
    return same[0] if match and same else None


def is_local(host: str) -> bool:
    """Whether only this machine can reach an address: loopback, or the name of it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
