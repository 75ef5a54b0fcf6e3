"""Run every command of README.md against the service, and write what it really answers below it.

A command stands in a block marked `sh`. The block that follows it, of any other kind, is its output.
Blocks that begin with `make` are not run here: tests/test_readme.py does that.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.listening import ROOT, listening

FILE = ROOT / "README.md"
ADDRESS = "http://127.0.0.1:8000"  # as the README writes it
PAIR = re.compile(
    r"```sh\n(?P<command>.*?)```\n(?P<between>(?:(?!```).)*?)(?P<fence>````?)(?P<kind>\w+)\n(?P<output>.*?)(?P=fence)\n",
    re.DOTALL,
)
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
BLOCK = re.compile(r"```sh\n(.*?)```\n", re.DOTALL)


def commands(text: str) -> list[str]:
    """Every command of the page, as it is written."""
    return [command.strip() for command in BLOCK.findall(text)]


def missing(command: str) -> list[str]:
    """The programs a command needs, and this machine lacks; and torch, where a model is spoken of."""
    lacking = [
        program
        for program in ("curl", "jq", "curve-diagnosis")
        if re.search(rf"(?<!/)\b{program} ", command) and not shutil.which(program, path=PATH)
    ]
    return lacking + (["torch"] if "overfit" in command and find_spec("torch") is None else [])


def run(command: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader would, in the project's folder and environment, against the service at `url`."""
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", command.replace(ADDRESS, url)],
        cwd=ROOT,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def updated(text: str, url: str) -> str:
    """The page with the outputs of today; a command whose programs are missing keeps the output it has."""

    def rerun(pair: re.Match[str]) -> str:
        command = pair["command"]
        if command.startswith("make") or pair["kind"] == "sh" or missing(command):
            return pair[0]
        output = run(command, url).stdout
        end = "" if output.endswith("\n") else "\n"
        return f"```sh\n{command}```\n{pair['between']}{pair['fence']}{pair['kind']}\n{output}{end}{pair['fence']}\n"

    return PAIR.sub(rerun, text)


def main() -> int:
    """Write the page anew."""
    text = FILE.read_text(encoding="utf-8")
    for command in commands(text):
        lacking = missing(command)
        if lacking:
            print(f"not run, for there is no {' and no '.join(lacking)} here: {command}")
    with TemporaryDirectory() as folder, listening(Path(folder) / "log.txt") as server:
        FILE.write_text(updated(text, server.url), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
