from dataclasses import replace

import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.confidence import confidence
from diagnosis.features import measure
from diagnosis.features.breakdown import GREW, HIGH
from diagnosis.features.masked import BEFORE, JUMP, REPEATS, TRAILING
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import EVERYTHING, Finding, Skipped, all_rules
from diagnosis.rules.non_finite import CAME_BACK, HIDDEN, LASTS, UNCONFIRMED
from diagnosis.run import LARGEST, Context, Position
from diagnosis.synthetic import falling, flat, run
from tests.rules.asking import ask, by_step, numbers

RULE = all_rules()["non_finite"]
judge, found = ask("non_finite")
N = 100


def broken(*, at: int, values: np.ndarray | None = None, bad: float = np.nan) -> np.ndarray:
    """A fall that is not finite from an index on."""
    curve = falling(n=N) if values is None else values.copy()
    curve[at:] = bad
    return curve


def within_an_epoch(loss: np.ndarray, context: Context | None = None, *, of: int) -> Finding:
    """What is found in a loss logged at every step, of so many in an epoch."""
    logged = by_step(run(replace(context or Context(), steps_per_epoch=of), loss=loss))
    finding = RULE.judge(measure(logged))
    assert isinstance(finding, Finding)
    return finding


def undefined(share: float) -> np.ndarray:
    """A metric whose first values, this share of them, are NaN."""
    metric = 1 - falling(start=0.9, n=N)
    metric[: round(share * N)] = np.nan
    return metric


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 10 * LARGEST])
def test_one_value_of_a_loss_is_enough(bad: float):
    """NaN, infinity of either sign, or a number that is an overflow in all but name."""
    values = falling(n=N)
    values[30] = bad
    finding = found(loss=values)

    assert (Position("epoch", 30), Position("epoch", 30)) == (finding.since, finding.until)
    assert numbers(finding)["non_finite_values"].value == 1
    assert "then it came back" in numbers(finding)["non_finite_values"].says
    assert (CAME_BACK,) == finding.against


@pytest.mark.parametrize("at", [0, 30])
@pytest.mark.parametrize(("bad", "said"), [(np.inf, "is not finite"), (1e308, "is beyond 1e100")])
def test_a_number_beyond_all_others_is_not_called_infinite(at: int, bad: float, said: str):
    """JSON can write it."""
    values = falling(n=N)
    values[at] = bad

    assert said in found(loss=values).summary


def test_to_the_end_is_said():
    """There is no until, and only the logger could overturn it."""
    finding = found(loss=broken(at=30))

    assert finding.until is None
    assert numbers(finding)["non_finite_values"].value == N - 30
    assert (LASTS,) == finding.against
    assert numbers(finding)["non_finite_values"].says.endswith("to the end")


def test_a_stretch_has_a_beginning_and_an_end():
    """The first and the last bad value."""
    values = falling(n=N)
    values[[20, 21, 40]] = np.nan
    finding = found(val_loss=values)

    assert (Position("epoch", 20), Position("epoch", 40)) == (finding.since, finding.until)


@pytest.mark.parametrize("name", ["val_f1", "train_accuracy", "grad_norm"])
def test_a_metric_that_came_back_was_only_undefined(name: str):
    """F1 before the first positive prediction is undefined, not broken; so is an overflow of a norm."""
    assert judge(loss=falling(n=N), **{name: undefined(0.5)}) is None


def test_a_metric_that_ends_bad_is_broken():
    """The named number of values in a row at the end, not one fewer, and not somewhere else."""
    for count, fires in ((TRAILING, True), (TRAILING - 1, False)):
        assert fires == (judge(loss=falling(n=N), val_f1=broken(at=N - count)) is not None)

    inside = falling(n=N)
    inside[50 : 50 + TRAILING] = np.nan

    assert judge(loss=falling(n=N), val_f1=inside) is None


@pytest.mark.parametrize("name", ["val_precision", "val_f1", "val_mcc"])
@pytest.mark.parametrize(("recall", "fires"), [(0.0, False), (0.1, True)])
def test_a_precision_where_nothing_is_called_positive_is_undefined(name: str, recall: float, *, fires: bool):
    """Recall is exactly 0 just there."""
    recalls = np.where(np.arange(N) < 50, 0.5, recall)

    assert fires == isinstance(judge(val_accuracy=falling(n=N), val_recall=recalls, **{name: broken(at=50)}), Finding)


def test_an_overflow_is_not_undefined():
    """0/0 is no infinity."""
    infinite = broken(at=50, bad=np.inf)

    assert isinstance(judge(val_accuracy=falling(n=N), val_recall=np.zeros(N), val_precision=infinite), Finding)


@pytest.mark.parametrize("name", ["lr", "tp", "temperature"])
def test_other_series_are_not_asked(name: str):
    """A learning rate or a count that is NaN is a matter of the logger."""
    assert judge(loss=falling(n=N), **{name: np.full(N, np.nan)}) is None


def test_the_loss_is_named_before_a_metric_and_the_earlier_before_the_later():
    """Where several broke, the first of the losses tells when."""
    finding = found(val_f1=broken(at=10), val_loss=broken(at=50), loss=broken(at=40))

    assert finding.summary.startswith("loss is not finite since epoch 40")
    assert {"loss", "val_loss", "val_f1"} == set(finding.series)


def test_what_grew_before_it_exploded():
    """Just over the named share of the range it grew, just under it broke in one step."""
    for times, word in ((1.05, "growing"), (0.95, "in one step")):
        values = np.concatenate(
            (np.linspace(1.0, 0.0, 50), np.interp(range(BEFORE), [0, BEFORE - 1], [0, times * GREW]))
        )
        finding = found(loss=np.append(values, np.full(10, np.nan)))

        assert word in finding.summary
        assert numbers(finding)["rise_before"].value == pytest.approx(times * GREW)
        assert numbers(finding)["rise_before"].bound == GREW


@pytest.mark.parametrize(
    ("before", "grew"),
    [((1, 10, 100, 1000), True), ((1, 3, 8, 20, 50), True), ((1, 3, 8, 9), False), ((3, 1, 2, 1.5), False)],
)
def test_a_few_values_of_which_each_leaps_farther_than_the_last_are_an_explosion(
    before: tuple[float, ...], *, grew: bool
):
    """Their noise cannot be told, and need not be."""
    finding = found(loss=np.array([*before, np.inf]))

    assert ("growing" if grew else "in one step") in finding.summary


def test_a_gradient_norm_that_grew_tells_an_explosion():
    """Even where the loss itself did not move yet."""
    norm = np.where(np.arange(N) < 45, 1.0, np.exp(np.arange(N) - 45.0))
    norm[50:] = np.nan
    calm = np.ones(N)
    loss = broken(at=50, values=np.linspace(1, 0, N))

    assert "growing" in found(loss=loss, grad_norm=norm).summary
    assert "in one step" in found(loss=loss, grad_norm=calm).summary


def test_too_few_values_before_it_tell_nothing():
    """Broken from the first or second value on: nothing grew, and there is nothing to go back to."""
    for at in (0, 1):
        finding = found(loss=broken(at=at))

        assert ("in one step" if at else "from the very first value on") in finding.summary
        assert "restore_best" not in {fix.action for fix in finding.fixes}


def test_an_explosion_wants_steadier_steps_first_and_bad_input_a_look_at_it():
    """The order of the fixes follows from what went before; bad input breaks the first epoch, in which all of it is read."""
    exploded = np.concatenate((np.linspace(1, 0, 50), np.linspace(0, 0.8, 6), np.full(10, np.nan)))
    calm = broken(at=50, values=np.linspace(1, 0, N))
    first = [fix.action for fix in found(loss=exploded).fixes]
    other = [fix.action for fix in within_an_epoch(calm, of=60).fixes]

    assert ["lower_learning_rate", "clip_gradients", "check_labels", "restore_best", "use_bf16"] == first
    assert ["check_labels", "lower_learning_rate", "clip_gradients", "restore_best", "use_bf16"] == other
    assert first == [fix.action for fix in within_an_epoch(calm, of=40).fixes]
    assert first == [fix.action for fix in found(loss=calm).fixes]


@pytest.mark.parametrize(
    ("rate", "factor", "first"),
    [
        (0.03, 0.1, "check_labels"),
        (0.03 * HIGH, 0.1, "check_labels"),
        (0.033 * HIGH, 0.01, "lower_learning_rate"),
        (0.03 * 200, 0.005, "lower_learning_rate"),
    ],
)
def test_a_rate_far_beyond_the_usual_is_cut_to_it_first(rate: float, factor: float, first: str):
    """However suddenly the loss broke; an ordinary rate is cut to a tenth, after a look at the data."""
    finding = within_an_epoch(broken(at=50), Context(optimizer="sgd", learning_rate=rate), of=60)
    fixes = {fix.action: fix.params for fix in finding.fixes}

    assert first == next(iter(fixes))
    assert {"factor": factor, "learning_rate": pytest.approx(rate * factor)} == fixes["lower_learning_rate"]
    assert ("learning rate" in finding.causes[0].cause) == (first == "lower_learning_rate")


def test_the_best_checkpoint_before_it_is_restored():
    """By validation where it was logged, and of what is finite."""
    loss, val = np.linspace(2, 1, N), np.linspace(2, 1, N)
    val[20] = 0.5
    fixes = {fix.action: fix.params for fix in found(loss=broken(at=60, values=loss), val_loss=val).fixes}

    assert fixes["restore_best"] == {"epoch": 20}


def test_the_clip_norm_is_read_off_the_finite_norms():
    """What is not a number is no norm, and what came after the loss was lost is none of a sound run."""
    norm = np.linspace(0, 0.4, N)
    norm[40] = np.inf
    fixes = {fix.action: fix.params for fix in found(loss=broken(at=90), grad_norm=norm).fixes}

    assert fixes["clip_gradients"] == {"max_norm": pytest.approx(0.32, abs=0.01)}


def test_two_values_that_agree_by_chance_where_the_norm_overflowed_are_no_mask():
    """Of seventy with five digits, two do; the norm itself is named, from where it is none to the end."""
    loss, norm = falling(n=N, floor=2.0), np.full(N, 0.5)
    loss[80], norm[30:] = loss[50], np.nan
    finding = found(loss=loss, grad_norm=norm)

    assert finding.summary.startswith("grad_norm is not finite since epoch 30")


def test_the_clip_norm_is_that_of_before_the_loss_grew():
    """Norms of a loss that explodes are no ordinary ones; where it did from the first, the usual bound is advised."""
    loss, norm = falling(n=N), np.full(N, 0.5)
    loss[60:90], norm[60:90] = loss[59] * 2.0 ** np.arange(30), 0.5 * 3.0 ** np.arange(30)
    loss[90:], norm[90:] = np.nan, np.nan
    later = {fix.action: fix.params for fix in found(loss=loss, grad_norm=norm).fixes}
    at_once = {fix.action: fix.params for fix in found(loss=loss[59:], grad_norm=norm[59:]).fixes}

    assert later["clip_gradients"] == {"max_norm": 0.5}
    assert at_once["clip_gradients"] == {"max_norm": 1.0}


def test_it_masks_everything_else():
    """Nothing else about the curve matters until this is mended: peers call it overfitting."""
    val = np.concatenate((falling(n=50), np.linspace(0.1, 3, 40), np.full(10, np.nan)))
    report = diagnose(run(loss=falling(n=N), val_loss=val))

    assert RULE.supersedes == EVERYTHING
    assert ["non_finite"] == [judged.condition for judged in report.findings]
    assert (report.status, report.decision.action) == ("failing", "intervene")


def test_a_finite_run_is_clear():
    """Zero, negative and large numbers are numbers."""
    assert judge(loss=np.linspace(1e30, -1e30, N), val_loss=np.zeros(N), val_f1=np.zeros(N)) is None


def hidden(n: int = N // 2, *, floor: float = 1.0, value: float = 0.0) -> np.ndarray:
    """A fall to its floor that the logger continues with one value."""
    return np.concatenate((falling(n=n, floor=floor), np.full(N - n, value)))


def norms(bad: float, n: int = N // 2) -> np.ndarray:
    """Gradient norms that are ordinary, and then all the same."""
    return np.concatenate((falling(n=n, floor=0.5), np.full(N - n, bad)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("value", [0.0, 1.25])
def test_a_value_repeated_to_the_last_digit_while_the_norm_is_none_hides_it(value: float, bad: float):
    """Zero, or the running mean: trainers write both in place of NaN."""
    finding = found(loss=hidden(value=value), grad_norm=norms(bad))

    assert finding.summary.startswith(f"loss is probably not finite since epoch {N // 2}: the log shows exactly ")
    assert f"The last sound value is at epoch {N // 2 - 1}." in finding.summary
    assert HIDDEN in finding.against
    assert numbers(finding)["non_finite_values"].value == N // 2


def test_single_zeros_beside_norms_that_are_none_hide_it_too():
    """Steps whose batch gave NaN, among steps that were well."""
    loss, norm = falling(n=N, floor=1.0), falling(n=N, floor=0.5)
    loss[[40, 70]], norm[[40, 70]] = 0.0, np.nan
    finding = found(loss=loss, grad_norm=norm)

    assert (Position("epoch", 40), Position("epoch", 70)) == (finding.since, finding.until)
    assert "while grad_norm is no number;" in finding.summary


def test_one_jump_down_to_what_is_then_repeated_hides_it():
    """Less sure, as no norm confirms it; just over and under the named jump and repeats."""
    loss = hidden()
    finding = found(loss=loss)

    assert numbers(finding)["jump"].bound == JUMP
    assert confidence(finding) <= UNCONFIRMED
    for jump, fires in ((1.05 * JUMP, True), (0.95 * JUMP, False)):
        before = np.linspace(1.0, jump, N // 2)
        assert fires == (judge(loss=np.append(before, np.zeros(N // 2))) is not None)
    for repeats, fires in ((REPEATS, True), (REPEATS - 1, False)):
        assert fires == (judge(loss=loss[N // 2 - 30 : N // 2 + repeats]) is not None)


@pytest.mark.parametrize(
    ("before", "fires"),
    [(0.04, True), (0.9, True), (np.geomspace(1.0, 0.001, N // 2), False)],
    ids=["from a low level", "from a high one", "comes down to it"],
)
def test_a_loss_and_a_norm_of_exactly_zero_hide_it_however_low_the_loss_was(before: float | np.ndarray, *, fires: bool):
    """A hinge loss that is met, and its gradients, are exactly 0 as well: it has come down to that."""
    loss = np.append(before * (1.0 + 0.05 * np.cos(np.arange(N // 2))), np.zeros(N // 2))

    assert fires == isinstance(judge(loss=loss, grad_norm=norms(0.0)), Finding)


FALL, NORMS = (1.82, 1.75, 1.71, 1.66, 1.64), (0.8, 0.9, 0.7, 0.8, 0.9)


@pytest.mark.parametrize("count", [TRAILING, 5, 7, 20])
@pytest.mark.parametrize("value", [0.0, 1.64, 1.7])
def test_a_norm_that_is_suddenly_exactly_zero_confirms_a_few_repeats_already(value: float, count: int):
    """Of 0.0, of the last sound value, which the last sound norm stands beside, or of any."""
    finding = found(loss=np.array([*FALL, *[value] * count]), grad_norm=np.array([*NORMS, *[0.0] * count]))

    assert finding.since == Position("epoch", 5)
    assert "while grad_norm is exactly 0" in finding.summary


@pytest.mark.parametrize("count", [TRAILING, 5, 7, 20])
def test_zeros_just_where_norms_are_logged_no_more_hide_it_however_few_they_are(count: int):
    """Nothing else tells what the loss was there."""
    loss = Series("loss", np.array([*FALL, *np.zeros(count)]))
    judged = diagnose(assemble(Log((loss, Series("grad_norm", np.array(NORMS))), "example"))).findings

    assert ["non_finite"] == [each.condition for each in judged]


DONE = [0.6, 0.85, 0.95, 0.99, *[1.0] * 8]


@pytest.mark.parametrize(
    ("loss", "norms", "beside"),
    [
        ([0.9, 0.4, 0.15, 0.05, 0.02], [2.0, 1.1, 0.5, 0.2, 0.1], {}),
        (FALL, [0.0] * 5, {}),
        (FALL, NORMS, {"accuracy": DONE}),
        (FALL, NORMS, {"accuracy": [100.0 * share for share in DONE]}),
        (FALL, NORMS, {"val_loss": np.linspace(2.0, 1.0, 12)}),
        ([0.99, 0.38, 0.21, 0.19, 0.067, 0.064, 0.053, 0.053, 0.1], [1.2, 0.6, 0.4, 0.2, 0.2, 0.1, 0.2, 0.3, 0.4], {}),
    ],
    ids=["smooth", "no norm ever", "all is learnt", "in percent", "validation moves", "far down already"],
)
def test_a_loss_that_is_met_is_no_masked_one(loss: tuple[float, ...], norms: tuple[float, ...], beside: dict):  # type: ignore[type-arg]
    """A hinge loss and its gradients end at exactly 0."""
    zeros = [0.0] * 7
    values = {"loss": [*loss, *zeros], "grad_norm": [*norms, *zeros], **beside}

    assert judge(**{name: np.array(each) for name, each in values.items()}) is None


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_norms_that_are_rounded_to_zero_confirm_nothing(digits: int):
    """They come down to it, and the loss repeats because it is rounded as well."""
    norm = np.round(falling(n=N, start=2.0, floor=0.0, tau=0.1, noise=0.0), digits)

    assert judge(loss=np.round(falling(n=N, tau=0.05, floor=1.0, noise=0.0), digits), grad_norm=norm) is None


def test_zeros_where_no_norm_was_logged_hide_it_too():
    """A step that a loss scaler skipped has no norm; a loss that comes near zero by itself is no such thing."""
    steps = np.arange(N, dtype=float)
    there = ~np.isin(steps, [20.0, 40.0, 60.0])

    def asked(values: np.ndarray) -> Finding | Skipped | None:
        norms = Series("grad_norm", np.ones(int(there.sum())), steps[there], "step")
        logged = Series("loss", np.where(there, values, 0.0), steps, "step")
        return RULE.judge(measure(assemble(Log((logged, norms), "example"), Context())))

    finding = asked(falling(n=N, floor=1.0))
    assert isinstance(finding, Finding)
    assert finding.since == Position("step", 20)
    assert asked(falling(n=N, floor=0.0, noise=0.0)) is None


def test_a_maximised_loss_jumps_up():
    """Direction is part of the curve."""
    series = Series("loss", -hidden(), direction="max")

    assert "non_finite" in {j.condition for j in diagnose(assemble(Log((series,), "example"))).findings}


def test_a_loss_that_really_reached_zero_is_no_masked_one():
    """It came down by steps, or its gradients are numbers, or the model still answers differently from time to time."""
    learnt = np.concatenate((falling(n=N // 2, floor=0.0, tau=0.05, noise=0.0), np.zeros(N // 2)))

    assert judge(loss=learnt) is None
    assert judge(loss=learnt, grad_norm=falling(n=N, floor=1e-6, noise=1e-8)) is None
    assert judge(loss=hidden(), grad_norm=falling(n=N, floor=0.5)) is None
    assert judge(loss=hidden(), val_loss=falling(n=N)) is None


@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_rounded_and_frozen_curves_repeat_by_themselves(digits: int):
    """Three digits of a plateau are one value."""
    assert judge(loss=np.round(falling(n=N, noise=1e-4), digits)) is None
    assert judge(loss=np.full(N, 2.303), grad_norm=np.zeros(N)) is None


def test_a_repeated_validation_loss_is_not_asked():
    """The same weights on the same examples give the same loss."""
    assert judge(loss=falling(n=N), val_loss=hidden()) is None
    assert judge(loss=falling(n=N), lr=np.full(N, 1e-3)) is None


@pytest.mark.parametrize("early", [1, 2, 8])
def test_infinite_norms_while_the_loss_scale_is_sought_are_normal(early: int):
    """Mixed precision begins with a scale that is too large."""
    norm = falling(n=N, floor=0.5)
    norm[:early] = np.inf

    assert judge(loss=falling(n=N), grad_norm=norm) is None


def test_norms_that_are_none_beside_losses_that_are_numbers_tell_of_steps_that_are_skipped():
    """Weights that had taken such a step would give no loss: the loss scaler held it back, and half precision is to blame."""
    norms, loss = flat(level=1.0), falling()
    norms[[5, 6]], norms[40:], loss[40:] = np.inf, np.nan, loss[40] + 0.001 * np.sin(np.arange(20.0))
    made, hot = (
        found(Context(optimizer="adam", learning_rate=rate), loss=loss, grad_norm=norms) for rate in (1e-3, 1.0)
    )

    assert (Position("epoch", 40), None) == (made.since, made.until)
    assert "steps are skipped since" in made.summary
    assert made.restore is None
    assert made.causes[0].cause == "Half precision overflows."
    assert ["use_bf16", "lower_learning_rate"] == [finding.fixes[0].action for finding in (made, hot)]


@pytest.mark.parametrize(("bad", "fires"), [(np.nan, True), (np.inf, False)])
def test_of_a_loss_that_falls_on_no_step_was_skipped_and_infinite_means_say_nothing(bad: float, *, fires: bool):
    """One step of many makes the mean over an epoch infinite; no number at all is told, without a word of skipping."""
    norms = flat(level=1.0)
    norms[40:] = bad
    made = judge(loss=np.linspace(2.0, 1.0, 60), grad_norm=norms)

    assert fires == isinstance(made, Finding)
    assert made is None or (isinstance(made, Finding) and "skipped" not in made.summary)


LINE = np.linspace(2.0, 1.0, 60)


@pytest.mark.parametrize(
    "loss",
    [
        np.where(np.arange(60) < 40, LINE, np.nan),
        np.where(np.arange(60) < 40, LINE, LINE + 0.5),
        np.where(np.arange(60) < 40, LINE, LINE[39] + 0.001 * np.sin(np.arange(60.0))),
    ],
    ids=["is logged no more", "was thrown up", "stands still"],
)
def test_norms_that_are_infinite_to_the_end_are_told_unless_the_loss_goes_on_by_sound_steps(loss: np.ndarray):
    """By the epoch they say little, but that it was logged on, is no worse, and falls as before."""
    norms = np.where(np.arange(60) < 40, 1.0, np.inf)
    said = assemble(Log((Series("loss", loss, missing=np.isnan(loss)), Series("grad_norm", norms)), "test"))
    parts = assemble(Log((Series("loss", LINE, np.arange(60) / 10, "epoch"), Series("grad_norm", norms, np.arange(60) / 10, "epoch")), "test"))  # fmt: skip

    for logged in (said, parts):
        assert "non_finite" in {judged.condition for judged in diagnose(logged).findings}


def test_steps_that_a_logger_leaves_out_where_the_norm_is_none_are_found():
    """The loss itself is all numbers, and has holes."""
    norm = falling(n=N, floor=0.5)
    norm[40:44] = np.nan
    steps = np.arange(N, dtype=float)
    series = [Series("loss", np.delete(falling(n=N), range(40, 44)), np.delete(steps, range(40, 44)), "step")]
    series.append(Series("grad_norm", norm, steps, "step"))
    report = diagnose(assemble(Log(tuple(series), "example")))

    assert "left out" in report.headline
    assert report.findings[0].finding.since == Position("step", 40)


def test_a_rate_that_was_put_up_just_before_is_to_blame():
    """However suddenly the loss broke: the log shows what was done to it."""
    rate = np.where(np.arange(N) < 28, 0.01, 1e10)
    finding = judge(loss=np.append(falling(n=30), np.full(N - 30, np.nan)), lr=rate)

    assert isinstance(finding, Finding)
    assert "learning rate had grown 1e+12-fold by epoch 28" in finding.summary
    assert ("lower_learning_rate", 0.01) == (finding.fixes[0].action, finding.fixes[0].params["learning_rate"])
    assert "learning rate" in finding.causes[0].cause


def test_the_batches_read_just_before_are_looked_at():
    """Between the last sound value and the first that is none, in examples."""
    finding = found(Context(batch_size=10, train_size=100), loss=np.append(falling(n=30), np.full(N - 30, np.nan)))
    checked = next(fix for fix in finding.fixes if fix.action == "check_labels")

    assert {"at": [29, 30], "examples": 100} == checked.params


@pytest.mark.parametrize("ends", [21, 60], ids=["came back", "to the end"])
def test_where_validation_alone_broke_the_weights_are_sound(ends: int):
    """Training went on: nothing is said of its rate, and nothing is restored; a break of both is the weights'."""
    sound, broken = falling(n=60), falling(n=60, seed=1)
    broken[20:ends] = np.nan
    alone = found(Context(val_size=500), loss=sound, val_loss=broken)
    both = found(loss=np.where(np.arange(60) < 20, sound, np.nan), val_loss=broken)

    assert ["check_labels", "use_bf16"] == [fix.action for fix in alone.fixes]
    assert "Validate the checkpoint of epoch 20 batch by batch of 500 examples" in alone.fixes[0].advice
    assert alone.restore is None
    assert "lower_learning_rate" in {fix.action for fix in both.fixes}
    assert both.restore is not None


RUNAWAY, CLIMB = (1.3, 1.4e5, 1.2e16, 9.8e26), (2.3, 2.6, 3.0, 3.5, 4.1)


@pytest.mark.parametrize(
    ("before", "rate", "first"),
    [
        (RUNAWAY, 5e-5, "flip_loss_sign"),
        (RUNAWAY, 1e-3, "lower_learning_rate"),
        (CLIMB, 1e-3, "flip_loss_sign"),
        (CLIMB, 1.0, "lower_learning_rate"),
    ],
)
def test_at_a_small_rate_a_loss_that_only_rose_until_it_broke_wants_its_sign_looked_at(
    before: tuple[float, ...], rate: float, first: str
):
    """Downhill, small steps do not throw a loss from 1 to 1e26; uphill they do. At a usual rate a leap is one of steps too large."""
    finding = found(Context(optimizer="adam", learning_rate=rate), loss=np.array([*before, *[np.nan] * 8]))

    assert finding.fixes[0].action == first


def test_a_loss_that_had_learnt_before_it_broke_has_its_sign_right():
    """Nothing is ascended that came down first."""
    finding = found(Context(optimizer="sgd", learning_rate=0.001), loss=np.array([2.0, 1.0, 1.5, 9.8e6, *[np.nan] * 8]))

    assert "flip_loss_sign" not in {fix.action for fix in finding.fixes}


@pytest.mark.parametrize(
    "before", [(1.0, 3.0, 2.2, 1.6, 1.3, 1.1, 1.05), (2.30, 2.31, 2.305, 2.302), (2.30, 2.31, 2.32)]
)
def test_noise_and_a_fall_before_it_broke_do_not_speak_of_ascent(before: tuple[float, ...]):
    """Only what runs away upwards does."""
    finding = found(Context(optimizer="adam", learning_rate=1e-4), loss=np.array([*before, np.nan, np.nan]))

    assert "flip_loss_sign" not in {fix.action for fix in finding.fixes}


def test_a_first_epoch_that_is_infinite_has_overflowed_and_one_that_is_no_number_is_looked_at():
    """Bad data make NaN; weights that grow pass infinity, within an epoch of steps that the log does not show."""
    infinite, nan = (found(loss=np.full(N, value)) for value in (np.inf, np.nan))
    step = within_an_epoch(np.full(N, np.inf), of=N)

    assert "lower_learning_rate" == infinite.fixes[0].action
    assert "rate" in infinite.causes[0].cause
    assert "check_labels" == nan.fixes[0].action == step.fixes[0].action
    assert "weights grew" in nan.fixes[0].because
    assert "before anything was learnt" in step.fixes[0].because
    assert "fix_initialization" in {fix.action for fix in nan.fixes}


@pytest.mark.parametrize(("floor", "told"), [(0.02, True), (0.6, False)])
def test_where_answers_were_all_but_certain_a_logarithm_of_nothing_is_a_cause(floor: float, *, told: bool):
    """No certainty that weights are to blame: what augmentation makes of data that were read before is new as well."""
    values = falling(start=2.3, floor=floor, n=N, tau=0.1, noise=0.0)
    finding = found(loss=broken(at=60, values=values))

    assert told == any("logarithm of 0" in cause.cause for cause in finding.causes)
    assert told == ("guard_operation" in {fix.action for fix in finding.fixes})
    assert "so the weights are to blame" not in finding.fixes[0].because
    assert "augmentation" in finding.fixes[0].because
    assert "augmentation" not in found(Context(augmentation=False), loss=broken(at=60, values=values)).fixes[0].because
