"""The numbers that a page shows are those that the rule goes by."""

import pytest

from diagnosis.rule import all_rules
from schemas import thresholds


def test_a_number_that_two_features_define_is_refused_instead_of_shown_at_random(monkeypatch):
    """A page would otherwise show whichever is imported first, right or wrong."""
    rule = all_rules()["underfitting"]
    named = next(t for t in thresholds.thresholds_of(rule) if t.name == "SKILLED")
    monkeypatch.setattr(thresholds, "_in", lambda module: [named] if ".features." in module.__name__ else [])

    with pytest.raises(ValueError, match="says `SKILLED`"):
        thresholds.thresholds_of(rule)
