"""What `make install` brings is what the tests passed with."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = {
    name: version
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for name, version in [line.split("==")]
}


def canonical(requirement: str) -> str:
    """Name the package that a requirement asks for, as PEP 503 spells it."""
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(asked: list[str]) -> dict[str, str]:
    """Follow what is asked for, and what that asks for, through the installed packages."""
    versions: dict[str, str] = {}
    while asked:
        name = canonical(asked.pop())
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another platform or Python, or an extra nobody asked for
            continue
        if name not in versions:
            versions[name] = package.version.partition("+")[0]
            asked += [each for each in package.requires or [] if "extra ==" not in each]
    return versions


def test_every_package_is_pinned_to_the_version_that_was_tested() -> None:
    """Nothing is installed, directly or by another package, at a version that the file does not name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + [each for extra in project["optional-dependencies"].values() for each in extra]

    versions = needed(asked)

    assert {name: PINS.get(name) for name in versions} == versions
