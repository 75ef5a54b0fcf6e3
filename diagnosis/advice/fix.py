"""One thing to try: a verb of the table, what it comes to for this run, and why it should help.

Every fix says in `advice` what to do, with the number, and in `because` why it should help here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnosis.advice.usual_rates import too_high, too_low
from diagnosis.advice.verbs import VERBS
from diagnosis.run import Context


def significant(value: float, digits: int = 3) -> float:
    """A number as one would type it into a config."""
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True)
class Fix:
    """One thing to try: a verb, its numbers for this run, and why it should help."""

    action: str
    advice: str
    because: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a verb or a parameter that is not in the table: a pipeline could not apply it."""
        unknown = set(self.params) - set(VERBS[self.action].params)
        if unknown:
            message = f"{self.action} has no parameter {sorted(unknown)}"
            raise ValueError(message)

    def done(self, context: Context) -> bool:
        """Whether the caller says this is already in use, or has gone as far as it goes."""
        at_its_end = {"raise_learning_rate": too_high, "lower_learning_rate": too_low}.get(self.action)
        return VERBS[self.action].done(context) or (at_its_end is not None and at_its_end(context))
