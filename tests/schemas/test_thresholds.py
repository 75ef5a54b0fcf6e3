"""The numbers that a page shows are those that the rule goes by."""

import pytest

from diagnosis.features import floor, spikes
from diagnosis.rule import all_rules
from schemas import thresholds


def test_a_number_that_two_features_define_is_refused_instead_of_shown_at_random(monkeypatch):
    """A page would otherwise show whichever is imported first, right or wrong."""
    rule = all_rules()["underfitting"]
    named = next(t for t in thresholds.thresholds_of(rule) if t.name == "SKILLED")
    monkeypatch.setattr(thresholds, "_in", lambda module: [named] if ".features." in module.__name__ else [])

    with pytest.raises(ValueError, match="says `SKILLED`"):
        thresholds.thresholds_of(rule)


def test_a_number_that_a_feature_leans_on_is_shown_with_its_value():
    """The rule need not import what it never compares itself."""
    shown = {t.name: t.value for t in thresholds.thresholds_of(all_rules()["underfitting"])}

    assert floor.ABOVE == shown["ABOVE"]


def test_a_number_of_a_feature_that_the_rule_imports_from_goes_before_one_of_its_name_farther_away():
    """Smoothing has a share of its own."""
    shown = {t.name: t.value for t in thresholds.thresholds_of(all_rules()["loss_spike"])}

    assert spikes.SHARE == shown["SHARE"]


def test_a_number_that_two_features_farther_away_define_is_refused_as_well():
    """Neither is nearer: the rule has to say which."""
    farther = thresholds._leant_on(["diagnosis.features.shortfall"])

    with pytest.raises(ValueError, match="a rule says `HALF`"):
        thresholds._defined({"HALF"}, farther, "a rule")
