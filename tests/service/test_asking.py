import argparse
from pathlib import Path

import pytest

from diagnosis import diagnose
from diagnosis.across import Reports, compare
from diagnosis.report import Report
from diagnosis.run import Run
from diagnosis.synthetic import falling, run, turning
from service.asking import REFUSED, add_options, answer_to, exit_code, query_of, sentence
from service.question.parts import Part
from service.question.query import Query
from service.refusals import InvalidQuery, Refusal
from service.settings import Settings

HEALTHY = diagnose(Run(run(loss=falling(), val_loss=falling(floor=0.12, seed=5)).curves, name="a"))
WARNED = diagnose(Run(run(loss=falling(), val_loss=turning(at=20)).curves, name="b"))
SHORT = diagnose(Run(run(loss=falling(n=3)).curves, name="c"))


def arguments(*words: str) -> argparse.Namespace:
    """A command line."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.set_defaults(color=False)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("found", "level", "expected"),
    [
        (HEALTHY, "warning", 0),
        (WARNED, "info", 1),
        (WARNED, "warning", 1),
        (WARNED, "error", 0),
        (WARNED, "never", 0),
        (SHORT, "info", 2),
        (SHORT, "warning", 2),
        (SHORT, "never", 2),
        (compare([HEALTHY, WARNED]), "warning", 1),
        (compare([HEALTHY, SHORT]), "warning", 2),
        (compare([WARNED, SHORT]), "warning", 1),
        (compare([WARNED, SHORT]), "error", 2),
    ],
)
def test_the_exit_code_is_what_a_pipeline_needs(found: Report | Reports, level: str, expected: int) -> None:
    """0 fine, 1 found, 2 not judged; what is found goes first."""
    assert expected == exit_code(found, level)


def test_what_is_said_is_read_as_json_where_it_is_that() -> None:
    """Numbers, truth values and words, as one types them."""
    query = query_of(
        arguments(
            *("--context", "num_classes=10", "--context", "optimizer=adam", "--context", "shuffle=True"),
            *("--roles", "a=b=val_loss", "--ignore", "plateau"),
        ),
        {"finished": False, "optimizer": "sgd"},
    )

    assert {"finished": False, "optimizer": "adam", "num_classes": 10, "shuffle": True} == query.context
    assert ({"a=b": "val_loss"}, frozenset({"plateau"})) == (query.roles, query.ignore)


@pytest.mark.parametrize("words", [("--context", "num_classes"), ("--roles", "=val_loss")])
def test_what_is_no_pair_is_refused(words: tuple[str, str]) -> None:
    """With what came, and what was expected."""
    with pytest.raises(Refusal, match="expected KEY=VALUE"):
        query_of(arguments(*words))


def test_an_error_speaks_of_options_and_not_of_an_address() -> None:
    """What a request calls ?format= is --log-format here."""
    assert 'Say --log-format. Or --runs one, --width "6", and --ignore: none.' == sentence(
        InvalidQuery('Say ?format=. Or ?runs=one, ?width="6", and ?ignore=: none.')
    )


def test_of_several_files_the_one_that_cannot_be_read_is_named() -> None:
    """Not only what is wrong with it."""
    parts = [Part("file", b"epoch,loss\n0,1\n1,2\n", "good.csv"), Part("file", b"Dear doctor,", "bad.txt")]

    with pytest.raises(REFUSED) as refused:
        answer_to(parts, Query(), Settings())

    assert sentence(refused.value).startswith("bad.txt: No format is recognised")


def test_everything_a_question_can_be_refused_for_is_caught(tmp_path: Path) -> None:
    """A sentence, and no trace of Python."""
    for body in (
        b"",
        b"{",
        b'{"history": {}}',
        b'{"history": {"loss": ["x"]}}',
        b"PK\x03\x04",
        b"\x89PNG\r\n",
        b"\0" * 64,
    ):
        with pytest.raises(REFUSED) as refused:
            answer_to([Part("file", body, None)], Query(), Settings())
        assert sentence(refused.value)
