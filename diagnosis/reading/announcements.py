"""Lines that announce of which split the next ones are: `Validation results:`, `=> Evaluating epoch 3 ...`."""

from __future__ import annotations

import re

from diagnosis.names import SPLITS, words
from diagnosis.reading.phrases import Phrase, unstamped

LENGTH = 40  # characters at most, without the date and time before them
# Words beside a split in a line that announces it.
ANNOUNCING = {
    "set",
    "results",
    "result",
    "metrics",
    "phase",
    "stats",
    "summary",
    "performance",
    "scores",
    "error",
    "errors",
}
# What a number counts in such a line, and the words around it: `Validation at epoch 5`, `I Testing model after step 200`.
COUNTED = {"epoch", "epochs", "ep", "step", "steps", "iter", "iteration", "iterations", "round"}
AROUND = ANNOUNCING | COUNTED | {"at", "on", "of", "for", "after", "in", "the", "model", "start", "starting", "begin", "running", "i", "info"}  # fmt: skip
_STEMS = tuple(word for word in SPLITS if not any(other in word for other in SPLITS if other != word))
_DIGIT = re.compile("[0-9]")


def section_of(line: str) -> str | None:
    """The split that a line of its own announces for what follows; None for any other line.

    With a number it does so of what is held out alone: `Training epoch 3` says a position, and what follows is as it is
    named.
    """
    low = line.lower()
    if not any(stem in low for stem in _STEMS):  # as nearly all lines
        return None
    said = unstamped(line)
    if len(said) >= LENGTH:
        return None
    named = words(said)
    splits = [SPLITS[word] for word in named if word in SPLITS]
    rest = [word for word in named if word not in SPLITS]
    if not _DIGIT.search(said):
        return splits[0] if splits and ANNOUNCING.issuperset(rest) else None
    numbered = [word for word in rest if not word.isdigit()]
    held_out = bool(splits) and "train" not in splits
    return splits[0] if held_out and not COUNTED.isdisjoint(numbered) and AROUND.issuperset(numbered) else None


class Section:
    """Of which split the lines are, by the last one that announced it."""

    def __init__(self) -> None:
        self.split = ""
        self.epochs = False  # whether training says its epochs
        self.trained: tuple[float, Phrase] | None = None  # step and phrase of training's last line
        self.evaluated: tuple[float, Phrase] | None = None  # likewise of this evaluation's
        self.batches = 0  # lines that count those of an evaluation
        self.epoch: float | None = None  # that was said last
        self.coming: dict[str, float] = {}  # the position of what an announcement says is to come

    def begin(self, split: str) -> None:
        """Take what follows for this split's."""
        self.split, self.evaluated = split, None

    def placed(self, place: dict[str, float], phrase: Phrase, *, announced: bool) -> dict[str, float]:
        """The position a line says, or for the first values below an announcement of another epoch that one's.

        They would else be of the line before: `Validating epoch 4` may stand below that of epoch 3, and before its own.
        """
        if not place:
            coming, self.coming = (self.coming, {}) if phrase.values else ({}, self.coming)
            return coming
        anew = "epoch" in place and place["epoch"] != self.epoch
        self.coming = place if announced and anew and not phrase.values else {}
        self.epoch = place.get("epoch", self.epoch)
        return place

    def counts(self, place: dict[str, float], phrase: Phrase) -> bool:
        """Whether a position counts the batches of an evaluation, and is none in training; another one ends the section."""
        if (
            self.split in {"val", "test"}
            and phrase.values
            and place.keys() == {"step"}
            and self._goes_on(place, phrase)
        ):
            self.evaluated = place["step"], phrase
            self.batches += 1
            return True
        self.split = ""
        self.epochs = self.epochs or "epoch" in place
        if "step" in place and phrase.values:
            self.trained = place["step"], phrase
        return False

    def _goes_on(self, place: dict[str, float], phrase: Phrase) -> bool:
        """Whether an evaluation does: training goes on behind its last step, begins anew below this one's, or looks like training."""
        if self.trained is None:
            return self.epochs and (self.evaluated is None or place["step"] > self.evaluated[0])
        if self.evaluated is None:
            return place["step"] <= self.trained[0]
        alike = phrase == self.trained[1] != self.evaluated[1]
        return self.evaluated[0] < place["step"] <= self.trained[0] and not alike
