import re
from pathlib import Path

import pytest

from schemas.limits import Limits
from service.admission.keys import Key
from service.settings import InvalidSetting, Overfit, Settings

DOCUMENTED = Path(__file__).parents[2] / "docs" / "settings.md"


def test_an_empty_environment_gives_the_defaults() -> None:
    """Loopback, and the documented limits."""
    found = Settings.from_environment({})

    assert Settings() == found
    assert ("127.0.0.1", 8000, 64 * 1024 * 1024, Limits(points=2_000_000)) == (
        found.host,
        found.port,
        found.body,
        found.limits,
    )


def test_every_variable_has_a_line_in_the_docs_with_its_default() -> None:
    """None is hidden in prose; setting what is said to be the default changes nothing."""

    class Noting(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            noted.add(name)
            return super().get(name, default)

    noted: set[str] = set()
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? \|", DOCUMENTED.read_text(encoding="utf-8"), re.MULTILINE)

    assert Settings() == Settings.from_environment(Noting(rows))
    assert noted == {name for name, _ in rows}


def test_every_variable_is_read() -> None:
    """An operator can set all of them; an empty one is not set."""
    found = Settings.from_environment(
        {
            "HOST": "::1",
            "PORT": "9000",
            "WORKERS": "3",
            "THREADS": "5",
            "CLIENT_TIMEOUT": "4",
            "PUBLIC_URL": "https://doctor.example/",
            "MAX_BODY_MIB": "1",
            "MAX_PARTS": "2",
            "MAX_POINTS": "3",
            "MAX_SERIES": "4",
            "MAX_ALL_SERIES": "10",
            "MAX_LINES": "12",
            "MAX_SECONDS": "11",
            "MAX_RUNS": "5",
            "MAX_NAME": " ",
            "MAX_FILES": "6",
            "MAX_PARSED_MIB": "13",
            "OVERFIT_DEVICE": "CPU",
            "OVERFIT_DEADLINE": "7",
            "OVERFIT_MEMORY_MIB": "512",
            "OVERFIT_QUEUE": "0",
            "OVERFIT_REQUIRED": "yes",
            "OVERFIT_UNJAILED": "1",
            "QUEUE": "8",
            "API_KEYS": f"ci={'ab' * 32}",
            "KEY_CONCURRENCY": "9",
            "ALLOW_ANONYMOUS": "true",
            "ALLOW_ORIGINS": "https://Lab.example/, http://localhost:3000",
        }
    )

    limits = Limits(
        points=3, series=4, all_series=10, lines=12, runs=5, files=6, unpacked=1024 * 1024, parsed=13 * 1024 * 1024
    )
    overfit = Overfit("cpu", 7, 512 * 1024 * 1024, 0, required=True, unjailed=True)
    assert found == Settings(
        host="::1",
        port=9000,
        workers=3,
        threads=5,
        client_timeout=4,
        queue=8,
        public_url="https://doctor.example",
        body=1024 * 1024,
        seconds=11,
        parts=2,
        limits=limits,
        overfit=overfit,
        keys=(Key("ci", b"\xab" * 32),),
        key_concurrency=9,
        anonymous=True,
        origins=("https://lab.example", "http://localhost:3000"),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "100000"),
        ("PORT", "99999"),
        ("CLIENT_TIMEOUT", "99999999999"),
        ("OVERFIT_MEMORY_MIB", "99999999999999"),
        ("MAX_BODY_MIB", "16777217"),
        ("MAX_POINTS", "9" * 5000),
        ("MAX_POINTS", "1e6"),
        ("PUBLIC_URL", "doctor.example"),
        ("OVERFIT_DEVICE", "tpu"),
        ("OVERFIT_MEMORY_MIB", "10"),
        ("OVERFIT_QUEUE", "-1"),
        ("OVERFIT_REQUIRED", "maybe"),
    ],
)
def test_a_variable_that_cannot_be_meant_stops_the_start(name: str, value: str) -> None:
    """With its name, what it says, and what was expected."""
    with pytest.raises(InvalidSetting, match=f"{name}='{value}': expected"):
        Settings.from_environment({name: value})


def test_keys_are_read_from_a_file_too(tmp_path: Path) -> None:
    """As a cluster mounts its secrets: a line each, with remarks."""
    file = tmp_path / "keys"
    file.write_text(f"# since May\nci={'ab' * 32}  # the old one\n\nci={'cd' * 32}\n", encoding="utf-8")

    found = Settings.from_environment({"API_KEYS_FILE": str(file), "API_KEYS": f"lab={'ef' * 32}"})

    assert [("lab", 0xEF), ("ci", 0xAB), ("ci", 0xCD)] == [(key.name, key.digest[0]) for key in found.keys]


@pytest.mark.parametrize("text", ["", "# nobody\n", "secret-key-in-clear\n"])
def test_a_file_without_keys_opens_nothing(tmp_path: Path, text: str) -> None:
    """Who names a file means to have keys; and what is in it is not repeated."""
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environment({"API_KEYS_FILE": str(file)})

    assert "secret" not in str(refused.value)


def test_a_file_of_keys_that_cannot_be_read_opens_nothing(tmp_path: Path) -> None:
    """It must not be as if there were none."""
    with pytest.raises(InvalidSetting, match="API_KEYS_FILE"):
        Settings.from_environment({"API_KEYS_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize("text", ["example.org", "https://example.org/path", "null", "file://x"])
def test_an_origin_that_is_none_is_refused(text: str) -> None:
    """A misspelt origin would silently let nobody in."""
    with pytest.raises(InvalidSetting, match="ALLOW_ORIGINS"):
        Settings.from_environment({"ALLOW_ORIGINS": text})
