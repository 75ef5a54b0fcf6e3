import pytest

from service.drawing.lettering import cut, plain, shortened, width, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("val_loss", "val_loss"),
        ("  two\n lines\t ", "two lines"),
        ("损失/val", "??/val"),
        ("が_loss", "?_loss"),
        ("👩‍👩‍👧 run", "??? run"),
        ("a\x1b[31mb", "a�[31mb"),
        ("a\u202e\u2066b", "a�b"),
        ("$\\alpha$ <b>&", "$\\alpha$ <b>&"),
        ("Verlust ± Größe ελλ шум הפסד خسارة", "Verlust ± Größe ελλ шум הפסד خسارة"),
        ("", ""),
    ],
)
def test_a_text_is_written_in_letters_there_are(text: str, shown: str):
    """What the font lacks is a question mark, what steers is replaced, everything else stays."""
    assert shown == plain(text)


def test_a_text_is_as_wide_as_it_is_cut():
    """Never wider than its room, and left alone where it fits."""
    text = "validation_better_than_training"

    assert text == cut(text, 15.0, 1000.0)
    assert width(cut(text, 15.0, 120.0), 15.0) <= 120.0
    assert cut(text, 15.0, 120.0).endswith("…")


def test_a_name_keeps_its_end():
    """`train/…/loss` and `train/…/accuracy` are not the same."""
    found = shortened("metrics/a_very_long_group_of_things/val_loss", 15.0, 150.0)

    assert found.startswith("metrics")
    assert found.endswith("_loss")
    assert width(found, 15.0, bold=True) <= 150.0


def test_lines_are_broken_between_words_and_the_rest_is_cut():
    """A headline has two."""
    text = "Overfitting since epoch 13: val_loss gave back 17 % of its progress while loss kept falling."

    assert [text] == wrapped(text, 15.0, 2000.0, 2)
    assert text == " ".join(wrapped(text, 15.0, 400.0, 3))
    assert 2 == len(wrapped(text, 15.0, 200.0, 2))
    assert wrapped(text, 15.0, 200.0, 2)[-1].endswith("…")
    assert all(width(line, 15.0) <= 200.0 for line in wrapped("W" * 300, 15.0, 200.0, 2))
