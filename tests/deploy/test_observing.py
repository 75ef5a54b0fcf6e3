"""What is watched exists: alerts and panels name metrics that the service counts, with labels that it gives them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from service import create_app

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"
USED = re.compile(r"(curve_diagnosis_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r"(\w+)\s*=~?")


def expressions() -> list[str]:
    """Everything that Prometheus is asked for."""
    rules = [rule["expr"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
    panels = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text("utf-8"))["panels"]
    return rules + [target["expr"] for panel in panels for target in panel["targets"]]


def counted() -> dict[str, set[str]]:
    """Every sample that the service gives after it has been asked something, with its labels."""
    app = create_app()
    client = app.test_client()
    client.post("/diagnose", json={"history": {"loss": [1.0, 0.5, 0.25, float("nan")]}})
    app.extensions["metrics"].checks.labels("overfits").inc()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_alerts_and_panels_ask_for_what_is_counted() -> None:
    """A name that changed would leave a panel empty and an alert silent."""
    samples = counted()
    used = [match for expression in expressions() for match in USED.finditer(expression)]

    assert len(used) > 12
    assert [] == [match[1] for match in used if match[1] not in samples]
    assert [] == [
        (match[1], label)
        for match in used
        for label in LABEL.findall(match[2] or "")
        if label not in samples.get(match[1], ())
    ]


def test_every_metric_is_watched_somewhere() -> None:
    """What nobody looks at need not be counted."""
    everything = " ".join(expressions())
    families = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in counted()}

    assert [] == sorted(name for name in families if name not in everything)


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("asked", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")])
def test_the_alerts_fire_when_they_should_and_only_then(asked: tuple[str, ...]) -> None:
    """Prometheus's own tool says so."""
    said = subprocess.run(["promtool", *asked], cwd=RULES.parent, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr
