"""Diagnose runs of an MLflow tracking server, and write what was found back as tags. Standard library only.

    python diagnose_run.py RUN_ID...
    python diagnose_run.py --experiment NAME

Each run gets the tags `diagnosis.status`, `.headline`, `.findings`, `.first_fix`, `.action` and `.id`, which the table of
runs shows, sorts and searches: `tags.`diagnosis.status` = 'failing'`. Exit status: 0 all diagnosed, 1 some could not be.

    MLFLOW_TRACKING_URI       where the tracking server listens (http://127.0.0.1:5000)
    MLFLOW_TRACKING_TOKEN     or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, where it wants them
    DIAGNOSIS_URL             where the diagnosis listens (http://127.0.0.1:8000)
    DIAGNOSIS_KEY             the key, where it wants one
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

TRACKING = os.environ.get("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000").rstrip("/")
DIAGNOSIS = os.environ.get("DIAGNOSIS_URL", "http://127.0.0.1:8000").rstrip("/")
PATIENCE = 120  # seconds
PAGE = 25_000  # values of a metric at a time: as many as MLflow gives
RUNS = 1000  # runs at a time
LONGEST = 5000  # bytes of a tag that every MLflow store takes
NOT_CURVES = ("system/", "diagnosis.")  # of the machine, not of the model
# What people call in their parameters what the diagnosis asks for in `context`.
CONTEXT = {
    "learning_rate": ("learning_rate", "lr"),
    "batch_size": ("batch_size",),
    "weight_decay": ("weight_decay",),
    "dropout": ("dropout",),
    "num_classes": ("num_classes",),
    "planned_epochs": ("planned_epochs", "epochs", "num_epochs", "max_epochs", "num_train_epochs"),
    "steps_per_epoch": ("steps_per_epoch",),
}


class Refused(Exception):
    """A server said no, or nothing; the message is for the one who called."""


def ask(url: str, body: object = None, authorization: str | None = None) -> dict[str, Any]:
    """GET, or POST a JSON body; give back the JSON that is answered."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - the addresses are the caller's own
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(f"{url.partition('?')[0]} answered {error.code}: {_said(error.read())}") from None
    except OSError as error:
        raise Refused(f"{url.partition('?')[0]} gives no answer: {error}") from None
    except ValueError:
        raise Refused(f"{url.partition('?')[0]} does not answer with JSON: is that the right address?") from None


def _said(body: bytes) -> str:
    """The sentence in an error: `detail` of the diagnosis' problem documents, `message` of MLflow."""
    try:
        problem = json.loads(body)
        return str(problem.get("detail") or problem.get("message"))
    except (ValueError, AttributeError):
        return body[:200].decode(errors="replace")


def mlflow(method: str, body: object = None, **query: str | int) -> dict[str, Any]:
    """Call a method of MLflow's REST API."""
    token, user = os.environ.get("MLFLOW_TRACKING_TOKEN"), os.environ.get("MLFLOW_TRACKING_USERNAME")
    authorization = f"Bearer {token}" if token else None
    if user:
        pair = f"{user}:{os.environ.get('MLFLOW_TRACKING_PASSWORD', '')}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ask(f"{TRACKING}/api/2.0/mlflow/{method}?{urllib.parse.urlencode(query)}", body, authorization)


def runs_of(experiment: str) -> Iterator[str]:
    """The ids of all runs of an experiment, page by page."""
    found = mlflow("experiments/get-by-name", experiment_name=experiment)["experiment"]["experiment_id"]
    token = ""
    while True:
        page = mlflow("runs/search", {"experiment_ids": [found], "max_results": RUNS, "page_token": token})
        yield from (run["info"]["run_id"] for run in page.get("runs", ()))
        token = page.get("next_page_token", "")
        if not token:
            return


def history_of(run_id: str, metric: str) -> dict[str, list[Any]]:
    """All that was logged of a metric, in the order of its steps; NaN comes as "NaN", as the diagnosis takes it."""
    points: list[dict[str, Any]] = []
    token = ""
    while True:
        query = {"run_id": run_id, "metric_key": metric, "max_results": PAGE}
        page = mlflow("metrics/get-history", **query, **({"page_token": token} if token else {}))
        points += page.get("metrics", ())
        token = page.get("next_page_token", "")
        if not token:
            break
    points.sort(key=lambda point: (int(point.get("step", 0)), int(point["timestamp"])))
    steps, values = [int(point.get("step", 0)) for point in points], [point.get("value", 0.0) for point in points]
    # Logged without `step=`, all values are at step 0, in the order of their times.
    return {"values": values} if len(set(steps)) == 1 else {"values": values, "steps": steps}


def question_of(run_id: str) -> dict[str, Any]:
    """A run as `POST /diagnose` takes it."""
    run = mlflow("runs/get", run_id=run_id)["run"]
    metrics = [metric["key"] for metric in run["data"].get("metrics", ()) if not metric["key"].startswith(NOT_CURVES)]
    if not metrics:
        raise Refused("it has logged no metric")
    params = {param["key"].lower(): param["value"] for param in run["data"].get("params", ())}
    context: dict[str, Any] = {"finished": run["info"]["status"] != "RUNNING"}
    for ours, theirs in CONTEXT.items():
        for name in theirs:
            try:
                context.setdefault(ours, float(params[name]))
            except (KeyError, ValueError):  # "auto", "1e-3 then 1e-4": not for us to guess
                continue
    return {"history": {metric: history_of(run_id, metric) for metric in metrics}, "context": context}


def tags_of(report: dict[str, Any]) -> dict[str, str]:
    """What of a diagnosis belongs into a table of runs."""
    first = next((fix for finding in report["findings"] for fix in finding["fixes"]), None)
    tags = {
        "status": report["status"],
        "headline": report["headline"],
        "findings": ", ".join(finding["condition"] for finding in report["findings"]) or "none",
        "first_fix": first["advice"] if first else "none",
        "action": report["decision"]["action"],
        "id": report["id"],
    }
    return {f"diagnosis.{name}": _cut(text) for name, text in tags.items()}


def _cut(text: str) -> str:
    """As much as a tag holds, without half a character at its end."""
    return text.encode()[:LONGEST].decode(errors="ignore")


def diagnose(run_id: str) -> dict[str, str]:
    """Diagnose one run, and write the tags."""
    key = os.environ.get("DIAGNOSIS_KEY")
    report = ask(f"{DIAGNOSIS}/diagnose", question_of(run_id), f"Bearer {key}" if key else None)
    tags = tags_of(report)
    body = {"run_id": run_id, "metrics": [], "params": [], "tags": [{"key": k, "value": v} for k, v in tags.items()]}
    mlflow("runs/log-batch", body)
    return tags


def main() -> int:
    """All that are asked for; one that cannot be diagnosed does not keep the others from it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run_id", nargs="*")
    parser.add_argument("--experiment", metavar="NAME", help="all runs of an experiment")
    asked = parser.parse_args()
    if bool(asked.run_id) == bool(asked.experiment):
        parser.error("name runs, or an experiment")
    failed = 0
    try:
        run_ids = asked.run_id or list(runs_of(asked.experiment))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    for run_id in run_ids:
        try:
            tags = diagnose(run_id)
        except Refused as error:
            failed += 1
            print(f"{run_id}: {error}", file=sys.stderr)
        else:
            print(f"{run_id}  {tags['diagnosis.status']:<12}  {tags['diagnosis.headline']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
