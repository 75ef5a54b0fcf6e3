"""The image cannot be built where the tests run; what can be told from its text is told here."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\s*\\\n\s*", " ", DOCKERFILE).splitlines()
    if line and not line.startswith(("#", " "))
]


def said(instruction: str) -> list[str]:
    """Give what every `instruction` of the file says, top to bottom."""
    return [rest for word, rest in INSTRUCTIONS if word == instruction]


def test_hadolint_has_nothing_to_say() -> None:
    """The linter for Dockerfiles finds no fault."""
    hadolint = Path(sys.executable).with_name("hadolint")

    done = subprocess.run([hadolint, "--no-color", "-"], input=DOCKERFILE, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stdout)


def test_there_is_an_image_without_torch_and_one_with_it() -> None:
    """Both targets exist, and only one of them takes its packages from the stage that installs torch."""
    stages = [rest.split(" AS ") for rest in said("FROM")]
    packages = re.findall(r"AS (service\S*)\nCOPY --from=(\S+)", DOCKERFILE)

    assert {"service", "service-overfit"} <= {name for _, name in stages}
    assert {("service", "packages"), ("service-overfit", "packages-overfit")} == set(packages)


def test_the_base_image_is_pinned_to_a_python_and_a_debian() -> None:
    """No stage starts from a tag that moves to another Python or Debian."""
    names = [name for _, name in (rest.split(" AS ") for rest in said("FROM"))]
    outside = [rest.split(" AS ")[0] for rest in said("FROM") if rest.split(" AS ")[0] not in names]

    assert ["python:3.11-slim-bookworm"] == outside


def test_the_service_runs_as_a_number_that_is_not_root() -> None:
    """A cluster that insists on a non-root user can tell from the number alone."""
    assert ["10001:10001"] == said("USER")


def test_everything_copied_is_there_and_let_in() -> None:
    """What COPY asks for exists in the checkout, and `.dockerignore` lets it through."""
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        source.rstrip("/") for rest in said("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]
    }

    assert let_in == copied
    assert [] == [name for name in sorted(copied) if not (ROOT / name).exists()]
