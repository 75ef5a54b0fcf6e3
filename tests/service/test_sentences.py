"""Where an error points, and what it says."""

from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import from_json

from schemas.context import ContextIn
from schemas.overfit_check import OverfitCheckIn, OverfitCheckParts
from schemas.run import RunIn, RunsIn
from schemas.wire import Wire
from service.wording.sentences import of_json, of_validation

WRONG: tuple[Any, ...] = (
    {"a": 1},
    [1],
    "x",
    -1,
    -65,
    0,
    0.5,
    True,
    10**400,
    float("nan"),
    "y" * 300,
    [[-1]],
    ["x"],
    [],
)
CONTEXT = [(RunIn, {"history": {"loss": [1, 2]}}, ("context", name)) for name in ContextIn.model_fields]
RUNS = [(RunsIn, {"runs": [{"history": {"loss": [1]}}]}, ("context", name)) for name in ContextIn.model_fields]
CONFIG = [(OverfitCheckParts, {"config": {"loss": "mse"}}, ("config", name)) for name in OverfitCheckIn.model_fields]
FIELDS = CONTEXT + RUNS + CONFIG


def resolved(document: Any, pointer: str) -> Any:
    """What stands at a pointer; an error where nothing does."""
    for step in pointer.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


@pytest.mark.parametrize(("model", "sent", "place"), FIELDS, ids=lambda v: ".".join(v) if isinstance(v, tuple) else "")
def test_every_error_points_at_something_that_was_sent(model: type[Wire], sent: dict[str, Any], place: tuple[str, str]):
    """At the field or at what is in it: never at one of the types that were tried for it."""
    part, name = place
    for wrong in WRONG:
        document = {**sent, part: {**sent.get(part, {}), name: wrong}}
        try:
            model.model_validate(document)
        except ValidationError as error:
            detail, places = of_validation(error)

            assert detail.startswith(f"/{part}/{name}")
            for each in places:
                assert each.pointer.startswith(f"/{part}/{name}")
                resolved(document, each.pointer)


@pytest.mark.parametrize("wrong", [-1, "norm", float("nan"), [1.0]])
def test_of_a_field_that_may_be_several_things_one_sentence_names_them_all(wrong: object):
    """Not one for each."""
    with pytest.raises(ValidationError) as caught:
        ContextIn.model_validate({"gradient_clipping": wrong})
    _, places = of_validation(caught.value)

    assert ["/gradient_clipping"] == [place.pointer for place in places]
    assert "true or false" in places[0].detail


@pytest.mark.parametrize(
    ("model", "sent", "says"),
    [
        (OverfitCheckIn, {"loss": "mse", "input_shapes": []}, "a list with at least 1 in it; got an empty list."),
        (OverfitCheckIn, {"loss": "mse", "input_shapes": [[1]] * 17}, "a list with at most 16 in it; got a list."),
        (RunsIn, {"runs": [{"name": "", "history": {"loss": [1]}}]}, 'text, of at least 1 in length; got "".'),
        (OverfitCheckIn, {"loss": "mse", "lr": 0}, "a number from 1e-30 on; got 0."),
        (OverfitCheckIn, {"loss": "mse", "steps": 10**9}, "a number up to 100000; got 1000000000."),
        (OverfitCheckIn, {"loss": "mse", "momentum": 1}, "a number below 1.0; got 1."),
        (OverfitCheckIn, {"loss": "mse", "lr": float("nan")}, "a finite number; got NaN."),
        (OverfitCheckIn, {"loss": "mse", "lr": float("-inf")}, "a finite number; got -Infinity."),
    ],
)
def test_limits_are_told_in_words_of_our_own(model: type[Wire], sent: dict[str, Any], says: str):
    """And numbers as JSON writes them."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(sent)

    assert of_validation(caught.value)[1][0].detail == f"Expected {says}"


def test_one_shape_is_one():
    """In what is said of dtypes."""
    with pytest.raises(ValidationError) as caught:
        OverfitCheckIn.model_validate({"loss": "mse", "input_shapes": [[1]], "input_dtypes": ["int8", "int8"]})

    assert "There is 1 input shape; expected" in of_validation(caught.value)[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"a": "caf\xe9"}', "not UTF-8: byte 10, counted from 0, is 0xE9"),
        (b'\xef\xbb\xbf{"a": "\xff"}', "byte 10, counted from 0, is 0xFF"),
        (b'{"a": "\xc3', "byte 7, counted from 0, is 0xC3"),
        (b'{"a": "\\ud800"}', "half a character"),
        ('{"a": "\\ud800"}', "half a character"),
        (b"[" * 300, "Recursion limit exceeded at line 1"),
    ],
)
def test_what_keeps_a_text_from_being_json_is_told(text: bytes | str, says: str):
    """Another encoding, half a character, or neither."""
    with pytest.raises(ValueError) as broken:
        from_json(text)

    assert says in of_json(text, broken.value)
