"""Write docs/conditions and docs/formats from the rules, the checks and the readers; `--check` says whether they are current.

A condition's page shows what the rule really says of its own first example, so a reviewer reads it in the diff.

    python scripts/pages.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from schemas.catalogue import ConditionsOut, FormatOut, FormatsOut, all_conditions, condition
from service.pages.condition import conditions_page, page

DOCS = Path(__file__).parents[1] / "docs"
MADE = "<!-- Made by scripts/pages.py from the code: change it there. -->\n\n"


def pages() -> dict[Path, str]:
    """Every page by where it belongs."""
    found = {DOCS / "conditions" / "index.md": conditions_page(ConditionsOut.of()).replace("(/conditions/", "(")}
    for name in all_conditions():
        described = condition(name)
        if described is not None:
            found[DOCS / "conditions" / f"{name}.md"] = page(described)
    formats = FormatsOut.of().formats
    found[DOCS / "formats" / "index.md"] = _formats(formats)
    found.update({DOCS / "formats" / f"{one.name}.md": _format(one) for one in formats})
    return {path: MADE + _linked(text) for path, text in found.items()}


def _linked(text: str) -> str:
    """Links between pages as files, which a repository shows."""
    return re.sub(r"\]\(([a-z0-9_]+)\)", r"](\1.md)", text.rstrip()) + "\n"


def _formats(formats: list[FormatOut]) -> str:
    return "\n".join(("# Formats", "", *(f"- [{one.name}]({one.name}): {one.title}" for one in formats)))


def _format(one: FormatOut) -> str:
    return "\n".join((f"# {one.name}", "", one.title, "", one.page, "", "```text", one.sample, "```"))


def main() -> int:
    """Write the pages, or say which are stale or left over."""
    made = pages()
    there = {path for folder in ("conditions", "formats") for path in (DOCS / folder).glob("*.md")}
    stale = sorted(path for path in made if not path.exists() or path.read_text() != made[path])
    stale += sorted(there - set(made))
    if "--check" in sys.argv:
        for path in stale:
            print(f"stale: {path.relative_to(DOCS.parent)}")
        return int(bool(stale))
    for path in there - set(made):
        path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
