"""What cannot be examined at all, as against what can be and is ill."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["shapes_refused", "not_torchscript", "invalid"]


class Refused(Exception):
    """The upload cannot be examined; `detail` says what came, what was expected, what to do."""

    def __init__(self, kind: Kind, detail: str) -> None:
        """Keep the kind for the caller's table of problems, and the sentence for people."""
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


# Out of memory, or stopped by the jail: not for us to explain.
OF_THE_JAIL = re.compile(r"allocate memory|bad_alloc|out of memory|not permitted", re.IGNORECASE)


def of_the_jail(error: BaseException) -> bool:
    """Whether an error is one that the jail explains better."""
    return isinstance(error, MemoryError) or OF_THE_JAIL.search(str(error)) is not None
