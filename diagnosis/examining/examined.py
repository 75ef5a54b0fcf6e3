"""A vocabulary of examinations, for examples and tests: a sound small classifier, and whatever differs from it."""

from __future__ import annotations

from typing import Any

from diagnosis.examining.examination import Examination

NAMES = ("0.weight", "0.bias", "2.weight", "2.bias")


def attempt(
    lr: float = 1e-3,
    final: float = 0.01,
    *,
    steps: int = 120,
    stopped: str = "reached",
    falling: bool = False,
    **more: Any,  # noqa: ANN401 - any of its fields
) -> dict[str, Any]:
    """One training from 2.31 down to `final`."""
    return {
        "lr": lr,
        "steps": steps,
        "first": 2.31,
        "best": final,
        "final": final,
        "stopped": stopped,
        "falling": falling,
        "seconds": 0.1,
        "says": "",
    } | more


def stuck(lr: float = 1e-3, final: float = 2.2, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """One training that got nowhere."""
    return attempt(lr, final, steps=200, stopped="steps", **more)


def examined(**changes: Any) -> Examination:  # noqa: ANN401 - a section of facts, or what differs in it
    """What is measured of a sound two-layer classifier of ten classes; `changes` are merged into its sections."""
    facts: dict[str, Any] = {
        "asked": {"loss": "cross_entropy", "optimizer": "adam", "lr": 1e-3, "lr_given": True, "steps": 200, "seed": 0, "deadline_s": 20.0},
        "device": "cpu",
        "model": {"parameters": 2410, "trainable": 2410, "names": 4, "frozen": [], "inputs": ["Tensor"], "arguments": ["input"], "dtypes": ["float32"],
                  "layers": 2, "random": False, "hidden": [], "returns_loss": False, "outputs": 1, "norms_held": False},
        "graph": {"traced": False, "baked": []},
        "batch": {"examples": 32, "made": False, "inputs": [["float32", 32, 20]], "targets": ["int64", 32], "fit": "classes", "classes": 10, "outside": 0,
                  "refused_dtype": None, "labels": 32, "seen": 10, "share": 0.2, "inputs_not_finite": 0, "low": 0.0, "high": 9.0, "mean": 4.5,
                  "deviation": 2.9, "targets_not_finite": 0, "contradicting": 0, "repeated": 0},
        "operand": {"rms": 1.0, "largest": 3.5},
        "output": {"shape": [32, 10], "not_finite": 0, "low": -0.8, "high": 0.7, "numbers": 320, "zeros": 0.0, "broadcast": None,
                   "probabilities": False, "log_probabilities": False, "last": "addmm", "place": "2"},
        "attached": True,
        "broken": None,
        "levels": {"initial": 2.31, "expected": 2.303, "floor": 0.0, "reference": 2.2, "target": 0.022},
        "gradients": {"names": list(NAMES), "norms": [0.3, 0.05, 0.5, 0.1], "sizes": [5.0, 1.0, 1.0, 0.2], "numbers": [1280, 64, 640, 10],
                      "dimensions": [2, 1, 2, 1], "norm": 0.6, "missing": [], "zero": [], "not_finite": [], "last": ["2.bias"]},
        "symmetric": [],
        "units": [{"place": "0", "kind": "relu", "units": 64, "share": 0.0, "looks": 32}],
        "dependence": {"random": [], "eval_differs": 0.0, "spread": 0.7, "leaks": 0.0, "mixes_in_eval": False, "causal": False},
        "attempts": [attempt()],
        "used": 0,
        "settled": True,
        "curve": {"steps": [], "loss": []},
        "after": {"steps": 120, "unmoved": [], "metric": {"accuracy": 1.0}, "loss": 0.01},
        "timing": {},
        "notes": [],
    }  # fmt: skip
    for name, change in changes.items():
        facts[name] = facts[name] | change if isinstance(facts[name], dict) and isinstance(change, dict) else change
    return Examination.of(facts)
