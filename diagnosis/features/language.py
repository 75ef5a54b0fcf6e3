"""Whether a log is that of a language model, where nobody said so: by a perplexity that is the exponential of its loss, or an accuracy of tokens."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from diagnosis.features.middle import median
from diagnosis.run import Curve, Run

NEAR = 0.02  # nats: what rounding leaves between a loss and the logarithm of its perplexity
FEWEST = 2  # values logged together
TOKENS = {"accuracy_token", "accuracy_tokens", "accuracy_next_token"}
OF_TAGS = {"f1", "precision", "recall"}  # of a model that names tokens, and writes none
PERPLEXITY = "perplexity"


def of_language(run: Run, notes: list[str]) -> Run:
    """The run with its task said, where the log tells it and the caller did not."""
    if run.context.task is not None or run.context.num_classes is not None:
        return run
    tagged = any(c.metric in OF_TAGS for c in run.curves)
    sign = None if tagged else next((c.name for c in run.curves if c.metric in TOKENS), None)
    if sign is None:
        losses = [c for c in run.having("train_loss", "val_loss") if c.metric == "loss"]
        sure = [c for c in run.having("train_metric", "val_metric") if c.metric == PERPLEXITY]
        sign = next((p.name for p, loss in product(sure, losses) if _exponential(p, loss)), None)
    if sign is None:
        return run
    notes.append(f"{sign} is that of a language model, so context.task is taken to be language_model")
    return replace(run, context=replace(run.context, task="language_model"))


def _exponential(perplexity: Curve, loss: Curve) -> bool:
    """Whether one is e to the other: the perplexity of a codebook is not."""
    _, at, beside = np.intersect1d(perplexity.steps, loss.steps, return_indices=True)
    values, nats = perplexity.values[at], loss.values[beside]
    sound = perplexity.sound[at] & loss.sound[beside] & (values > 0.0)
    return bool(sound.sum() >= FEWEST and median(np.abs(np.log(values[sound]) - nats[sound])) < NEAR)
