"""Peers beside us on the same runs: macro-F1 over what each claims to name, false alarms, changes with the units.

python -m benchmarks.peers [tune|reported|all]
"""

from __future__ import annotations

from benchmarks.beside import section, sources
from benchmarks.corpus import asked_split, recorded

if __name__ == "__main__":
    print(section(list(recorded(asked_split(__doc__).split))), sources(), sep="\n\n")
