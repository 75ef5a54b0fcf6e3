"""What stopping costs and saves, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.prefixes import Told
from benchmarks.stopping import lost_by, out_of_patience, stopping, told_to_stop
from diagnosis.run import Context
from diagnosis.synthetic import run

TEST = [1.5, 1.0, 0.8, 0.9, 0.95, 0.4, 0.5, 0.6, 0.7, 0.8]  # of 2.0 untrained: 1.6 is learnt, a quarter of it late
RECORD = {"truth": {"test_loss": TEST, "initial_loss": 2.0}}
DECIDED = ("none", "none", "none", "continue", "stop", "continue", "continue", "stop", "stop", "none")
TOLD = Told(RECORD, tuple((i + 1) / 10 for i in range(10)), ({},) * 10, (), DECIDED)


def test_what_comes_after_a_stop_is_lost():
    """The best until then, against the best of all."""
    assert 0.5 == told_to_stop(TOLD)
    assert lost_by(TOLD, 0.5) == pytest.approx((0.8 - 0.4) / 1.6)
    assert 0.0 == lost_by(TOLD, 0.6)


def test_a_decision_at_the_end_stops_nothing():
    """There is nothing left to save."""
    assert told_to_stop(replace(TOLD, decided=(*("continue",) * 9, "stop"))) is None


def test_a_run_that_learnt_nothing_loses_nothing():
    """Its best is no better than before the first step."""
    assert lost_by(replace(TOLD, record={"truth": {"test_loss": [3.0, np.nan], "initial_loss": 2.0}}), 0.5) is None


@pytest.mark.parametrize(("patience", "at"), [(2, 0.5), (3, 0.9), (5, None)])
def test_a_callback_stops_once_the_best_is_so_many_validations_old(patience: int, at: float | None):
    """An equal value is no better one."""
    assert at == out_of_patience(run(Context(), loss=np.array(TEST), val_loss=np.array(TEST)), patience)


def test_the_table_sets_them_side_by_side():
    """One row each."""
    rows = stopping([TOLD], lambda _: run(Context(), loss=np.array(TEST), val_loss=np.array(TEST))).splitlines()

    assert "| 1 | 100.0 % (1 of 1;" in rows[2]
    assert rows[2].endswith("| 50 % |")
    assert "| 0 | " in rows[-1]
