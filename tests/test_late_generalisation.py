"""What looks like overfitting and is not over yet, and what is best where it begins."""

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.run import Context
from diagnosis.synthetic import falling, run

N = 60


def hump(*, back: float) -> np.ndarray:
    """A validation loss that is best at first, triples, and comes back by so much of its rise over the last two thirds."""
    up = np.linspace(3.4, 9.7, N // 3)
    down = np.linspace(9.7, 9.7 - back * 6.3, N - N // 3)
    return np.concatenate((up, down)) + 0.02 * np.random.default_rng(1).standard_normal(N)


@pytest.mark.parametrize(("back", "stopped"), [(0.5, False), (0.0, True)])
@pytest.mark.parametrize("finished", [True, False])
def test_a_run_whose_validation_comes_down_again_goes_on(back: float, *, stopped: bool, finished: bool):
    """Late generalisation, as of modular sums; a run that is over is told of its best checkpoint all the same."""
    context = Context(finished=finished, num_classes=31)
    answers = np.linspace(0.03, 0.2 if back else 0.1, N) + 0.002 * np.random.default_rng(2).standard_normal(N)
    report = diagnose(run(context, loss=falling(start=3.4, floor=0.01), val_loss=hump(back=back), val_accuracy=answers))
    named = {judged.condition for judged in report.findings}

    assert (stopped or finished) == bool({"overfitting", "metric_loss_mismatch"} & named)
    assert finished or (report.decision.action == "stop") == stopped


@pytest.mark.parametrize("noise", [0.004, 0.012])
def test_a_first_value_that_is_the_best_is_where_to_go_back_to(noise: float):
    """A fine-tune that forgets is best before it begins, however fast the next value has risen."""
    val = 2.48 - 0.52 * np.exp(-np.arange(30) / 2.5) + noise * np.random.default_rng(0).standard_normal(30)
    report = diagnose(run(loss=falling(n=30), val_loss=val))

    assert report.findings[0].condition == "overfitting"
    assert report.decision.restore is not None
    assert report.decision.restore.at == 0
    assert report.findings[0].fixes[0].params == {"epoch": 0}


@pytest.mark.parametrize(("answered", "poor"), [(0.75, False), (0.45, True)])
def test_a_validation_that_answers_well_is_no_underfitting(answered: float, *, poor: bool):
    """Augmented examples are harder: training's own accuracy tells of them."""
    context = Context(num_classes=10, augmentation=True)
    flat = {"loss": falling(floor=1.5, tau=0.05), "val_loss": falling(floor=1.45, tau=0.05, seed=1)}
    answers = {"accuracy": 0.45 - falling(start=0.35, floor=0.0, tau=0.05, noise=0.002)}
    validated = {"val_accuracy": answered - falling(start=0.35, floor=0.0, tau=0.05, noise=0.002, seed=3)}
    named = {judged.condition: judged for judged in diagnose(run(context, **flat, **answers, **validated)).findings}

    assert poor == ("underfitting" in named)
    assert not poor or ", accuracy 3" in named["underfitting"].finding.summary


@pytest.mark.parametrize(("times", "apart"), [(1.0, False), (4.0, True)])
def test_a_validation_far_worse_than_training_began_is_prepared_otherwise(times: float, *, apart: bool):
    """Nobody who guesses pays so much; going back to any checkpoint is second to that."""
    report = diagnose(run(loss=falling(), val_loss=times * (2.4 + 3.0 * np.linspace(0.0, 1.0, N) ** 0.5)))
    first = next(j for j in report.findings if j.condition == "overfitting").fixes[0]

    assert apart == ("validation's own code" in first.advice)
