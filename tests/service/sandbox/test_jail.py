"""Checks that go through: what a stranger's model may do, and what becomes of it when it does more."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from service.sandbox import starting, status
from service.sandbox.jail import Jail
from service.sandbox.outcomes import Broken, Busy, Declined, Facts, Failure, Gone, NotInstalled, Progress
from service.settings import Overfit
from tests.service.sandbox.conftest import EXAMINATION, Ask
from tests.service.sandbox.hostile import ENDS


def warm_process(jail: Jail) -> int:
    """Its process id."""
    return status.holder(jail.prepare())


def children(pid: int) -> set[int]:
    """The processes that a process has started, dead ones included until they are waited for."""
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}


def files(pid: int | str) -> int:
    """How many files it has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memory(pid: int) -> int:
    """Bytes that it alone holds."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private"))


def eventually(condition: Any, within: float = 5.0) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_check_tells_its_progress_and_its_facts(ask: Ask) -> None:
    """And has read all that was sent."""
    *progress, facts = ask(batch=b"x" * 3_000_000, steps=4)

    assert [0, 1, 2, 3] == [event.values["step"] for event in progress if isinstance(event, Progress)]
    assert isinstance(facts, Facts)
    assert ("cpu", 3_000_000, 4) == (facts.values["device"], facts.values["sent"], len(facts.values["loss"]))


def test_the_web_process_never_imports_torch(jail: Jail) -> None:
    """Only the warm process does; in a process of its own, for other tests do import it."""
    making = "import sys; from service import create_app; create_app(); print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", making], capture_output=True, text=True, check=True)

    assert "False" == told.stdout.strip()
    assert "libtorch" in Path(f"/proc/{warm_process(jail)}/maps").read_text(encoding="utf-8")


def test_the_jailed_process_knows_nothing_of_the_service(ask: Ask) -> None:
    """Its environment was made for it; text and numbers come out clean."""
    (facts,) = ask(do="say")

    assert isinstance(facts, Facts)
    assert not {name for name in facts.values["environment"] if name.startswith(("OVERFIT", "PYTEST", "SSH", "API"))}
    assert [None, None, "a b"] == facts.values["odd"]


@pytest.mark.parametrize("name", sorted(ENDS))
def test_a_hostile_model_is_contained(name: str, folder: Path, ask: Ask) -> None:
    """It ends as it must, leaves no file, and the next check is served at once."""
    before = {path.name for path in folder.iterdir()}
    *_, found = ask((folder / f"{name}.pt").read_bytes(), deadline=1.5, steps=1)

    ending = found.reason if isinstance(found, Failure) else type(found).__name__.lower()
    assert ending in ENDS[name].split("|"), found
    assert before == {path.name for path in folder.iterdir()}
    assert b"secret" * 16 == (folder / "secret").read_bytes()
    if isinstance(found, Failure):
        assert "/" not in found.detail.replace("and/or", "")
        assert "secret" not in found.detail
    began = time.monotonic()
    *_, after = ask(steps=1)
    assert isinstance(after, Facts)
    assert time.monotonic() - began < 1.0


def test_what_its_owner_can_mend_is_declined(ask: Ask) -> None:
    """In the examination's words, cleaned."""
    assert [Declined("shapes_refused", "inputs are (5, 4) [31m and not (5, 9), says …")] == ask(do="refuse")


@pytest.mark.parametrize(
    "raw",
    ["garbage\n", '{"facts": {"a": NaN}}\n', '{"facts": {}}\n{"facts": {}}\n', '{"ended": {}}\n', "x" * 5000 + "\n"],
)
def test_an_answer_that_no_examination_gives_is_a_crash(raw: str, ask: Ask) -> None:
    """Whoever writes it has taken over the process, and its pipe is all it has."""
    *_, found = ask(do="raw", raw=raw)

    assert isinstance(found, Failure)
    assert "crash" == found.reason


def test_half_an_answer_is_a_crash(ask: Ask) -> None:
    """Nothing is guessed."""
    (found,) = ask(do="raw", raw='{"facts": {"a": 1')

    assert isinstance(found, Failure)
    assert "crash" == found.reason


def test_progress_without_end_is_bounded(ask: Ask) -> None:
    """A million steps are told in part, and do not break the answer."""
    events = ask(do="flood", deadline=60)

    assert isinstance(events[-1], Facts)
    assert len(events) < 21_000


def test_a_reader_that_is_slow_does_not_hold_up_the_training(jail: Jail, good: bytes) -> None:
    """What does not fit into the pipe is left out; the facts are not."""
    with jail.submit({"do": "flood"}, good, None, 20) as check:
        time.sleep(2)
        began = time.monotonic()
        events = list(check)

    assert isinstance(events[-1], Facts)
    assert time.monotonic() - began < 18


def test_facts_that_are_too_large_are_an_exception(ask: Ask) -> None:
    """A megabyte is fine."""
    *_, fine = ask(do="large", thousands=1000)
    *_, large = ask(do="large", thousands=5000)

    assert isinstance(fine, Facts)
    assert isinstance(large, Failure)


def test_a_signal_to_itself_is_a_crash(ask: Ask) -> None:
    """It cannot signal by kill; it can abort."""
    (found,) = ask(do="kill", signal=9)

    assert isinstance(found, Failure)
    assert found.reason in {"crash", "forbidden"}


def test_a_check_that_does_not_come_back_is_killed_at_its_deadline(ask: Ask) -> None:
    """Not much later."""
    began = time.monotonic()
    *_, found = ask(do="sleep", deadline=0.5)

    assert isinstance(found, Failure)
    assert "deadline" == found.reason
    assert time.monotonic() - began < 1.5


def test_closing_a_check_kills_its_process(jail: Jail, good: bytes) -> None:
    """As when a client hangs up in the middle of a stream."""
    before = children(warm_process(jail))
    check = jail.submit({"do": "sleep"}, good, None, 60)
    assert isinstance(next(iter(check)), Progress)
    assert len(children(warm_process(jail)) - before) == 1

    check.close()
    check.close()

    assert eventually(lambda: children(warm_process(jail)) == before, 1.0)


def test_a_client_that_hangs_up_ends_its_check(jail: Jail, good: bytes) -> None:
    """Where the answer comes only at the end, its socket is watched."""
    ours, theirs = socket.socketpair()
    threading.Timer(0.3, theirs.close).start()
    with ours, pytest.raises(Gone), jail.submit({"do": "sleep"}, good, None, 60, watch=ours.fileno()) as check:
        list(check)

    assert eventually(lambda: not children(warm_process(jail)))


def test_as_many_as_may_run_and_wait_then_busy(folder: Path, good: bytes) -> None:
    """With when to come back; who waits is served in turn."""
    jail = Jail(Overfit(examination=EXAMINATION, queue=1), places=64)
    checks = []
    try:
        for _ in range(len(os.sched_getaffinity(0)) + 1):
            checks.append(jail.submit({"do": "sleep", "seconds": 0.5}, good, None, 20))  # noqa: PERF401 - closed if it fails
        with pytest.raises(Busy) as caught:
            jail.submit({}, good, None, 5)
        assert int(caught.value.headers["Retry-After"]) >= 1

        last = [list(check)[-1] for check in checks][-1]

        assert isinstance(last, Facts)
        assert last.queued_ms > 100
    finally:
        for check in checks:
            check.close()
        jail.close()


def test_who_waits_and_hangs_up_leaves_the_line(folder: Path, good: bytes, jail: Jail) -> None:
    """The line is not held by those who have gone."""
    running = [jail.submit({"do": "sleep"}, good, None, 20) for _ in range(len(os.sched_getaffinity(0)))]
    for _ in range(20):
        jail.submit({}, good, None, 5).close()
        time.sleep(0.02)
    for check in running:
        check.close()


def test_a_worker_keeps_threads_for_other_questions(folder: Path, good: bytes) -> None:
    """A check more than it has places for is refused without asking anyone."""
    jail = Jail(Overfit(examination=EXAMINATION), places=1)
    try:
        with jail.submit({"do": "sleep"}, good, None, 20), pytest.raises(Busy):
            jail.submit({}, good, None, 5)
        with jail.submit({}, good, None, 20) as check:
            assert isinstance(list(check)[-1], Facts)
    finally:
        jail.close()


def test_cuda_where_there_is_none_is_declined(ask: Ask) -> None:
    """By the one who knows."""
    if Path("/dev/nvidiactl").exists():
        pytest.skip("there may be a GPU here")
    (found,) = ask(device="cuda")

    assert isinstance(found, Declined)
    assert ("invalid", True) == (found.kind, "no GPU" in found.detail)


def test_the_death_of_the_warm_process_is_survived(folder: Path, good: bytes) -> None:
    """Its children die with it, the check is said to be interrupted, and a new one serves the next."""
    jail = Jail(Overfit(examination=EXAMINATION), places=9)
    try:
        with jail.submit({"do": "sleep"}, good, None, 60) as check:
            events = iter(check)
            next(events)
            first = warm_process(jail)
            (child,) = children(first)
            os.kill(first, 9)
            with pytest.raises(Broken, match="interrupted"):
                list(events)
        assert eventually(lambda: not Path(f"/proc/{child}").exists() or "Z" in _state(child))
        with jail.submit({}, good, None, 20) as check:
            assert isinstance(list(check)[-1], Facts)
        assert first != warm_process(jail)
    finally:
        jail.close()


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def test_closing_the_jail_leaves_no_process(folder: Path, good: bytes) -> None:
    """Nor a file, even while a check runs."""
    before = files("self")
    jail = Jail(Overfit(examination=EXAMINATION), places=9)
    check = jail.submit({"do": "sleep"}, good, None, 60)
    next(iter(check))
    warm = warm_process(jail)
    (child,) = children(warm)

    jail.close()
    check.close()

    assert not Path(f"/proc/{warm}").exists()
    assert eventually(lambda: "Z" in _state(child))
    assert before == files("self")


def test_two_hundred_checks_leave_nothing_behind(folder: Path, jail: Jail, ask: Ask) -> None:
    """No process, no file, no memory, a third of them hostile."""
    warm = warm_process(jail)
    hostile = [(folder / f"{name}.pt").read_bytes() for name in ("raises", "writes_file", "reads_far_outside")]
    for model in hostile:
        ask(model, steps=1)
    time.sleep(0.2)  # it closes its end a moment after it has said how a check ended
    before = files("self"), files(warm), children(warm)
    held = memory(warm)

    for number in range(200):
        if number % 3 == 0:
            ask(hostile[number % 9 // 3], steps=1)
        else:
            ask(steps=1)

    assert eventually(lambda: before == (files("self"), files(warm), children(warm)))
    assert memory(warm) - held < 8 << 20
    assert warm == warm_process(jail)


def test_a_jail_that_cannot_be_built_says_why(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """And is not tried again at once."""
    jail = Jail(Overfit(examination="tests.service.sandbox.hostile:nothing"), places=1)
    try:
        with pytest.raises(Broken, match="torch cannot be used here"):
            jail.submit({}, b"", None, 1)
        assert jail.says().startswith("unavailable: The jail cannot be built here: ")
        assert isinstance(jail.available(), Broken)
    finally:
        jail.close()


def test_without_torch_it_says_which_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And starts nothing."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    jail = Jail(Overfit())
    jail.tend()

    assert isinstance(jail.available(), NotInstalled)
    assert "curve-diagnosis[overfit]" in jail.says()
    with pytest.raises(NotInstalled):
        jail.submit({}, b"", None, 1)
    assert jail._process is None


def test_a_jail_that_was_never_asked_is_being_started(folder: Path) -> None:
    """Which is no obstacle to who asks."""
    jail = Jail(Overfit(examination=EXAMINATION))

    assert "being started" in jail.says()
    jail.close()


def test_a_jail_that_is_warm_says_where_it_runs(jail: Jail) -> None:
    """For `/readyz`."""
    assert jail.available() is None
    assert jail.says().startswith("available on c")


def test_what_is_sent_is_json(ask: Ask) -> None:
    """A config that is none never leaves."""
    with pytest.raises(TypeError):
        ask(what={1, 2})
    assert isinstance(json.dumps({}), str)


def test_where_the_operator_insists_checks_run_without_a_jail(
    monkeypatch: pytest.MonkeyPatch, folder: Path, good: bytes
) -> None:
    """On a machine where none can be built; and `/readyz` says so."""
    monkeypatch.setattr(starting, "MODULE", "tests.service.sandbox.jailless")
    jail = Jail(Overfit(examination=EXAMINATION))
    insisting = Jail(Overfit(examination=EXAMINATION, unjailed=True))
    try:
        with pytest.raises(Broken, match="no list of system calls is kept for riscv64"):
            jail.submit({}, good, None, 5)
        with insisting.submit({}, good, None, 20) as check:
            assert isinstance(list(check)[-1], Facts)
        assert "not jailed: " in insisting.says()
        with insisting.submit({"do": "sleep"}, good, None, 0.5) as check:
            assert "deadline" == getattr(list(check)[-1], "reason", "")
    finally:
        jail.close()
        insisting.close()
