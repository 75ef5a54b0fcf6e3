"""The files of the page: served from memory, kept for good, and what others wrote as they wrote it."""

import hashlib
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scripts.listening import ROOT
from service.pages.assets import FOLDER, all_assets, digest

# SHA-256 of what was published; service/static/vendor/SOURCE.md says where.
PUBLISHED = {
    "vendor/uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "vendor/uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    "vendor/inter-latin-wght-normal.woff2": "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_others_wrote_is_as_they_published_it(name: str) -> None:
    """An edit in there would be lost at the next version, and is nobody's licence."""
    assert PUBLISHED[name] == hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    assert all((FOLDER / "vendor" / licence).exists() for licence in ("uPlot.LICENSE", "inter.LICENSE"))


def test_everything_vendored_is_held_against_its_sum() -> None:
    """A new file needs an entry above."""
    assert set(PUBLISHED) == {name for name in all_assets() if name.startswith("vendor/")}


def test_the_licence_of_what_others_wrote_is_named_and_goes_along() -> None:
    """In the metadata of the package, whose wheel has their files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    taken = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}

    assert {ROOT / "LICENSE", *(ROOT / "service/static/vendor").glob("*.LICENSE")} == taken
    assert "MIT AND OFL-1.1" == project["license"]


@pytest.mark.parametrize("name", all_assets())
def test_every_file_is_served_and_kept_for_good(client: FlaskClient, name: str) -> None:
    """Its address changes with the files, so no browser need ask twice."""
    response = client.get(f"/static/{digest()}/{name}")

    assert (200, all_assets()[name].content_type) == (response.status_code, response.content_type)
    assert "public, max-age=31536000, immutable" == response.headers["Cache-Control"]
    assert "nosniff" == response.headers["X-Content-Type-Options"]


def test_a_page_from_before_an_upgrade_gets_the_present_files(client: FlaskClient) -> None:
    """But must not keep them under the old address."""
    response = client.get("/static/0123456789abcdef/page.css")

    assert (200, "no-cache") == (response.status_code, response.headers["Cache-Control"])


def test_a_file_that_is_known_already_is_not_sent_again(client: FlaskClient) -> None:
    """Its tag is enough."""
    address = f"/static/{digest()}/page.css"
    tag = client.get(address).headers["ETag"]

    assert (304, b"") == ((again := client.get(address, headers={"If-None-Match": tag})).status_code, again.data)


@pytest.mark.parametrize(
    "name", ["nothing.js", "../html.py", "..%2fhtml.py", "vendor", "vendor/SOURCE.md", "etc/passwd"]
)
def test_nothing_else_can_be_reached(client: FlaskClient, name: str) -> None:
    """Files are looked up in a list, never on a disk."""
    assert 404 == client.get(f"/static/{digest()}/{name}").status_code


def test_every_module_of_the_page_is_small() -> None:
    """As those in Python: what is longer is two modules."""
    long = {path.name: lines for path in Path(FOLDER).glob("*.js") if (lines := path.read_text().count("\n")) > 200}

    assert {} == long
