import pytest

from schemas.limits import Limits
from service.settings import InvalidSetting, Overfit, Settings


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
            "MAX_RUNS": "5",
            "MAX_NAME": " ",
            "MAX_FILES": "6",
            "OVERFIT_DEVICE": "CPU",
            "OVERFIT_DEADLINE": "7",
            "OVERFIT_MEMORY_MIB": "512",
            "OVERFIT_QUEUE": "0",
            "OVERFIT_REQUIRED": "yes",
            "OVERFIT_UNJAILED": "1",
        }
    )

    limits = Limits(points=3, series=4, runs=5, files=6, unpacked=1024 * 1024)
    overfit = Overfit("cpu", 7, 512 * 1024 * 1024, 0, required=True, unjailed=True)
    assert found == Settings("::1", 9000, 3, 5, 4, "https://doctor.example", 1024 * 1024, 2, limits, overfit)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
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
