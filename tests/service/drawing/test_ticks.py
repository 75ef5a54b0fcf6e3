import pytest

from service.chart.shapes import Panel
from service.drawing.ticks import beside, linear, logarithmic, number, position


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 2.4, ["0", "0.5", "1", "1.5", "2"]),
        (0.7512, 0.7581, ["0.752", "0.754", "0.756", "0.758"]),
        (1_000_000.0, 1_000_002.4, ["1000000", "1000000.5", "1000001", "1000001.5", "1000002"]),
        (-1e99, 1e99, ["-1e99", "-5e98", "0", "5e98", "1e99"]),
        (0.0, 3e-7, ["0", "1e-7", "2e-7", "3e-7"]),
    ],
)
def test_values_are_round_and_told_apart(low: float, high: float, words: list[str]):
    """By no more digits than they need."""
    assert words == linear(low, high, 5)[1]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.04, 2.0, ["0.05", "0.1", "0.2", "0.5", "1", "2"]),
        (0.02, 300.0, ["0.1", "1", "10", "100"]),
        (1e-9, 2.0, ["1e-8", "1e-6", "0.0001", "0.01", "1"]),
    ],
)
def test_a_logarithmic_scale_is_marked_at_powers_of_ten(low: float, high: float, words: list[str]):
    """With twos and fives between them where they are few."""
    assert set(words) <= set(logarithmic(low, high, 6)[1])
    assert len(logarithmic(low, high, 6)[1]) <= 6


@pytest.mark.parametrize("span", [(1e-300, 1e100), (1e-300, 1e-299), (1e99, 1.1e99), (1.0, 1.0001)])
def test_no_span_has_more_marks_than_have_room(span: tuple[float, float]):
    """From the smallest number to the largest."""
    assert len(logarithmic(*span, 6)[0]) <= 6


def test_positions_are_whole_where_two_of_them_are_seen():
    """Fractions of an epoch are marked only within one."""
    assert ["0", "1", "2"] == linear(-0.02, 2.02, 8, whole=True)[1]
    assert ["0.2", "0.4", "0.6", "0.8"] == linear(0.15, 0.85, 4, whole=True)[1]


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("nan"), "NaN"), (float("inf"), "∞"), (-float("inf"), "−∞"), (1e200, "1e200"), (0.5, "0.5")],
)
def test_what_is_no_number_is_called_so(value: float, words: str):
    """Infinity is not NaN, and a number beyond all others is still one."""
    assert words == beside(value, Panel("loss", (), (), log=False, low=0.0, high=1.0))


def test_positions_are_counted_in_thousands():
    """From ten thousand on."""
    assert ["0", "9999", "10k", "12.5k", "1.5M", "2G"] == [
        position(at) for at in (0.0, 9999.0, 1e4, 12_500.0, 1.5e6, 2e9)
    ]


@pytest.mark.parametrize(("low", "high"), [(1e15, 1e15 + 100), (9e14, 2e15), (12_340, 12_350), (1e6, 1e6 + 10)])
def test_positions_far_out_are_told_apart(low: float, high: float):
    """However many digits that takes."""
    _, words = linear(low, high, 5, whole=True)

    assert len(set(words)) == len(words)
    assert not any("e+" in word for word in words)
    assert "1e15" == position(1e15)


def test_a_number_has_no_digits_that_say_nothing():
    """Zero is zero, and a half a half."""
    assert ["0", "0.5", "120", "1.5e-7", "1e308"] == [
        number(value, step) for value, step in ((0.0, 1.0), (0.5, 0.1), (120.0, 20.0), (1.5e-7, 1e-8), (1e308, 1e307))
    ]
