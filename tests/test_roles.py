import numpy as np
import pytest

from diagnosis.errors import ContradictoryRoles
from diagnosis.features import measure
from diagnosis.names import understand
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.roles import NAMED, WAYS
from diagnosis.run import Direction, Role, Run

FALL = np.array([3.0, 2.0, 1.5, 1.2])


def run(*names: str, roles: dict[str, Role] | None = None, **ways: Direction) -> Run:
    """A run of series that fall, some with a direction."""
    series = [Series(name, FALL) for name in names] + [Series(name, FALL, direction=way) for name, way in ways.items()]
    return assemble(Log(tuple(series), "test"), roles=roles)


@pytest.mark.parametrize("role", ["train_loss", "val_loss", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn"])
def test_what_there_is_one_of_cannot_be_two(role: Role):
    """Both are named, and the place of the second."""
    with pytest.raises(ContradictoryRoles, match="'a' and 'b' are both") as raised:
        run("loss", "a", "b", roles={"a": role, "b": role})

    assert "/roles/b" == raised.value.pointer


def test_several_metrics_are_ordinary():
    """And so is whatever else is logged."""
    roles: dict[str, Role] = {"val_acc": "val_metric", "val_f1": "val_metric", "a": "other", "b": "other"}

    assert roles.items() <= run("loss", "val_acc", "val_f1", "a", "b", roles=roles).source.mapping.items()


def test_counts_of_two_splits_are_no_contradiction():
    """The names tell them apart."""
    roles: dict[str, Role] = {"train_hits_found": "tp", "val_hits_found": "tp"}

    assert roles == run(*roles, roles=roles).source.mapping


@pytest.mark.parametrize("role", WAYS)
def test_a_direction_against_a_count_is_a_contradiction(role: Role):
    """More true positives are better, whatever is said."""
    right = WAYS[role]
    wrong: Direction = "min" if right == "max" else "max"

    assert {"a": role} == run(roles={"a": role}, a=right).source.mapping
    with pytest.raises(ContradictoryRoles, match="is said to be"):
        run(roles={"a": role}, a=wrong)


def test_a_single_role_that_is_said_takes_the_place_of_the_named_series():
    """There is one learning rate."""
    assert {"lr": "other", "rate": "learning_rate"} == run("lr", "rate", roles={"rate": "learning_rate"}).source.mapping
    assert {"tp": "tp", "val_hit": "tp"} == run("tp", "val_hit", roles={"val_hit": "tp"}).source.mapping


def test_a_direction_makes_a_metric_of_an_unknown_name():
    """Of the split that the name tells."""
    found = run(zeta="max", val_zeta="max")

    assert {"zeta": "train_metric", "val_zeta": "val_metric"} == found.source.mapping
    assert {"max"} == {curve.direction for curve in found.curves}
    assert () == found.source.notes


def test_an_unknown_name_is_set_aside_with_what_would_help():
    """Never judged by a guess."""
    found = run("loss", "zeta")

    assert "other" == found.source.mapping["zeta"]
    assert any(note.startswith("zeta: not judged") and '"direction"' in note for note in found.source.notes)


def test_a_metric_of_unknown_direction_is_not_judged_though_its_role_is_said():
    """A role says what it is, not which way is better."""
    found = run("loss", "zeta", roles={"zeta": "val_metric"})

    assert "other" == found.source.mapping["zeta"]
    assert measure(found).val_metric is None
    assert any("not judged as val_metric" in note for note in found.source.notes)


def test_constants_and_counters_are_set_aside_as_such():
    """And long lists of names are cut."""
    settings = [f"setting_{i}" for i in "abcdefgh"]
    series = [Series(name, np.full(5, 0.1)) for name in settings]
    series += [Series("loss", FALL), Series("n_seen", np.arange(0.0, 500.0, 100.0))]
    notes = assemble(Log(tuple(series), "test")).source.notes

    assert any(f"and {len(settings) - NAMED} more: constant" in note for note in notes)
    assert "n_seen: counting evenly, so taken for a counter and not judged" in notes


@pytest.mark.parametrize("name", ["loss_scale", "kl_weight", "iou_threshold", "train/loss_scale"])
def test_a_number_beside_a_loss_or_a_metric_is_none(name: str):
    """`loss_scale` is a setting of half precision."""
    assert "other" == understand(name).kind


@pytest.mark.parametrize("name", ["best_val_acc", "best_loss"])
def test_a_running_best_is_not_judged(name: str):
    """It cannot get worse, so it tells nothing."""
    assert "other" == run("loss", "val_acc", name).source.mapping[name]


def test_a_constant_metric_gives_way_to_one_that_moves():
    """The first that is logged, but for a number that is always the same."""
    series = (Series("val_top5", np.ones(4)), Series("val_acc", FALL))
    judged = measure(assemble(Log(series, "test"))).val_metric

    assert judged is not None
    assert "val_acc" == judged.name


@pytest.mark.parametrize("name", ["tp", "true_positives", "val_true_positives_1", "eval/TP"])
def test_counts_are_known_as_people_write_them(name: str):
    """Keras numbers its metrics."""
    assert "tp" == understand(name).kind


PARTS = ("train/box_loss", "train/cls_loss", "lr/pg0", "lr/pg1", "metrics/mAP50(B)")


def test_the_mapping_of_an_answer_can_be_sent_back():
    """Parts of a loss share a role, and so do rates of several groups: who says so again says nothing new."""
    told = run(*PARTS)
    again = run(*PARTS, roles=dict(told.source.mapping))

    assert told.source.mapping == again.source.mapping
    assert "train_loss" == told.source.mapping["train/box_loss"] == told.source.mapping["train/cls_loss"]


def test_a_mapping_with_one_more_part_than_names_tell_is_refused():
    """Then it is no echo: two curves cannot be the loss."""
    roles: dict[str, Role] = {**run(*PARTS).source.mapping, "mine": "train_loss"}

    with pytest.raises(ContradictoryRoles, match="are both"):
        run(*PARTS, "mine", roles=roles)
    chosen = run(*PARTS, roles={"train/cls_loss": "train_loss"}).source.mapping
    assert ("train_loss", "other") == (chosen["train/cls_loss"], chosen["train/box_loss"])
