import json
import math
from typing import Any

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.across import Reports, answer_of
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, turning
from schemas.report import to_json
from schemas.rounding import rounded

OVERFITTING = run(Context(labels={"commit": "abc"}), loss=falling(), val_loss=turning(at=20))


def answer(about: Run, *, full: bool = False, link: str = "") -> dict[str, Any]:
    """Diagnose a run, and read the answer as a strict reader does."""
    found: dict[str, Any] = json.loads(to_json(diagnose(about), link, full=full), parse_constant=pytest.fail)
    return found


def test_an_answer_has_every_field_of_the_contract() -> None:
    """Names are final."""
    found = answer(OVERFITTING)

    assert [
        "status", "headline", "decision", "findings", "outcomes", "curves", "gaps", "source", "labels", "id", "version",
    ] == list(found)  # fmt: skip
    assert ["action", "restore", "because"] == list(found["decision"])
    assert [
        "condition", "severity", "confidence", "summary", "series", "since", "until", "evidence", "against", "causes", "fixes", "page",
    ] == list(found["findings"][0])  # fmt: skip
    assert ["name", "value", "bound", "unit", "says"] == list(found["findings"][0]["evidence"][0])
    assert ["cause", "test"] == list(found["findings"][0]["causes"][0])
    assert ["action", "params", "advice", "because"] == list(found["findings"][0]["fixes"][0])
    assert ["clear", "skipped", "failed"] == list(found["outcomes"])
    assert [
        "name", "role", "axis", "n", "first", "best", "last", "noise", "flat_since", "trend",
    ] == list(found["curves"][0])  # fmt: skip
    assert ["slope", "low", "high", "window"] == list(found["curves"][0]["trend"])
    assert ["from", "to"] == list(found["curves"][0]["trend"]["window"])
    assert ["train", "val", "last", "share_of_progress", "widening"] == list(found["gaps"][0])
    assert ["format", "mapping", "ignored", "notes"] == list(found["source"])


def test_zeros_in_the_place_of_nan_are_neither_the_best_value_nor_the_last() -> None:
    """The values are there as they were logged."""
    loss, norm = falling(n=60, floor=1.0), np.ones(60)
    loss[40:], norm[40:] = 0.0, np.nan
    found = answer(run(loss=loss, grad_norm=norm), full=True)
    curve = found["curves"][0]

    assert "exactly 0" in found["headline"]
    assert 1.0 < curve["best"]["value"] <= rounded(loss[39])
    assert curve["last"] is None
    assert [0.0] * 20 == curve["values"][40:]


def test_a_number_that_was_computed_has_six_digits() -> None:
    """Whoever adds a number to the answer rounds it."""
    (train, val), findings = (found := answer(OVERFITTING))["curves"], found["findings"]
    numbers = [
        *(curve[name] for curve in (train, val) for name in ("first", "last", "noise")),
        *(curve["best"]["value"] for curve in (train, val)),
        *(curve["trend"][name] for curve in (train, val) for name in ("slope", "low", "high")),
        *(found["gaps"][0][name] for name in ("last", "share_of_progress")),
        *(evidence[name] for finding in findings for evidence in finding["evidence"] for name in ("value", "bound")),
    ]

    assert numbers == [rounded(number) for number in numbers]
    assert any(number != round(number, 3) for number in numbers if number is not None)


def test_every_condition_is_in_exactly_one_place() -> None:
    """Nothing is passed over in silence."""
    found = answer(OVERFITTING)
    outcomes = found["outcomes"]

    places = [f["condition"] for f in found["findings"]] + outcomes["clear"] + list(outcomes["skipped"])
    assert sorted(all_rules()) == sorted(places + outcomes["failed"])


def test_labels_come_back_as_they_were_sent() -> None:
    """A pipeline finds its own again."""
    assert {"commit": "abc"} == answer(OVERFITTING)["labels"]
    assert "labels" not in answer(run(loss=falling()))


def test_a_curve_tells_where_it_was_best() -> None:
    """In the numbers that were logged."""
    loss, val_loss = answer(OVERFITTING)["curves"]

    assert ("loss", "train_loss", "epoch", 60) == (loss["name"], loss["role"], loss["axis"], loss["n"])
    assert 20 == val_loss["best"]["at"]
    assert val_loss["trend"]["low"] <= val_loss["trend"]["slope"] <= val_loss["trend"]["high"]
    assert {"from": 45, "to": 59} == val_loss["trend"]["window"]


def test_a_maximised_metric_is_shown_as_it_was_logged() -> None:
    """The engine turns it over to judge it; nobody else need know."""
    _, accuracy = answer(run(loss=falling(), accuracy=1 - falling() / 3))["curves"]

    assert accuracy["first"] < accuracy["best"]["value"] <= 1
    assert accuracy["trend"]["low"] <= accuracy["trend"]["slope"] <= accuracy["trend"]["high"]


def test_a_curve_that_is_not_judged_has_no_best() -> None:
    """The best learning rate would mean nothing."""
    found = answer(run(loss=falling(), lr=np.full(60, 0.1)))

    assert {"loss": False, "lr": True} == {c["name"]: c["best"] is None for c in found["curves"]}


def test_what_is_not_finite_is_null() -> None:
    """An answer is strict JSON, whatever was logged."""
    values = falling()
    values[-1], values[3] = math.nan, math.inf

    (curve,) = answer(run(loss=values), full=True)["curves"]

    assert (60, None) == (curve["n"], curve["last"])
    assert [3, 59] == [i for i, v in enumerate(curve["values"]) if v is None]
    assert all(v is not None for v in curve["smoothed"])


def test_a_curve_without_any_number_is_shown_without_measures() -> None:
    """It was logged, so it is listed."""
    found = answer(run(loss=np.full(8, math.nan), val_loss=falling(n=8)))["curves"][0]

    assert (8, None, None, None, None) == (
        found["n"],
        found["best"],
        found["noise"],
        found["trend"],
        found["flat_since"],
    )


def test_curves_are_given_in_full_where_asked() -> None:
    """Positions, values and the smoothed form are as long as what was logged."""
    log = Log((Series("loss", falling(n=30), np.arange(30) * 50.0, "step"),), "json")

    (curve,) = answer(assemble(log), full=True)["curves"]

    assert [30, 30, 30] == [len(curve[name]) for name in ("steps", "values", "smoothed")]
    assert 50 == curve["steps"][1]


def test_a_long_curve_is_smoothed_at_every_position() -> None:
    """The engine measures on a grid; the answer is as long as the curve."""
    (curve,) = answer(run(loss=falling(n=5000)), full=True)["curves"]

    assert 5000 == len(curve["smoothed"])
    assert 4000 <= curve["best"]["at"] <= 4999


def test_what_a_finding_points_at_is_given_where_curves_are() -> None:
    """Each spike at its place, each cycle, the level of a plateau: whoever draws the curves can draw them."""
    loss = falling(n=100) + 0.0
    loss[[30, 70]] += 3.0
    cycles = falling(n=120) + 0.3 * np.sin(np.arange(120) * 2 * np.pi / 12)
    marks = {
        found["condition"]: found.get("mark")
        for series in (loss, cycles, falling(tau=0.08))
        for found in answer(run(loss=series), full=True)["findings"]
    }

    assert marks["loss_spike"] == {"kind": "spikes", "series": "loss", "axis": "epoch", "at": [30, 70], "level": None}
    assert {12} == set(np.diff(marks["periodic_pattern"]["at"]))
    assert (marks["plateau"]["kind"], marks["plateau"]["at"]) == ("level", [])
    assert marks["plateau"]["level"] == pytest.approx(0.1, abs=0.02)
    assert not any("mark" in found for found in answer(run(loss=loss))["findings"])


def test_changes_of_the_learning_rate_are_given_where_curves_are() -> None:
    """Where, and by what factor."""
    found = run(loss=falling(), lr=np.repeat([1e-2, 1e-3], 30))

    assert [{"axis": "epoch", "at": 30, "factor": pytest.approx(0.1)}] == answer(found, full=True)["rate_changes"]
    assert "rate_changes" not in answer(found)


def test_links_go_after_the_public_address() -> None:
    """A chat bot can follow them."""
    found = answer(OVERFITTING, link="https://doctor.example")

    assert "https://doctor.example/conditions/overfitting" == found["findings"][0]["page"]


def named(**runs: Run) -> Reports:
    """Diagnose several runs together."""
    reports = [diagnose(Run(r.curves, r.context, r.source, name)) for name, r in runs.items()]
    found = answer_of(reports, many=True)
    assert isinstance(found, Reports)
    return found


def test_many_runs_are_answered_one_by_one_and_together() -> None:
    """Names are final."""
    found = json.loads(to_json(named(a=OVERFITTING, b=run(loss=falling()))))

    assert ["status", "headline", "decision", "runs", "across", "id", "version"] == list(found)
    assert ["a", "b"] == [r["name"] for r in found["runs"]]
    assert [] == found["across"]["findings"]
    why = "needs at least 3 runs of one configuration, 2 are given"
    assert {"clear": [], "skipped": {"unstable_across_runs": why}, "failed": []} == found["across"]["outcomes"]


def test_the_worst_run_decides() -> None:
    """One failing run is a failing sweep; where to go back to is each run's own."""
    broken = falling()
    broken[40:] = math.nan

    found = named(a=OVERFITTING, b=run(loss=broken), c=run(loss=falling(n=3)))

    assert ("failing", "intervene", None) == (found.status, found.decision.action, found.decision.restore)
    assert ("non_finite",) == found.decision.because
    assert found.headline.startswith("1 of 3 runs is failing. b: ")


def test_healthy_runs_are_healthy_together() -> None:
    """The headline counts them."""
    healthy = run(loss=falling(), val_loss=falling(floor=0.12, seed=5))

    assert "The one run is healthy." == named(a=healthy).headline
    assert "Both runs are healthy." == named(a=healthy, b=healthy).headline


def test_the_same_runs_have_the_same_id() -> None:
    """Whoever asks twice can tell."""
    assert named(a=OVERFITTING).id == named(a=OVERFITTING).id
    assert named(a=OVERFITTING).id != named(b=OVERFITTING).id


def test_noise_of_next_to_nothing_makes_no_number_without_bounds() -> None:
    """A loss typed by hand has none: a thousand noise levels are as sure as any more."""
    typed = np.round(np.concatenate((np.linspace(0.69, 0.68, 21), np.linspace(0.65, 0.41, 9))), 4)
    evidence = [e for found in answer(run(loss=typed))["findings"] for e in found["evidence"]]

    assert 1000.0 == max(e["value"] for e in evidence if e["unit"] == "noise levels")
