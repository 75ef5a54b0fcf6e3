"""What was said of a run beside what is true of it, whoever said it: this engine or a peer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.corpus import Record, groups, to_run
from diagnosis import Report, diagnose
from diagnosis.across import compare

Grades = Mapping[str, str]  # condition: severity
SIGNED = 2  # the judge's grade of what is so, and not merely arguable
ACROSS = "across"  # the `fault` of a group: it is neither a run nor healthy


@dataclass(frozen=True)
class Outcome:
    """One run: its truth, and the findings in the order they were given."""

    name: str
    cluster: str
    fault: str
    expected: frozenset[str]
    tolerated: frozenset[str]
    found: Grades
    confidence: Mapping[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0
    bugs: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()  # what the judge, who knows the truth, would sign, due or not
    hidden: frozenset[str] = frozenset()  # what happened, and no reader of the log could know

    @property
    def hits(self) -> frozenset[str]:
        """What was found and is true."""
        return self.expected & set(self.found)

    @property
    def missed(self) -> frozenset[str]:
        """What is true and was not found, whether or not there is a rule for it."""
        return self.expected - set(self.found)

    @property
    def unfounded(self) -> frozenset[str]:
        """What was found, of any severity, and is neither expected nor tolerated."""
        return frozenset(self.found) - self.expected - self.tolerated

    @property
    def wrong(self) -> frozenset[str]:
        """The unfounded warnings and errors; mere information is counted apart."""
        return frozenset(name for name in self.unfounded if self.found[name] != "info")

    @property
    def alarms(self) -> frozenset[str]:
        """Every warning and error, right or wrong."""
        return frozenset(name for name, severity in self.found.items() if severity != "info")


def truth(record: Record) -> dict[str, object]:
    """What the label says of a run."""
    return {
        "name": record["name"],
        "cluster": record.get("group") or record["name"],
        "fault": record["fault"],
        "expected": frozenset(record["expected"]),
        "tolerated": frozenset(record["tolerated"]),
        "shown": frozenset(name for name, grade in record.get("grades", {}).items() if grade == SIGNED),
        "hidden": frozenset(record.get("hidden", ())),
    }


def outcome(record: Record, report: Report, milliseconds: float = 0.0) -> Outcome:
    """One run as this engine judged it."""
    return Outcome(
        **truth(record),  # type: ignore[arg-type]
        found={j.condition: j.severity for j in report.findings},
        confidence={j.condition: j.confidence for j in report.findings},
        milliseconds=milliseconds,
        bugs=tuple(report.bugs),
    )


def judged(records: list[Record]) -> list[Outcome]:
    """Every run, then every group of runs, as this engine judges them."""
    outcomes = []
    for record in records:
        run = to_run(record)
        start = time.process_time_ns()
        report = diagnose(run)
        outcomes.append(outcome(record, report, (time.process_time_ns() - start) / 1e6))
    for name, members in groups(records).items():
        across = compare([diagnose(to_run(member)) for member in members])
        findings = {j.condition: (j.severity, j.confidence) for j in across.findings}
        outcomes.append(
            Outcome(
                name=name,
                cluster=name,
                fault=ACROSS,
                expected=frozenset(members[0]["expected_across"]),
                tolerated=frozenset(members[0].get("tolerated_across") or ()),
                found={condition: severity for condition, (severity, _) in findings.items()},
                confidence={condition: sure for condition, (_, sure) in findings.items()},
            )
        )
    return outcomes
