"""What a picture costs: CPU time, never wall time, and what the first one costs a process.

python -m benchmarks.charts
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from benchmarks.cost import milliseconds
from diagnosis import diagnose
from diagnosis.report import Report
from diagnosis.synthetic import falling, run, turning
from service.chart.canvas import Canvas
from service.chart.layout import chart_of
from service.drawing.picture import draw

SIZES = {100: 15, 10_000: 15, 1_000_000: 7}  # points a curve: repetitions
SHEETS = (Canvas(400, 300), Canvas(800, 450), Canvas(1600, 900))
GROWTH = 2.0  # target: a picture of 1 M points, in pictures of 100
# One process alone: memory and CPU time before and after its first picture.
FIRST = """
import resource, time
from service.representations import png
from service import create_app
from diagnosis import diagnose
from diagnosis.synthetic import falling, run, turning
def resident():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
app = create_app()
report = diagnose(run(loss=falling(), val_loss=turning(at=20)))
before, start = resident(), time.process_time()
png.render(report)
first, taken = resident(), time.process_time() - start
for _ in range(20):
    png.render(report)
print(before, first, resident(), taken * 1000)
"""


@dataclass(frozen=True)
class Picture:
    """Median CPU milliseconds of laying out and of drawing two curves of `points`, and kilobytes."""

    points: int
    canvas: Canvas
    layout: float
    png: float
    svg: float
    kilobytes: tuple[float, float]


def measured(points: int, canvas: Canvas, times: int) -> Picture:
    """Draw one report again and again."""
    found: Report = diagnose(
        run(loss=falling(n=points), val_loss=turning(n=points, at=points // 3, rise=1 / points, noise=0.02))
    )
    chart = chart_of(found, canvas)
    return Picture(
        points,
        canvas,
        layout=milliseconds(lambda: chart_of(found, canvas), times),
        png=milliseconds(lambda: draw(chart, canvas, "png"), times),
        svg=milliseconds(lambda: draw(chart, canvas, "svg"), times),
        kilobytes=(len(draw(chart, canvas, "png")) / 1e3, len(draw(chart, canvas, "svg")) / 1e3),
    )


def first() -> str:
    """What the first picture costs a process, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    before, after, later, taken = (float(word) for word in done.stdout.split())
    return (
        f"The first picture of a process takes {taken:.0f} ms of CPU, for it imports matplotlib; a process of {before:.0f} MB is then one of "
        f"{after:.0f} MB, and of {later:.0f} MB after twenty more. A process that draws none never imports it."
    )


def table() -> str:
    """The costs as markdown, with the target and whether it is met."""
    usual = SHEETS[1]
    pictures = [measured(points, usual, times) for points, times in SIZES.items()]
    pictures += [measured(100, canvas, SIZES[100]) for canvas in SHEETS if canvas != usual]
    lines = [
        "| points × 2 | sheet | lay out ms | PNG ms | SVG ms | PNG kB | SVG kB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {p.points:,} | {p.canvas.width} × {p.canvas.height} | {p.layout:.3g} | {p.png:.3g} | {p.svg:.3g} | "
            f"{p.kilobytes[0]:.3g} | {p.kilobytes[1]:.3g} |"
            for p in pictures
        ),
    ]
    small, large = pictures[0], pictures[len(SIZES) - 1]
    growth = (large.layout + large.png) / (small.layout + small.png)
    met = "met" if growth <= GROWTH else "**missed**"
    target = f"- {met}: a picture of {large.points:,} points costs {growth:.2f} of {small.points}; target ≤ {GROWTH:g}"
    return "\n".join([*lines, "", target, f"- {first()}"])


if __name__ == "__main__":
    print(table())
