import re

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.across import Reports
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.rule import Evidence
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, spiked, turning
from service.representations.text import CURVES, RUNS, render
from service.wording.amounts import amount, figure
from service.wording.columns import width

OVERFITTING = diagnose(run(loss=falling(), val_loss=turning(at=20)))
NAMES = (
    "❤\ufe0f" * 60 + "_loss",
    "한" * 70 + "_loss",
    "loss",
    "val_loss",
    "x" * 200 + "_loss",
    "損失" * 40 + "_loss",
    "loss\x1b[31m\n\r",
    "train/loss_ünïcode",
)


def named(report: Report, name: str) -> Report:
    """The same report of a run with a name."""
    return Report(**{**vars(report), "name": name})


@pytest.mark.parametrize(
    "report",
    [
        OVERFITTING,
        diagnose(run(loss=falling(n=3))),
        diagnose(run(loss=np.full(9, np.nan))),
        diagnose(assemble(Log(tuple(Series(n, falling(seed=i)) for i, n in enumerate(NAMES)), "json"))),
        Reports((named(OVERFITTING, "a" * 300), named(OVERFITTING, "b"))),
    ],
)
def test_no_line_is_wider_than_a_terminal(report: Report | Reports) -> None:
    """Eighty columns, as the terminal counts them, whatever the names."""
    text = render(report, "https://doctor.example")

    assert 80 >= max(width(line) for line in text.splitlines())


def test_nothing_steers_the_terminal() -> None:
    """A name is shown, not obeyed."""
    text = render(diagnose(assemble(Log((Series("loss\x1b[31m\u202e", falling()),), "json"))))

    assert text.replace("\n", "").isprintable()


def test_the_verdict_comes_first_and_the_evidence_after() -> None:
    """What one reads before pressing q."""
    lines = render(OVERFITTING).splitlines()

    assert lines[0].startswith("ATTENTION     Overfitting since epoch 20")
    assert "decision      stop; best checkpoint: epoch 20 (because of overfitting)" in lines
    assert any(line.startswith("1. overfitting: warning, ") for line in lines)
    assert any(line.strip() == "[restore_best epoch=20]" for line in lines)
    assert any(line.strip().startswith("more       /conditions/overfitting") for line in lines)


def test_the_best_epoch_is_marked_below_the_curve() -> None:
    """The arrow stands where the curve is best."""
    lines = render(OVERFITTING).splitlines()
    drawn = next(index for index, line in enumerate(lines) if line.startswith("val_loss"))

    arrow = lines[drawn + 1].index("↑")
    assert "best" in lines[drawn + 1]
    assert "at epoch 20" in lines[drawn + 1]
    assert "▁" == lines[drawn][arrow]


def test_a_curve_without_a_number_is_drawn_as_such() -> None:
    """Nothing is left out."""
    assert "loss  ×××××××××" in render(diagnose(run(loss=np.full(9, np.nan))))


def test_curves_that_are_not_drawn_are_counted() -> None:
    """One screen, not ten."""
    series = [Series(f"loss_{n}", falling()) for n in range(CURVES + 2)]

    assert "3 more curves are not drawn" in render(diagnose(assemble(Log(tuple(series), "json"))))


def test_every_outcome_is_said() -> None:
    """Clear, not judged and why, each reason once, and how the names were read."""
    text = " ".join(render(diagnose(run(Context(), loss=falling()))).split())

    assert "not judged exploding_gradients, vanishing_gradients: lack a logged gradient norm" in text
    assert 1 == text.count("lack a validation loss")
    assert "loss as train_loss" in text


def test_a_rule_that_failed_is_said() -> None:
    """A bug is not passed for health."""
    outcomes = OVERFITTING.outcomes
    failed = type(outcomes)(outcomes.clear, outcomes.skipped, ("plateau",))

    assert "failed        plateau: a bug of this service" in render(Report(**{**vars(OVERFITTING), "outcomes": failed}))


def test_every_run_of_several_is_shown() -> None:
    """Each with its verdict and what to try first."""
    text = render(Reports((named(OVERFITTING, "fold-1"), named(OVERFITTING, "fold-2"))))

    assert 2 == text.count("try first     Use the checkpoint of epoch 20.")
    assert "── fold-1 ─" in text
    assert text.startswith("ATTENTION     2 of 2 runs need attention. fold-1: Overfitting")


def test_more_runs_than_are_read_are_counted() -> None:
    """The documented number of runs is shown."""
    found = Run(run(loss=falling(n=12)).curves, name="x")

    assert "3 more runs are not shown" in render(Reports((diagnose(found),) * (RUNS + 3)))


def test_where_a_finding_begins_is_marked_below_its_curve() -> None:
    """On the curve that shows it, together with the best epoch where that is the same."""
    lines = render(OVERFITTING).splitlines()
    drawn = next(index for index, line in enumerate(lines) if line.startswith("val_loss"))

    assert lines[drawn + 1].endswith("at epoch 20; overfitting since")
    assert 1 == sum("overfitting since" in line for line in lines)


def test_an_onset_elsewhere_has_an_arrow_of_its_own() -> None:
    """In the column of its epoch."""
    values = falling(n=60).copy()
    values[40:] = np.nan
    lines = render(diagnose(run(loss=values))).splitlines()

    marked = next(line for line in lines if "non_finite since epoch 40" in line)
    drawn = next(line for line in lines if line.startswith("loss"))
    assert drawn.index("×") == marked.index("↑")


def test_a_summary_is_one_line() -> None:
    """To be put into something else; the only line that may be longer than a terminal is wide."""
    text = render(OVERFITTING, summary=True)

    assert text == f"ATTENTION: {OVERFITTING.headline}\n"


def test_a_name_cannot_add_a_line() -> None:
    """A pipeline's log would take it for the service's own."""
    forged = "loss\nHEALTHY: all is well\r\x1b[2K"
    never = diagnose(assemble(Log((Series(forged, np.full(20, 2.0)),), "json")))
    reports = (never, Reports((named(OVERFITTING, forged), named(OVERFITTING, "b"))))

    assert [1, 1] == [len(render(report, summary=True).splitlines()) for report in reports]
    assert not [line for report in reports for line in render(report).splitlines() if line.startswith("HEALTHY")]


def test_a_place_is_said_as_one() -> None:
    """`epoch 20`, and not `20 epoch`."""
    onset = next(line for line in render(OVERFITTING).splitlines() if "where the rise begins" in line)

    assert onset.endswith(": epoch 20")


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence("growth", 1e6, 1e3, "times the first norms", ""), "1e6 times the first norms (bound 1000)"),
        (Evidence("rebound", 35.7, 0.05, "share of progress", ""), "35.7 times progress (bound 5 %)"),
        (Evidence("rebound", 0.17, 0.05, "share of progress", ""), "17 % of progress (bound 5 %)"),
        (Evidence("moved", 0.3, 1e-4, "share of the output", ""), "30 % of the output (bound 0.01 %)"),
        (Evidence("moved", 2e-5, 1e-6, "share of the output", ""), "0.002 % of the output (bound 1e-4 %)"),
        (Evidence("drift", 2e-5, 0.03, "share of the run", ""), "0 % of the run (bound 3 %)"),
        (Evidence("count", 1.0, None, "spikes", ""), "1 spike"),
        (Evidence("mixed", 1.0, 0.0, "dtypes", ""), "1 dtype (bound 0)"),
        (Evidence("rate", 0.0000123, None, "loss", ""), "1.23e-5"),
        (Evidence("drop", 1.0, 4.0, "standard errors", ""), "1 standard error (bound 4)"),
    ],
)
def test_evidence_is_said_as_people_say_it(evidence: Evidence, said: str) -> None:
    """A bound in the unit it is known by; no `1e+03`, no `1 spikes`; the page says the same."""
    assert said == amount(evidence)


@pytest.mark.parametrize("unit", ["standard errors", "noise levels", "standard deviations of the others"])
def test_of_next_to_no_noise_no_power_of_ten_is_said(unit: str) -> None:
    """3.6e14 of them are no surer than a thousand; the number itself stays in JSON."""
    assert f"more than 1000 {unit} (bound 3)" == amount(Evidence("gain", 3.6e14, 3.0, unit, "what it gained"))
    assert f"more than 1000 {unit}" == amount(
        Evidence("gain", 1000.0, None, unit, "what it gained")
    )  # an answer is cut to it


def test_nothing_is_best_where_all_is_alike() -> None:
    """A constant has no best value to go back to."""
    report = diagnose(run(loss=falling(), val_precision=np.zeros(60)))

    assert "best 0 at" not in render(report)


def test_a_ratio_to_next_to_nothing_is_written() -> None:
    """The smallest numbers that there are make the largest quotients."""
    assert ["∞", "-inf", "1e6", "0"] == [figure(value) for value in (float("inf"), -float("inf"), 1e6, 0.0)]


@pytest.mark.parametrize(
    "series",
    [
        {"loss": turning(rise=0.08)},
        {"loss": falling(), "val_loss": turning()},
        {"loss": spiked(falling(), at=(20, 30, 40), height=2.0)},
    ],
    ids=["divergence", "overfitting", "spikes"],
)
def test_positions_of_any_size_are_short_in_prose_and_exact_in_json(series: dict[str, np.ndarray]) -> None:
    """Steps of nineteen digits, as a clock in nanoseconds has them."""
    logged = tuple(Series(name, v, 1e18 + 1e16 * np.arange(v.size), "step") for name, v in series.items())
    report = diagnose(assemble(Log(logged, "json")))
    since = report.findings[0].finding.since

    assert since is not None
    assert int(1e18) <= since.at
    assert 200 > len(report.headline)
    assert not re.search(r"\d{16}", re.sub(r"(?m)^id .*$", "", render(report)))


def test_evidence_that_is_a_position_has_all_its_digits() -> None:
    """Step 1234567, not 1.23457e+06."""
    assert "step 1234567" == amount(Evidence("onset", 1_234_567.0, None, "step", "where it begins"))


def test_a_first_fall_is_explained_where_a_share_is_of_what_came_after_it() -> None:
    """A regression learns a far mean in its first epoch."""
    t = np.arange(50) / 50
    train, val = (np.append(300.0, curve) for curve in (2.0 * np.exp(-6.0 * t), 0.3 + 2.0 * np.exp(-8.0 * t)))
    val[16:] += 1.2 * (t[15:] - 0.3)

    assert 1 == render(diagnose(run(loss=train, val_loss=val))).count("first fall: nearly all")
    assert "first fall:" not in render(OVERFITTING)


def test_words_that_a_newcomer_does_not_know_are_explained_once_where_they_are_used() -> None:
    """What progress, a standard error and a bound are, below the findings; nothing where nothing was found."""
    written = render(OVERFITTING)

    assert 1 == written.count("progress: what a curve gained")
    assert 1 == written.count("standard error: by how much")
    assert 1 == written.count("bound: the threshold")
    assert "noise level:" not in written
    assert "in words" not in render(Report(**{**vars(OVERFITTING), "findings": ()}))
