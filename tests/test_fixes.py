import math

import numpy as np
import pytest

from diagnosis.advice.check_fixes import MANY, average_over_epoch, eval_mode, overfit_one_batch
from diagnosis.advice.clipping import CLIP_DEFAULT, CLIP_QUANTILE, clip
from diagnosis.advice.datasets import (
    VALIDATION_FACTORS,
    VALIDATION_LEAST,
    VALIDATION_SHARE,
    add_data,
    augment,
    enlarge_validation,
    larger_batch,
    normalize_inputs,
    shuffle,
)
from diagnosis.advice.fix import Fix, significant
from diagnosis.advice.losses import drop_activation
from diagnosis.advice.models import (
    DECAY_FIRST,
    DECAY_MOST,
    DROPOUT_MOST,
    DROPOUT_NOTCH,
    larger_model,
    regularize,
    smaller_model,
    unregularized,
)
from diagnosis.advice.rates import change_optimizer, cosine, learning_rate, scheduled, set_usual_rate
from diagnosis.advice.stopping import BELIEVED, PATIENCE_LEAST, PATIENCE_SHARE, longer, restore, stop_early
from diagnosis.advice.usual_rates import TOO_HIGH, TOO_LOW, times_usual, too_high, too_low
from diagnosis.advice.verbs import PLENTY, VERBS
from diagnosis.advice.warm_ups import WARM_UP, warm_up
from diagnosis.features import measure
from diagnosis.features.measured import Measured
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, run

WHY = "It should help here."


def loss_of(values: np.ndarray) -> Measured:
    """Measure a training loss."""
    measured = measure(run(loss=values)).train_loss
    assert measured is not None
    return measured


def norms_of(values: np.ndarray) -> Measured:
    """Measure a gradient norm."""
    measured = measure(run(grad_norm=values)).grad_norm
    assert measured is not None
    return measured


def test_a_verb_that_is_not_in_the_table_is_refused():
    """A pipeline could not apply it."""
    with pytest.raises(KeyError):
        Fix("pray", "Pray.", WHY)


def test_a_parameter_that_is_not_in_the_table_is_refused():
    """Nor a number without a name."""
    with pytest.raises(ValueError, match="stop_early has no parameter"):
        Fix("stop_early", "Stop.", WHY, {"epochs": 3})


@pytest.mark.parametrize(
    ("factor", "action"), [(10.0, "raise_learning_rate"), (3.0, "raise_learning_rate"), (0.1, "lower_learning_rate")]
)
def test_a_rate_is_raised_or_lowered_by_a_factor(factor: float, action: str):
    """And where it is known, the new one is said, as one would type it."""
    plain, known = learning_rate(Context(), factor, WHY), learning_rate(Context(learning_rate=3e-4), factor, WHY)

    assert (action, {"factor": factor}) == (plain.action, plain.params)
    assert known.params == {"factor": factor, "learning_rate": significant(3e-4 * factor)}
    assert f"{factor:g}" in plain.advice
    assert known.advice.endswith(f"from 0.0003 to {3e-4 * factor:g}.")


@pytest.mark.parametrize(
    ("value", "expected"), [(0.30000000000000004, 0.3), (1.23456e-5, 1.23e-5), (123456.0, 123000.0), (0.0, 0.0)]
)
def test_a_number_is_one_that_can_be_typed(value: float, expected: float):
    """Three digits, no noise of binary fractions."""
    assert expected == significant(value)


def test_the_clip_norm_lies_above_nine_in_ten_of_the_runs_calm_norms():
    """Bursts do not count, nor what came after a position; without norms it is the usual one."""
    norms = np.random.default_rng(0).uniform(0.0, 5.0, 200)
    bursting = np.where(np.arange(200) % 20 == 19, 1000.0, norms)
    exploded = np.where(np.arange(200) < 80, norms, 1000.0)
    early = Position("epoch", 80)

    for logged, before in ((norms, None), (bursting, None), (exploded, early)):
        bound = clip(norms_of(logged), WHY, before).params["max_norm"]
        assert np.mean(norms[:80] <= bound) == pytest.approx(CLIP_QUANTILE, abs=0.05)
    assert clip(norms_of(1000 * norms), WHY).params["max_norm"] == pytest.approx(4500, rel=0.1)
    assert clip(None, WHY).params == {"max_norm": CLIP_DEFAULT}


@pytest.mark.parametrize(
    ("optimizer", "rate", "times"),
    [
        ("SGD", 0.03, 1.0),
        ("SGD momentum", 0.1, 10.0),
        ("adamw", 1e-4, 0.1),
        ("RMSprop", 1.0, 1000.0),
        (None, 0.01, 1.0),
        (None, 0.3, 10.0),
        (None, 1e-5, 0.01),
        ("shampoo", 1e-5, None),
        ("Prodigy", 1.0, None),  # it finds its rate by itself
        ("DAdaptAdam", 1.0, None),
        ("adam", None, None),
        ("adam", 0.0, None),
    ],
)
def test_a_rate_is_held_against_what_is_usual_for_its_optimiser(
    optimizer: str | None, rate: float | None, times: float | None
):
    """Where no optimiser is said, anything between Adam's and plain descent's is usual."""
    context = Context(optimizer=optimizer, learning_rate=rate)
    found = times_usual(context)

    assert found == (times if times is None else pytest.approx(times))
    assert too_high(context) == ((times or 1.0) > TOO_HIGH)
    assert too_low(context) == ((times or 1.0) < TOO_LOW)


def test_the_usual_rate_is_the_nearest_where_no_optimiser_is_said():
    """Plain descent's of one far above, Adam's of one far below."""
    rates = [set_usual_rate(Context(learning_rate=rate), WHY).params["learning_rate"] for rate in (2.5, 1e-6)]

    assert [0.03, 1e-3] == rates
    assert 1e-3 == set_usual_rate(Context(optimizer="shampoo", learning_rate=2.5), WHY).params["learning_rate"]


def test_the_usual_rate_is_set_from_either_side():
    """With the factor, where there was a rate."""
    high, low, none = (set_usual_rate(Context(optimizer="sgd", learning_rate=rate), WHY) for rate in (3.0, 3e-6, 0.0))

    assert ("lower_learning_rate", {"factor": 0.01, "learning_rate": 0.03}) == (high.action, high.params)
    assert ("raise_learning_rate", {"factor": 1e4, "learning_rate": 0.03}) == (low.action, low.params)
    assert ("raise_learning_rate", {"learning_rate": 0.03}) == (none.action, none.params)
    assert high.advice == "Set the learning rate to 0.03, from 3."


def test_a_restored_position_is_in_the_axis_it_was_logged_in():
    """Epochs or steps, as the checkpoint is named."""
    assert restore(Position("epoch", 7), WHY).params == {"epoch": 7}
    assert restore(Position("step", 4500), WHY).params == {"step": 4500}
    assert "step 4500" in restore(Position("step", 4500), WHY).advice


@pytest.mark.parametrize(
    ("context", "params"),
    [
        (Context(), {"weight_decay": DECAY_FIRST, "dropout": DROPOUT_NOTCH}),
        (Context(weight_decay=0.0, dropout=0.0), {"weight_decay": DECAY_FIRST, "dropout": DROPOUT_NOTCH}),
        (Context(weight_decay=0.001, dropout=0.1), {"weight_decay": 0.01, "dropout": 0.1 + DROPOUT_NOTCH}),
        (Context(weight_decay=0.1, dropout=0.45), {"weight_decay": DECAY_MOST, "dropout": DROPOUT_MOST}),
        (Context(weight_decay=0.01, dropout=DROPOUT_MOST), {"weight_decay": 0.1}),
        (Context(weight_decay=0.01, dropout=0.8), {"weight_decay": 0.1}),
    ],
)
def test_regularisation_goes_up_by_a_notch(context: Context, params: dict[str, float]):
    """Tenfold weight decay and a notch of dropout, up to what anyone uses."""
    (fix,) = regularize(context, WHY)

    assert pytest.approx(params) == fix.params


@pytest.mark.parametrize("decay", [0.0, 1e-4, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("dropout", [None, 0.0, 0.3, 0.5, 0.9])
def test_regularisation_never_goes_down(decay: float, dropout: float | None):
    """Whatever there was, more is advised, not less."""
    fixes = regularize(Context(weight_decay=decay, dropout=dropout), WHY)

    assert all(fix.params.get("weight_decay", 1e9) > decay for fix in fixes)
    assert all(fix.params.get("dropout", 1.0) > (dropout or 0.0) for fix in fixes)
    assert all(fix.params for fix in fixes)
    assert bool(fixes) == (decay < DECAY_MOST or (dropout or 0.0) < DROPOUT_MOST)


def test_longer_is_said_in_epochs_where_they_are_known():
    """As many as ran, else as were planned; else as a factor. What was planned anyway is the least."""
    assert longer(Context(planned_epochs=20), 20, 1.5, WHY).params == {"factor": 1.5, "epochs": 30}
    assert longer(Context(planned_epochs=40), 20, 1.5, WHY).params == {"factor": 2.0, "epochs": 40}
    assert longer(Context(), 3, 1.5, WHY).params == {"factor": 1.67, "epochs": 5}
    assert longer(Context(planned_epochs=40), None, 1.5, WHY).params == {"factor": 1.5, "epochs": 60}
    assert longer(Context(), 20, 1.5, WHY).params == {"factor": 1.5, "epochs": 30}
    assert longer(Context(), None, 3, WHY).params == {"factor": 3}
    assert longer(Context(), None, 3, WHY).advice == "Train 3 times as long."
    assert longer(Context(), 20, 1.5, WHY).advice == "Train 30 epochs in all."


@pytest.mark.parametrize("n", [10, 30, 31, 200])
def test_patience_is_a_tenth_of_the_run_and_at_least_a_few(n: int):
    """The smallest change worth waiting for is twice the noise."""
    curve = loss_of(falling(n=n, floor=2.0, noise=0.01))
    fix = stop_early(curve, WHY)

    wished = max(PATIENCE_LEAST, round(PATIENCE_SHARE * n))
    assert wished <= fix.params["patience"] <= 2 * wished
    assert pytest.approx(BELIEVED * curve.noise, rel=0.3) == fix.params["min_delta"]


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.02, 0.1])
@pytest.mark.parametrize("late", [0.1, 0.5, 0.8])
def test_early_stopping_would_not_have_stopped_this_run_before_it_had_gained_what_it_gained(noise: float, late: float):
    """A rest on the way, long before the last gain, is waited for; the rule is replayed as Keras applies it."""
    rest = np.interp(np.arange(60), [0, 5, 60 * late, 60 * late + 8, 60], [2.3, 1.5, 1.45, 0.8, 0.78])
    curve = loss_of(rest + noise * np.random.default_rng(0).standard_normal(60))
    params = stop_early(curve, WHY).params
    best, waited, seen = math.inf, 0, []
    for value in curve.curve.values:
        seen.append(value)
        waited = 0 if value < best - params["min_delta"] else waited + 1
        best = value if waited == 0 else best
        if waited >= params["patience"]:
            break

    assert min(seen) <= curve.best + 2.0 * max(params["min_delta"], BELIEVED * noise)


def test_the_smallest_change_is_none_of_a_blow_up():
    """What came after the best value has another noise, and no gain is larger than a part of what was gained."""
    jitter = np.random.default_rng(0).standard_normal(120)
    curve = np.concatenate((falling(n=40, floor=-0.2), 50.0 * np.arange(1, 121) + 500.0 * jitter))
    few = np.concatenate((falling(n=6, floor=-0.2), 50.0 * np.arange(1, 121) + 500.0 * jitter))

    assert 0.0 < stop_early(loss_of(curve), WHY).params["min_delta"] < 0.1
    assert 0.0 < stop_early(loss_of(few), WHY).params["min_delta"] < 0.3


def test_where_the_noise_is_not_known_any_improvement_counts():
    """Of few values the bends look like noise, and nothing would be an improvement."""
    fix = stop_early(loss_of(np.array([1.2, 0.8, 0.7, 0.8, 0.95, 1.1])), WHY)

    assert {"patience": PATIENCE_LEAST, "min_delta": 0.0} == fix.params
    assert fix.advice.endswith("without an improvement.")


def test_the_smallest_change_is_less_than_what_is_left_of_a_loss():
    """A loss that fell from a million to 1 cannot improve by 20 000; one that may be negative can."""
    curve, turned = (loss_of(falling(start=1e6, floor=1.0) - minus) for minus in (0.0, 1e6))

    assert curve.end / 2 >= stop_early(curve, WHY, least=2e4).params["min_delta"]
    assert 2e4 == stop_early(turned, WHY, least=2e4).params["min_delta"]


def test_the_smallest_change_is_one_that_somebody_types():
    """A loss that came down from 88 to 1.5 rests there: nobody waits for half of what is left."""
    curve = loss_of(np.concatenate(([91.9, 52.0, 10.9, 2.37], 1.55 + 0.02 * np.cos(np.arange(10)))))

    assert 0.0 < stop_early(curve, WHY, least=0.9, until=3).params["min_delta"] <= 0.05 * 1.6


@pytest.mark.parametrize(
    ("axis", "context", "steps"),
    [
        ("step", Context(), 50),
        ("epoch", Context(), WARM_UP),
        ("epoch", Context(steps_per_epoch=4), 4),
        ("epoch", Context(train_size=4000, batch_size=2), 2000),
        ("step", Context(steps_per_epoch=1000, planned_epochs=3), 300),
        ("step", Context(finished=False), WARM_UP),  # how long it is to be nobody knows
    ],
)
def test_a_warm_up_takes_a_tenth_of_the_logged_run_at_most(axis: str, context: Context, steps: int):
    """Where a plan says how long it is to be, of that."""
    series = Series("loss", flat(n=500), np.arange(1.0, 501.0), axis)
    loss = measure(assemble(Log((series,), "example"), context)).train_loss

    assert {"steps": steps} == warm_up(context, WHY, loss).params


@pytest.mark.parametrize(
    ("context", "steps"),
    [
        (Context(steps_per_epoch=123.4), 123),
        (Context(train_size=1000, batch_size=64), 16),
        (Context(steps_per_epoch=1000, planned_epochs=3), 300),
        (Context(steps_per_epoch=1, planned_epochs=3), 1),
        (Context(), WARM_UP),
    ],
)
def test_a_warm_up_takes_one_epoch(context: Context, steps: int):
    """Or a customary number of steps, and no more than a tenth of what is planned."""
    assert {"steps": steps} == warm_up(context, WHY).params


@pytest.mark.parametrize(
    ("context", "times", "params"),
    [
        (Context(), 2.0, {"factor": 2}),
        (Context(batch_size=96), 1.0, {"factor": 2, "batch_size": 192}),
        (Context(batch_size=1), 3.3, {"factor": 4, "batch_size": 4}),
        (Context(batch_size=32), 1e9, {"factor": 16, "batch_size": 512}),
        (Context(batch_size=400, train_size=500), 2.0, {"factor": 1.25, "batch_size": 500}),
    ],
)
def test_a_batch_grows_by_as_much_as_swings_are_too_wide(context: Context, times: float, params: dict[str, float]):
    """By a power of two, up to sixteen, and up to all of the data."""
    (fix,) = larger_batch(context, WHY, times)

    assert ("increase_batch_size", params) == (fix.action, fix.params)


def test_a_batch_of_all_data_cannot_grow():
    """Then it is not the batch."""
    assert () == larger_batch(Context(batch_size=500, train_size=500), WHY)


@pytest.mark.parametrize(
    ("rate", "factor", "advised"),
    [(1e-8, 3.0, 1e-3), (10.0, 0.1, 1.0), (1e-3, 3.0, 3e-3), (1e-3, 0.1, 1e-4)],
)
def test_a_rate_that_is_far_off_becomes_the_usual_one(rate: float, factor: float, advised: float):
    """Ten times next to nothing is still next to nothing."""
    assert advised == learning_rate(Context(optimizer="adam", learning_rate=rate), factor, WHY).params["learning_rate"]


def test_a_rate_that_has_gone_as_far_as_it_goes_is_not_moved_further():
    """Raising a rate of 10, or lowering one of 1e-8, leads where nothing trains."""
    high, low = (Context(optimizer="adam", learning_rate=rate) for rate in (10.0, 1e-8))

    assert learning_rate(high, 3.0, WHY).done(high)
    assert not learning_rate(high, 0.1, WHY).done(high)
    assert learning_rate(low, 0.1, WHY).done(low)
    assert not learning_rate(low, 3.0, WHY).done(low)


def test_another_optimiser_comes_with_its_own_rate():
    """That of plain descent would be far too large."""
    fix = change_optimizer(Context(optimizer="sgd", learning_rate=0.1), WHY)

    assert {"to": "adam", "learning_rate": 1e-3} == fix.params
    assert fix.advice == "Use Adam, at a learning rate of 0.001, not at 0.1."


def test_a_rate_that_stays_the_same_is_not_contrasted_with_itself():
    """Not 0.001 where it is 0.001 already: that would be no advice."""
    fix = change_optimizer(Context(optimizer="sgd", learning_rate=1e-3), WHY)

    assert fix.advice == "Use Adam, at a learning rate of 0.001."


def test_only_what_holds_back_is_taken_away():
    """By name and amount; where there is nothing, nothing is."""
    (fix,) = unregularized(Context(dropout=0.5, weight_decay=0.0), WHY)

    assert ("decrease_regularization", {"dropout": 0.0}) == (fix.action, fix.params)
    assert fix.advice == "Train without the dropout of 0.5."
    assert () == unregularized(Context(), WHY)


def test_shuffling_says_when_and_what_goes():
    """The period of the order, and the swing that it makes."""
    fix = shuffle(Position("step", 93.75), 0.123, WHY)

    assert {"period": 93.75} == fix.params
    assert fix.advice.endswith("the swing of 12 % of the progress that repeats every 93.75 steps goes.")


def test_a_dropped_activation_is_named_with_the_floor_that_it_makes():
    """The loss gets below that without it."""
    assert {"activation": "softmax", "below": 1.46} == drop_activation("softmax", "the loss", WHY, below=1.4612).params
    assert {"activation": "sigmoid"} == drop_activation("sigmoid", "the loss", WHY).params


def test_the_factor_goes_the_way_of_the_verb():
    """Smaller is less than one, larger more."""
    assert smaller_model(WHY).params["factor"] < 1 < larger_model(WHY).params["factor"]
    assert add_data(WHY).params["factor"] > 1
    assert add_data(WHY, Context(train_size=800)).params == {"factor": 2, "size": 1600}
    assert augment(WHY, 60.0).params == {"variants": 60}
    assert augment(WHY, 1.0).params == augment(WHY).params == {}
    assert cosine(WHY).params == {"kind": "cosine"}


def test_every_fix_says_what_to_do_and_why():
    """In a sentence each, for people."""
    curve = loss_of(flat())
    fixes = (
        *(
            make(WHY)
            for make in (add_data, augment, smaller_model, larger_model, overfit_one_batch, normalize_inputs, cosine)
        ),
        warm_up(Context(), WHY),
        *larger_batch(Context(), WHY),
        *regularize(Context(), WHY),
        clip(None, WHY),
        stop_early(curve, WHY),
    )

    assert all(fix.advice.endswith(".") and fix.because == WHY and fix.action in VERBS for fix in fixes)


@pytest.mark.parametrize(
    ("action", "context"),
    [
        ("stop_early", Context(early_stopping={"patience": 5})),
        ("augment_data", Context(augmentation="mixup")),
        ("clip_gradients", Context(gradient_clipping=1.0)),
        ("shuffle_data", Context(shuffle=True)),
        ("schedule_learning_rate", Context(scheduler="cosine")),
        ("schedule_learning_rate", Context(scheduler=True)),
        ("warm_up", Context(scheduler="linear_with_warmup")),
        ("change_optimizer", Context(optimizer="AdamW")),
        ("enlarge_validation_set", Context(val_size=10**7)),
    ],
)
def test_what_the_context_says_is_in_use_is_done(action: str, context: Context):
    """And an empty context says nothing."""
    fix = Fix(action, "Do it.", WHY)

    assert fix.done(context)
    assert not fix.done(Context())


@pytest.mark.parametrize(
    ("action", "context"),
    [
        ("stop_early", Context(early_stopping=False)),
        ("clip_gradients", Context(gradient_clipping=0.0)),
        ("shuffle_data", Context(shuffle=False)),
        ("schedule_learning_rate", Context(scheduler="none")),
        ("schedule_learning_rate", Context(scheduler="Constant")),
        ("schedule_learning_rate", Context(scheduler=False)),
        ("warm_up", Context(scheduler="cosine")),
        ("warm_up", Context(scheduler="cosine with warm restarts")),
        ("warm_up", Context(scheduler="CosineAnnealingWarmRestarts")),
        ("change_optimizer", Context(optimizer="SGD")),
        ("enlarge_validation_set", Context(val_size=1000)),
    ],
)
def test_what_the_context_says_is_not_in_use_is_still_to_do(action: str, context: Context):
    """A no is a no."""
    assert not Fix(action, "Do it.", WHY).done(context)


@pytest.mark.parametrize(
    ("scheduler", "expected"),
    [(None, False), ("constant", False), ("off", False), ("No", False), ("step", True), (True, True)],
)
def test_a_schedule_is_one_that_changes_the_rate(scheduler: object, *, expected: bool):
    """A constant one is none."""
    assert expected == scheduled(Context(scheduler=scheduler))


def test_a_verb_without_a_test_is_never_done():
    """More data is always more data."""
    assert not VERBS["add_data"].done(Context(train_size=10**6))


@pytest.mark.parametrize(("rate", "factor"), [(1e-3, 3.0), (4e-3, 2.5), (2e-4, 3.0)])
def test_no_rate_is_raised_far_beyond_what_is_usual(rate: float, factor: float):
    """Ten times what Adam is usually given, at most."""
    assert factor == learning_rate(Context(optimizer="adam", learning_rate=rate), 3.0, WHY).params["factor"]


@pytest.mark.parametrize(
    ("context", "factor", "params"),
    [
        (Context(), 4.0, {"share": VALIDATION_SHARE, "factor": 4.0}),
        (Context(train_size=900, val_size=100), 4.0, {"share": VALIDATION_SHARE, "size": 200, "factor": 2.0}),
        (
            Context(train_size=300, val_size=20),
            2.0,
            {"share": VALIDATION_SHARE, "size": VALIDATION_LEAST, "factor": 5.0},
        ),
        (Context(val_size=20), 2.0, {"size": VALIDATION_LEAST, "factor": 5.0}),
        (Context(train_size=800, val_size=200), 2.0, {"size": 300, "factor": 1.5}),
        (Context(train_size=800, val_size=200), 9.0, {"size": 300, "factor": 1.5}),
        (Context(val_size=100), 4.0, {"size": 400, "factor": 4.0}),
        (Context(val_size=100), 1.0, {"size": 100 * VALIDATION_FACTORS[0], "factor": VALIDATION_FACTORS[0]}),
        (Context(val_size=100), 50.0, {"size": 100 * VALIDATION_FACTORS[1], "factor": VALIDATION_FACTORS[1]}),
    ],
)
def test_validation_grows_to_a_fifth_of_the_data_or_by_what_is_too_little(
    context: Context, factor: float, params: dict[str, float]
):
    """A fifth where that is more than there is; else so many times, never more than three tenths of what is known to be there."""
    fix = enlarge_validation(context, factor, WHY)

    assert (fix.action, fix.params) == ("enlarge_validation_set", params)


@pytest.mark.parametrize(
    ("context", "params"),
    [
        (None, {"examples": MANY}),
        (Context(), {"examples": MANY}),
        (Context(train_size=300), {"examples": 300}),
        (Context(val_size=500), {"examples": 500}),
        (Context(val_size=500, train_size=200), {"examples": 200}),
        (Context(val_size=10**7), {"examples": PLENTY}),
    ],
)
def test_training_is_evaluated_on_as_many_examples_as_validation(context: Context | None, params: dict[str, int]):
    """As far as there are so many; where it is not known how many these are, on a thousand."""
    fix = eval_mode(WHY, context)

    assert ("use_eval_mode", params) == (fix.action, fix.params)


def test_an_average_is_of_the_values_between_two_validations():
    """Their number is what a logger must be told."""
    assert ("average_over_epoch", {}) == (average_over_epoch(WHY).action, average_over_epoch(WHY).params)
    assert {"values": 20} == average_over_epoch(WHY, 19.6).params


def test_norms_that_exploded_for_good_are_no_measure_of_a_clip():
    """1.7, then a thousand, then 1e14: what was ordinary is what came before; bursts that come back are left out as ever."""
    for norms, most in (
        ((1.7, 1476.0, 4.3e8, 1.3e14), 1.7),
        ((1.7, 900.0, 1.6, 1.8, 1.7), 1.8),
        ((0.01, *[1.4] * 9, 20.0, 300.0, 4e3), 1.4),
        ((*[0.002] * 12, *[0.8] * 28), 0.8),
    ):
        norm = measure(run(grad_norm=np.array(norms))).grad_norm
        assert clip(norm, "").params["max_norm"] == pytest.approx(most, rel=0.05)


def test_norms_of_every_size_and_those_of_no_sound_stretch_tell_no_clip():
    """A tenth of the learning norms would strangle the run, and so few are no measure: then the usual bound is advised."""
    steps = np.arange(60)
    waves = norms_of(5.0 * 10.0 ** -((steps % 20) / 5.0))

    assert {"max_norm": CLIP_DEFAULT} == clip(waves, WHY).params
    assert {"max_norm": CLIP_DEFAULT} == clip(norms_of(1e9 + steps), WHY, Position("epoch", 2)).params
    assert {"max_norm": CLIP_DEFAULT} == clip(norms_of(1e9 + steps), WHY, Position("step", 40)).params


def test_a_swing_of_no_progress_has_no_share():
    """The first value was the best of all: nothing of nothing is said."""
    advised = [shuffle(Position("step", 30), swing, WHY).advice for swing in (0.4, float("inf"))]

    assert "the swing of 40 % of the progress that repeats every 30 steps goes" in advised[0]
    assert "the swing that repeats every 30 steps goes" in advised[1]
