import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from schemas.limits import Limits
from service.containers.archive import members
from service.question.files import CannotRead, part_of
from service.question.parts import MIB

LOG = "epoch,loss\n0,2.3\n1,1.7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs, and what lies beside logs."""
    for name in (
        "runs/a/metrics.csv",
        "runs/b/metrics.csv",
        "runs/a/model.pt",
        "runs/.git/config",
        "runs/b/.hidden.csv",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(LOG)
    return tmp_path / "runs"


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    """With its own name, or the one that is given, as a label."""
    (tmp_path / "metrics.csv").write_text(LOG)

    own, given = (part_of(f"{tmp_path}/metrics.csv", MIB, name) for name in (None, "val_loss.csv"))

    assert (LOG.encode(), "metrics.csv") == (own.body, own.filename)
    assert "val_loss.csv" == given.filename


def test_a_folder_is_the_archive_of_it(folder: Path) -> None:
    """What is no log by its name, or is hidden, or is a link, is left out."""
    (folder / "a" / "link.csv").symlink_to("/etc/passwd")

    part = part_of(str(folder), MIB)

    assert ["runs/a/metrics.csv", "runs/b/metrics.csv"] == [m.filename for m in members(part.body, Limits(), int) or ()]


@pytest.mark.parametrize("dated", [0, 7258118400], ids=["1970", "2200"])
def test_a_folder_is_read_however_its_files_are_dated(folder: Path, dated: int) -> None:
    """Reproducible builds date them all 1970, which no archive can say."""
    for file in folder.rglob("*.csv"):
        os.utime(file, (dated, dated))

    assert 2 == len(members(part_of(str(folder), MIB).body, Limits(), int) or ())


def test_a_name_that_is_no_utf8_is_a_label_all_the_same(tmp_path: Path) -> None:
    """Of a file, and of one in a folder."""
    name = Path(os.fsdecode(bytes(tmp_path) + b"/run/a\xff.csv"))
    name.parent.mkdir()
    name.write_text(LOG)

    (member,) = members(part_of(str(name.parent), MIB).body, Limits(), int) or ()

    assert "a\ufffd.csv" == part_of(str(name), MIB).filename
    assert "run/a\ufffd.csv" == member.filename


def test_a_packed_log_is_unpacked_and_a_packed_folder_left_to_the_archive(tmp_path: Path) -> None:
    """The name loses what says that it is packed."""
    (tmp_path / "metrics.csv.gz").write_bytes(gzip.compress(LOG.encode()))
    with tarfile.open(tmp_path / "runs.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("a/metrics.csv")
        entry.size = len(LOG)
        archive.addfile(entry, io.BytesIO(LOG.encode()))

    packed, runs = (part_of(str(tmp_path / name), MIB) for name in ("metrics.csv.gz", "runs.tar.gz"))

    assert (LOG.encode(), "metrics.csv") == (packed.body, packed.filename)
    assert "runs.tar.gz" == runs.filename


def test_standard_input_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless one is given."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))

    assert (LOG.encode(), None) == ((part := part_of("-", MIB)).body, part.filename)


def test_what_cannot_be_read_is_named(tmp_path: Path, folder: Path) -> None:
    """A file that is not there, one that is too large, a folder of nothing."""
    (tmp_path / "large.csv").write_bytes(b"0" * (MIB + 1))
    (tmp_path / "empty").mkdir()

    with pytest.raises(CannotRead, match=r"nope\.csv: No such file"):
        part_of(f"{tmp_path}/nope.csv", MIB)
    with pytest.raises(CannotRead, match=r"large\.csv: more than 1 MiB\. MAX_BODY_MIB"):
        part_of(f"{tmp_path}/large.csv", MIB)
    with pytest.raises(CannotRead, match="empty: there is nothing in this folder"):
        part_of(f"{tmp_path}/empty", MIB)
    with pytest.raises(CannotRead, match=r"runs: the files in it that may be logs have more than"):
        part_of(str(folder), 10)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path) -> None:
    """No trace of Python."""
    (tmp_path / "secret.csv").touch(mode=0)

    with pytest.raises(CannotRead, match="Permission denied"):
        part_of(f"{tmp_path}/secret.csv", MIB)
