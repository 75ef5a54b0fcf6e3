import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.across import Reports
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Run
from diagnosis.synthetic import broken, counted, falling, flat, growing, run, spiked, turning
from service.chart.canvas import HEIGHTS, WIDTHS, Canvas
from service.chart.layout import EMPTY, chart_of
from service.chart.shapes import Cell

CANVAS = Canvas()
ROOMY = Canvas(1600, 1600)


def cell(canvas: Canvas = CANVAS, **series: np.ndarray) -> Cell:
    """What is drawn of one run of these series."""
    (only,) = chart_of(diagnose(run(**series)), canvas).cells
    return only


def kinds(found: Cell) -> list[set[str]]:
    """The marks in each panel."""
    return [{mark.kind for mark in panel.marks} for panel in found.panels]


def test_training_and_validation_of_one_metric_share_a_panel_the_loss_first():
    """They are read against each other."""
    found = cell(val_accuracy=1 - turning() / 3, accuracy=1 - falling() / 3, val_loss=turning(), loss=falling())

    assert [("loss", "val_loss"), ("accuracy", "val_accuracy")] == [
        tuple(line.name for line in panel.lines) for panel in found.panels
    ]
    assert ("train", "val") == tuple(line.split for line in found.panels[0].lines)


def test_the_judged_loss_comes_first_where_there_is_no_validation():
    """However the log has them."""
    found = cell(ROOMY, accuracy=1 - falling() / 3, loss=falling(seed=1))

    assert ["loss", "accuracy"] == [panel.metric for panel in found.panels]


def test_what_a_finding_names_is_drawn():
    """A gradient norm only where it is what is wrong."""
    healthy = cell(ROOMY, loss=falling(), grad_norm=flat())
    exploding = cell(ROOMY, loss=falling(), grad_norm=growing(times=1e9))

    assert ["loss"] == [panel.metric for panel in healthy.panels]
    assert ["loss", "grad_norm"] == [panel.metric for panel in exploding.panels]


def test_of_a_class_that_is_not_found_the_recall_is_drawn_and_not_the_counts():
    """What is derived from them says at once how much is found: of the class that is missed."""
    rare = counted(np.linspace(0.0, 0.02, 60), share=0.05)
    swapped = {"val_tp": rare["val_tn"], "val_tn": rare["val_tp"], "val_fp": rare["val_fn"], "val_fn": rare["val_fp"]}
    accuracy = 0.95 - 0.3 * np.exp(-np.arange(60) / 5.0)

    drawn = [
        [panel.metric for panel in cell(ROOMY, loss=falling(), val_accuracy=accuracy, **counts).panels]
        for counts in (rare, swapped)
    ]

    assert [["loss", "recall", "precision"], ["loss", "specificity", "precision"]] == [panels[:3] for panels in drawn]


def test_more_panels_than_have_room_are_counted():
    """Nothing disappears without a word."""
    series = {
        f"{metric}": 1 - falling(seed=n) / 3 for n, metric in enumerate(("accuracy", "f1", "recall", "auc", "iou"))
    }

    chart = chart_of(diagnose(run(loss=falling(), **series)), CANVAS)

    assert CANVAS.panels == len(chart.cells[0].panels)
    assert f"{6 - CANVAS.panels} more curves are not drawn" == chart.left_out


@pytest.mark.parametrize(
    ("values", "log"),
    [
        (falling(), False),
        (np.exp(-np.arange(60) / 3.0), True),
        (growing(times=1e6), True),
        (spiked(falling(), at=(30,), height=1000.0), True),
        (falling() - 5.0, False),
        (np.exp(-np.arange(60) / 3.0) - 1e-3, False),
        (flat(), False),
    ],
)
def test_a_logarithm_is_taken_where_the_range_asks_for_it(values: np.ndarray, log: bool):  # noqa: FBT001
    """Where half of a positive curve would lie in the lowest twentieth of the panel; never below zero."""
    assert log is cell(loss=values).panels[0].log


def test_a_spike_of_a_negative_loss_does_not_flatten_the_rest():
    """It is drawn at the edge."""
    panel = cell(loss=spiked(falling(n=200) - 5.0, at=(50,), height=900.0)).panels[0]

    assert panel.high < 0.0
    assert 50.0 in [x for x, _ in panel.above]


def test_a_finding_that_sets_in_is_a_line_and_what_lies_between_the_curves():
    """Overfitting, the commonest."""
    found = cell(loss=falling(), val_loss=turning(at=20), accuracy=1 - falling() / 3)

    assert [{"since", "gap"}, {"since"}] == kinds(found)
    assert (20.0, True) == (found.panels[0].marks[0].start, found.panels[0].marks[0].first)
    assert ("overfitting", "since epoch 20", 20.0) == (found.lanes[0].name, found.lanes[0].when, found.lanes[0].start)


def test_spikes_are_marked_one_by_one():
    """At their tops."""
    panel = cell(loss=spiked(falling(n=200), at=(50, 120, 160), height=5.0)).panels[0]
    (mark,) = [mark for mark in panel.marks if mark.kind == "spikes"]

    assert [50.0, 120.0, 160.0] == list(mark.at)


def test_a_plateau_is_a_level():
    """Where the curve rests."""
    found = cell(loss=falling(tau=0.08), val_loss=falling(tau=0.08, seed=1))

    (mark,) = [mark for mark in found.panels[0].marks if mark.kind == "rest"]
    assert 0.1 == pytest.approx(mark.level, abs=0.02)


def test_a_period_is_marked_at_each_cycle():
    """Twelve epochs apart."""
    found = cell(loss=falling(n=120) + 0.3 * np.sin(np.arange(120) * 2 * np.pi / 12))

    (mark,) = [mark for mark in found.panels[0].marks if mark.kind == "periods"]
    assert mark.at is not None
    assert {12.0} == set(np.diff(mark.at))


def test_a_curve_that_is_no_number_ends_where_that_begins():
    """And is marked all the way."""
    panel = cell(loss=broken(falling(), at=slice(30, 60))).panels[0]

    assert ["broken"] == [mark.kind for mark in panel.marks]
    assert (30.0, 30) == (panel.marks[0].start, panel.lines[0].broken.size)
    assert np.isnan((panel.lines[0].final, *panel.lines[0].y[30:])).all()


def test_a_hole_is_not_bridged_by_the_smoothed_curve():
    """Nobody knows what was there."""
    line = cell(loss=broken(falling(n=100), at=slice(40, 55))).panels[0].lines[0]

    assert np.isnan(line.smooth_y).any()


def test_the_best_point_is_said_where_it_was_logged():
    """In epochs on an axis of steps."""
    steps = np.arange(2000.0)
    logged = Log((Series("loss", falling(n=2000), steps, "step"), Series("val_loss", turning(at=7, n=20))), "example")

    (found,) = chart_of(diagnose(assemble(logged)), CANVAS).cells

    line = found.panels[0].lines[1]
    assert "step" == found.axis
    assert steps[-1] == pytest.approx(line.x[-1], abs=1.0)
    assert line.best is not None
    assert "epoch 7" == line.best.at
    assert 799.0 == pytest.approx(found.lanes[0].start, abs=1.0)


def test_what_is_told_in_steps_lies_right_on_an_axis_of_epochs():
    """A rate that is logged by step, beside a loss by epoch."""
    rate = Series("lr", np.repeat([1e-2, 1e-3], 3000), np.arange(6000.0), "step")

    (found,) = chart_of(diagnose(assemble(Log((Series("loss", falling()), rate), "example"))), CANVAS).cells

    assert "epoch" == found.axis
    assert 29.5 == pytest.approx(found.drops[0].at, abs=0.1)


def test_nothing_is_best_where_all_is_alike():
    """A ring on a constant would tell a lie."""
    assert cell(loss=np.ones(30)).panels[0].lines[0].best is None


def test_drops_of_the_learning_rate_are_marked():
    """With their factor."""
    found = cell(loss=falling(), lr=np.repeat([1e-2, 1e-3], 30))

    (drop,) = found.drops
    assert 30.0 == drop.at
    assert 0.1 == pytest.approx(drop.factor)


def test_a_run_without_curves_says_so():
    """An honest picture of nothing."""
    (found,) = chart_of(diagnose(Run(())), CANVAS).cells

    assert ((), EMPTY) == (found.panels, found.note)


def several(count: int) -> Reports:
    """Many runs, of which the last but one is broken."""
    curves = [falling(seed=n) if n != count - 2 else broken(falling(), at=slice(30, 60)) for n in range(count)]
    return Reports(tuple(diagnose(Run(run(loss=loss).curves, name=f"run-{n}")) for n, loss in enumerate(curves)))


def test_runs_that_have_no_place_are_counted_and_the_worst_is_drawn():
    """Of forty runs the broken one is what is looked for; those that are shown keep their order."""
    chart = chart_of(several(40), CANVAS)

    assert "run-38" == chart.cells[-1].title
    assert f"{40 - len(chart.cells)} more runs are not drawn" == chart.left_out


def test_runs_alike_share_their_scale():
    """Or they could not be compared."""
    chart = chart_of(several(4), CANVAS)

    assert 1 == len({(cell.panels[0].low, cell.panels[0].high) for cell in chart.cells})


def test_one_run_of_several_has_the_sheet_for_itself():
    """Asked for by `runs`, it is still one."""
    assert chart_of(several(3), CANVAS).cells[0].title == "run-0"
    assert chart_of(Reports(several(3).runs[:1]), CANVAS).cells[0].title is None


@pytest.mark.parametrize("width", [*WIDTHS, 800])
@pytest.mark.parametrize("height", [*HEIGHTS, 450])
@pytest.mark.parametrize("runs", [1, 2, 3, 5, 7, 16, 100])
def test_a_grid_has_no_empty_row_or_column(width: int, height: int, runs: int):
    """And is never larger than the sheet is legible."""
    columns, rows = Canvas(width, height).grid(runs)

    assert columns >= 1 <= rows
    assert columns * (rows - 1) < runs
