from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnosis import diagnose
from diagnosis.synthetic import falling, run, turning
from scripts.listening import ROOT
from service.commands import main
from service.commands.watch import follow
from service.growing import Look
from service.screen import fitted
from service.wording.columns import width

DIGITS = ROOT / "examples" / "logs" / "digits.csv"
HEALTHY, WARNED = (Look(diagnose(run(loss=falling(), val_loss=other))) for other in (falling(seed=3), turning(at=20)))


def interrupted(*seen: Look | None) -> Iterator[Look | None]:
    """Looks, and then Ctrl-C."""
    yield from seen
    raise KeyboardInterrupt


def test_once_is_one_look_with_the_exit_code_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run is taken for unfinished, so nothing is said that holds only at the end: of forty epochs, that nothing is learnt."""
    log = tmp_path / "log.csv"
    log.write_text("".join(DIGITS.read_text().splitlines(keepends=True)[:41]))
    assert 1 == main(["watch", str(log), "--once"])
    assert "the run is not finished" in capsys.readouterr().out
    assert 0 == main(["watch", str(log), "--once", "--fail-on", "error", "--context", "finished=true"])
    assert "the run is not finished" not in capsys.readouterr().out


def test_once_reads_a_log_to_its_end_where_that_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And without its last line, where it cannot."""
    log = tmp_path / "log.jsonl"
    lines = [f'{{"epoch": {n}, "loss": {2.0 / (n + 1):.4f}}}' for n in range(20)]
    log.write_text("\n".join(lines))
    main(["watch", str(log), "--once"])
    assert "→ 0.1\n" in capsys.readouterr().out

    log.write_text("\n".join(lines)[:-9])
    main(["watch", str(log), "--once"])
    assert "→ 0.1053\n" in capsys.readouterr().out


def test_a_log_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is only one look."""
    assert 2 == main(["watch", "nope.csv", "--once"])
    assert "nope.csv: No such file" in capsys.readouterr().err
    assert 2 == main(["watch", "-"])
    assert "Standard input cannot be watched" in capsys.readouterr().err


def test_it_ends_with_the_last_look() -> None:
    """However many times nothing had changed since."""
    shown: list[tuple[Look, Look]] = []

    def show(before: Look, look: Look) -> bool:
        shown.append((before, look))
        return True

    last = follow(interrupted(HEALTHY, None, WARNED, None), 0.0, show)

    assert last == WARNED
    assert [(Look(None), HEALTHY), (HEALTHY, HEALTHY), (HEALTHY, WARNED), (WARNED, WARNED)] == shown


def test_it_ends_when_nobody_reads_on() -> None:
    """`curve-diagnosis watch log.csv | head -1`."""
    assert HEALTHY == follow(interrupted(HEALTHY, WARNED), 0.0, lambda *_: False)


def test_a_picture_fits_its_terminal() -> None:
    """What has no room is counted, and a line is never wrapped."""
    lines = ["x" * 100, "損" * 60, *["short"] * 30]

    shown = fitted(lines, 40, 10)

    assert 10 == len(shown)
    assert "… 23 more lines" in shown[-1]
    assert 40 >= max(width(line) for line in shown)
    assert ["short"] == fitted(["short"], 40, 10)
