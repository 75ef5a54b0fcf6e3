"""Promises of every picture: over all golden runs, and over what no run should look like."""

import re
import struct
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from flask.testing import FlaskClient

from diagnosis import diagnose
from diagnosis.across import Reports
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.report import Report
from diagnosis.run import FloatArray, Run
from diagnosis.synthetic import falling, run, spiked, turning
from service.chart.canvas import Canvas, Theme
from service.chart.layout import chart_of
from service.representations import png, svg
from service.representations.svg import render

ROOT = Path(__file__).parents[3]
LOGS = sorted((*ROOT.glob("tests/golden/*/log.*"), *ROOT.glob("examples/logs/*.csv")))
SIZES: tuple[tuple[int, int, Theme], ...] = (
    (800, 450, "light"),
    (400, 300, "dark"),
    (1600, 900, "light"),
    (300, 200, "dark"),
)
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
N = 1_000_000
NAMES = {
    "dollars": "loss $\\frac{a}{b}$ $",
    "markup": "loss<script>alert(1)</script>&\"'",
    "cjk": "损失",
    "emoji": "🔥loss👩‍👩‍👧🏳️‍🌈",
    "right to left": "אובדן الخسارة",
    "controls": "lo\x00ss\x1b[31m\u202e\u2066\ufffe\ttab\nline",
    "long": "W" * 300,
    "nothing": "",
}
ODD: dict[str, dict[str, FloatArray]] = {
    "constant": {"loss": np.ones(30), "val_loss": np.ones(30)},
    "zero": {"loss": np.zeros(30)},
    "one point": {"loss": np.array([2.3])},
    "two points": {"loss": np.array([2.3, 1.9]), "val_loss": np.array([2.4, 2.2])},
    "no number": {"loss": np.full(30, np.nan), "val_loss": np.full(30, np.inf)},
    "huge": {"loss": np.geomspace(1e308, 1e80, 30), "val_loss": -np.geomspace(1e99, 1.0, 30)},
    "tiny": {"loss": np.geomspace(1.0, 5e-324, 60)},
    "huge span": {"loss": np.geomspace(1e99, 1e-300, 60)},
    "offset": {"loss": 1e6 + falling(), "val_loss": 1e6 + turning()},
    "negative": {"loss": falling() - 5, "val_loss": turning() - 5},
    "spikes below zero": {"loss": spiked(falling(n=200) - 5, at=(50,), height=900.0)},
    "many series": {f"metric/{n}_accuracy": falling(seed=n) for n in range(20)},
    "a million points": {"loss": spiked(falling(n=N), at=(N // 2,), height=30.0), "val_loss": falling(n=N, seed=1)},
    "all of a million no numbers": {"loss": np.full(N, np.nan)},
}


def texts(picture: bytes) -> list[str]:
    """Every line that is written in an SVG."""
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 - our own


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}/{log.stem}")
def test_every_run_is_a_picture_of_the_size_asked_for_and_always_the_same(client: FlaskClient, log: Path):
    """PNG and SVG, light and dark; without date, version or random names."""
    for width, height, theme in SIZES[:2]:
        address = f"/diagnose?width={width}&height={height}&theme={theme}"
        for media_type in ("image/png", "image/svg+xml"):
            first, again = (client.post(address, data=log.read_bytes(), headers={"Accept": media_type}) for _ in "12")

            assert (200, media_type) == (first.status_code, first.content_type)
            assert first.data == again.data
            if media_type == "image/png":
                assert b"\x89PNG\r\n\x1a\n" == first.data[:8]
                assert (width, height) == struct.unpack(">II", first.data[16:24])
            else:
                alone(first.data, width, height)


def alone(picture: bytes, width: int, height: int) -> None:
    """Hold an SVG against what makes it safe to show: no script, no address, nothing from elsewhere."""
    root = ET.fromstring(picture)  # noqa: S314 - our own
    assert (str(width), str(height), "img") == (root.get("width"), root.get("height"), root.get("role"))
    assert f"{SVG}title" == root[0].tag
    assert 1 == len((root[0].text or "").splitlines())
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "defs", "style", "g", "path", "use", "text", "clipPath", "rect", "pattern", "tspan"}  # fmt: skip
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        assert element.get(XLINK, "#").startswith("#")
    assert b"<!DOCTYPE" not in picture
    assert not re.search(rb"url\((?!#)|@import|javascript:", picture)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_headline_the_finding_and_the_curves_are_written(size: tuple[int, int, Theme]):
    """At every size one can read what is the matter."""
    written = texts(render(diagnose(run(loss=falling(), val_loss=turning(at=20))), canvas=Canvas(*size)))

    assert "ATTENTION" in written
    assert any(text.startswith("Overfitting since epoch 20") for text in written)
    assert any(text.startswith("overfitting") for text in written)
    assert {"loss", "val_loss", "epoch"} <= set(written)


@pytest.mark.parametrize("name", ODD)
def test_whatever_was_logged_there_is_a_picture(name: str):
    """And no warning, which would be an error here."""
    report = diagnose(run(**ODD[name]))
    canvas = Canvas(400, 300, "dark")

    alone(svg.render(report, canvas=canvas), 400, 300)
    assert png.render(report, canvas=canvas).startswith(b"\x89PNG")


def test_a_run_of_nothing_is_a_picture_that_says_so():
    """Not an empty sheet."""
    assert "Nothing was logged that could be drawn." in texts(render(diagnose(Run(()))))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("many", [False, True])
def test_names_of_strangers_are_shown_and_not_obeyed(name: str, many: bool):  # noqa: FBT001
    """As the name of a curve, and of a run; as text, in letters there are, cut to the room there is."""
    curves = assemble(Log((Series("loss", falling()), Series("val_loss", turning(at=20))), "json")).curves
    named = tuple(
        type(curve)(NAMES[name] + curve.name, curve.role, curve.metric, curve.values, curve.steps) for curve in curves
    )
    report: Report | Reports = diagnose(Run(named, name=NAMES[name]))
    if many:
        report = Reports((report, report))

    picture = render(report)

    alone(picture, 800, 450)
    assert png.render(report).startswith(b"\x89PNG")
    assert not re.search(r"[\x00-\x08\x1b\u202e\u2066]", picture.decode())
    assert max(map(len, texts(picture))) < 120
    assert name != "cjk" or NAMES[name][:2] in picture.decode().partition("</title>")[2]


def test_a_long_curve_is_drawn_in_as_many_points_as_the_sheet_has_columns():
    """A million points are a megabyte of numbers, and no more to see."""
    small, large = (render(diagnose(run(loss=falling(n=n, noise=0.05)))) for n in (4_000, N))

    assert len(large) < 1.5 * len(small)


def test_several_runs_are_drawn_small_with_their_names():
    """Side by side, the key said once."""
    runs = tuple(
        diagnose(Run(run(loss=falling(seed=n), val_loss=turning(seed=n)).curves, name=f"fold-{n}")) for n in range(4)
    )

    written = texts(render(Reports(runs)))

    assert {"fold-0", "fold-1", "fold-2", "fold-3", "╌╌ training", "── validation"} <= set(written)


def test_threads_draw_the_same_as_one():
    """A server draws for several clients at once, in both themes."""
    report = diagnose(run(loss=falling(), val_loss=turning(at=20)))
    canvases = [Canvas(800, 450, "light"), Canvas(400, 300, "dark")] * 3
    expected = [png.render(report, canvas=canvas) for canvas in canvases]
    found: dict[int, bytes] = {}

    def draw(number: int) -> None:
        found[number] = png.render(report, canvas=canvases[number])

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(len(canvases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert expected == [found[number] for number in range(len(canvases))]


def test_another_process_without_a_home_draws_the_same_and_leaves_nothing_behind(tmp_path: Path):
    """No cache in the home of whoever runs the service, no matplotlibrc that lies about, no hash seed in the picture."""
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 20\nfont.size: 40\nsvg.fonttype: path\n")
    program = (
        "import sys; from diagnosis import diagnose; from diagnosis.synthetic import falling, run, turning\n"
        "from service.representations.svg import render\n"
        "sys.stdout.buffer.write(render(diagnose(run(loss=falling(), val_loss=turning(at=20)))))"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(home), "PYTHONHASHSEED": "7", "TMPDIR": str(home)}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, check=True
    )

    assert render(diagnose(run(loss=falling(), val_loss=turning(at=20)))) == done.stdout
    assert (b"", []) == (done.stderr, list(home.rglob("*")))


def test_what_is_drawn_is_decided_without_matplotlib():
    """The chart is plain data, for whoever draws it otherwise."""
    program = (
        "import sys; from diagnosis import diagnose; from diagnosis.synthetic import falling, run\n"
        "from service.chart.canvas import Canvas; from service.chart.layout import chart_of\n"
        "chart_of(diagnose(run(loss=falling())), Canvas()); print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "False\n" == done.stdout
    assert chart_of(diagnose(run(loss=falling())), Canvas()).cells[0].panels
