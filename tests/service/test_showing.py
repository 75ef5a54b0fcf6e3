import numpy as np

from diagnosis import Report, diagnose
from diagnosis.synthetic import counted, falling, run
from service.chart.pairs import pairs_of
from service.representations import markdown, text
from service.showing import worth_showing

N = 60


def many_losses() -> dict[str, np.ndarray]:
    """More parts of a loss than a terminal has lines, in an order that puts them before the total."""
    return {f"loss_ce_{part}": falling(n=N, seed=part) for part in range(10)}


def exploding() -> Report:
    """A gradient norm that explodes, beside ten losses."""
    norm = np.concatenate((np.ones(N // 2), np.geomspace(1.0, 1e6, N // 2)))
    return diagnose(run(**many_losses(), loss=falling(n=N), grad_norm=norm))


def test_the_curve_that_a_finding_names_is_in_every_words() -> None:
    """However many losses stand before it."""
    report = exploding()

    assert "exploding_gradients" in {judged.condition for judged in report.findings}
    assert "grad_norm  " in text.render(report)
    assert "grad_norm" in markdown.render(report).partition("Decision")[2]


def test_the_judged_loss_stands_before_its_parts() -> None:
    """It is what the parts add up to."""
    report = diagnose(run(**many_losses(), loss=falling(n=N)))

    assert ["loss"] == [curve.name for curve in worth_showing(report, 1)]


def test_a_picture_has_the_curve_in_which_something_was_found() -> None:
    """Of a loss that is logged by step and by epoch, the finer one may be what repeats."""
    steps = np.arange(600)
    saw = 1.0 + 0.5 * (steps % 50) / 50 + np.random.default_rng(0).normal(0, 0.01, 600)
    report = diagnose(run(train_loss_epoch=saw.reshape(12, 50).mean(axis=1), train_loss_step=saw))
    named = report.findings[0].finding.series[0]

    assert named in {curve.name for pair in pairs_of(report.features, report.findings) for curve in pair.curves}


def test_zeros_in_the_place_of_nan_are_drawn_as_no_numbers() -> None:
    """In words and in the picture."""
    loss, norm = falling(n=N, floor=1.0), np.ones(N)
    loss[40:], norm[40:] = 0.0, np.nan
    report = diagnose(run(loss=loss, grad_norm=norm))
    drawn = text.render(report)

    assert "→ nan" in drawn
    assert "best 0" not in drawn
    assert [curve.sound.sum() for pair in pairs_of(report.features, report.findings) for curve in pair.curves][:1] == [
        40
    ]


def test_of_counts_the_share_that_is_found_is_shown() -> None:
    """And not the counts."""
    report = diagnose(run(loss=falling(n=N), **counted(np.zeros(N), share=0.05)))

    assert "recall" in {curve.name.rpartition("_")[2] for curve in worth_showing(report, 4)}


def test_what_is_derived_from_counts_is_counted_as_it_is_drawn() -> None:
    """No "-3 more curves are not drawn"."""
    shown = text.render(diagnose(run(loss=falling(n=N), **counted(np.full(N, 0.6), share=0.1))))

    assert "-" not in "".join(line for line in shown.splitlines() if "not drawn" in line)
