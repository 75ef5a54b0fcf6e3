"""matplotlib, imported so that it writes nothing, asks nobody, and draws the same everywhere.

It keeps a list of the machine's fonts in the home of whoever runs it, which may be missing or read-only: unless the operator
has given it a place (`MPLCONFIGDIR`), it gets one in memory for as long as it is imported. A `matplotlibrc` that lies about
would change the picture, so its own defaults are put back, once. Fonts are those it brings along.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PLACE = "MPLCONFIGDIR"
MISSING = r"Glyph \d+ .*missing from"  # said of each letter that the font lacks
MEMORY = Path("/dev/shm")  # noqa: S108 - the one place that is writable in a read-only container
# What is chosen for good; everything else is said where it is drawn, so that threads and themes do not meet.
CHOSEN: Any = {
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "curve-diagnosis",  # ids are the same each time
    "text.hinting": "none",  # letters are as wide as they were measured
    "text.parse_math": False,  # a dollar in a name is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "axes.unicode_minus": True,
    "path.simplify": True,
}


@contextmanager
def _a_place() -> Iterator[None]:
    """Somewhere to write to, for as long as it is asked for."""
    if os.environ.get(PLACE):
        yield
        return
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        os.environ[PLACE] = folder
        try:
            yield
        finally:
            del os.environ[PLACE]


with _a_place():
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    mpl.rcdefaults()

mpl.rcParams.update(CHOSEN)
warnings.filterwarnings("ignore", MISSING, UserWarning)  # in an SVG it is another font's to show
gc.freeze()  # it stays: what is collected after each picture need not be looked for in all of this
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
__all__ = ["FONTS", "Figure", "FigureCanvasAgg", "FigureCanvasSVG"]
