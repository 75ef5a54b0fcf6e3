"""Every command of the README is run, and answers what the README says."""

import re
import subprocess
from pathlib import Path

import pytest

from scripts.listening import ROOT, Server, listening
from scripts.picture import FILE as PICTURE
from scripts.picture import picture
from scripts.readme import FILE, commands, missing, run, updated

TEXT = FILE.read_text(encoding="utf-8")
ASKING = [command for command in commands(TEXT) if not command.startswith("make")]
MAKING = [command for command in commands(TEXT) if command.startswith("make")]


@pytest.mark.parametrize("command", ASKING)
def test_every_command_succeeds(server: Server, command: str) -> None:
    """As a reader would type it."""
    if missing(command):
        pytest.skip(f"there is no {' and no '.join(missing(command))} here")

    done = run(command, server.url)

    assert (0, "") == (done.returncode, done.stderr)


def test_every_output_is_the_true_one(server: Server) -> None:
    """`python scripts/readme.py` writes them anew."""
    assert updated(TEXT, server.url) == TEXT


def test_the_picture_is_the_true_one() -> None:
    """`python scripts/picture.py` draws it anew."""
    assert PICTURE.read_bytes() == picture()


def test_the_commands_that_make_things_are_targets() -> None:
    """`make run` and `make test` exist; the second is what runs this."""
    assert ["make run", "make test"] == MAKING
    for command in MAKING:
        done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, check=False)
        assert 0 == done.returncode


def test_make_run_starts_the_service(tmp_path: Path) -> None:
    """The first command a reader types, where everything is installed already."""
    planned = subprocess.run(["make", "run", "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    if "pip install" in planned.stdout:
        pytest.skip("`make install` has not been run here")

    with listening(tmp_path / "log.txt", ("make", "run")) as server:
        done = run(ASKING[0], server.url)

    assert done.stdout.startswith("ATTENTION")
    assert "in another terminal, try:" in server.log.read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    """Files that are linked are there."""
    for target in re.findall(r"\]\((?!http)([^)#/][^)#]*)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_every_address_of_the_page_is_served(server: Server) -> None:
    """The table of addresses is the service's."""
    contract = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    for address in re.findall(r"`(?:GET|POST) (/\S*?)`", TEXT):
        assert f"\n  {address}:\n" in contract
