"""Several runs, judged together: the worst of them decides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from diagnosis.identity import VERSION
from diagnosis.report import STATUSES, Action, Decision, Report, Status

STRONGEST: tuple[Action, ...] = ("none", "continue", "stop", "intervene")  # ascending


@dataclass(frozen=True)
class Reports:
    """The reports of runs that were asked about together, in the order they were sent."""

    runs: tuple[Report, ...]

    @property
    def status(self) -> Status:
        """The worst of the runs."""
        return max((report.status for report in self.runs), key=STATUSES.index)

    @property
    def worst(self) -> Report:
        """The first of the worst runs."""
        return next(report for report in self.runs if report.status == self.status)

    @property
    def headline(self) -> str:
        """How many are how bad, and the worst run's own headline."""
        count = sum(report.status == self.status for report in self.runs)
        if self.status == "healthy":
            return "The one run is healthy." if count == 1 else f"All {count} runs are healthy."
        are = {"attention": "need attention", "failing": "are failing", "inconclusive": "are inconclusive"}
        is_ = {"attention": "needs attention", "failing": "is failing", "inconclusive": "is inconclusive"}
        verb = is_[self.status] if count == 1 else are[self.status]
        return f"{count} of {len(self.runs)} runs {verb}. {self.worst.name}: {self.worst.headline}"

    @property
    def decision(self) -> Decision:
        """The strongest that any run asks for; where to go back to is each run's own."""
        action = max((report.decision.action for report in self.runs), key=STRONGEST.index)
        asking = [report.decision.because for report in self.runs if report.decision.action == action]
        return Decision(action, None, tuple(dict.fromkeys(name for because in asking for name in because)))

    @property
    def id(self) -> str:
        """The same runs in the same order have the same id."""
        return hashlib.blake2b(" ".join(report.id for report in self.runs).encode(), digest_size=16).hexdigest()

    @property
    def version(self) -> str:
        """The version that judged."""
        return VERSION


def answer_of(reports: Sequence[Report], *, many: bool) -> Report | Reports:
    """One report as it is, or several together."""
    return Reports(tuple(reports)) if many else reports[0]
