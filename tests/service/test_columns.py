import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.wording.columns import cut, hanging, harmless, padded, width, wrapped


def test_a_wide_character_takes_two_columns() -> None:
    """And a combining one none."""
    assert (2, 1, 3) == (width("損"), width("e\u0301"), width("abc"))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("😀", 2),
        ("❤\ufe0f", 2),
        ("\ufe0f", 0),
        ("한글", 4),
        ("\u1112\u1161\u11ab", 2),
        ("ﾊ", 1),
        ("\uff21", 2),
        ("é\u0301\u0302", 1),
        ("▁█×", 3),
    ],
)
def test_emoji_syllables_and_half_widths_are_counted_as_drawn(text: str, columns: int) -> None:
    """As UAX 11 and the terminals have it."""
    assert columns == width(text)


def test_what_steers_a_terminal_is_replaced() -> None:
    """Escapes, controls, marks of direction."""
    assert "a�[31mb�c�" == harmless("a\x1b[31mb\u202ec\x00")


@given(st.text())
@example("a\nb\r\nc\x0bd\x85e\u2028f")
def test_what_is_harmless_is_one_line(text: str) -> None:
    """A name cannot forge a line of its own in somebody's log."""
    assert len(harmless(text).splitlines()) <= 1


@given(st.text(), st.integers(1, 30))
def test_a_text_is_cut_to_its_columns(text: str, columns: int) -> None:
    """Never wider, and as it is where it fits."""
    text = harmless(text)

    assert columns >= width(cut(text, columns))
    assert columns == width(padded(text, columns))


@given(st.text(), st.integers(2, 30))
@example("ab\u0301c\u0301", 2)
@example("ab\u2764\ufe0f", 3)
def test_lines_are_never_wider_than_asked(text: str, columns: int) -> None:
    """Long words are broken."""
    text = harmless(text)
    lines = list(wrapped(text, columns))

    assert all(width(line) <= columns for line in lines)
    assert "".join(text.split()) == "".join("".join(lines).split())


def test_lines_hang_under_their_lead() -> None:
    """What follows stands below what was said first."""
    assert ["lead one", "     two"] == list(hanging("lead ", "one two", 9))
