"""What a service that was killed left behind, and the next one takes away."""

import os
import signal
from pathlib import Path

from service.server.leftovers import PREFIX, folder_in, take_away


def killed_in(where: Path) -> Path:
    """A folder whose process was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(folder_in(str(where))).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return Path(os.read(reading, 1000).decode())


def test_what_a_killed_service_left_is_taken_away(tmp_path: Path) -> None:
    """With all that is in it."""
    folder = killed_in(tmp_path)
    (folder / "counter_0.db").write_bytes(bytes(10))
    take_away(str(tmp_path))

    assert not folder.exists()


def test_what_somebody_counts_in_stays(tmp_path: Path) -> None:
    """As what is just being made, and what is a stranger's."""
    ours = folder_in(str(tmp_path))
    others = [tmp_path / f"{PREFIX}being-made", tmp_path / "strange"]
    for folder in others:
        folder.mkdir()
    take_away(str(tmp_path))

    assert all(folder.exists() for folder in (ours, *others))
