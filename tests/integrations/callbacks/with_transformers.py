"""The Trainer of Transformers, with a tiny BERT that is made from a configuration; each feature is a token of two kinds."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

import transformers

from tests.integrations.callbacks.example import example
from tests.integrations.callbacks.problems import WIDTH, Problem, Trained, counts
from tests.integrations.callbacks.with_plain_pytorch import weights

FASTEST = 0.001  # learning rate; more is too much for attention


def train(problem: Problem, url: str | None, **options: Any) -> Trained:
    """Train, watched by the service at `url`."""
    transformers.set_seed(0)
    size = max(8, problem.hidden // 2)
    shape = {"hidden_size": size, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": size}
    config = transformers.BertConfig(
        vocab_size=2 * WIDTH, max_position_embeddings=WIDTH, num_labels=2, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, **shape,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    watching = [example("transformers_callback").CurveDiagnosis(url, **options)] if url else []
    with TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            folder, num_train_epochs=problem.epochs, learning_rate=min(problem.rate, FASTEST), per_device_train_batch_size=problem.batch,
            per_device_eval_batch_size=512, eval_strategy="epoch", logging_strategy="epoch", save_strategy="no",
            report_to=[], ddp_backend="gloo" if "WORLD_SIZE" in os.environ else None, disable_tqdm=True, use_cpu=True, seed=0, lr_scheduler_type="constant",
        )  # fmt: skip
        trainer = transformers.Trainer(
            model, arguments, train_dataset=_tokens(problem.train), eval_dataset=_tokens(problem.held_out),
            compute_metrics=_measured, callbacks=watching,
        )  # fmt: skip
        trainer.train()
    return Trained(weights(model), round(trainer.state.epoch), watching[0].doctor if watching else None)


def _tokens(part: tuple[Any, Any]) -> list[dict[str, Any]]:
    inputs, labels = part
    return [
        {"input_ids": [2 * place + int(value > 0) for place, value in enumerate(row)], "labels": int(label)}
        for row, label in zip(inputs, labels, strict=True)
    ]


def _measured(answers: Any) -> dict[str, float]:
    counted = counts(answers.predictions.argmax(-1), answers.label_ids)
    return {"accuracy": (counted["tp"] + counted["tn"]) / len(answers.label_ids), **counted}
