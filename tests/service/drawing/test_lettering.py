import pytest

from service.drawing.lettering import cut, plain, shortened, width, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("val_loss", "val_loss"),
        ("  two\n lines\t ", "two lines"),
        ("损失/val", "\\u635f\\u5931/val"),
        ("が_loss", "\\u304c_loss"),
        ("👩‍👧 run", "\\U0001f469\\U0001f467 run"),
        ("a\x1b[31mb", "a�[31mb"),
        ("a\u202e\u2066b", "a�b"),
        ("$\\alpha$ <b>&", "$\\alpha$ <b>&"),
        ("Verlust ± Größe ελλ шум הפסד خسارة", "Verlust ± Größe ελλ шум הפסד خسارة"),
        ("", ""),
    ],
)
def test_a_text_is_written_in_letters_there_are(text: str, shown: str):
    """What the font lacks is written by its number, what steers is replaced, everything else stays."""
    assert shown == plain(text)


def test_names_that_the_font_lacks_are_told_apart():
    """Training and validation, in as many letters."""
    assert plain("训练损失") != plain("验证损失")


@pytest.mark.parametrize("text", ["训练损失", "🔥loss", "が_loss", "हिन्दी"])
def test_where_text_stays_text_its_letters_stay(text: str):
    """Whoever shows it has other fonts; room is kept for them."""
    assert text == plain(text, live=True)
    assert width(text, 10.0) >= 10.0
    assert "�b" == plain("\u202eb", live=True)


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
