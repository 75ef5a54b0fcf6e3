import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scripts.listening import ROOT
from service.commands import main, parser_of
from service.representations import all_representations, named, names

DIGITS = ROOT / "examples" / "logs" / "digits.csv"
EXAMPLES = sorted([*ROOT.glob("examples/logs/*.csv"), *ROOT.glob("tests/golden/*/log.*")])
MEDIA = {"json": "application/json", "markdown": "text/markdown", "text": "text/plain"}


@pytest.mark.parametrize("log", EXAMPLES, ids=lambda log: f"{log.parent.name}/{log.name}")
def test_the_answer_is_the_services_to_the_byte(
    client: FlaskClient, capsysbinary: pytest.CaptureFixture[bytes], log: Path
) -> None:
    """Of every example, in every form."""
    for name, media_type in MEDIA.items():
        address = f"/diagnose?filename={log.name}"
        response = client.post(address, data=log.read_bytes(), headers={"Accept": media_type})

        main(["diagnose", str(log), "--format", name])

        assert response.data == capsysbinary.readouterr().out


def test_several_files_are_what_several_parts_are(
    client: FlaskClient, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """With the folders that tell them apart; the options are the parameters."""
    logs = EXAMPLES[1:4]
    query = {"runs": "each", "ignore": "plateau", "context": '{"num_classes": 10}', "curves": "full"}
    response = client.post(
        "/diagnose", query_string=query, data={"file": [(BytesIO(log.read_bytes()), f"{log.parent.name}/{log.name}") for log in logs]}
    )  # fmt: skip

    options = ["--runs", "each", "--ignore", "plateau", "--context", "num_classes=10", "--full"]
    main(["diagnose", *map(str, logs), "--format", "json", *options])

    assert response.data == capsysbinary.readouterr().out


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Folds are often that."""
    logs = [tmp_path / "runs" / fold / "metrics.csv" for fold in ("fold-1", "fold-2")]
    for log in logs:
        log.parent.mkdir(parents=True)
        log.write_bytes(DIGITS.read_bytes())

    main(["diagnose", *map(str, logs), "--format", "json", "--runs", "each"])

    assert ["fold-1/metrics", "fold-2/metrics"] == [run["name"] for run in json.loads(capsys.readouterr().out)["runs"]]


def test_every_representation_is_offered() -> None:
    """A new one appears by itself."""
    assert {one.media_type for one in all_representations().values()} == {named(name).media_type for name in names()}
    assert set(MEDIA) <= set(names())


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], 1), (["--fail-on", "error"], 0), (["--fail-on", "info"], 1), (["--fail-on", "never"], 0)],
)
def test_the_exit_code_tells_whether_something_was_found(
    capsysbinary: pytest.CaptureFixture[bytes], options: list[str], expected: int
) -> None:
    """Of the level that is asked for."""
    assert expected == main(["diagnose", str(DIGITS), *options])
    assert capsysbinary.readouterr().out.startswith(b"ATTENTION")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nope.csv"], "nope.csv: No such file or directory."),
        ([sys.executable], "This is a program, not a training log."),
        ([str(DIGITS), "--context", "num_classes=x"], 'Expected a whole number; got "x"'),
        ([str(DIGITS), "--ignore", "overfiting"], '--ignore: There is no condition "overfiting" here. Did you mean'),
        ([str(DIGITS), "--width", "800"], "--width is for pictures, and text/plain is none."),
        ([str(DIGITS), "--output", "/nowhere/x.json"], "/nowhere/x.json: No such file or directory."),
        (["-", "-"], "- is standard input, and can be read once."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    """On standard error, with the exit code for it."""
    assert 2 == main(["diagnose", *words])

    said = capsys.readouterr()
    assert "" == said.out
    assert said.err.startswith("curve-diagnosis: ")
    assert says in said.err


def test_what_a_log_says_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even where an error quotes it."""
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"history": {"loss": [1, "\x1b[2J\r"]}}))

    assert 2 == main(["diagnose", str(log)])
    assert capsys.readouterr().err.replace("\n", "").isprintable()


def test_too_little_to_judge_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A gate must not open for a log of two epochs."""
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss\n0,2.3\n1,1.7\n")

    assert 2 == main(["diagnose", str(log), "--summary"])
    assert capsys.readouterr().out.startswith("INCONCLUSIVE: ")


def test_the_name_of_the_output_says_how_to_answer(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """And nothing is written anywhere else."""
    for name, begins in (
        ("a.json", b'{"status"'),
        ("a.md", "🟡".encode()),
        ("a.txt", b"ATTENTION"),
        ("a.log", b"ATTENTION"),
    ):
        main(["diagnose", str(DIGITS), "-o", str(tmp_path / name)])
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert b"" == capsysbinary.readouterr().out


def test_a_dash_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """As it is standard input; no file is called so by accident."""
    log = DIGITS.resolve()
    monkeypatch.chdir(tmp_path)

    main(["diagnose", str(log), "--format", "json", "--output", "-"])

    assert capsysbinary.readouterr().out.startswith(b'{"status"')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [["diagnose", str(DIGITS)], ["conditions", "overfitting"], ["formats"], ["watch", str(DIGITS)]],
    ids=lambda words: words[0],
)
def test_a_full_disk_is_not_taken_for_findings(words: list[str]) -> None:
    """A gate reads 1 as findings; what is wrong is said in a sentence."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "service.commands", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert (2, b"curve-diagnosis: Standard output: No space left on device.\n") == (ended.returncode, ended.stderr)


def test_a_closed_output_is_not_taken_for_findings_and_harms_no_file(tmp_path: Path) -> None:
    """`>&-` of a shell; what is opened next would be given its number."""
    answer = tmp_path / "answer.json"
    for words, code, says in (
        ([str(DIGITS)], 2, b"curve-diagnosis: Standard output: Bad file descriptor.\n"),
        ([str(DIGITS), "--output", str(answer)], 1, b""),
    ):
        ended = subprocess.run(
            ["sh", "-c", 'exec "$@" <&- >&-', "sh", sys.executable, "-m", "service.commands", "diagnose", *words],
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
        assert (code, says) == (ended.returncode, ended.stderr)
    assert answer.read_bytes().startswith(b'{"status"')


def test_a_defect_of_ours_is_not_taken_for_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python ends what was not foreseen with 1."""

    def broken(*_: object) -> None:
        message = "unforeseen"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("service.commands.diagnose.answer_to", broken)

    assert 2 == main(["diagnose", str(DIGITS)])
    assert "ZeroDivisionError: unforeseen\nThis is a defect of curve-diagnosis" in capsys.readouterr().err


def test_the_environment_says_where_links_lead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it does for the service; what cannot be meant is said."""
    monkeypatch.setenv("PUBLIC_URL", "https://doctor.example")
    main(["diagnose", str(DIGITS), "--format", "json"])
    assert "https://doctor.example/conditions/overfitting" == json.loads(capsys.readouterr().out)["findings"][0]["page"]

    monkeypatch.setenv("PUBLIC_URL", "doctor.example")
    assert 2 == main(["diagnose", str(DIGITS)])
    assert "expected an address that starts with http" in capsys.readouterr().err


def test_every_command_says_what_it_does() -> None:
    """In the help of all of them."""
    text = parser_of([]).format_help()

    assert all(command in text for command in ("diagnose", "mcp", "serve", "watch"))
    assert "==SUPPRESS==" not in text
