"""What a file of tensors is by its first bytes; nothing of it is parsed or unpickled.

A .safetensors file is asked about first: the length that it begins with may look like the beginning of anything.
"""

from __future__ import annotations

import re

LENGTH = 8  # bytes that say how long the header of a .safetensors file is
LONGEST = 1 << 32  # bytes of a header: eight letters, read as a number, are far more
_PROTOCOL = re.compile(rb"\x80[\x02-\x05]")  # older protocols are text


def is_safetensors(data: bytes) -> bool:
    """Whether a length and a brace come first."""
    return data[LENGTH : LENGTH + 1] == b"{" and int.from_bytes(data[:LENGTH], "little") < LONGEST


def is_pickle(data: bytes) -> bool:
    """Whether what is no .safetensors begins with a pickle's protocol."""
    return _PROTOCOL.match(data) is not None
