from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from diagnosis.errors import ContradictoryRoles, InvalidRun, NoCurve
from diagnosis.reading.assemble import Log, Series
from schemas.limits import Limits
from schemas.question import Asked, Question, Said, is_canonical, question, read_document, share


def asked(document: dict[str, Any], said: Said | None = None) -> Question:
    """Read canonical JSON."""
    runs, many = read_document(document, Limits())
    return question(share(said or Said(), runs), many=many)


@pytest.mark.parametrize(
    ("document", "ours"),
    [
        ({"history": {"loss": [1]}}, True),
        ({"history": {"loss": [1]}, "context": {}, "roles": {}, "name": "a"}, True),
        ({"runs": [{"history": {}}], "context": {}}, True),
        ({"runs": []}, True),
        ({"history": [{"loss": 1}]}, False),
        ({"history": {"loss": [1]}, "params": {"epochs": 3}}, False),
        ({"runs": [{"info": {}, "data": {}}]}, False),
        ({"runs": [], "next_page_token": ""}, False),
        ({"loss": [1]}, False),
        ([1], False),
        (None, False),
    ],
)
def test_only_json_that_is_ours_beyond_doubt_is_canonical(document: object, ours: bool) -> None:  # noqa: FBT001
    """Other programs write `history` and `runs` too."""
    assert ours is is_canonical(document)


def test_what_is_said_for_all_runs_stands_where_a_run_says_nothing() -> None:
    """A run's own word goes first, fact by fact."""
    found = asked(
        {
            "runs": [{"history": {"a": [1]}}, {"history": {"loss": [1]}, "context": {"dropout": 0.5}}],
            "context": {"dropout": 0.1, "batch_size": 8},
            "roles": {"a": "val_loss"},
        }
    )

    assert [(0.1, 8), (0.5, 8)] == [(r.context.dropout, r.context.batch_size) for r in found.runs]
    assert ["val_loss", "train_loss"] == [r.curves[0].role for r in found.runs]


def test_what_is_said_in_the_document_goes_before_what_is_said_beside_it() -> None:
    """The address is for logs that cannot say it themselves."""
    beside = Said.of({"dropout": 0.1, "batch_size": 8}, {"a": "val_loss"})

    (run,) = asked({"history": {"a": [1]}, "context": {"dropout": 0.5}, "roles": {"a": "train_loss"}}, beside).runs

    assert (0.5, 8, "train_loss") == (run.context.dropout, run.context.batch_size, run.curves[0].role)


def test_an_unknown_fact_is_noted() -> None:
    """It is said, so that a misspelling is seen."""
    (run,) = asked({"history": {"loss": [1]}, "context": {"lerning_rate": 1}}).runs

    assert ("context.lerning_rate means nothing here and was not used",) == run.source.notes


def test_one_run_in_a_list_is_many() -> None:
    """Whoever asks with a list is answered with a list."""
    assert asked({"runs": [{"history": {"loss": [1]}}]}).many
    assert not asked({"history": {"loss": [1]}}).many


@pytest.mark.parametrize(
    ("document", "error", "place"),
    [
        ({"history": {}}, NoCurve, "/history"),
        ({"history": {"loss": []}}, NoCurve, "/history"),
        ({"runs": []}, NoCurve, "/runs"),
        ({"runs": [{"history": {"loss": [1]}}, {"history": {}}]}, NoCurve, "/runs/1/history"),
        ({"history": {"a": [1]}, "roles": {"b": "val_loss"}}, InvalidRun, "/roles/b"),
        (
            {"history": {"a": [1], "b": [1]}, "roles": {"a": "val_loss", "b": "val_loss"}},
            ContradictoryRoles,
            "/roles/b",
        ),
        ({"runs": [{"history": {"a": [1]}, "roles": {"b": "val_loss"}}]}, InvalidRun, "/runs/0/roles/b"),
        ({"runs": [{"history": {"a": [1]}}], "roles": {"x/y": "val_loss"}}, InvalidRun, "/roles/x~1y"),
    ],
)
def test_what_the_engine_refuses_has_its_place_in_the_document(
    document: dict[str, Any], error: type[NoCurve] | type[InvalidRun], place: str
) -> None:
    """A pointer that leads nowhere would help nobody."""
    with pytest.raises(error) as caught:
        asked(document)

    assert place == caught.value.pointer


def test_one_run_and_several_at_once_are_refused() -> None:
    """It would not be clear which is meant."""
    with pytest.raises(ValidationError) as caught:
        asked({"history": {"loss": [1]}, "runs": []})

    assert ("history",) == caught.value.errors()[0]["loc"]


def test_a_log_is_asked_about_like_a_document() -> None:
    """Context and roles apply to every format."""
    log = Log((Series("a", np.array([1.0])),), "csv")

    (run,) = question(share(Said.of({"dropout": 0.1}, {"a": "val_loss"}), [Asked(log)]), many=False).runs

    assert (0.1, "val_loss", "csv") == (run.context.dropout, run.curves[0].role, run.source.format)
