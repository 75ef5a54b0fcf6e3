"""A real service, and a real browser on it; where there is none, its tests are skipped and say so."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripts.listening import Server, listening

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = {"width": 1280, "height": 860}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as `make run` starts it, on a port of its own."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with listening(log, WORKERS="1") as server:
        yield server


@dataclass
class Visit:
    """A page in the browser, and everything that its console complained of."""

    page: Any
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium: the one of the system, as Debian packages it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"there is no browser: none of {', '.join(BROWSERS)} is on the PATH (Debian: apt install chromium)")
    root = os.geteuid() == 0  # Chromium's own sandbox does not start as root
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh page on the service; a test ends red where its console complained."""
    given = getattr(request, "param", {})
    context = browser.new_context(
        base_url=server.url,
        viewport=given.get("viewport", DESKTOP),
        color_scheme=given.get("color_scheme", "light"),
        has_touch="viewport" in given,
        permissions=["clipboard-read", "clipboard-write"],
    )
    visit = Visit(context.new_page())
    visit.page.set_default_timeout(15_000)
    visit.page.on("console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    yield visit
    context.close()
    assert [] == visit.complaints


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which looks for barriers."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return Path(package.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
