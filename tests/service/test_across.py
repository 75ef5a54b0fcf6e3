"""Many runs, asked about in one body, in every form of the answer."""

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from diagnosis.across import ELSEWHERE
from diagnosis.rule import all_rules
from diagnosis.synthetic import falling, turning

NAME = "unstable_across_runs"
OVERFIT = {"loss": falling(seed=3).tolist(), "val_loss": turning(seed=4).tolist()}


def fold(index: int, floor: float) -> dict[str, object]:
    """One run of a cross-validation."""
    history = {"loss": falling(seed=index).tolist(), "val_loss": falling(floor=floor, seed=index + 9).tolist()}
    return {"name": f"fold-{index}", "history": history}


CALM = [fold(i, 0.12 + 0.004 * i) for i in range(5)]
ODD = [*CALM[:4], fold(4, 1.6)]


def post(client: FlaskClient, runs: list[dict[str, object]], accept: str = "application/json") -> TestResponse:
    """Ask about runs."""
    return client.post("/diagnose", data=json.dumps({"runs": runs}), headers={"Accept": accept})


def test_json_tells_what_holds_across_the_runs(client: FlaskClient) -> None:
    """A finding like any other, which counts in the status."""
    response = post(client, ODD)
    found = response.get_json()
    (finding,) = found["across"]["findings"]

    assert "attention" == found["status"] == response.headers["Diagnosis-Status"]
    assert (NAME, "warning") == (finding["condition"], finding["severity"])
    assert {"action": "inspect_run", "params": {"name": "fold-4"}} == {
        key: finding["fixes"][0][key] for key in ("action", "params")
    }
    assert {"clear": [], "skipped": {}, "failed": []} == found["across"]["outcomes"]
    assert found["headline"].startswith(finding["summary"])


@pytest.mark.parametrize("runs", [CALM, ODD, CALM[:2], CALM[:1]], ids=["calm", "odd", "two", "one"])
def test_every_condition_is_in_one_place_of_each_answer(client: FlaskClient, runs: list[dict[str, object]]) -> None:
    """Of each run, and of what is judged across them."""
    found = post(client, runs).get_json()

    for report, names in [*((run, sorted(all_rules())) for run in found["runs"]), (found["across"], [NAME])]:
        places = [finding["condition"] for finding in report["findings"]]
        for became in report["outcomes"].values():
            places += list(became)
        assert names == sorted(places)
    assert {ELSEWHERE} == {run["outcomes"]["skipped"][NAME] for run in found["runs"]}


def test_text_says_it_before_the_runs(client: FlaskClient) -> None:
    """What holds across them, and what to try first, in eighty columns."""
    text = post(client, ODD, "text/plain").get_data(as_text=True)
    before = text[: text.index("── fold-0")]

    assert "1. unstable_across_runs: warning" in before
    assert "[inspect_run name=fold-4]" in before
    assert "unstable_across_runs: clear" in post(client, CALM, "text/plain").get_data(as_text=True)
    assert "needs at least 3 runs" in " ".join(post(client, CALM[:2], "text/plain").get_data(as_text=True).split())


def test_markdown_says_it_before_the_runs(client: FlaskClient) -> None:
    """With its link."""
    text = post(client, ODD, "text/markdown").get_data(as_text=True)

    assert text.index("(/conditions/unstable_across_runs)") < text.index("**fold-0**: ")
    assert "unstable" not in post(client, CALM, "text/markdown").get_data(as_text=True)


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
def test_of_several_runs_the_strongest_decision_counts(client: FlaskClient, *, turned: bool) -> None:
    """Whoever acts for all of them must not go on because most may."""
    unfinished = {"planned_epochs": 200, "finished": False}
    calm = {**CALM[0], "context": unfinished}
    broken = {"name": "broken", "history": {"loss": [2.3, 1.9, 1.7, 1.6, "NaN", "NaN"]}, "context": unfinished}
    overfit = {"name": "overfit", "history": OVERFIT, "context": unfinished}
    asked = [([calm, overfit], "stop"), ([overfit, calm, broken], "intervene")]

    for runs, action in asked:
        found = post(client, runs[::-1] if turned else runs).get_json()
        assert action == found["decision"]["action"]


def test_a_sweep_is_told_that_it_is_not_compared(client: FlaskClient) -> None:
    """What differs by design is no instability."""
    sweep = [{**run, "context": {"learning_rate": 10.0**-index}} for index, run in enumerate(ODD)]

    assert "differ in learning_rate" in post(client, sweep).get_json()["across"]["outcomes"]["skipped"][NAME]


def test_a_single_run_says_that_it_is_alone(client: FlaskClient) -> None:
    """Its answer has the same conditions as any."""
    found = client.post("/diagnose", json={"history": CALM[0]["history"]}).get_json()

    assert "at least 3" in found["outcomes"]["skipped"][NAME]
