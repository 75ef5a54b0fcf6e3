import pytest
from pydantic import ValidationError

from schemas.pointer import pointer
from schemas.run import RunIn, SeriesIn
from schemas.wire import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (2.5, "2.5"),
        ("a", '"a"'),
        ([1], "a list"),
        ({"a": 1}, "an object"),
        (10**400, "a very large integer"),
    ],
)
def test_a_value_is_shown_as_json_writes_it(value: object, text: str) -> None:
    """An error speaks the client's language."""
    assert text == shown(value)


def test_a_long_value_is_cut() -> None:
    """An error gives back little of what came."""
    assert 60 == len(shown("x" * 1000))


def test_a_misspelt_field_is_refused_with_what_may_have_been_meant() -> None:
    """A field that would be ignored in silence is worse than an error."""
    with pytest.raises(ValidationError) as caught:
        RunIn.model_validate({"history": {}, "contxt": {}})

    (line,) = caught.value.errors()
    assert ("contxt",) == line["loc"]
    assert 'Did you mean "context"?' in line["msg"]


def test_a_field_like_no_other_is_refused_with_the_known_ones() -> None:
    """Where nothing is near, the list helps."""
    with pytest.raises(ValidationError) as caught:
        SeriesIn.model_validate({"values": [], "zzz": 1})

    assert "Known are: values, steps, axis, direction." in caught.value.errors()[0]["msg"]


def test_a_list_where_an_object_belongs_is_refused() -> None:
    """The sentence says what was expected."""
    with pytest.raises(ValidationError) as caught:
        RunIn.model_validate([])

    assert 'Expected an object with "history"; got an empty list.' == caught.value.errors()[0]["msg"]


def test_a_place_is_written_as_rfc_6901_has_it() -> None:
    """Slashes and tildes of a key are escaped."""
    assert "/history/train~1loss~0x/3" == pointer(("history", "train/loss~x", 3))
    assert "" == pointer(())
