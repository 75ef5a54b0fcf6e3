import re

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.across import Reports
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.run import Run
from diagnosis.synthetic import falling, run, turning
from service.fragment import opened
from service.representations.markdown import FINDINGS, MESSAGE, RUNS, render
from service.wording.escaping import plain

OVERFITTING = diagnose(run(loss=falling(), val_loss=turning(at=20)))
HOSTILE = (
    "<img src=x onerror=y> [a](http://b) ![p](q) `c` @everyone @here <!channel> <@U123> <https://b|c> |\n"
    "#1 d _e_ **loss** www.evil.example val.evil.example :tada: $x$ &amp;"
)


def test_the_message_is_the_headline_the_findings_and_a_link() -> None:
    """What a bot posts."""
    text = render(OVERFITTING, "https://doctor.example")

    assert text.startswith("🟡 **Overfitting since epoch 20")
    assert "Decision: stop; best checkpoint: epoch 20 (because of overfitting)." in text
    assert "\n**[overfitting](https://doctor.example/conditions/overfitting)** (warning, " in text
    assert "\n- Evidence: val_loss went from" in text
    assert "\n- Try first: Use the checkpoint of epoch 20." in text
    assert "val_loss 2.303 → " in text


def test_a_healthy_run_is_a_short_message() -> None:
    """No empty headings."""
    text = render(diagnose(run(loss=falling(), val_loss=falling(floor=0.12, seed=5))))

    assert text.startswith("🟢 **Nothing wrong")
    assert "Try first" not in text or "info" in text


def test_markup_of_a_client_is_shown_and_not_obeyed() -> None:
    """No tag, link, code, mention or cell is made of a name."""
    shown = plain(HOSTILE)

    assert "&lt;img" in shown
    assert "\n" not in shown
    for obeyed in ("@everyone", "://", "#1", "evil.example", "www.evil", ":tada:", "$x$", "<", ">"):
        assert obeyed not in shown
    assert not re.search(r"(?<!\\)[|`*\[\]]", shown)


def test_a_name_within_words_keeps_its_underscore() -> None:
    """`val_loss` reads as itself."""
    assert "val_loss fell" == plain("val_loss fell")
    assert "val__loss" == plain("val__loss")
    assert "\\_\\_init\\_\\_" == plain("__init__")


def test_a_name_does_not_end_the_block_of_code() -> None:
    """The curves stand in a block; a name with backticks must not leave it."""
    text = render(diagnose(assemble(Log((Series("```loss\n```\n# hi", falling()),), "json"))))

    assert 2 == text.count("```")


def test_several_runs_are_a_line_each_the_worst_first() -> None:
    """No table: Slack has none."""
    runs = [
        diagnose(Run(r.curves, name=n)) for n, r in (("a|b", run(loss=falling())), ("c", run(loss=np.full(9, np.nan))))
    ]

    text = render(Reports(tuple(runs)))

    assert text.startswith("🔴 **1 of 2 runs is failing. c:")
    assert "\nIn **c**: **[non_finite](/conditions/non_finite)** (error, " in text
    assert text.index("\n- 🔴 **c**: ") < text.index("\n- 🟢 **a\\|b**: ")


def test_more_runs_than_a_message_holds_are_counted() -> None:
    """The documented number of lines is shown."""
    one = diagnose(Run(run(loss=falling(n=12)).curves, name="x"))

    assert render(Reports((one,) * (RUNS + 2))).endswith("\n- and 2 more\n")


def test_more_findings_than_a_message_holds_are_counted() -> None:
    """A message, not a page."""
    many = Report(**{**vars(OVERFITTING), "findings": OVERFITTING.findings * (FINDINGS + 2)})

    assert "- and 2 more" in render(many)


def test_a_summary_is_the_headline() -> None:
    """One line."""
    assert 1 == len(render(OVERFITTING, summary=True).splitlines())
    assert render(OVERFITTING).startswith(render(OVERFITTING, summary=True).rstrip("\n"))


@pytest.mark.parametrize("link", ["", "https://doctor.example"])
@pytest.mark.parametrize("letter", ["x", "&", "<", "@", "損", "🔥", "\u0301"])
def test_a_message_fits_into_a_section_of_slack(link: str, letter: str) -> None:
    """However long the names are, and whatever has to be done to make them harmless; the first finding is in it."""
    one = diagnose(
        assemble(Log((Series(letter * 240 + "_val_loss", turning(at=20)), Series("loss", falling())), "json"))
    )
    several = Reports(tuple(Report(**{**vars(one), "name": letter * 200 + str(n)}) for n in range(30)))

    for report in (one, several):
        text = render(report, link)
        assert MESSAGE >= len(text.encode("utf-16-le")) / 2
        assert "**[overfitting](" in text


def test_the_link_opens_the_worst_run() -> None:
    """Of several, the one that is spoken of."""
    healthy = diagnose(Run(run(loss=falling()).curves, name="a"))
    worst = Report(**{**vars(OVERFITTING), "name": "b"})

    text = render(Reports((healthy, worst)), "https://doctor.example")

    fragment = text.rpartition("(https://doctor.example/#run=")[2].rstrip(")\n")
    assert {"loss", "val_loss"} == set(opened(fragment)["history"])


def test_without_a_public_address_nothing_is_opened() -> None:
    """A link that leads nowhere is none."""
    assert "#run=" not in render(OVERFITTING)
