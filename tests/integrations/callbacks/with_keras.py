"""Keras on torch: `fit`, with counts by Keras' own metrics."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"  # Keras reads it when it is imported

import keras

from tests.integrations.callbacks.example import example
from tests.integrations.callbacks.problems import WIDTH, Problem, Trained


def train(problem: Problem, url: str | None, **options: Any) -> Trained:
    """Train, watched by the service at `url`."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((WIDTH,)),
            keras.layers.Dense(problem.hidden, "relu"),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    metrics = keras.metrics
    named = [
        metrics.TruePositives(name="tp"),
        metrics.FalsePositives(name="fp"),
        metrics.TrueNegatives(name="tn"),
        metrics.FalseNegatives(name="fn"),
    ]
    model.compile(keras.optimizers.Adam(problem.rate), "binary_crossentropy", metrics=["accuracy", *named])
    watching = [example("keras_callback").CurveDiagnosis(url, **options)] if url else []
    history = model.fit(
        *problem.train,
        validation_data=problem.held_out,
        epochs=problem.epochs,
        batch_size=problem.batch,
        callbacks=watching,
        verbose=0,
    )
    weights = b"".join(each.tobytes() for each in model.get_weights())
    return Trained(weights, len(history.epoch), watching[0].doctor if watching else None)
