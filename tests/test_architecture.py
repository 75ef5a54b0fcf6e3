"""The arrows of the house, its file sizes and its names, kept by tests instead of by memory."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("diagnosis", "schemas", "service")
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
RULES = [path for path in MODULES if path.is_relative_to("diagnosis/rules") and path.stem != "__init__"]

MODULE_LINES = 250  # more is two modules, or carries a line `# long because: …`
RULE_LINES = 150  # docstring included: what a colleague reads in one go
FOLDER_MODULES = 40  # more is several folders, but where each file is a unit of one kind, asked for by its name
OF_ONE_KIND = {"diagnosis/rules", "diagnosis/checks", "diagnosis/readers", "diagnosis/features"}
RULE_COLUMNS = 120  # wider lines would only hide how much there is to read
NAMES_THAT_SAY_NOTHING = {"base", "common", "handlers", "helpers", "manager", "misc", "utils"}

VIOLATIONS = {
    "layers": ("diagnosis/run.py", "import schemas"),
    "engine": ("diagnosis/run.py", "import pydantic"),
    "wire": ("schemas/run.py", "import flask"),
    "chart": ("service/chart/layout.py", "import matplotlib"),
    "rules": ("diagnosis/rules/overfitting.py", "from diagnosis.rules import underfitting"),
    "checks": ("diagnosis/checks/relu_output.py", "from diagnosis.checks import dead_relu"),
    "readers": ("diagnosis/readers/{}.py", "from diagnosis.readers import {}"),
}


def lint_imports(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Check the contracts of `pyproject.toml` on the packages in `folder`."""
    limit = [word for contract in contracts for word in ("--contract", contract)]
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *limit]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def lines(path: Path) -> list[str]:
    """Read a module of the project, line by line."""
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def imported_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter, and name the top-level packages it has imported at the end."""
    program = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_every_import_follows_the_arrows() -> None:
    """No import runs against service → schemas → diagnosis, nor from one rule or reader to another."""
    done = lint_imports(ROOT)

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_an_import_against_the_arrows_is_caught(contract: str, tmp_path: Path) -> None:
    """Each contract breaks when one line that it forbids is added: it is no empty promise."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, symlinks=True)
    readers = [path.stem for path in sorted((ROOT / "diagnosis/readers").glob("[a-z]*.py"))]
    place, line = VIOLATIONS[contract]
    with (tmp_path / place.format(readers[0])).open("a", encoding="utf-8") as module:
        module.write(f"\n{line.format(readers[1])}\n")

    done = lint_imports(tmp_path, contract)

    assert 1 == done.returncode, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_the_engine_runs_without_web_wire_and_torch() -> None:
    """`import diagnosis` is all a notebook needs, and costs no more than numpy and scipy."""
    imported = imported_by("import diagnosis")

    assert set() == imported & {
        "flask",
        "gunicorn",
        "matplotlib",
        "pydantic",
        "schemas",
        "service",
        "torch",
        "werkzeug",
    }


def test_the_service_starts_without_torch() -> None:
    """Torch is an extra: the web process never imports it, installed or not."""
    imported = imported_by("import service.wsgi")

    assert {"flask", "service"} == imported & {"flask", "service", "torch"}


def test_matplotlib_waits_until_a_picture_is_asked_for() -> None:
    """It is a third of a second and some thirty megabytes, and most questions want words."""
    imported = imported_by(
        "import service.wsgi; from service.representations import all_representations; all_representations()"
    )

    assert {"flask"} == imported & {"flask", "matplotlib", "PIL"}


def test_pictures_are_drawn_without_a_figure_that_all_threads_share() -> None:
    """`pyplot` keeps the current figure of the whole process."""
    program = "import service.drawing.picture, sys; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "False\n" == done.stdout


def test_the_command_line_diagnoses_without_web_and_torch() -> None:
    """Who asks in a terminal waits for no server to be imported."""
    imported = imported_by("import service.commands.diagnose, service.commands.watch")

    assert set() == imported & {"flask", "gunicorn", "mcp", "torch", "werkzeug"}


def test_no_module_is_long_without_a_reason() -> None:
    """A module over the limit is split, or says `# long because: …`."""
    long = {
        str(path): len(text)
        for path in MODULES
        if len(text := lines(path)) > MODULE_LINES and not any(line.startswith("# long because: ") for line in text)
    }

    assert {} == long


def test_every_rule_is_read_in_one_go() -> None:
    """A rule that needs more lines holds arithmetic that belongs to the features."""
    long = {str(path): len(text) for path in RULES if len(text := lines(path)) > RULE_LINES}

    assert {} == long


def test_no_line_of_a_rule_is_wider_than_a_screen() -> None:
    """What does not fit is split into sentences, or into functions."""
    wide = {
        f"{path}:{n}": len(line) for path in RULES for n, line in enumerate(lines(path), 1) if len(line) > RULE_COLUMNS
    }

    assert {} == wide


def test_every_module_is_named_after_what_it_holds() -> None:
    """A name like `utils` says that nobody knew where a thing belongs."""
    nameless = [str(path) for path in MODULES if path.stem.strip("_") in NAMES_THAT_SAY_NOTHING]

    assert [] == nameless


def test_no_folder_is_a_heap() -> None:
    """Who looks for a step of the way reads a folder's name, not every module's."""
    counted = Counter(path.parent.as_posix() for path in MODULES)
    heaps = {folder: n for folder, n in counted.items() if n > FOLDER_MODULES and folder not in OF_ONE_KIND}

    assert {} == heaps


def test_the_walk_finds_the_packages() -> None:
    """The checks above look at something: an empty walk would pass them all."""
    found = {path.parts[0] for path in MODULES}

    assert set(PACKAGES) == found
