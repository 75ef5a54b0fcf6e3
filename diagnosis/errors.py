"""Everything the engine refuses, and why.

DiagnosisError
├── UnreadableDocument
│   ├── Malformed            it says it is JSON, and is not
│   ├── UnrecognisedFormat   no reader knows it
│   ├── AmbiguousFormat      several readers claim it
│   └── UnreadableLog        a known format, broken at some line
├── NoCurve                  readable, but nothing in it is a curve
├── InvalidRun               series or roles that cannot be meant
├── InvalidExamination       facts about a model that no examination writes
└── ContradictoryRoles       two series are said to be one curve, or a role is against a direction

An error carries facts (what came, what was expected, what to do), never a status or a path.
"""

SHOWN = 80  # characters of a client's line; the rest is cut


class DiagnosisError(Exception):
    """The question cannot be answered; the message says what came, what was expected, what to do."""

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        """Keep the sentence for people and, for JSON, the place it speaks of (RFC 6901)."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class UnreadableDocument(DiagnosisError):
    """The document cannot be read as a training log."""


class Malformed(UnreadableDocument):
    """The document starts like JSON and breaks off being it."""


class UnrecognisedFormat(UnreadableDocument):
    """No reader recognises the document."""


class AmbiguousFormat(UnreadableDocument):
    """More than one reader recognises the document; all are named."""


class UnreadableLog(UnreadableDocument):
    """A known format that is broken at a certain line."""

    def __init__(self, *, line: int, expected: str, found: str) -> None:
        """Say where (1-based line), what was expected there, and what stood there."""
        shown = found if len(found) <= SHOWN else found[: SHOWN - 3] + "..."
        super().__init__(f"Line {line}: expected {expected}, found {shown!r}.")


class NoCurve(DiagnosisError):
    """The document is readable, but holds no series of numbers."""


class InvalidRun(DiagnosisError):
    """A series or a role that cannot be meant."""


class ContradictoryRoles(InvalidRun):
    """Two series are said to be one and the same curve, or a role is against a direction."""


class InvalidExamination(DiagnosisError):
    """Facts that an examination could not have measured: whoever wrote them was not it."""
