"""What a logger makes of what was measured: history, under its own names, and truth, which no request may hold."""

import math
from collections.abc import Callable
from typing import Any

from training import Book, Run

COUNTS = ("tp", "fp", "tn", "fn")
KEPT = ("loss", "val_loss", "test_loss", "test_right", "clean_train_loss", "test_tp", "test_fp", "test_tn", "test_fn")


def precision(tp: float, fp: float, tn: float, fn: float) -> float:  # noqa: ARG001 - one signature for all four
    """Of what was named positive, the share that is; 0 where nothing was, as libraries have it."""
    return tp / max(tp + fp, 1)


def recall(tp: float, fp: float, tn: float, fn: float) -> float:  # noqa: ARG001 - likewise
    """Return the share of the positives that were named."""
    return tp / max(tp + fn, 1)


def f1(tp: float, fp: float, tn: float, fn: float) -> float:  # noqa: ARG001 - likewise
    """Harmonic mean of the two above."""
    return 2 * tp / max(2 * tp + fp + fn, 1)


def mcc(tp: float, fp: float, tn: float, fn: float) -> float:
    """Return Matthews' correlation; 0 where it is not defined."""
    return (tp * tn - fp * fn) / max(math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)), 1)


FROM_COUNTS: dict[str, Callable[[float, float, float, float], float]] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "mcc": mcc,
}


def filed(run: Run, book: Book, secret: Book) -> None:
    """Sort what was written into history, as logged, and truth."""
    recipe, kind = run.recipe, run.kind
    if "val_tp" in book.values:
        _derive(run, book)
    metric = "mae" if kind == "regression" else "accuracy"
    names = {"loss": "loss", "val_loss": "val_loss"}
    names |= {"right": metric, "val_right": f"val_{metric}"} if {"accuracy", "mae"} & set(recipe.logs) else {}
    names |= {"val_r2": "val_r2"} if "r2" in recipe.logs else {}
    names |= {name: name for name in ("lr", "grad_norm") if name in recipe.logs}
    names |= {f"val_{name}": name for name in COUNTS if "counts" in recipe.logs}
    names |= {f"val_{name}": f"val_{name}" for name in FROM_COUNTS if name in recipe.logs}
    for name, shown in names.items():
        if name not in book.values or ("no_val" in recipe.logs and name.startswith("val_")):
            continue
        values = [_rounded(value, recipe.digits) for value in book.values[name]]
        by_step = recipe.log_every or recipe.eval_every
        run.history[shown] = {"values": values, "steps": book.steps[name], "axis": "step"} if by_step else values
    for source, prefix in ((book, ""), (secret, "future_")):
        for name in ("loss", "val_loss", "test_loss", "test_right"):
            if name in source.values and (prefix or name.startswith("test")):
                run.truth[prefix + name] = [_rounded(value, 5) for value in source.values[name]]
    run.measured = {name: [_rounded(v, 6) for v in book.values[name]] for name in KEPT if name in book.values}


def _derive(run: Run, book: Book) -> None:
    """Write what follows from the counts: precision, recall, F1, Matthews' correlation."""
    counts = [*zip(*(book.values[f"val_{name}"] for name in COUNTS), strict=True)]
    for name, formula in FROM_COUNTS.items():
        if name in run.recipe.logs:
            book.values[f"val_{name}"] = [formula(*four) for four in counts]
            book.steps[f"val_{name}"] = book.steps["val_tp"]


def _rounded(value: float, digits: int) -> Any:  # noqa: ANN401 - a float, as JSON will have it
    """Round to significant digits, as loggers do."""
    return float(f"{value:.{digits}g}")
