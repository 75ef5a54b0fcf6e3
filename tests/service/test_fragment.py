import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.run import Context
from diagnosis.synthetic import falling, run, turning
from schemas.limits import Limits
from schemas.question import question, read_document
from service import fragment
from service.fragment import LONGEST, PLACE, address, opened, packed
from service.representations.markdown import DOUBTFUL, render

LINK = "https://doctor.example"


def there(report: Report, link: str = LINK) -> Report:
    """What the page finds that the address opens."""
    asked, many = read_document(body_of(report, link), Limits())
    return diagnose(question(asked, many=many).runs[0])


def body_of(report: Report, link: str = LINK) -> dict[str, Any]:
    """What is packed in the address."""
    found = address(report, link)
    assert found is not None
    assert found.url.startswith(link + PLACE)
    assert LONGEST >= len(found.url)
    return opened(found.url.removeprefix(link + PLACE))


def spiking(n: int) -> np.ndarray:
    """A long curve with one jump that recovers."""
    values = falling(n=n).copy()
    values[n // 2] += 1.5
    return values


LONG = {
    "overfits": run(loss=falling(n=4000), val_loss=turning(at=900, n=4000)),
    "not finite": run(loss=np.concatenate([falling(n=3000), np.full(500, np.nan)])),
    "spikes": run(loss=spiking(3000)),
    "healthy": run(loss=falling(n=5000), val_loss=falling(n=5000, seed=3)),
    "offset": run(loss=1e4 + falling(n=2000), val_loss=1e4 + turning(at=500, n=2000)),
    "tiny": run(loss=1e-7 * falling(n=2000), val_loss=1e-7 * turning(at=500, n=2000)),
    "many": run(
        loss=falling(n=500), val_loss=turning(at=200, n=500), **{f"val_f1_{i}": 1 - falling(n=500, seed=i) for i in range(30)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_the_page_comes_to_the_same_main_finding(name: str) -> None:
    """However long the run is, in an address that a chat takes."""
    report = diagnose(LONG[name])

    found = there(report)

    assert (report.status, [j.condition for j in report.findings[:1]]) == (
        found.status,
        [j.condition for j in found.findings[:1]],
    )


def test_a_short_run_is_opened_as_it_was() -> None:
    """Every value to the digits that can be seen, and the context."""
    asked = run(
        Context(learning_rate=0.01, planned_epochs=40, labels={"a": "b"}), loss=falling(), val_loss=turning(at=9)
    )

    body = body_of(diagnose(asked))

    assert {"learning_rate": 0.01, "planned_epochs": 40} == body["context"]
    for curve in asked.curves:
        assert np.allclose(curve.values, body["history"][curve.name], atol=1e-3 * np.ptp(curve.values))


def test_spikes_the_best_point_and_the_ends_survive() -> None:
    """What one would look for."""
    curve = LONG["spikes"].curves[0]

    series = body_of(diagnose(LONG["spikes"]))["history"]["loss"]

    kept = [int(step) for step in series["steps"]]
    assert {0, 1500, int(curve.values.argmin()), len(curve) - 1} <= set(kept)
    assert np.allclose(curve.values[1500], series["values"][kept.index(1500)], atol=1e-2)


def test_the_last_value_before_the_first_that_is_none_survives() -> None:
    """Between the two is what has to be looked at."""
    values = falling(n=5000, noise=0.02)
    values[3457:] = np.nan

    series = body_of(diagnose(run(loss=values)))["history"]["loss"]

    assert {3456, 3457} <= {int(step) for step in series["steps"]}


def test_what_the_caller_said_of_names_is_told() -> None:
    """Roles and directions that a name would not give."""
    log = Log(
        (Series("a", falling()), Series("b", turning(at=9)), Series("reach", 1 - falling(), None, None, "max")), "json"
    )
    report = diagnose(assemble(log, roles={"a": "train_loss", "b": "val_loss"}))

    found = there(report).features.run

    assert {c.name: (c.role, c.direction) for c in report.features.run.curves} == {
        c.name: (c.role, c.direction) for c in found.curves
    }


def test_steps_are_opened_as_steps() -> None:
    """At the positions that were logged."""
    log = Log((Series("loss", falling(n=40), 50.0 * np.arange(40), "step"),), "json")

    series = body_of(diagnose(assemble(log)))["history"]["loss"]

    assert "step" == series["axis"]
    assert 50 == series["steps"][1]


def test_the_letters_are_deflate_in_base64url_without_padding() -> None:
    """As the page unpacks them, which has no Python."""
    letters = packed({"history": {"损失": [1.5, "NaN"]}})

    raw = base64.b64decode(letters.replace("-", "+").replace("_", "/") + "==")
    assert not set(letters) & set("+/=")
    assert {"history": {"损失": [1.5, "NaN"]}} == json.loads(zlib.decompress(raw, -15))


def test_there_is_no_address_without_one_of_the_service() -> None:
    """Nor where not even the names fit."""
    names = Log(tuple(Series(f"loss_{'xyz損'.join(map(str, range(i, i + 60)))}", falling()) for i in range(3)), "json")

    assert address(diagnose(LONG["overfits"]), "") is None
    assert address(diagnose(assemble(names)), LINK, 100) is None
    assert address(diagnose(Run(LONG["overfits"].curves)), LINK, 10) is None


def test_an_address_tells_whether_the_page_will_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thinned too much, another verdict comes out on the other end."""
    report = diagnose(LONG["overfits"])
    faithful = address(report, LINK)
    monkeypatch.setattr(fragment, "_says_the_same", lambda *_: False)
    doubtful = address(report, LINK)

    assert faithful is not None
    assert doubtful is not None
    assert (True, False) == (faithful.faithful, doubtful.faithful)
    assert render(report, LINK).rstrip().endswith(")" + DOUBTFUL)
