"""What a fix comes to when a machine applies it to a recipe, and when that counts as help.

The trainings themselves are `python -m benchmarks.repair`; nothing here trains.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.repair.apply import AFTERWARDS, CHANGES, CHECKPOINTS, apply
from benchmarks.repair.checks import CHECKS
from benchmarks.repair.corpus import Recipe, Repaired, Trained, plainly
from benchmarks.repair.measures import LEAST, goes_on, jitter, judge
from benchmarks.repair.shipped import Shipped
from benchmarks.repair.spies import validated
from benchmarks.repair.trials import GUESSES, Faulty, at_random, first_applicable
from diagnosis.advice.fix import Fix
from diagnosis.advice.verbs import OF_A_MODEL, VERBS
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, run, turning

pytest.importorskip("torch", reason="how many examples a task has is asked of the corpus")
pytest.importorskip("sklearn", reason="likewise")

PLAIN = Recipe(name="plain", fault="healthy")
LOGGED: Run = run(Context(), loss=falling(), val_loss=turning(at=20))
PARAMS = {
    "factor": 2, "epochs": 80, "kind": "step", "at": [7], "steps": 50, "max_norm": 1.0, "weight_decay": 0.1, "dropout": 0.3,
    "size": 400, "share": 0.5, "weights": [1.0, 9.0], "to": "adam", "patience": 3, "min_delta": 0.0, "epoch": 20,
}  # fmt: skip


def shipped(*test: float, at: int | None = None, start: float = 2.0, reference: float = 0.0) -> Shipped:
    """A run with this clean loss at each validation; one unit of progress is 2."""
    return Shipped(Trained({}, {"test_loss": list(test)}), start, reference, at)


def test_every_verb_can_be_applied() -> None:
    """A verb that is added to the table is added here, or no pipeline knows what to do with it."""
    known = {*CHANGES, *CHECKS, *CHECKPOINTS, *AFTERWARDS}

    assert set(VERBS) - OF_A_MODEL == known


@pytest.mark.parametrize("action", sorted(set(VERBS) - OF_A_MODEL))
def test_every_verb_with_its_own_parameters_gives_a_recipe_or_a_checkpoint(action: str) -> None:
    """No verb trips over the parameters that it may come with."""
    params = {name: PARAMS[name] for name in VERBS[action].params if name in PARAMS}
    params |= {"at": 15.0} if action == "schedule_learning_rate" else {}

    repair = apply(action, params, PLAIN, LOGGED)

    assert repair.recipe is None or repair.recipe.future == 0


@pytest.mark.parametrize("fault", [{"frozen": "all"}, {"dead": True}, {"init": 0.0}, {"lr": 0.0}])
def test_a_check_that_would_show_the_fault_takes_it_out(fault: dict[str, object]) -> None:
    """Whoever finds the weights held lets them go."""
    repair = apply("check_trainable_parameters", {}, replace(PLAIN, **fault), LOGGED)

    assert repair.diagnostic
    assert repair.recipe is not None


def test_a_check_that_shows_nothing_changes_nothing() -> None:
    """A look at good labels mends nothing, and is not counted as a repair."""
    repair = apply("check_labels", {}, replace(PLAIN, lr=50.0), LOGGED)

    assert repair.diagnostic
    assert not repair.does


def test_the_sign_is_flipped_only_where_it_is_wrong() -> None:
    """The advice is to check the sign: a right one stays."""
    assert not apply("flip_loss_sign", {}, PLAIN, LOGGED).does
    assert apply("flip_loss_sign", {}, replace(PLAIN, ascend=True), LOGGED).does


def test_the_learning_rate_given_wins_over_the_factor() -> None:
    """Both are the same number, but one is rounded as advised."""
    repair = apply("lower_learning_rate", {"factor": 0.3, "learning_rate": 0.0005}, PLAIN, LOGGED)

    assert repair.recipe == replace(PLAIN, lr=0.0005)


def test_restoring_ships_the_checkpoint_of_the_named_epoch() -> None:
    """Epochs are counted from 0, and nothing is trained again."""
    repair = apply("restore_best", {"epoch": 20}, PLAIN, LOGGED)

    assert (None, 20) == (repair.recipe, repair.ship)


def test_restoring_between_two_validations_ships_the_one_before() -> None:
    """There is no checkpoint in between."""
    repair = apply("restore_best", {"epoch": 20.7}, PLAIN, LOGGED)

    assert 20 == repair.ship


def test_stopping_early_ships_the_best_seen_until_then() -> None:
    """Validation turns at epoch 20: a patience of 5 stops soon after, and goes back."""
    repair = apply("stop_early", {"patience": 5, "min_delta": 0.0}, PLAIN, LOGGED)

    assert repair.ship is not None
    assert 15 <= repair.ship <= 25
    assert repair.cost < 1.0


def test_more_data_is_no_fix_where_there_is_none() -> None:
    """Of 1797 digits 800 train, 200 validate and 718 test."""
    assert not apply("add_data", {"factor": 2}, PLAIN, LOGGED).does
    assert apply("add_data", {"factor": 2}, replace(PLAIN, train_size=150), LOGGED).does


def test_skipping_a_position_leaves_out_the_batches_behind_it() -> None:
    """Fifty batches an epoch: epoch 7 is made of batches 350 to 399."""
    spoilt = replace(PLAIN, batch=16, bad_batches=(100, 360, 900))

    repair = apply("skip_batches", {"at": [7]}, spoilt, LOGGED)

    assert repair.recipe is not None
    assert (100, 900) == repair.recipe.bad_batches


def test_weights_of_the_classes_reach_the_loss() -> None:
    """The corpus knows no such thing: the recipe is extended, and nothing else of it changes."""
    repair = apply("reweight_classes", {"weights": [1.0, 9.0]}, PLAIN, LOGGED)

    assert Repaired(**vars(PLAIN), class_weights=(1.0, 9.0)) == repair.recipe


def test_the_first_applicable_fix_is_no_check_and_does_something() -> None:
    """A machine cannot carry out a check, and has nothing to shuffle where shuffling is on."""
    fixes = (Fix("check_labels", "", ""), Fix("shuffle_data", "", ""), Fix("clip_gradients", "", "", {"max_norm": 1.0}))
    case = Faulty("a", "oscillation", replace(PLAIN, label_noise=0.3), LOGGED, shipped(1.0), fixes)

    assert fixes[2] == first_applicable(case)


def test_the_random_fix_of_a_run_is_always_the_same() -> None:
    """A baseline that changes by itself is none."""
    case = Faulty("a", "oscillation", PLAIN, LOGGED, shipped(1.0), ())

    assert at_random(case) == at_random(case)
    assert set(GUESSES) <= set(VERBS)


def test_help_begins_at_the_least_share_of_progress() -> None:
    """A hundredth of the progress is none, a little more is."""
    before, unit = shipped(1.0), 2.0

    assert "unchanged" == judge("overfitting", before, shipped(1.0 - 0.99 * LEAST * unit), 0.0).effect
    assert "improved" == judge("overfitting", before, shipped(1.0 - 1.01 * LEAST * unit), 0.0).effect
    assert "worse" == judge("overfitting", before, shipped(1.0 + 1.01 * LEAST * unit), 0.0).effect


def test_what_another_seed_would_have_done_is_no_help() -> None:
    """Twice the deviation from seed to seed must be exceeded."""
    before, after = shipped(1.0), shipped(0.8)  # a tenth of the progress better

    assert "improved" == judge("overfitting", before, after, 0.04).effect
    assert "unchanged" == judge("overfitting", before, after, 0.06).effect


def test_diverging_more_slowly_is_no_help() -> None:
    """A run that still ends no better than untrained is not mended, however much less bad it is."""
    assert "unchanged" == judge("divergence", shipped(1e6), shipped(2.5), 0.0).effect
    assert "improved" == judge("divergence", shipped(1e6), shipped(1.5), 0.0).effect


def test_a_loss_that_is_not_a_number_counts_as_untrained_twice_over() -> None:
    """So that shares can be reckoned with."""
    assert 4.0 == shipped(np.nan).test[-1]
    assert 4.0 == shipped(1e30).test[-1]


def test_stopping_a_plateau_helps_if_it_saves_and_costs_nothing() -> None:
    """Half the epochs for the same loss is a gain; for a worse loss it is none."""
    before = shipped(1.0, 1.0, 1.0)

    assert "improved" == judge("plateau", before, replace(before, cost=0.5), 0.0).effect
    assert "unchanged" == judge("plateau", before, replace(before, cost=0.95), 0.0).effect
    assert "worse" == judge("plateau", before, replace(shipped(1.2), cost=0.5), 0.0).effect


@pytest.mark.parametrize("names", [("loss", "val_loss"), ("Loss/train", "Loss/val"), ("train_loss", "test_loss"), ("training_loss", "eval_loss")])  # fmt: skip
def test_losses_have_one_name_whatever_the_logger_calls_them(names: tuple[str, str]) -> None:
    """What is compared before and after is looked up by it."""
    assert {"loss": [1.0], "val_loss": [2.0], "lr": [3.0]} == plainly({names[0]: [1.0], names[1]: [2.0], "lr": [3.0]})


def test_a_rate_that_is_set_holds_where_the_log_shows_a_jump() -> None:
    """Kept at 0.01, the logged jump to a million is gone; one that nobody logged stays."""
    bumped = replace(PLAIN, lr=0.01, lr_bumps=((9, 3, 1e8),))
    logged = run(Context(), loss=falling(), lr=np.where(np.arange(60) == 30, 1e6, 0.01))

    kept, unseen = (apply("lower_learning_rate", {"learning_rate": 0.001}, bumped, seen) for seen in (logged, LOGGED))

    assert kept.recipe is not None
    assert unseen.recipe is not None
    assert (0.001, ()) == (kept.recipe.lr, kept.recipe.lr_bumps)
    assert bumped.lr_bumps == unseen.recipe.lr_bumps


def test_a_scheme_draws_the_weights_anew_and_a_bias_alone_does_not() -> None:
    """What `params` name is what is done: nothing else is known of how a model began."""
    spoilt = replace(PLAIN, init=0.3)
    drawn = apply("fix_initialization", {"scheme": "he"}, spoilt, LOGGED)
    bias = apply(
        "fix_initialization", {"scheme": "log odds of the base rate in the last bias", "bias": -2.9}, spoilt, LOGGED
    )

    assert Repaired(**vars(PLAIN), scheme="he") == drawn.recipe
    assert not bias.does


def test_a_temperature_is_judged_by_the_loss_it_leaves() -> None:
    """The model is trained as before; its clean loss is that of the scaled logits."""
    repair = apply("scale_temperature", {"low": 1.0, "high": 10.0}, PLAIN, LOGGED)
    trained = Trained({}, {"test_loss": [2.0, 1.4]}, extras={"tempered": [2.0, 1.0]})

    assert repair.does
    assert repair.recipe is None
    assert (
        judge("overfitting", Shipped(trained, 2.0, 0.0), Shipped(trained, 2.0, 0.0, tempered=True), 0.0).effect
        == "improved"
    )


def test_a_start_that_is_mended_is_judged_where_validation_likes_it_best() -> None:
    """It may overfit by the end, which is another finding."""
    late = Trained({"val_loss": [2.0, 2.0, 2.0, 0.9]}, {"test_loss": [2.0, 2.0, 2.0, 0.9]})
    early = Trained({"val_loss": [1.0, 0.9, 1.3, 1.6]}, {"test_loss": [1.0, 0.9, 1.3, 1.6]})

    assert judge("slow_start", Shipped(late, 2.0, 0.0), Shipped(early, 2.0, 0.0), 0.0).effect == "improved"


@pytest.mark.parametrize(
    ("task", "augments"), [("pairs", False), ("sorting", False), ("markov", False), ("waves", True)]
)
def test_no_noise_is_added_to_letters(task: str, *, augments: bool) -> None:
    """Augmentation is noise on the inputs here: of letters there is none, whatever the network."""
    assert apply("augment_data", {}, replace(PLAIN, task=task, model="lstm"), LOGGED).does == augments


def test_a_run_that_is_trained_longer_is_judged_by_its_own_jitter() -> None:
    """Its beginning is the same run, value by value; another run that ends as well is another draw of the seeds."""
    before = shipped(1.0, 0.8, 0.6)

    assert goes_on(before, shipped(1.0, 0.8, 0.6, 0.5, 0.4))
    assert not goes_on(before, shipped(1.0, 0.8, 0.6))
    assert not goes_on(before, shipped(1.0, 0.7, 0.6, 0.5))
    assert jitter(shipped(1.0, 0.9, 0.8, 0.7, 0.6)) < 1e-9
    assert jitter(shipped(1.0, 0.8, 0.9, 0.7, 0.8, 0.6)) > 0.02


def test_more_examples_to_validate_on_leave_those_that_are_trained_on() -> None:
    """What a larger validation set is worth is not mixed with what other training examples are."""
    preparation = pytest.importorskip("preparation")
    plain = preparation.load("diabetes", 3, 100, 50)

    more = validated(preparation.load, 50, drawn=False)("diabetes", 3, 100, 90)

    assert (100, 90) == (len(more.train[0]), len(more.val[0]))
    assert (more.train[0] == plain.train[0]).all()
    assert (more.val[0][:50] == plain.val[0]).all()
    wider = preparation.load("diabetes", 3, 140, 50, scaled=False)
    again = preparation.load("diabetes", 3, 100, 50, scaled=False)
    by_hand = (wider.train[1][100:] - again.train[1].mean()) / again.train[1].std(correction=0)
    assert np.allclose(more.val[1][50:], by_hand, atol=1e-4)

    drawn = validated(preparation.load, 50, drawn=True)("diabetes", 3, 100, 90)
    assert (drawn.train[0] == plain.train[0]).all()


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({}, {}),
        ({"lr": 0.01, "optimizer": "sgd"}, {"lr": 1.0}),
        ({"frozen": "all"}, {"frozen": ""}),
        ({"ascend": True}, {"ascend": False}),
    ],
    ids=["sound", "too slow", "held", "uphill"],
)
def test_one_batch_is_really_overfitted_and_tells_what_is_wrong(
    recipe: dict[str, object], expected: dict[str, object]
) -> None:
    """Not a table of what it would have shown: the recipe's own loop runs."""
    changed = replace(PLAIN, task="wine", train_size=60, val_size=20, **{"lr": 0.05, **recipe})

    changes = CHECKS["overfit_one_batch"](changed, {"examples": 20, "below": 0.11})

    assert expected.items() <= changes.items()
    assert bool(expected) == bool(changes)
