"""Data of the reported side: none of it is trained on anywhere else.

Each source returns inputs and targets as arrays; `tasks.py` cuts and scales them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn import datasets

if TYPE_CHECKING:
    from collections.abc import Callable

Arrays = tuple[np.ndarray, np.ndarray]
SIDE = 12  # pixels along an edge of the drawn shapes
SPAN = 24  # values, or characters, that a sequence model sees at once
TOKENS, LENGTH = 12, 8  # of the sequences to be sorted
ROWS = 3000


def _spirals(seed: int) -> Arrays:
    """Three interleaved arms."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 3, ROWS)
    along = np.sqrt(rng.uniform(0.02, 1, ROWS))
    angle = 2 * np.pi * (arm / 3 + 0.9 * along)
    return np.c_[along * np.cos(angle), along * np.sin(angle)] + rng.normal(0, 0.035, (ROWS, 2)), arm


def _checkerboard(seed: int) -> Arrays:
    """Four by four fields, with one label in twenty wrong."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 4, (ROWS, 2))
    return x, ((np.floor(x).sum(1) % 2 > 0) ^ (rng.random(ROWS) < 0.05)).astype(float)


def _parity(seed: int) -> Arrays:
    """Whether three of ten signs multiply to minus one: nothing can be seen in any one of them, nor in any two."""
    x = np.random.default_rng(seed).choice([-1.0, 1.0], (ROWS, 10))
    return x, (x[:, 1] * x[:, 4] * x[:, 7] < 0).astype(float)


def _hastie(seed: int) -> Arrays:
    x, y = datasets.make_hastie_10_2(ROWS, random_state=seed)
    return x, (y > 0).astype(float)


def _blobs(seed: int) -> Arrays:
    """Six clouds that overlap: no model gets them all."""
    return datasets.make_blobs(ROWS, 8, centers=6, cluster_std=5.0, random_state=seed)


def _iris(_: int) -> Arrays:
    return datasets.load_iris(return_X_y=True)


def _friedman2(seed: int) -> Arrays:
    x, y = datasets.make_friedman2(ROWS, noise=60.0, random_state=seed)
    return x / x.std(0), y


def _friedman3(seed: int) -> Arrays:
    return datasets.make_friedman3(ROWS, noise=0.1, random_state=seed)


def _swiss(seed: int) -> Arrays:
    return datasets.make_swiss_roll(ROWS, noise=0.5, random_state=seed)


def _shapes(seed: int) -> Arrays:
    """Squares, discs, crosses and frames of any place and size on a grainy ground."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, ROWS)
    x, y = np.mgrid[:SIDE, :SIDE]
    place = rng.uniform(4, 7, (ROWS, 2, 1, 1))
    size = rng.uniform(1.6, 3.6, (ROWS, 1, 1))
    dx, dy = np.abs(x - place[:, 0]), np.abs(y - place[:, 1])
    far = np.maximum(dx, dy)
    square, disc = far < size, dx**2 + dy**2 < 1.2 * size**2
    cross, frame = (np.minimum(dx, dy) < 0.8) & square, square & (far > size - 1.1)
    drawn = np.choose(kind[:, None, None], [square, disc, cross, frame]).astype(float)
    return (drawn + rng.normal(0, 0.35, drawn.shape)).reshape(ROWS, -1), kind


def _denoising(seed: int) -> Arrays:
    """Grainy shapes in, less grain wanted out: half of each pair of pictures of the same shapes."""
    noisy, _ = _shapes(seed)
    rng = np.random.default_rng(seed + 1)
    return noisy + rng.normal(0, 0.2, noisy.shape), noisy


def _autoregression(seed: int) -> Arrays:
    """A third-order autoregressive series, whose next value can only be known so well."""
    rng = np.random.default_rng(seed)
    series = rng.normal(0, 1, ROWS + 100)
    for t in range(3, len(series)):
        series[t] += 1.2 * series[t - 1] - 0.7 * series[t - 2] + 0.2 * series[t - 3]
    return _spans(series[100:])


def _lorenz(seed: int) -> Arrays:
    """One coordinate of Lorenz' system, six steps ahead."""
    rng = np.random.default_rng(seed)
    state, path = np.array([1.0, 1.0, 20.0]) + rng.normal(0, 1, 3), []
    for _ in range(4 * ROWS):
        x, y, z = state
        state = state + 0.01 * np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])
        path.append(state[0])
    return _spans(np.array(path[::4]) + rng.normal(0, 0.3, ROWS), ahead=6)


def _spans(series: np.ndarray, ahead: int = 1) -> Arrays:
    windows = np.lib.stride_tricks.sliding_window_view(series, SPAN)[: -ahead - 1]
    return windows.copy(), series[SPAN + ahead - 1 :][: len(windows)].copy()


def _bumps(seed: int) -> Arrays:
    """Series with one bump, two bumps, a step, or nothing but noise."""
    rng = np.random.default_rng(seed)
    kind, at = rng.integers(0, 4, ROWS), np.arange(SPAN)
    first, second = rng.uniform(2, 10, (ROWS, 1)), rng.uniform(13, 21, (ROWS, 1))
    bump, other = np.exp(-((at - first) ** 2) / 4), np.exp(-((at - second) ** 2) / 4)
    clean = np.choose(kind[:, None], [0 * bump, bump, bump + other, (at > second) * 1.0])
    return 1.5 * clean + rng.normal(0, 0.4, (ROWS, SPAN)), kind


def _sorting(seed: int) -> Arrays:
    x = np.random.default_rng(seed).integers(0, TOKENS, (ROWS, LENGTH))
    return x, np.sort(x, axis=1)


def _descriptions(_: int) -> Arrays:
    """Texts that scikit-learn ships with its data, as characters."""
    loaders = (
        datasets.load_wine,
        datasets.load_iris,
        datasets.load_digits,
        datasets.load_linnerud,
        datasets.load_diabetes,
    )
    text = " ".join(" ".join(loader().DESCR.split()) for loader in (*loaders, datasets.load_breast_cancer)).lower()
    common = sorted(sorted(set(text)), key=text.count)[-36:]
    codes = np.array([common.index(c) if c in common else 0 for c in text])
    windows = np.lib.stride_tricks.sliding_window_view(codes, SPAN + 1)[::6]
    blocks = np.concatenate([windows[k::8] for k in range(8)])  # neighbours overlap, as in most text loaders
    return blocks[:, :-1].copy(), blocks[:, 1:].copy()


def _pairs(seed: int) -> Arrays:
    """Letters in which each third one follows from the two before it, and the others are free but not equally likely."""
    rng = np.random.default_rng(seed)
    odds = rng.dirichlet(np.full(14, 0.5))
    free = rng.choice(14, (ROWS, SPAN + 1), p=odds)
    third = np.arange(2, SPAN + 1, 3)
    free[:, third] = (free[:, third - 1] + 3 * free[:, third - 2]) % 14
    return free[:, :-1], free[:, 1:]


REPORTED: dict[str, tuple[str, Callable[[int], Arrays]]] = {
    "spirals": ("classification", _spirals),
    "checkerboard": ("binary", _checkerboard),
    "parity": ("binary", _parity),
    "hastie": ("binary", _hastie),
    "blobs": ("classification", _blobs),
    "iris": ("classification", _iris),
    "friedman2": ("regression", _friedman2),
    "friedman3": ("regression", _friedman3),
    "swiss": ("regression", _swiss),
    "shapes": ("classification", _shapes),
    "denoising": ("regression", _denoising),
    "autoregression": ("regression", _autoregression),
    "lorenz": ("regression", _lorenz),
    "bumps": ("classification", _bumps),
    "sorting": ("language_model", _sorting),
    "descriptions": ("language_model", _descriptions),
    "pairs": ("language_model", _pairs),
}
