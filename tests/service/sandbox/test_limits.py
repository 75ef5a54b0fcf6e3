"""The layers of the jail, without torch: what holds, and what happens where a layer is missing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.sandbox import seccomp
from service.sandbox.starting import environment

ROOT = Path(__file__).parents[3]
TRY = "from service.sandbox import landlock, limits, proof; B = limits.Limits(1 << 28, 20); T = proof.Trial\n"


def tried(code: str) -> str | None:
    """Run `code`, which sets `why`, in a process of its own; a test's own process has threads and files."""
    done = subprocess.run(
        [sys.executable, "-c", f"{TRY}{code}\nimport json; print(json.dumps(why))"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert 0 == done.returncode, done.stderr
    found: str | None = json.loads(done.stdout)
    return found


def test_no_attempt_to_escape_succeeds() -> None:
    """With every layer."""
    assert tried("why = proof.why_not(T(limits.CPU, B))") is None


def test_the_jail_holds_without_landlock() -> None:
    """An older kernel has none; the list of system calls holds alone."""
    assert tried("landlock.version = lambda: 0\nwhy = proof.why_not(T(limits.CPU, B))") is None


def test_without_a_list_of_system_calls_there_is_no_jail() -> None:
    """What then succeeds is named."""
    why = tried(
        "from service.sandbox import kernel\nlimits.kernel.call = lambda *a: 0\nwhy = proof.why_not(T(limits.CPU, B))"
    )

    assert why is not None
    assert "a jailed process could: " in why
    assert "fork" in why


def test_on_an_unknown_machine_there_is_no_jail() -> None:
    """Its system calls have other numbers."""
    why = tried("import platform\nplatform.machine = lambda: 'riscv64'\nwhy = proof.why_not(T(limits.CPU, B))")

    assert why is not None
    assert "riscv64" in why


def test_a_test_that_hangs_or_dies_is_no_jail() -> None:
    """Silence is not consent."""
    died = tried("import os\nwhy = proof.why_not(T(limits.CPU, B, after=os.abort))")
    hung = tried(
        "import time\nproof.PATIENCE = 0.5\nwhy = proof.why_not(T(limits.CPU, B, after=lambda: time.sleep(9)))"
    )

    assert "signal 6" in str(died)
    assert "signal 9" in str(hung)


@pytest.mark.parametrize(
    ("attempt", "signal"),
    [
        ("import os; os.open('/tmp/jail-escape', os.O_WRONLY | os.O_CREAT)", 31),
        ("import os; os.execv('/bin/true', ['true'])", 31),
        ("\nwhile True: pass", 24),
    ],
)
def test_what_nothing_harmless_does_ends_the_process(attempt: str, signal: int) -> None:
    """SIGSYS for what is forbidden, SIGXCPU for what takes too long."""
    why = tried(
        f"def attempt():\n    exec({attempt!r})\n"
        "why = proof.why_not(T(limits.CPU, limits.Limits(1 << 28, 1), after=attempt, escaping=False))"
    )

    assert why is not None
    assert f"signal {signal}" in why


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_list_holds_nothing_that_reaches_outside(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by name nor by number, on both machines."""
    plain, devices = seccomp.TABLES[machine]
    known = seccomp.MACHINES[machine]

    assert not {"openat", "open", "socket", "connect", "execve", "fork", "kill", "ptrace", "sendmsg", "ioctl"} & set(
        plain
    )
    assert len(plain) == len(set(plain.values()))
    assert not set(plain.values()) & {
        known.clone,
        known.clone3,
        known.tgkill,
        known.prlimit,
        known.execve,
        known.seccomp,
    }
    assert not set(plain) & set(devices)
    monkeypatch.setattr("platform.machine", lambda: machine)
    program = seccomp.program(1)
    assert 0 == len(program) % seccomp.STEP
    assert len(program) // seccomp.STEP < 4096


def test_what_a_child_imports_is_imported_here() -> None:
    """A build for CUDA can only be tried in a child; what the jailed ones need must be there before."""
    why = tried(
        "import sys, importlib\nfrom service.sandbox import torch_warming\nassert 'colorsys' not in sys.modules\n"
        "torch_warming.learn(lambda: importlib.import_module('colorsys'))\nwhy = str('colorsys' in sys.modules)"
    )

    assert "True" == why


def test_the_warm_process_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is made, not passed on."""
    found = environment({"PATH": "/bin", "API_KEY": "secret", "DATABASE_URL": "secret", "HOME": "/root"})

    assert "secret" not in str(found)
    assert ("/bin", "1", "/nonexistent") == (found["PATH"], found["OMP_NUM_THREADS"], found["HOME"])


def test_memory_is_kept_between_the_steps_of_a_training() -> None:
    """Only that it is asked for: whether it matters hangs on the heap's chance, so its effect is for a benchmark."""
    found = environment({})

    assert int(found["MALLOC_TRIM_THRESHOLD_"]) >= 1 << 28
    assert int(found["MALLOC_MMAP_THRESHOLD_"]) >= 1 << 24
