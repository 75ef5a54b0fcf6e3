"""Which periods the autocorrelation of a curve shows, once its trend is taken away."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from diagnosis.features.folding import LEAST
from diagnosis.features.middle import median
from diagnosis.run import FloatArray

ALIKE = 0.15  # autocorrelation of a period worth folding
DIRECT = 200  # points; so few are correlated faster than transformed
CANDIDATES = 4  # peaks of the autocorrelation that are folded
WIDTHS = (3, 12)  # the trend is a running mean over these parts of the curve, while a period is looked for
OUTLIER = 4.0  # standard deviations (by the median) at which a residual is cut, while a period is looked for
TALL = 0.75  # of the highest peak: the first as high, of which others may be multiples


def _autocorrelation(values: FloatArray) -> FloatArray:
    """The sum of products of values so many points apart, by the number of points: (n,) → (n,)."""
    n = values.size
    if n <= DIRECT:
        return np.correlate(values, values, "full")[n - 1 :]
    size = next_fast_len(2 * n, real=True)
    spectrum = rfft(values, size)
    found: FloatArray = irfft(spectrum * spectrum.conj(), size)[:n]
    return found


def candidates(values: FloatArray) -> list[float]:
    """Periods that are worth folding a curve (n,) by, in points."""
    found = []
    total = np.zeros(values.size + 1)
    values.cumsum(out=total[1:])
    for part in WIDTHS:
        width = values.size // part
        if width < 2 * LEAST:
            continue
        off = values[width // 2 : width // 2 + values.size - width + 1] - (total[width:] - total[:-width]) / width
        scatter = OUTLIER * 1.4826 * median(np.abs(off))
        if scatter <= 0.0:
            continue
        off = np.minimum(np.maximum(off, -scatter), scatter)
        off -= off.sum() / off.size
        m = off.size
        power = _autocorrelation(off)[: m // 2 + 1]
        if power[0] <= 0.0:
            continue
        alike = power / power[0] * (m / np.arange(m, m - power.size, -1))
        below = int((alike < 0.0).argmax())  # 0 where it never is: it begins at 1
        start = max(below + 1, LEAST)
        inner = alike[start:-1]
        peaks = start + ((inner > alike[start - 1 : -2]) & (inner >= alike[start + 1 :]) & (inner > ALIKE)).nonzero()[0]
        if not below or not peaks.size:
            continue
        first = peaks[np.argmax(alike[peaks] >= TALL * alike[peaks].max())]  # the others may be its multiples
        peaks = np.append(peaks[np.argsort(alike[peaks])[::-1][:CANDIDATES]], first)
        found += [_refined(alike, int(p)) for p in peaks]
    return found


def _refined(alike: FloatArray, lag: int) -> float:
    """A lag to fractions of a point, from its multiples."""
    points = float(lag)
    for multiple in range(1, (alike.size - 2) // lag + 1):
        near = round(multiple * points)
        reach = max(int(points / 4), 1)
        low = max(near - reach, 1)
        high = min(near + reach, alike.size - 2)
        if high <= low:
            break
        top = low + int(alike[low : high + 1].argmax())
        if not low < top < high or alike[top] < 0.5 * alike[lag]:
            break
        left, mid, right = alike[top - 1], alike[top], alike[top + 1]
        bend = left - 2 * mid + right
        points = (top + (0.5 * (left - right) / bend if bend < 0.0 else 0.0)) / multiple
    return points
