"""What a request costs through a real gunicorn, as `make run` starts it, but with one worker whose CPU time is read.

python -m benchmarks.served

Each figure stands beside another of the same run: an endpoint that only validates the same body, or a parser that only reads
it. A machine may run at half its speed for a minute, and at its own for a second: all are asked in turns, and of each its
quietest round counts. Clients that never pause keep the worker busy: a batch is measured, and its mean request stands for it. One that takes its time between two questions finds the worker idle, its caches cold.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from io import BytesIO
from statistics import median

import numpy as np
import orjson

from benchmarks.cost import body_of, milliseconds
from benchmarks.worker import BATCH, BATCHES, CLIENTS, SMALL, Worker, worker

WARM, ROUNDS = 100, 25  # requests of 100 points that are not counted; rounds
PICTURES, DRAWN = ("image/svg+xml", "image/png"), 10  # of each so many, one after the other
SIZES = {10_000: 30, 1_000_000: 9}  # points a curve: requests
MANY = 5_000_000  # points a curve, twice: what one request may hold where the limits are raised
RAISED = {"MAX_POINTS": "10000000", "MAX_BODY_MIB": "512"}
VALIDATING = (
    sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4", "--preload",
    "--worker-class", "service.server.worker.Worker", "--no-control-socket", "benchmarks.validating:app",
)  # fmt: skip
SMALL_MS, PARSES, GROWTH = 1.5, 2.5, 1.2  # targets: CPU ms; times `orjson.loads`; times its growth
RSS_MB, READY_S = 130.0, 2.0  # targets: of a worker without torch; from the start of gunicorn


def table_of(points: int) -> bytes:
    """The same two curves as a CSV table."""
    history = json.loads(body_of(points))["history"]
    rows = zip(range(points), history["loss"], history["val_loss"], strict=True)
    return "\n".join(["epoch,loss,val_loss", *(f"{e},{a},{b}" for e, a, b in rows)]).encode()


@dataclass(frozen=True)
class Growth:
    """CPU time of a request over that of the library that only reads the same bytes, right after it; by points a curve."""

    name: str
    times: Mapping[int, float]

    @property
    def share(self) -> float:
        """Growth from the shorter to the longer curves, over that of the parser."""
        few, many = sorted(SIZES)
        return self.times[many] / self.times[few]


def growth(one: Worker, name: str, body: Callable[[int], bytes], parse: Callable[[bytes], object]) -> Growth:
    """Measure both at both sizes."""
    ratios = {}
    for points, times in SIZES.items():
        sent = body(points)
        one.costs(sent, 1, {})
        pairs = [(one.costs(sent, 1, {})[0], milliseconds(partial(parse, sent), 1)) for _ in range(times)]
        ratios[points] = median(taken / parsed for taken, parsed in pairs)
    return Growth(name, ratios)


def section() -> str:
    """Everything as markdown: what was measured, beside its target."""
    small = body_of(100)
    with worker() as (one, ready), worker(*VALIDATING) as (validating, _):
        fresh = one.memory("Rss", "Pss", "Private_Dirty")
        for each in (one, validating):
            each.costs(small, WARM, {})
        rounds = [
            (validating.costs_at_once(small), one.costs_at_once(small), one.costs(small, SMALL, {}))
            for _ in range(ROUNDS)
        ]
        least, taken, paused = (min(costs, key=median) for costs in zip(*rounds, strict=True))
        usual = median(median(ours) for _, ours, _ in rounds)
        least_loaded, loaded = (median(each.costs_under_load(small)) for each in (validating, one))
        served = one.memory("Rss", "Pss", "Private_Dirty")
        for picture in PICTURES:
            one.costs(small, DRAWN, {"Accept": picture})
        (drawn,) = one.memory("Rss")
        grown = [growth(one, "`orjson.loads`", body_of, orjson.loads)]
        with suppress(ImportError):
            read_csv = import_module("pandas").read_csv
            grown.append(growth(one, "`pandas.read_csv`", table_of, lambda table: read_csv(BytesIO(table))))
    body = body_of(MANY)
    with worker(**RAISED) as (one, _):
        (whole,) = one.costs(body, 1, {})
        (most,) = one.memory("VmHWM")
        (after,) = one.memory("Rss")
    middle, best = median(taken), median(least)
    many = max(SIZES)
    ratio = grown[0].times[many]
    checks = [
        (f"a request of 100 points × 2, all conditions, of one client that asks again at once: {middle:.2f} CPU ms", middle, SMALL_MS),
        (f"1,000,000 points × 2: {ratio:.2f} times `orjson.loads` of the body", ratio, PARSES),
        *((f"growth from 10,000 to 1,000,000 points: {g.share:.2f} times that of {g.name}", g.share, GROWTH) for g in grown),
        (f"a worker that has just begun: {fresh[0]:.0f} MB resident", fresh[0], RSS_MB),
        (f"a worker that has drawn {DRAWN * len(PICTURES)} pictures: {drawn:.0f} MB resident", drawn, RSS_MB),
        (f"from the start of gunicorn to its first answer: {ready:.2f} s", ready, READY_S),
    ]  # fmt: skip
    lines = [
        f"- {'met' if value <= target else '**missed**'}: {says}; target ≤ {target:g}" for says, value, target in checks
    ]
    late, size = float(np.percentile(paused, 95)), len(body) / 1e6
    return "\n".join(lines) + (
        f"\n- interpreter: {platform.python_implementation()} {platform.python_version()}, {platform.python_compiler()}; one that was "
        f"built without its profile takes about a seventh longer"
        f"\n- beside an endpoint that only validates the same body ({best:.2f} CPU ms): {best / middle:.2f} of its requests a "
        f"second; each in the quietest of its {ROUNDS} rounds, in the middle one a request took {usual:.2f}"
        f"\n- of one client that takes its time, so that the worker's caches are cold: {median(paused):.2f} CPU ms a request, 95 in "
        f"100 less than {late:.2f}"
        f"\n- of {CLIENTS} clients that never pause: {loaded:.2f} CPU ms a request; beside that endpoint ({least_loaded:.2f} CPU ms): "
        f"{least_loaded / loaded:.2f} of its requests a second"
        f"\n- a worker shares what it imported with the others: {fresh[1]:.0f} MB proportional, {fresh[2]:.0f} MB its own; after "
        f"{WARM + 2 * ROUNDS * SMALL + CLIENTS * BATCHES * BATCH:,} requests {served[0]:.0f} resident, {served[1]:.0f} and {served[2]:.0f} MB"
        f"\n- {MANY:,} points × 2 in one request of {size:.0f} MB, limits raised: {whole / 1e3:.1f} CPU s; the worker had "
        f"{most:.0f} MB at most, {(most - fresh[0]) / size:.1f} MB for each of the body, and {after:.0f} MB afterwards"
    )


if __name__ == "__main__":
    print(section())
