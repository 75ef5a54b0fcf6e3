import math
from dataclasses import fields

import pytest
from pydantic import ValidationError

from diagnosis.run import Context
from schemas.context import ContextIn


def test_every_fact_of_the_engine_can_be_said() -> None:
    """The wire and the engine have the same list."""
    assert {field.name for field in fields(Context)} == set(ContextIn.model_fields)


def test_what_is_said_reaches_the_engine() -> None:
    """Numbers, words and whole settings."""
    said = {
        "task": "classification",
        "num_classes": 10,
        "learning_rate": 1e-3,
        "finished": False,
        "scheduler": "cosine",
        "gradient_clipping": True,
        "early_stopping": {"patience": 3},
        "labels": {"commit": "abc"},
    }

    assert Context(**said) == ContextIn.model_validate(said).to_context()


def test_a_whole_float_is_a_count() -> None:
    """Some writers make 50000.0 of 50000."""
    assert 50_000 == ContextIn.model_validate({"train_size": 50_000.0}).to_context().train_size


def test_null_is_the_same_as_nothing_said() -> None:
    """A fact that is null is not known."""
    assert Context() == ContextIn.model_validate(dict.fromkeys(ContextIn.model_fields)).to_context()


def test_an_unknown_fact_is_kept_to_be_noted() -> None:
    """It is not refused, and does not reach the engine."""
    found = ContextIn.model_validate({"gpu": "big", "finished": True})

    assert ("gpu",) == found.unknown
    assert Context(finished=True) == found.to_context()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("num_classes", "ten"),
        ("num_classes", 0),
        ("num_classes", 2.5),
        ("num_classes", True),
        ("steps_per_epoch", 5e-324),
        ("learning_rate", math.nan),
        ("learning_rate", -1),
        ("learning_rate", 10**400),
        ("baseline", math.inf),
        ("dropout", 1.5),
        ("finished", 1),
        ("finished", "yes"),
        ("task", "dancing"),
        ("labels", [1]),
        ("steps_per_epoch", 0),
        ("optimizer", 3),
    ],
)
def test_a_fact_that_cannot_be_meant_is_refused_at_its_place(name: str, wrong: object) -> None:
    """A wrong fact would lead to wrong advice."""
    with pytest.raises(ValidationError) as caught:
        ContextIn.model_validate({name: wrong})

    assert {name} == {line["loc"][0] for line in caught.value.errors()}


@pytest.mark.parametrize("none", [0, 0.0, None, False])
def test_no_clipping_may_be_said_as_people_write_it(none: object) -> None:
    """A norm of 0 is none, as in most configs."""
    assert not ContextIn.model_validate({"gradient_clipping": none}).to_context().gradient_clipping
    assert 0.5 == ContextIn.model_validate({"gradient_clipping": 0.5}).to_context().gradient_clipping
