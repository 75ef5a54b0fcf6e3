"""The page of a service that has keys: it asks for one, once, and goes on."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from scripts.listening import listening
from tests.integrations.conftest import DESKTOP

pytestmark = pytest.mark.integration
KEY = "a-key-0123456789"


@pytest.fixture
def page(browser: Any, tmp_path: Any) -> Iterator[Any]:
    """A fresh page on a service that answers only who holds the key."""
    keys = f"page={sha256(KEY.encode()).hexdigest()}"
    with listening(tmp_path / "log", WORKERS="1", API_KEYS=keys) as server:
        context = browser.new_context(base_url=server.url, viewport=DESKTOP)
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page
        context.close()


def test_a_key_is_asked_for_once_and_the_question_goes_on(page: Any, axe: str) -> None:
    """A wrong key is asked for again; the right one is kept in the tab, and never shown in the command."""
    page.goto("./#example=overfitting")
    dialog = page.get_by_role("dialog", name="This service wants a key")
    dialog.wait_for()
    page.evaluate(f"() => {{ {axe}; }}")
    barriers = page.evaluate("async () => (await axe.run('dialog')).violations.map(v => v.id)")
    for key in ("wrong", KEY):
        dialog.get_by_label("Key").fill(key)
        dialog.get_by_label("Key").press("Enter")
        page.wait_for_timeout(500)
    headline = page.locator("#answer .verdict h2")
    headline.wait_for()
    page.reload()
    headline.wait_for()
    command = page.locator("#answer pre", has_text="curl").first.text_content()

    assert [] == barriers
    assert ("Bearer $KEY" in command, KEY in page.content()) == (True, False)


def test_whoever_has_no_key_is_told_what_is_missing(page: Any) -> None:
    """And nothing is lost: the page goes on."""
    page.goto("./#example=overfitting")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    refusal = page.locator("#answer .problem")
    refusal.wait_for()
    assert "A key is needed" in refusal.inner_text()
