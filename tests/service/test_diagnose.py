import gzip
import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from diagnosis import rule
from diagnosis.synthetic import falling, turning
from schemas.limits import Limits
from service import create_app
from service.settings import Settings

HISTORY = {"loss": falling().round(4).tolist(), "val_loss": turning(at=20).round(4).tolist()}
QUESTION = json.dumps({"history": HISTORY}).encode()
CSV = "epoch,loss,val_loss\n" + "".join(
    f"{epoch},{loss},{val}\n" for epoch, (loss, val) in enumerate(zip(*HISTORY.values(), strict=True))
)
PROBLEM = "application/problem+json"


def problem(response: TestResponse) -> tuple[int, str]:
    """Give the status and the kind of a problem, which must be one in every respect."""
    found = response.get_json()
    assert response.content_type == PROBLEM
    assert response.status_code == found["status"]
    assert response.headers["X-Request-ID"] == found["request_id"]
    assert found["title"]
    assert found["detail"]
    return found["status"], found["type"].rpartition("/")[2]


def files(*logs: tuple[str, str], **parts: str) -> dict[str, Any]:
    """A multipart body of logs with their file names, and of other parts."""
    return {"file": [(BytesIO(text.encode()), name) for name, text in logs], **parts}


def test_json_is_diagnosed(client: FlaskClient) -> None:
    """The main job: curves in, a finding out, and the status in a header too."""
    response = client.post("/diagnose", data=QUESTION)

    found = response.get_json()
    assert (200, "application/json") == (response.status_code, response.content_type)
    assert ("attention", "attention") == (found["status"], response.headers["Diagnosis-Status"])
    assert {"action": "stop", "restore": {"axis": "epoch", "at": 20}, "because": ["overfitting"]} == found["decision"]


def test_a_log_as_it_is_gets_the_same_findings(client: FlaskClient) -> None:
    """The format is the reader's business alone."""
    ours, theirs = (client.post("/diagnose", data=body).get_json() for body in (QUESTION, CSV))

    assert ours["findings"] == theirs["findings"]
    assert ("json", "keras_csv") == (ours["source"]["format"], theirs["source"]["format"])


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/csv", "image/png", "application/json", "nonsense", ""]
)
@pytest.mark.parametrize("body", [QUESTION, CSV.encode()], ids=["json", "csv"])
def test_the_content_type_is_only_a_hint(client: FlaskClient, content_type: str, body: bytes) -> None:
    """`curl --data-binary` says that it sends a form; the bytes decide."""
    assert 200 == client.post("/diagnose", data=body, content_type=content_type).status_code


@pytest.mark.parametrize("text", ["```json\n{}\n```\n", "my runs\n{}\nwhy?", "{}\nwhy?"])
def test_our_own_json_is_read_out_of_what_stands_around_it(client: FlaskClient, text: str) -> None:
    """With its runs, and what it says of them."""
    runs = json.dumps({"runs": [{"name": "a", "history": HISTORY}, {"name": "b", "history": HISTORY}]})

    pasted = client.post("/diagnose", data=text.replace("{}", runs)).get_json()

    assert client.post("/diagnose", data=runs).get_json()["id"] == pasted["id"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_json_in_another_encoding_is_read(client: FlaskClient, encoding: str) -> None:
    """Some shells write UTF-16, with a mark or without."""
    assert 200 == client.post("/diagnose", data=QUESTION.decode().encode(encoding)).status_code


@pytest.mark.parametrize("before", ["\ufeff\ufeff", "\n\ufeff", "\ufeff \ufeff\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("query", [{}, {"format": "json"}])
def test_json_is_read_behind_any_number_of_byte_order_marks(
    client: FlaskClient, before: str, encoding: str, query: dict[str, str]
) -> None:
    """It is the same question, whoever added them."""
    body = (before + QUESTION.decode()).encode(encoding)

    marked, plain = (client.post("/diagnose", data=data, query_string=query) for data in (body, QUESTION))

    assert (200, plain.data) == (marked.status_code, marked.data)


@pytest.mark.parametrize("query", [{}, {"format": "json"}])
@pytest.mark.parametrize(
    ("label", "says"),
    [
        (b"caf\xe9", "not UTF-8: byte 65, counted from 0, is 0xE9"),
        (b"\\ud800", "half a character"),
        (b'", "b": ' + b"[" * 300 + b"]" * 300 + b', "c": "', "Recursion limit exceeded"),
    ],
    ids=["latin-1", "a lone surrogate", "nested"],
)
def test_json_that_cannot_be_read_is_told_why(
    client: FlaskClient, query: dict[str, str], label: bytes, says: str
) -> None:
    """Each for its own reason; none is taken for another."""
    body = b'{"history": {"loss": [3, 2, 1]}, "context": {"labels": {"a": "' + label + b'"}}}'
    response = client.post("/diagnose", data=body, query_string=query)

    assert (400, "malformed") == (response.status_code, response.get_json()["type"].rpartition("/")[2])
    assert says in response.get_json()["detail"]


def test_bare_nan_is_data_and_null_is_missing(client: FlaskClient) -> None:
    """The two are never merged."""
    found = client.post("/diagnose", data=b'{"history": {"a_loss": [3, NaN], "loss": [3, null]}}').get_json()

    assert {"a_loss": (2, None), "loss": (1, 3.0)} == {c["name"]: (c["n"], c["last"]) for c in found["curves"]}


def test_the_same_question_has_the_same_id(client: FlaskClient) -> None:
    """Spaces, compression and the order of keys are not the question."""
    other = json.dumps({"context": {}, "history": dict(reversed(HISTORY.items()))}, indent=1).encode()
    asked = [
        client.post("/diagnose", data=QUESTION),
        client.post("/diagnose", data=other),
        client.post("/diagnose", data=gzip.compress(other), headers={"Content-Encoding": "gzip"}),
    ]

    assert 1 == len({response.get_json()["id"] for response in asked})
    assert asked[0].data == client.post("/diagnose", data=QUESTION).data


def test_another_question_has_another_id(client: FlaskClient) -> None:
    """What is left out is part of the question."""
    ids = {client.post(path, data=QUESTION).get_json()["id"] for path in ("/diagnose", "/diagnose?ignore=plateau")}

    assert 2 == len(ids)


def test_conditions_are_left_out_as_asked(client: FlaskClient) -> None:
    """They are listed as skipped, so that nobody takes them for clear."""
    found = client.post("/diagnose?ignore=overfitting,plateau&ignore=oscillation", data=QUESTION).get_json()

    assert {"overfitting", "plateau", "oscillation"} <= found["outcomes"]["skipped"].keys()
    assert "overfitting" not in [f["condition"] for f in found["findings"]]


def test_curves_come_in_full_as_asked(client: FlaskClient) -> None:
    """Values and the smoothed form, for whoever draws them."""
    found = client.post("/diagnose?curves=full", data=QUESTION).get_json()

    assert HISTORY["loss"] == found["curves"][0]["values"]
    assert 60 == len(found["curves"][0]["smoothed"])


def test_context_in_the_address_reaches_the_advice(client: FlaskClient) -> None:
    """A log that says nothing of its learning rate can still be told."""
    context = json.dumps({"learning_rate": 0.1, "labels": {"commit": "abc"}, "gpu": 1})

    found = client.post("/diagnose", data=CSV, query_string={"context": context}).get_json()

    assert {"commit": "abc"} == found["labels"]
    assert "context.gpu means nothing here and was not used" in found["source"]["notes"]


@pytest.mark.parametrize(
    ("address", "own", "notes"),
    [
        ({"dropout": 0.1}, {"dropout": 0.5}, ["context.dropout: said in the log too,"]),
        ({"dropout": 0.5, "batch_size": 8}, {"dropout": 0.5, "task": "regression"}, []),
        ({"gpu": 1}, {"gpu": 2}, ["context.gpu means nothing here and was"]),
        ({"dropout": None}, {"dropout": 0.5}, []),
        ({"dropout": 0.5}, {"dropout": None}, []),
    ],
    ids=["otherwise", "alike", "unknown", "not said", "not said in the log"],
)
def test_a_fact_that_does_not_stand_is_noted(
    client: FlaskClient, address: dict[str, Any], own: dict[str, Any], notes: list[str]
) -> None:
    """What the log says of itself is used; a slip in either place shows."""
    query = {"context": json.dumps(address)}

    one = client.post("/diagnose", json={"history": HISTORY, "context": own}, query_string=query).get_json()
    many = client.post(
        "/diagnose", json={"runs": [{"history": HISTORY, "context": own}]}, query_string=query
    ).get_json()

    for found in (one, *many["runs"]):
        assert notes == [" ".join(note.split()[:6]) for note in found["source"]["notes"]]


def test_a_part_that_overrules_the_address_is_noted(client: FlaskClient) -> None:
    """Fact by fact; what only one of them says is no matter."""
    said = {"context": '{"dropout": 0.1, "batch_size": 8}', "roles": '{"loss": "val_loss"}'}
    data = files(
        ("a.csv", CSV.replace("val_loss", "other")), context='{"dropout": 0.5}', roles='{"loss": "train_loss"}'
    )

    found = client.post("/diagnose", data=data, query_string=said).get_json()

    assert found["source"]["notes"][:1] == [
        "context.dropout, roles.loss: said in the address and in a part, and differently; what the part says is used"
    ]


def test_roles_in_the_address_overrule_the_names(client: FlaskClient) -> None:
    """A name that tells nothing can be explained."""
    table = CSV.replace("val_loss", "holdout_objective_x")

    found = client.post(
        "/diagnose", data=table, query_string={"roles": '{"holdout_objective_x": "val_loss"}'}
    ).get_json()

    assert "val_loss" == found["source"]["mapping"]["holdout_objective_x"]


def test_a_multipart_file_is_read_with_its_parts(client: FlaskClient) -> None:
    """What a form sends."""
    data = files(("metrics.csv", CSV), context='{"labels": {"a": 1}}', roles='{"loss": "train_loss"}')

    found = client.post("/diagnose", data=data).get_json()

    assert ("keras_csv", {"a": 1}) == (found["source"]["format"], found["labels"])


def test_a_multipart_file_may_be_canonical_json(client: FlaskClient) -> None:
    """The bytes decide here too."""
    assert "json" == client.post("/diagnose", data=files(("a.json", QUESTION.decode()))).get_json()["source"]["format"]


def test_a_multipart_body_may_be_compressed(client: FlaskClient) -> None:
    """Compression is of the transport."""
    body = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + CSV.encode() + b"\r\n--x--\r\n"

    response = client.post(
        "/diagnose",
        data=gzip.compress(body),
        headers={"Content-Encoding": "gzip", "Content-Type": "multipart/form-data; boundary=x"},
    )

    assert 200 == response.status_code


def test_folds_are_a_run_each(client: FlaskClient) -> None:
    """Files that log the same are several runs, called after their files."""
    found = client.post("/diagnose", data=files(("fold-1.csv", CSV), ("fold-2.csv", CSV))).get_json()

    assert ["fold-1", "fold-2"] == [r["name"] for r in found["runs"]]
    assert "?runs=one" in found["runs"][0]["source"]["notes"][0]


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("", "The document is empty."),
        ("\x89PNG\r\n\x1a\n", "This is a PNG image"),
        ('{"history": {"loss": [1,', "It starts like JSON and is not."),
        ('{"history": {"loss": [1, true]}}', "/history/loss/1: Expected a number"),
        ("PK\x03\x04", "This is a ZIP archive"),
    ],
    ids=["empty", "picture", "broken", "no number", "archive"],
)
@pytest.mark.parametrize(
    ("name", "called"),
    [("fold-2.csv", "fold-2.csv"), (None, "file 2"), ("a\x1b" + 200 * "b" + ".csv", "…" + 95 * "b" + ".csv")],
    ids=["named", "nameless", "hostile"],
)
def test_of_several_files_the_one_that_is_refused_is_named(
    client: FlaskClient, log: str, says: str, name: str | None, called: str
) -> None:
    """Of sixty-four folds nobody tries each alone; its name is a stranger's word, and kept short."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"'
    second = head + (f'; filename="{name}"' if name else "").encode() + b"\r\n\r\n" + log.encode("latin-1")
    body = head + b'; filename="fold-1.csv"\r\n\r\n' + CSV.encode() + b"\r\n" + second + b"\r\n--x--\r\n"

    found = client.post("/diagnose", data=body, content_type="multipart/form-data; boundary=x")
    alone = client.post("/diagnose", data=log.encode("latin-1"))

    assert problem(alone) == problem(found)
    assert found.get_json()["detail"].startswith(f"{called}: {says}")
    assert alone.get_json()["detail"].startswith(says)


def test_of_several_runs_the_one_without_a_curve_is_named(client: FlaskClient) -> None:
    """By the file it came from, or by its own name."""
    empty = '{"history": {"loss": [null]}}'
    asked = [
        client.post("/diagnose", data=files(("fold-1.csv", CSV), ("fold-2.json", empty))),
        client.post(
            "/diagnose", json={"runs": [{"history": HISTORY}, {"name": "fold-2", "history": {"loss": [None]}}]}
        ),
    ]

    assert ["fold-2: No curve was found"] * 2 == [found.get_json()["detail"][:26] for found in asked]


def test_runs_in_json_are_answered_as_many_even_if_one(client: FlaskClient) -> None:
    """Whoever asks with a list is answered with a list."""
    response = client.post("/diagnose", json={"runs": [{"name": "seed-7", "history": HISTORY}]})

    found = response.get_json()
    assert ["seed-7"] == [r["name"] for r in found["runs"]]
    assert found["status"] == response.headers["Diagnosis-Status"] == "attention"


@pytest.mark.parametrize("body", [QUESTION, CSV.encode()], ids=["json", "csv"])
def test_one_run_is_answered_as_many_where_asked(client: FlaskClient, body: bytes) -> None:
    """`?runs=each` gives a program one shape to read, in which every run has a name."""
    found = client.post("/diagnose?runs=each", data=body).get_json()
    assert ["run-1"] == [run["name"] for run in found["runs"]]
    assert "None" not in found["headline"]
    assert "runs" not in client.post("/diagnose?runs=one", data=body).get_json()


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/markdown"])
def test_a_class_that_is_ignored_is_named_in_every_representation(client: FlaskClient, accept: str) -> None:
    """From counts; what was made of them is shown as curves."""
    counts = {"val_tp": [0] * 20, "val_fp": [0] * 20, "val_tn": [950] * 20, "val_fn": [50] * 20}
    body = json.dumps({"history": {"loss": [1 / (i + 1) for i in range(20)], **counts}})

    answer = client.post("/diagnose", data=body, headers={"Accept": accept})

    assert 200 == answer.status_code
    assert "class_imbalance" in answer.get_data(as_text=True)
    assert "the base rate" in answer.get_data(as_text=True)  # the threshold that costs no training comes first
    if accept == "application/json":
        derived = {
            curve["name"]: curve for curve in answer.get_json()["curves"] if curve["name"].startswith("derived/")
        }
        assert {"val_metric"} == {curve["role"] for curve in derived.values()}
        assert 0 == derived["derived/val_recall"]["last"]


def test_links_are_absolute_where_the_address_is_known() -> None:
    """`PUBLIC_URL` is for chat bots."""
    client = create_app(Settings(public_url="https://doctor.example")).test_client()

    found = client.post("/diagnose", data=QUESTION).get_json()
    refused = client.post("/diagnose", data=b"{").get_json()

    assert "https://doctor.example/formats" in client.get("/").get_json()["addresses"]
    assert "https://doctor.example/conditions/overfitting" == found["findings"][0]["page"]
    assert "https://doctor.example/problems/malformed" == refused["type"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (422, "no-curve")),
        (b"  \n ", (422, "no-curve")),
        (b"\xef\xbb\xbf", (422, "no-curve")),
        (b"\xff\xfe\n\0", (422, "no-curve")),
        (b"name,city\nbob,paris\nann,rome\n", (422, "no-curve")),
        (b"a,b,\n1,2,\n3,4,\n", (422, "no-curve")),
        (b"a,b\n", (422, "no-curve")),
        (b"import os, sys\nprint(a, b)\n", (415, "unrecognised-format")),
        (b"Dear all, this\nis text, ok\nthe end, bye\n", (415, "unrecognised-format")),
        (b"Traceback (most recent call last), x\n File, y\n", (415, "unrecognised-format")),
        (b"{}", (422, "no-curve")),
        (b"[]", (422, "no-curve")),
        (b'{"history": {}}', (422, "no-curve")),
        (b'{"history": {"loss": []}}', (422, "no-curve")),
        (b'{"history": {"loss": [null, null]}}', (422, "no-curve")),
        (b'{"runs": []}', (422, "no-curve")),
        (b'{"history": {"loss": [1, 2', (400, "malformed")),
        (b'{"history": {"loss": [1, 2]}} trailing', (400, "malformed")),
        (b"[" * 100_000, (400, "malformed")),
        (b'{"history": {"loss": [1, true]}}', (422, "invalid")),
        (b'{"history": {"loss": [1, "2.5"]}}', (422, "invalid")),
        (b'{"history": 3}', (422, "invalid")),
        (b'{"history": {"loss": [3, 2, 1], "loss": [2, 1, 1]}}', (422, "invalid")),
        (b'{"history": null}', (422, "invalid")),
        (b'{"history": {"loss": [1]}, "contxt": {}}', (422, "invalid")),
        (b'{"history": {"loss": [1]}, "context": {"num_classes": "ten"}}', (422, "invalid")),
        (b'{"history": {"loss": [1]}, "roles": {"lss": "val_loss"}}', (422, "invalid")),
        (b'{"history": {"loss": [1]}, "runs": []}', (422, "invalid")),
        (b'{"runs": 3}', (422, "invalid")),
        (
            b'{"history": {"a": [1], "b": [1]}, "roles": {"a": "val_loss", "b": "val_loss"}}',
            (422, "contradictory-roles"),
        ),
        (b'{"history": {"a": [1], "b": [1]}, "roles": {"a": "tp", "b": "tp"}}', (422, "contradictory-roles")),
        (
            b'{"history": {"a": {"values": [1], "direction": "min"}}, "roles": {"a": "tp"}}',
            (422, "contradictory-roles"),
        ),
        (b"Dear doctor, my model feels unwell.", (415, "unrecognised-format")),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), (415, "unrecognised-format")),
        (b"\x80\x04\x95" + bytes(range(100)), (415, "unrecognised-format")),
        (b'{"hello": "world"}', (415, "unrecognised-format")),
    ],
)
def test_what_cannot_be_diagnosed_gets_a_problem(client: FlaskClient, body: bytes, expected: tuple[int, str]) -> None:
    """The kind tells a program what to do, the sentence a person."""
    assert expected == problem(client.post("/diagnose", data=body))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ignore=bad_luck", (422, "invalid")),
        ("curves=some", (422, "invalid")),
        ("runs=two", (422, "invalid")),
        ("curves=full&curves=summary", (422, "invalid")),
        ("ingore=plateau", (422, "invalid")),
        ("context={", (400, "malformed")),
        ("context=[]", (422, "invalid")),
        ("context={%22dropout%22:7}", (422, "invalid")),
        ("roles={%22loss%22:%22banana%22}", (422, "invalid")),
        ("roles={%22lss%22:%22val_loss%22}", (422, "invalid")),
        ("format=papyrus", (422, "invalid")),
        ("filename=" + "x" * 300, (422, "invalid")),
    ],
)
def test_a_parameter_that_cannot_be_meant_gets_a_problem(
    client: FlaskClient, query: str, expected: tuple[int, str]
) -> None:
    """A parameter that would be ignored in silence is worse than an error."""
    assert expected == problem(client.post(f"/diagnose?{query}", data=CSV))


def test_a_format_may_be_named(client: FlaskClient) -> None:
    """Where the content could be several, and for our own JSON too."""
    assert 200 == client.post("/diagnose?format=keras_csv", data=CSV).status_code
    assert 200 == client.post("/diagnose?format=json", data=QUESTION).status_code


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CSV.encode(), (400, "malformed")),
        (b"{", (400, "malformed")),
        (b"[1]", (400, "malformed")),
        (b"{}", (422, "invalid")),
    ],
)
def test_what_is_said_to_be_json_and_is_not_ours_gets_a_problem(
    client: FlaskClient, body: bytes, expected: tuple[int, str]
) -> None:
    """Naming the format leaves no way out."""
    assert expected == problem(client.post("/diagnose?format=json", data=body))


def test_several_runs_cannot_be_one(client: FlaskClient) -> None:
    """The body and the address contradict each other."""
    body = json.dumps({"runs": [{"history": HISTORY}]})

    assert (422, "invalid") == problem(client.post("/diagnose?runs=one", data=body))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, (422, "invalid")),
        ({"context": "{}"}, (422, "invalid")),
        ({"metrics": (BytesIO(b"x"), "x.csv")}, (422, "invalid")),
        (files(("a.csv", CSV), context="{"), (400, "malformed")),
        (files(("a.csv", CSV), context='{"dropout": 2}'), (422, "invalid")),
        ({**files(("a.csv", CSV)), "context": ["{}", "{}"]}, (422, "invalid")),
        (files(("a.csv", "")), (422, "no-curve")),
        (files(("a.csv", CSV), ("b.png", "not a log")), (415, "unrecognised-format")),
    ],
)
def test_a_form_that_cannot_be_meant_gets_a_problem(
    client: FlaskClient, data: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Every way to get a form wrong is told."""
    response = client.post("/diagnose", data=data, content_type="multipart/form-data")

    assert expected == problem(response)


def test_a_form_without_a_boundary_gets_a_problem(client: FlaskClient) -> None:
    """It cannot be taken apart."""
    response = client.post("/diagnose", data=b"x", content_type="multipart/form-data")

    assert (400, "malformed") == problem(response)


def test_more_than_one_question_may_hold_gets_a_problem() -> None:
    """Points, runs and parts, in every form; the operator sets how many."""
    few = create_app(Settings(parts=2, limits=Limits(points=3, series=2, runs=1, name=9))).test_client()

    asked = [
        few.post("/diagnose", data=b'{"history": {"loss": [1, 2, 3, 4]}}'),
        few.post("/diagnose", data=CSV),
        few.post("/diagnose", json={"runs": [{"history": {}}, {"history": {}}]}),
        few.post("/diagnose", json={"history": {"a": [], "b": [], "c": []}}),
        few.post("/diagnose", data=files(("a.csv", CSV), ("b.csv", CSV), ("c.csv", CSV))),
    ]

    assert [(422, "too-many")] * 5 == [problem(response) for response in asked]


def test_a_run_that_a_file_names_may_have_no_longer_a_name_than_any(client: FlaskClient) -> None:
    """Two files name their runs; the name stands in every answer."""
    named = [files(("a" * letters + ".csv", CSV), ("b.csv", CSV.replace("1", "2"))) for letters in (256, 257)]

    assert [200, 422] == [client.post("/diagnose", data=sent).status_code for sent in named]


def test_a_role_of_a_series_that_is_not_there_is_not_told_at_length(client: FlaskClient) -> None:
    """However long its name is."""
    response = client.post("/diagnose", json={"history": {"loss": [2, 1]}, "roles": {"q" * 100_000: "val_loss"}})

    assert (422, "/roles") == (response.status_code, response.get_json()["errors"][0]["pointer"])
    assert len(response.data) < 1000


def test_a_text_of_too_many_lines_gets_a_problem_before_it_is_read() -> None:
    """However they end; the last that is allowed is read."""
    few = create_app(Settings(limits=Limits(lines=3))).test_client()
    texts = [b"loss,x\n1,1\n2,2\n", b"loss,x\n1,1\n2,2\n3,3\n", b"loss,x\r1,1\r2,2\r3,3\r"]

    assert [200, 422, 422] == [few.post("/diagnose", data=text).status_code for text in texts]


@pytest.mark.parametrize(("unknown", "status"), [(256, 200), (257, 422)])
def test_a_context_may_hold_so_much_that_means_nothing(client: FlaskClient, unknown: int, status: int) -> None:
    """Each costs a note in the answer."""
    context = {f"k{n}": n for n in range(unknown)}

    assert status == client.post("/diagnose", json={"history": {"loss": [2, 1]}, "context": context}).status_code


def test_of_many_unknown_fields_a_few_are_told(client: FlaskClient) -> None:
    """What each may have meant is not looked up for a million of them."""
    found = client.post(
        "/diagnose", json={"runs": [{"history": {"loss": [2, 1]}, **{f"k{n}": n for n in range(1000)}}]}
    )

    assert (422, 20) == (found.status_code, len(found.get_json()["errors"]))


def test_a_pointer_leads_to_what_is_wrong(client: FlaskClient) -> None:
    """In several runs too."""
    body = b'{"runs": [{"history": {"loss": [1]}}, {"history": {"train/loss": [1, 2, true]}}]}'

    (place,) = client.post("/diagnose", data=body).get_json()["errors"]

    assert "/runs/1/history/train~1loss/2" == place["pointer"]


def test_many_errors_are_counted_and_few_are_listed(client: FlaskClient) -> None:
    """An answer must not be larger than the question."""
    found = client.post("/diagnose", json={"history": {f"s{i}": [True] for i in range(100)}}).get_json()

    assert 20 == len(found["errors"])
    assert "100 errors in all" in found["detail"]


def test_a_rule_that_fails_is_said_and_logged_without_the_clients_words(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One bug does not take the other verdicts down, and does not quote anybody."""

    def broken(**_given: object) -> None:
        raise ValueError("secret-name")

    rules = dict(rule.all_rules())
    monkeypatch.setattr(
        rules["plateau"].__class__, "judge", _failing(rules["plateau"].__class__.judge, "plateau", broken)
    )

    found = client.post("/diagnose", json={"history": {"loss": falling().tolist()}}).get_json()

    assert ["plateau"] == found["outcomes"]["failed"]
    (record,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert "the rule plateau failed: ValueError at " in record.getMessage()
    assert "secret-name" not in record.getMessage()


def _failing(judge: Any, name: str, broken: Any) -> Any:
    return lambda self, features: broken() if self.name == name else judge(self, features)
