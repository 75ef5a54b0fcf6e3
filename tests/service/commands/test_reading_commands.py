import pytest
from flask.testing import FlaskClient

from diagnosis.reader import all_readers
from schemas.catalogue import all_conditions
from service.commands import main
from service.wording.columns import width


def test_a_condition_is_read_as_the_service_shows_it(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    """The page that a report points to."""
    response = client.get("/conditions/overfitting", headers={"Accept": "text/markdown"})

    assert 0 == main(["conditions", "overfitting"])
    assert response.text == capsys.readouterr().out


def test_every_condition_and_every_format_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each; the formats in the width of a terminal."""
    assert 0 == main(["conditions"])
    conditions = capsys.readouterr().out
    assert 0 == main(["formats"])
    formats = capsys.readouterr().out

    assert all(f"[{name}]" in conditions for name in all_conditions())
    assert {*all_readers(), "json"} <= set(formats.split())
    assert 80 >= max(width(line) for line in formats.splitlines())


def test_a_format_is_shown_with_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    """What a log of it looks like."""
    assert 0 == main(["formats", "keras_csv"])
    assert "    epoch,accuracy,loss,val_accuracy,val_loss\n" in capsys.readouterr().out


@pytest.mark.parametrize(("command", "meant"), [("conditions", "overfitting"), ("formats", "keras_csv")])
def test_a_misspelling_is_told_what_may_have_been_meant(
    command: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is no success."""
    assert 2 == main([command, meant[:-1]])
    assert f'Did you mean "{meant}"?' in capsys.readouterr().err
