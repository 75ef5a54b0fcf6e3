"""Bearer keys: who is known, and who is not."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.admission.keys import InvalidKeys, Key, holder, is_local, keys_of

OLD, NEW = "old-0123456789abcdef", "new/0123456789+abcdef=="
KEYS = tuple(Key("ci", sha256(text.encode()).digest()) for text in (OLD, NEW))


def test_two_keys_of_a_name_both_work() -> None:
    """A new key is handed out before the old one is taken away."""
    assert ["ci", "ci"] == [holder(KEYS, f"Bearer {key}") for key in (OLD, NEW)]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    """As RFC 9110 has it."""
    assert "ci" == holder(KEYS, f"{scheme} {OLD}")


@pytest.mark.parametrize(
    "header", [None, "", OLD, f"Basic {OLD}", "Bearer", "Bearer ", f"Bearer {OLD}x", f"Bearer {OLD} {NEW}"]
)
def test_whoever_holds_no_key_is_not_known(header: str | None) -> None:
    """Nor is a key at the wrong place."""
    assert holder(KEYS, header) is None


@given(st.text(max_size=60))
def test_no_text_but_the_keys_is_known(text: str) -> None:
    """And none makes it fail."""
    assert holder(KEYS, f"Bearer {text}") is None or text.strip(" ") in {OLD, NEW}


def test_the_hash_of_nothing_lets_nobody_in() -> None:
    """An operator who hashed an empty variable has made no key."""
    assert holder((Key("ci", sha256(b"").digest()),), "Bearer ") is None


@pytest.mark.parametrize(
    "text", ["hunter2", "ci=", f"ci={'a' * 63}", f"ci={'g' * 64}", f"c!={'a' * 64}", "hunter2=hunter2"]
)
def test_what_is_no_entry_is_refused_and_not_repeated(text: str) -> None:
    """It may be a key in clear, and errors are logged."""
    with pytest.raises(InvalidKeys) as refused:
        keys_of(text)

    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((host, True) for host in ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "", "example.org")),  # noqa: S104
    ],
)
def test_loopback_is_told_from_the_rest(host: str, local: bool) -> None:  # noqa: FBT001
    """A name may resolve to anything, so only localhost counts."""
    assert local == is_local(host)
