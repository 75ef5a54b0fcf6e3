"""What a diagnosis costs, as ratios within one run: CPU time, never wall time, against parsing the same body.

python -m benchmarks.cost
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from diagnosis import diagnose
from diagnosis.features.forecast import measure_forecast
from diagnosis.features.measured import Measured, measure_curve
from diagnosis.synthetic import falling, run, turning
from schemas.question import Question
from service import create_app
from service.question.allowance import Allowance
from service.question.documents import question_of
from service.question.parts import Part
from service.question.query import Query, said
from service.settings import Settings

SIZES = {100: 300, 10_000: 60, 1_000_000: 9}  # points a curve: repetitions
TURNS = 12  # of each of the works that are compared
ENGINE_MS = 1.0  # target at 100 points
PARSES = 2.5  # target: a whole request at 1 M points, in `orjson.loads` of its body
FORECAST_MS = 50.0  # target, whatever the length
AHEAD = 1.5  # times the run
UNFINISHED = 0.5  # of the run: the time constant of a loss that still falls at its end
GROWTH = 1.2  # target: growth from 10 k to 1 M points, over that of `orjson.loads`


@dataclass(frozen=True)
class Cost:
    """Median CPU milliseconds for two curves of `points`."""

    points: int
    megabytes: float
    orjson: float
    validate: float
    engine: float
    request: float
    forecast: float


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Median CPU time of one call."""
    (taken,) = in_turns([work], times)
    return taken


def in_turns(works: Sequence[Callable[[], object]], times: int) -> list[float]:
    """Median CPU times of each of several, a few calls at a time: a machine may run at half its speed for a minute."""
    for work in works:
        work()
    taken: list[list[int]] = [[] for _ in works]
    few = max(times // TURNS, 1)
    for _ in range(times // few):
        for work, found in zip(works, taken, strict=True):
            for _ in range(few):
                start = time.process_time_ns()
                work()
                found.append(time.process_time_ns() - start)
    return [float(np.median(found)) / 1e6 for found in taken]


def body_of(points: int) -> bytes:
    """A two-curve request as a client would write it: an overfitting run, all digits."""
    history = {
        "loss": falling(n=points).tolist(),
        "val_loss": turning(n=points, at=points // 3, rise=1 / points).tolist(),
    }
    return json.dumps({"history": history}).encode()


def cost(points: int, times: int) -> Cost:
    """Measure one size; parsing, validating, judging and answering the very same body."""
    body = body_of(points)
    settings = Settings.from_environment()
    client = create_app(settings).test_client()

    def validate() -> Question:
        query = Query.of({})
        return question_of([Part("file", body, None)], query, said(query), settings.limits, Allowance(settings.seconds))

    (question,) = validate().runs
    unfinished = measured(falling(n=points, tau=UNFINISHED))
    answer = client.post("/diagnose", data=body)
    if answer.status_code != 200:
        raise SystemExit(answer.text)
    works = (
        lambda: orjson.loads(body),
        validate,
        lambda: diagnose(question),
        lambda: client.post("/diagnose", data=body),
        lambda: carry_on(unfinished),
    )
    return Cost(points, len(body) / 1e6, *in_turns(works, times))


def measured(values: np.ndarray) -> Measured:
    """A loss, measured: what a forecast begins with."""
    (curve,) = run(loss=values).curves
    found = measure_curve(curve)
    if found is None:
        raise SystemExit("nothing to measure")
    return found


def carry_on(loss: Measured) -> tuple[float, float, float]:
    """Everything that `undertrained` and `slow_convergence` ask of a forecast."""
    forecast = measure_forecast(loss, None)
    if forecast is None:
        raise SystemExit("a loss that falls has no forecast")
    return forecast.gain(AHEAD)[0], forecast.enough(0.01), forecast.half_way


def table(costs: list[Cost]) -> str:
    """The costs as markdown, with the targets and whether they are met."""
    lines = [
        "| points × 2 | body MB | `orjson.loads` ms | read and validate ms | engine ms | whole request ms | request ÷ orjson | a forecast, where one is asked for, ms |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {c.points:,} | {c.megabytes:.3g} | {c.orjson:.3g} | {c.validate:.3g} | {c.engine:.3g} | {c.request:.3g} | {c.request / c.orjson:.2f} | {c.forecast:.3g} |"
        for c in costs
    ]
    small, middle, large = costs
    growth = (large.request / middle.request) / (large.orjson / middle.orjson)
    checks = [
        (
            f"engine at {small.points} points, without a forecast, which this run does not need",
            small.engine,
            ENGINE_MS,
            "ms",
        ),
        ("the dearest forecast", max(c.forecast for c in costs), FORECAST_MS, "ms"),
        (f"whole request at {large.points:,} points", large.request / large.orjson, PARSES, "× `orjson.loads`"),
        (f"growth from {middle.points:,} to {large.points:,} points", growth, GROWTH, "× that of `orjson.loads`"),
    ]
    lines += [
        "",
        *(
            f"- {'met' if value <= target else '**missed**'}: {what} {value:.2f} {unit}; target ≤ {target:g}"
            for what, value, target, unit in checks
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    print(table([cost(points, times) for points, times in SIZES.items()]))


if __name__ == "__main__":
    main()
