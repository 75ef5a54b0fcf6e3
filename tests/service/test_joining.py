import time

import numpy as np
import pytest

from diagnosis.reading.assemble import Log, Series
from schemas.context import ContextIn
from schemas.question import Asked, Said
from service.question.joining import join
from service.question.query import Division


def part(*names: str, steps: list[float] | None = None, name: str | None = None, **more: object) -> tuple[Asked, ...]:
    """A file with one run that logs these series."""
    at = None if steps is None else np.array(steps)
    values = np.arange(len(steps or [0.0, 1.0]), dtype=float)
    log = Log(tuple(Series(n, values, at) for n in names), "csv", name=name, **more)
    return (Asked(log),)


def names(asked: tuple[Asked, ...]) -> list[list[str]]:
    """Give the names of the series of each run."""
    return [[series.name for series in one.log.series] for one in asked]


def test_files_of_different_series_are_one_run() -> None:
    """Training in one file, validation in the other."""
    (one,) = found = join([part("loss"), part("val_loss")], None)

    assert [["loss", "val_loss"]] == names(found)
    assert "2 files are taken as one run: they log different series (?runs=each takes them apart)" == one.log.notes[0]


def test_files_whose_steps_continue_are_one_run() -> None:
    """A run that was resumed into a new file, in whatever order the files came."""
    (one,) = join([part("loss", steps=[3.0, 4.0]), part("loss", steps=[0.0, 1.0, 2.0])], None)

    (series,) = one.log.series
    assert series.steps is not None
    assert [0.0, 1.0, 2.0, 3.0, 4.0] == series.steps.tolist()
    assert "their steps continue each other's" in one.log.notes[0]


@pytest.mark.parametrize(
    "files",
    [
        [part("loss"), part("loss")],
        [part("loss", steps=[0.0, 1.0]), part("loss", steps=[1.0, 2.0])],
        [part("loss", steps=[0.0, 1.0]), part("loss")],
    ],
)
def test_files_that_log_the_same_are_a_run_each(files: list[tuple[Asked, ...]]) -> None:
    """Folds and seeds; the choice is noted."""
    found = join(files, None)

    assert ["run-1", "run-2"] == [one.log.name for one in found]
    assert all("2 files are taken as one run each" in one.log.notes[0] for one in found)


def test_the_caller_may_take_files_apart() -> None:
    """Even where they would fit together."""
    assert 2 == len(join([part("loss"), part("val_loss")], "each"))


def test_the_caller_may_put_files_together() -> None:
    """Series of one name are put one after the other."""
    (one,) = join([part("loss"), part("loss")], "one")

    (series,) = one.log.series
    assert (4, None) == (series.values.size, series.steps)


def test_what_is_missing_stays_missing_when_series_are_put_together() -> None:
    """A piece without a mask was logged whole."""
    hole = Log((Series("loss", np.array([1.0, np.nan]), missing=np.array([False, True])),), "csv")

    (one,) = join([part("loss"), (Asked(hole),)], "one")

    assert one.log.series[0].missing is not None
    assert [False, False, False, True] == one.log.series[0].missing.tolist()


def test_a_file_of_several_runs_is_never_joined_unasked() -> None:
    """The reader knew that they are several."""
    several = (*part("loss", name="a"), *part("val_loss", name="b"))

    assert ["a", "b", "run-3"] == [one.log.name for one in join([several, part("lr")], None)]


@pytest.mark.parametrize("same", [True, False], ids=["the same series", "series of their own"])
def test_thousands_of_files_are_compared_in_time(*, same: bool) -> None:
    """By what they share, not each with each: the time grows with their number, not with its square."""
    values = np.arange(3.0)
    logs = [
        Log(tuple(Series(f"loss{'' if same else at}_{k}", values + at) for k in range(5)), "csv") for at in range(2000)
    ]
    began = time.thread_time()

    found = join([(Asked(log),) for log in logs], None)

    assert (2000 if same else 1) == len(found)
    assert time.thread_time() - began < 5


def test_the_clock_is_looked_at_while_files_are_compared() -> None:
    """A caller whose patience ends raises there."""
    looks: list[None] = []

    join([(Asked(Log((Series("loss", np.arange(3.0)),), "csv")),)] * 3, None, lambda: looks.append(None))

    assert len(looks) >= 3


@pytest.mark.parametrize("division", [None, "one"])
def test_one_file_of_one_run_is_left_as_it_is(division: Division | None) -> None:
    """Without a note, and without a name."""
    (one,) = join([part("loss")], division)

    assert (None, ()) == (one.log.name, one.log.notes)


def test_runs_of_one_name_are_told_apart() -> None:
    """`a/metrics.csv` and `b/metrics.csv` are two."""
    found = join([part("loss", name="metrics"), part("loss", name="metrics")], None)

    assert ["metrics", "metrics (2)"] == [one.log.name for one in found]


def test_what_is_said_of_the_parts_is_said_of_the_whole() -> None:
    """Of contradictions the first part's word stands."""
    first, second = part("loss")[0], part("val_loss")[0]
    said = [ContextIn(dropout=0.1), ContextIn(dropout=0.2, batch_size=8)]

    (one,) = join([(Asked(first.log, Said(said[0])),), (Asked(second.log, Said(said[1])),)], None)

    assert (0.1, 8) == (one.said.context.dropout, one.said.context.batch_size)
