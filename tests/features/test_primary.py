import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features import measure
from diagnosis.synthetic import falling, run

UP = -falling()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("d_loss", "g_loss"), ("Loss_D", "Loss_G"), ("errD", "errG"), ("netD_loss", "netG_loss"), ("loss_D_A", "loss_G_A"),
        ("disc_loss", "adv_loss"), ("dis_loss", "gen_loss"), ("discriminator_loss", "adversarial_loss"),
        ("disc_real_loss", "gen_fake_loss"), ("real_loss", "fake_loss"), ("critic_loss", "g_adv_loss"), ("C_loss", "G_loss"),
    ],
)  # fmt: skip
def test_losses_of_two_networks_that_play_against_each_other_are_not_judged(one: str, other: str):
    """Whatever they are called, and whichever of them wins: their sum may rise while the samples get better."""
    report = diagnose(run(**{one: UP, other: falling(seed=1)}))

    assert ["insufficient_data"] == [judged.condition for judged in report.findings]
    assert any("play against each other" in note for note in report.features.notes)
    assert "a training loss that can be judged" in report.outcomes.skipped["divergence"]  # as one is echoed


@pytest.mark.parametrize("names", [("energy_real", "energy_fake"), ("E_pos", "E_neg"), ("neg_energy", "pos_energy")])
def test_a_difference_of_energies_is_not_judged(names: tuple[str, str]):
    """It hovers about nothing, with either sign, while the model learns."""
    pressed, raised = falling(), falling(seed=1)
    features = measure(run(loss=pressed - raised, **dict(zip(names, (pressed, raised), strict=True))))

    assert features.train_loss is None
    assert any("energies" in note for note in features.notes)


@pytest.mark.parametrize("total", ["train_loss_step", "train/loss_step", "loss_step", "train_loss"])
@pytest.mark.parametrize("part", ["z_loss", "aux_loss", "train_router_z_loss", "load_balancing_loss", "kl_loss", "reg_loss", "distill_loss"])  # fmt: skip
def test_a_part_is_not_judged_beside_a_total(total: str, part: str):
    """Though the total is logged by step, and the part says nothing of how it was logged."""
    features = measure(run(**{total: falling(n=60), part: UP, "other_loss": UP, "val_loss": falling(n=60, seed=1)}))

    assert features.train_loss is not None
    assert total == features.train_loss.name


def test_parts_by_step_are_not_left_for_another_part():
    """Only the same quantity by epoch says more than it."""
    ce, z = falling(n=60), np.linspace(0.001, 0.002, 60)
    features = measure(run(ce_loss_step=ce, z_loss=z))

    assert features.train_loss is not None
    assert (ce + z).tolist() == features.train_loss.z.tolist()


@pytest.mark.parametrize(
    "names", [("box_loss", "cls_loss"), ("content_loss", "style_loss"), ("loss_c", "loss_f", "loss_g")]
)
def test_parts_of_one_loss_are_judged_together(names: tuple[str, ...]):
    """Letters of many parts are no networks."""
    features = measure(run(**{name: falling(seed=seed) for seed, name in enumerate(names)}))

    assert features.train_loss is not None
    assert np.allclose(features.train_loss.z[0], sum(falling(seed=seed)[0] for seed in range(len(names))))


@pytest.mark.parametrize("aggregate", ["avg_loss", "cumulative_loss", "batch_loss", "running_loss"])
def test_the_plain_loss_is_judged_before_its_aggregates(aggregate: str):
    """Whatever the order, and whichever comes first by name."""
    for series in ({"loss": falling(), aggregate: UP}, {aggregate: UP, "loss": falling()}):
        features = measure(run(**series))
        assert features.train_loss is not None
        assert features.train_loss.name == "loss"


@pytest.mark.parametrize("echo", ["val_perplexity", "val_brier", "val_ece"])
def test_what_says_the_same_as_the_loss_is_judged_last(echo: str):
    """It gets worse with it, while right answers hold."""
    features = measure(run(loss=falling(), val_loss=falling(), **{echo: falling(), "val_wer": falling()}))

    assert features.val_metric is not None
    assert features.val_metric.name == "val_wer"


def test_a_loss_without_a_number_is_not_said_to_be_unlogged():
    """All of it is NaN: there is one, and it cannot be judged."""
    nothing = np.full(20, np.nan)
    (note,) = diagnose(run(loss=nothing, val_loss=nothing, accuracy=1 - 0.3 * falling(n=20))).features.notes

    assert note.startswith("no loss can be judged: accuracy")
