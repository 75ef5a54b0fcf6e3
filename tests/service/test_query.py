import pytest

from diagnosis.errors import Malformed
from service.chart.canvas import Canvas
from service.question.query import Query, parsed, said
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
            "width": "640",
            "height": "360",
            "theme": "dark",
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
        canvas=Canvas(640, 360, "dark"),
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


def test_conditions_that_are_said_one_by_one_add_up() -> None:
    """As a form sends what was ticked."""
    found = Query.of_address([("ignore", "plateau,overfitting"), ("runs", "each"), ("ignore", "loss_spike")])

    assert Query(ignore=frozenset({"plateau", "overfitting", "loss_spike"}), runs="each") == found


@pytest.mark.parametrize("name", ["curves", "summary", "context", "format"])
def test_what_can_be_said_once_is_refused_twice(name: str) -> None:
    """Nobody knows which is meant."""
    with pytest.raises(InvalidQuery, match=rf"\?{name}= stands in the address several times; expected once"):
        Query.of_address([(name, "1"), (name, "0")])


def test_a_switch_is_1_or_0() -> None:
    """Anything else may have been meant either way."""
    with pytest.raises(InvalidQuery, match='expected "0" or "1"'):
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


@pytest.mark.parametrize("size", ["299", "2001", "-400", "4e2", "400.5", "", "٤٠٠", "9" * 5000, "wide"])
def test_a_size_that_cannot_be_drawn_is_refused_with_its_bounds(size: str) -> None:
    """A picture of a million columns would be the end of the process, one of ten no picture."""
    with pytest.raises(InvalidQuery, match="expected a whole number of pixels from 300 to 2000"):
        Query.of({"width": size})


def test_an_unknown_theme_is_refused_with_those_there_are() -> None:
    """As any word of a list."""
    with pytest.raises(InvalidQuery, match='expected "light" or "dark"'):
        Query.of({"theme": "sepia"})


@pytest.mark.parametrize(
    ("name", "words"), [("runs", '"one" or "each"'), ("curves", '"full" or "summary"'), ("color", '"0" or "1"')]
)
def test_the_words_that_are_expected_are_quoted(name: str, words: str) -> None:
    """Of runs one is the word "one", which is not read as a number of them."""
    with pytest.raises(InvalidQuery, match=f'^[?]{name}="foo": expected {words}[.]$'):
        Query.of({name: "foo"})


def test_what_is_said_beside_a_log_is_no_log() -> None:
    """A megabyte is more than anybody has to say."""
    with pytest.raises(InvalidQuery, match="The part context has 1048590 bytes"):
        parsed("The part context", b'{"dropout": 0}' + b" " * (1 << 20))


@pytest.mark.parametrize(
    ("context", "roles", "place"),
    [({"num_classes": "x"}, None, "/context/num_classes"), (None, {"loss": 5}, "/roles/loss")],
)
def test_what_is_wrong_beside_a_log_is_said_with_its_place(
    context: dict[str, object] | None, roles: dict[str, object] | None, place: str
) -> None:
    """As in a document of which they are members."""
    with pytest.raises(InvalidQuery) as refused:
        said(Query(), context, roles)

    assert place == refused.value.pointer


@pytest.mark.parametrize(("what", "like"), [("?context=", "num_classes"), ("The part roles", "val_loss")])
@pytest.mark.parametrize(("text", "refusal"), [("num_classes:2", Malformed), ("[1]", InvalidQuery)])
def test_what_is_no_object_is_refused_with_one_that_would_be(
    what: str, like: str, text: str, refusal: type[Exception]
) -> None:
    """`num_classes:2` is what people try first."""
    with pytest.raises(refusal, match=like):
        parsed(what, text)
