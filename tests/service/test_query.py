import pytest

from service.query import Query, parsed, said
from service.refusals import InvalidQuery


def test_nothing_asked_is_the_default() -> None:
    """An address without parameters."""
    assert Query() == Query.of({})


def test_every_parameter_is_read() -> None:
    """Empty names of conditions are passed over."""
    found = Query.of(
        {
            "context": '{"dropout": 0.1}',
            "roles": '{"a": "val_loss"}',
            "filename": "metrics.csv",
            "format": "keras_csv",
            "runs": "each",
            "curves": "full",
            "ignore": "plateau, ,overfitting,",
            "summary": "1",
            "color": "0",
        }
    )

    expected = Query(
        context={"dropout": 0.1},
        roles={"a": "val_loss"},
        filename="metrics.csv",
        format="keras_csv",
        runs="each",
        full=True,
        ignore=frozenset({"plateau", "overfitting"}),
        summary=True,
        color=False,
    )
    assert expected == found


def test_an_unknown_condition_is_refused_with_what_may_have_been_meant() -> None:
    """A misspelling must not let a condition through that was to be left out."""
    with pytest.raises(InvalidQuery, match='Did you mean "overfitting"'):
        Query.of({"ignore": "overfiting"})


def test_an_unknown_parameter_is_refused_with_what_may_have_been_meant() -> None:
    """Likewise."""
    with pytest.raises(InvalidQuery, match='Did you mean "ignore"'):
        Query.of({"ingore": "plateau"})


def test_a_switch_is_1_or_0() -> None:
    """Anything else may have been meant either way."""
    with pytest.raises(InvalidQuery, match="expected one of 0, 1"):
        Query.of({"summary": "yes"})


@pytest.mark.parametrize("text", [None, "", "  "])
def test_nothing_written_is_nothing_said(text: str | None) -> None:
    """A form sends its empty fields too."""
    assert parsed("?context=", text) is None


def test_a_part_goes_before_the_address() -> None:
    """Fact by fact."""
    query = Query(context={"dropout": 0.1, "batch_size": 8}, roles={"a": "val_loss"})

    found = said(query, {"dropout": 0.5}, {"a": "train_loss"})

    assert (0.5, 8, {"a": "train_loss"}) == (found.context.dropout, found.context.batch_size, found.roles)
