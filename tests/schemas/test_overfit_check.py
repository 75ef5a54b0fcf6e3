import json
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from diagnosis.errors import Malformed
from diagnosis.examining.check import check
from diagnosis.examining.examined import attempt, examined, stuck
from schemas.checked import to_json
from schemas.overfit_check import DEADLINE_S, DtypeName, LossName, OverfitCheckIn, config_of


def test_only_what_was_said_reaches_the_examination_as_said() -> None:
    """A learning rate that was chosen is told from a default."""
    assert "lr" not in config_of(b'{"loss": "mse"}', 30).to_config()
    assert 0.1 == config_of(b'{"loss": "mse", "lr": 0.1}', 30).to_config()["lr"]


def test_the_default_deadline_is_never_more_than_the_operator_allows() -> None:
    """Nor is one that was asked for."""
    assert DEADLINE_S == config_of(b'{"loss": "mse"}', 30).deadline_s
    assert 5 == config_of(b'{"loss": "mse"}', 5).deadline_s
    with pytest.raises(ValidationError) as caught:
        config_of(b'{"loss": "mse", "deadline_s": 6}', 5)
    assert ("config", "deadline_s") == caught.value.errors()[0]["loc"]


@pytest.mark.parametrize("text", [b"", b"{", b"{'loss': 1}", b"\xff"])
def test_a_config_that_is_no_json_is_malformed(text: bytes) -> None:
    """At its part."""
    with pytest.raises(Malformed) as caught:
        config_of(text, 30)
    assert "/config" == caught.value.pointer


@pytest.mark.parametrize("text", [b"[]", b"null", b'"mse"', b"3"])
def test_a_config_that_is_no_object_is_refused(text: bytes) -> None:
    """With what was expected."""
    with pytest.raises(ValidationError, match="Expected an object"):
        config_of(text, 30)


def test_whole_floats_and_the_names_of_torch_are_taken() -> None:
    """As programs write them."""
    said = b'{"loss": "mse", "steps": 50.0, "input_shapes": [[4.0, 3]], "input_dtypes": ["torch.float16"], "output": 1}'
    config = config_of(said, 30)

    assert (50, [[4, 3]], ["float16"], 1) == (config.steps, config.input_shapes, config.input_dtypes, config.output)


def test_the_examples_are_meant() -> None:
    """They stand in the contract."""
    for example in OverfitCheckIn.model_json_schema()["examples"]:
        config_of(json.dumps(example).encode(), 30)


def test_the_words_are_those_of_the_examination() -> None:
    """Which the wire may not import; it is only read here, for running it takes torch."""
    folder = Path(__file__).parents[2] / "service" / "examination"
    config, batches = ((folder / name).read_text(encoding="utf-8") for name in ("config.py", "batches.py"))

    assert all(f'"{word}"' in config for word in get_args(LossName))
    assert all(f'"{word}": torch.{word}' in batches for word in get_args(DtypeName))


def test_the_answer_is_strict_json() -> None:
    """Whatever a model gave."""
    never = attempt(1.0, final=None, stopped="non_finite")
    report = check(examined(attempts=[never, stuck()], used=1, levels={"initial": None, "target": None}))
    found = json.loads(to_json(report), parse_constant=pytest.fail)

    assert found["loss"]["initial"] is None
    assert found["learning_rate"]["tried"][0]["final"] is None


def test_the_curve_is_diagnosed_where_it_is_long_enough() -> None:
    """By the rules for curves, in a report of its own."""
    losses = [2.3 * 0.9**n for n in range(60)]
    long = check(examined(curve={"steps": list(range(60)), "loss": losses}))

    assert "loss" == json.loads(to_json(long))["diagnosis"]["curves"][0]["name"]
    assert json.loads(to_json(check(examined())))["diagnosis"] is None


def test_a_config_of_more_than_a_megabyte_is_refused() -> None:
    """It says how to train, and holds no data."""
    with pytest.raises(ValidationError, match="at most 1048576 bytes"):
        config_of(b'{"loss": "mse"}' + b" " * (1 << 20), 30)
