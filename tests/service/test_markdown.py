import re

import numpy as np

from diagnosis import diagnose
from diagnosis.across import Reports
from diagnosis.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.run import Run
from diagnosis.synthetic import falling, run, turning
from service.representations.markdown import FINDINGS, RUNS, plain, render

OVERFITTING = diagnose(run(loss=falling(), val_loss=turning(at=20)))
HOSTILE = "<img src=x onerror=y> [a](http://b) `c` @everyone |\n# d _e_ **loss**"


def test_the_message_is_the_headline_the_findings_and_a_link() -> None:
    """What a bot posts."""
    text = render(OVERFITTING, "https://doctor.example")

    assert text.startswith("🟡 **Overfitting since epoch 20")
    assert "Decision: stop; go back to epoch 20 (because of overfitting)." in text
    assert "- **[overfitting](https://doctor.example/conditions/overfitting)** (warning, " in text
    assert "  - evidence: val_loss went from" in text
    assert "  - try first: Use the checkpoint of epoch 20." in text
    assert "val_loss 2.303 → " in text


def test_a_healthy_run_is_a_short_message() -> None:
    """No empty headings."""
    text = render(diagnose(run(loss=falling(), val_loss=falling(floor=0.12, seed=5))))

    assert text.startswith("🟢 **Healthy")
    assert "try first" not in text or "info" in text


def test_markup_of_a_client_is_shown_and_not_obeyed() -> None:
    """No tag, link, code, mention or cell is made of a name."""
    shown = plain(HOSTILE)

    assert "\\<img" in shown
    assert "@everyone" not in shown
    assert "://" not in shown
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[<>|`*\[\]#]", shown)


def test_a_name_within_words_keeps_its_underscore() -> None:
    """`val_loss` reads as itself."""
    assert "val_loss fell" == plain("val_loss fell")


def test_a_name_does_not_end_the_block_of_code() -> None:
    """The curves stand in a block; a name with backticks must not leave it."""
    text = render(diagnose(assemble(Log((Series("```loss\n```\n# hi", falling()),), "json"))))

    assert 2 == text.count("```")


def test_several_runs_are_a_table() -> None:
    """One row a run, and the worst in detail."""
    runs = [
        diagnose(Run(r.curves, name=n)) for n, r in (("a|b", run(loss=falling())), ("c", run(loss=np.full(9, np.nan))))
    ]

    text = render(Reports(tuple(runs)))

    assert text.startswith("🔴 **1 of 2 runs is failing. c:")
    assert "| a\\|b | 🟢 healthy |" in text
    assert "**c**" in text


def test_more_runs_than_a_message_holds_are_counted() -> None:
    """The documented number of rows is shown."""
    one = diagnose(Run(run(loss=falling(n=12)).curves, name="x"))

    assert "2 more runs are not shown." in render(Reports((one,) * (RUNS + 2)))


def test_more_findings_than_a_message_holds_are_counted() -> None:
    """A message, not a page."""
    many = Report(**{**vars(OVERFITTING), "findings": OVERFITTING.findings * (FINDINGS + 2)})

    assert "- and 2 more" in render(many)
