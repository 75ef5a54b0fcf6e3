"""Draw the picture at the top of README.md anew, and the one in previews of links, from the log that the page is about.

python scripts/picture.py
"""

from __future__ import annotations

from pathlib import Path

from service import create_app
from service.settings import Settings

ROOT = Path(__file__).parents[1]
LOG = ROOT / "examples" / "logs" / "digits.csv"
FILE = ROOT / "docs" / "digits.svg"
CARD = ROOT / "service" / "static" / "card.png"
CARD_SIZE = {"width": "1200", "height": "630"}  # pixels, as https://ogp.me and its readers expect


def picture(media_type: str = "image/svg+xml", **size: str) -> bytes:
    """What the service draws of the log today."""
    client = create_app(Settings()).test_client()
    answer = client.post("/diagnose", data=LOG.read_bytes(), headers={"Accept": media_type}, query_string=size)
    return answer.data


def main() -> None:
    """Write the files."""
    FILE.write_bytes(picture())
    CARD.write_bytes(picture("image/png", **CARD_SIZE))


if __name__ == "__main__":
    main()
