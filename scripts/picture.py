"""Draw the picture at the top of README.md anew, from the log that the page is about.

python scripts/picture.py
"""

from __future__ import annotations

from pathlib import Path

from service import create_app
from service.settings import Settings

ROOT = Path(__file__).parents[1]
LOG = ROOT / "examples" / "logs" / "digits.csv"
FILE = ROOT / "docs" / "digits.svg"


def picture() -> bytes:
    """What the service draws of the log today."""
    client = create_app(Settings()).test_client()
    answer = client.post("/diagnose", data=LOG.read_bytes(), headers={"Accept": "image/svg+xml"})
    return answer.data


def main() -> None:
    """Write the file."""
    FILE.write_bytes(picture())


if __name__ == "__main__":
    main()
