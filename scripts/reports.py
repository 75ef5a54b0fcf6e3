"""Write what the service answers to every run of tests/golden, to be read and approved in the diff.

python scripts/reports.py
"""

from __future__ import annotations

from pathlib import Path

from service import create_app
from service.settings import Settings

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"


def answers(log: Path) -> dict[str, str]:
    """What is approved of a log: its conditions in a word each, and the report for people without its id."""
    client = create_app(Settings()).test_client()
    found = client.post("/diagnose", data=log.read_bytes()).get_json()
    lines = [f"{found['status']} {found['decision']['action']}"]
    lines += [f"{f['condition']} {f['severity']} {(f['since'] or {}).get('at')}" for f in found["findings"]]
    text = client.post("/diagnose", data=log.read_bytes(), headers={"Accept": "text/plain"}).text
    kept = [line for line in text.splitlines() if not line.startswith("id ")]  # it changes with every version
    return {"conditions.txt": "\n".join(lines) + "\n", "report.txt": "\n".join(kept) + "\n"}


def main() -> None:
    """Write them all."""
    for log in sorted(GOLDEN.glob("*/log.*")):
        for name, text in answers(log).items():
            (log.parent / name).write_text(text)


if __name__ == "__main__":
    main()
