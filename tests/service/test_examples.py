"""The logs that the page offers: each shows what its name promises, and says where it comes from."""

import re

import pytest
from flask.testing import FlaskClient

from service.pages.assets import FOLDER, all_assets
from service.pages.examples import all_examples

SHOWN = {
    "all-is-well": ("healthy", "plateau"),
    "diverging": ("failing", "divergence"),
    "five-folds": ("failing", "unstable_across_runs"),
    "loss-turns-NaN": ("failing", "non_finite"),
    "never-learns": ("failing", "not_learning"),
    "one-bad-batch": ("attention", "loss_spike"),
    "overfitting": ("attention", "overfitting"),
    "stopped-too-early": ("attention", "undertrained"),
    "unshuffled-data": ("attention", "periodic_pattern"),
    "wild-swings": ("attention", "oscillation"),
}


def test_every_example_is_tried() -> None:
    """One that is added needs an entry above."""
    assert set(SHOWN) == {example.name for example in all_examples()}


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_what_its_name_promises(client: FlaskClient, name: str) -> None:
    """First and foremost."""
    example = next(example for example in all_examples() if example.name == name)
    answer = client.post("/diagnose", data=all_assets()[example.file].body).get_json()

    first = answer.get("across", answer)["findings"][0]
    assert SHOWN[name] == (answer["status"], first["condition"])


def test_every_example_says_where_it_comes_from() -> None:
    """And that it was really trained."""
    listed = re.findall(r"`([\w-]+\.\w+)`", (FOLDER / "examples/SOURCE.md").read_text(encoding="utf-8"))

    assert {example.file.removeprefix("examples/") for example in all_examples()} <= set(listed)


def test_every_example_is_drawn_within_its_frame() -> None:
    """Both losses of a run, or one line for each of several."""
    for example in all_examples():
        points = [tuple(map(float, point.split(","))) for line in example.lines for point in line.points.split()]
        assert len(example.lines) == (5 if example.name == "five-folds" else 2)
        assert all(0 <= x <= 120 and 0 <= y <= 44 for x, y in points), example.name
