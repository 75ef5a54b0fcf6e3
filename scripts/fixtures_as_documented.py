"""Logs of formats whose programs cannot be installed here: the numbers of a really trained run, laid out as documented.

    python scripts/fixtures_as_documented.py

Each layout follows the format's own documentation and the page of its reader. Then run `make golden`.
"""

# long because: one function for each writer

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

READERS = Path(__file__).parents[1] / "tests" / "readers"
CLASSES, INPUTS, PER_EPOCH, BATCH = 5, 8, 20, 32


@dataclass(frozen=True)
class Step:
    """What one step of training shows; `val` and `right` at the end of an epoch."""

    step: int
    epoch: int
    loss: float
    rate: float
    norm: float
    val: float | None = None
    right: float | None = None


def trained(epochs: int = 8) -> Iterator[Step]:
    """Softmax regression on five noisy clouds by gradient descent with momentum, step by step."""
    draw = np.random.default_rng(0)
    centres = draw.normal(0, 1.2, (CLASSES, INPUTS))
    labels = draw.integers(0, CLASSES, PER_EPOCH * BATCH + 400)
    points = centres[labels] + draw.normal(0, 1, (labels.size, INPUTS))
    weights, speed = np.zeros((INPUTS, CLASSES)), np.zeros((INPUTS, CLASSES))
    held_out = slice(PER_EPOCH * BATCH, None)
    for epoch in range(epochs):
        order = draw.permutation(PER_EPOCH * BATCH).reshape(PER_EPOCH, BATCH)
        for at, rows in enumerate(order):
            loss, gradient, _ = measured(points[rows], labels[rows], weights)
            rate = 0.05 * (1 - (epoch * PER_EPOCH + at) / (epochs * PER_EPOCH))
            speed = 0.8 * speed - rate * gradient
            weights += speed
            last = at == PER_EPOCH - 1
            val, _, right = measured(points[held_out], labels[held_out], weights) if last else (None, None, None)
            yield Step(epoch * PER_EPOCH + at, epoch, loss, rate, float(np.linalg.norm(gradient)), val, right)


def measured(points: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Cross-entropy, its gradient, and the share of right answers."""
    scores = points @ weights
    odds = np.exp(scores - scores.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    rows = np.arange(labels.size)
    loss = float(-np.log(odds[rows, labels]).mean())
    right = float((odds.argmax(1) == labels).mean())
    odds[rows, labels] -= 1
    return loss, points.T @ odds / labels.size, right


STEPS = list(trained())
EPOCHS = [step for step in STEPS if step.val is not None]
MEANS = [float(np.mean([s.loss for s in STEPS if s.epoch == e.epoch])) for e in EPOCHS]


def lines(rows: Iterator[dict[str, Any]]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def llama_factory() -> Iterator[dict[str, Any]]:
    """`null` for what was not logged; evaluations in records of their own."""
    for s in STEPS:
        beside = {"epoch": round(s.step / PER_EPOCH, 2), "percentage": round(100 * s.step / len(STEPS), 2), "elapsed_time": "0:00:03", "remaining_time": "1 day, 0:01:09"}  # fmt: skip
        record = {"current_steps": s.step + 1, "total_steps": len(STEPS), "loss": None, "eval_loss": None, "predict_loss": None, "reward": None, "learning_rate": None}  # fmt: skip
        if s.step % 5 == 4:
            yield record | {"loss": round(s.loss, 4), "learning_rate": s.rate} | beside
        if s.val is not None:
            yield record | {"eval_loss": s.val} | beside


def detectron2() -> Iterator[dict[str, Any]]:
    """Every tenth iteration; an evaluation merged into its record, with an undefined size; and a restart."""
    for s in [*STEPS[:40], *STEPS]:
        if s.step % 10 == 9:
            row = {"data_time": 0.003, "eta_seconds": 851.8, "iteration": s.step, "loss_box_reg": 0.3 * s.loss, "loss_cls": 0.7 * s.loss, "lr": s.rate, "time": 0.4, "total_loss": s.loss}  # fmt: skip
            yield row | (
                {"bbox/AP": 100 * s.right, "bbox/APs": float("nan"), "bbox/APl": -1.0} if s.right is not None else {}
            )


def detr_log() -> Iterator[dict[str, Any]]:
    """An epoch a line, with the losses of decoder layers and a vector of precisions."""
    for e, mean in zip(EPOCHS, MEANS, strict=True):
        found = {
            "train_lr": e.rate,
            "train_loss": mean,
            "train_loss_ce": mean / 2,
            "train_loss_ce_0": mean / 2,
            "train_loss_ce_unscaled": mean / 2,
        }
        yield found | {
            "test_loss": e.val,
            "test_loss_ce": e.val,
            "test_coco_eval_bbox": [e.right, 0.9, 0.8],
            "epoch": e.epoch,
            "n_parameters": 41302368,
        }


def mmcv() -> Iterator[dict[str, Any]]:
    """`iter` starts anew with every epoch, and is the size of the set in a validation."""
    yield {
        "env_info": "sys.platform: linux\nPython: 3.8",
        "config": "model = dict()\n",
        "seed": 0,
        "exp_name": "small.py",
    }
    for s in STEPS:
        at = s.step % PER_EPOCH + 1
        if at % 5 == 0:
            yield {"mode": "train", "epoch": s.epoch + 1, "iter": at, "lr": s.rate, "memory": 2659, "data_time": 0.14, "loss_cls": s.loss / 2, "loss": s.loss, "time": 0.3}  # fmt: skip
        if s.val is not None:
            yield {
                "mode": "val",
                "epoch": s.epoch + 1,
                "iter": 6207,
                "lr": s.rate,
                "bbox_mAP": s.right,
                "bbox_mAP_s": -1.0,
                "bbox_mAP_copypaste": "0.1 0.2 -1.0",
            }


def mmengine() -> Iterator[dict[str, Any]]:
    """`step` of a validation is its epoch."""
    for s in STEPS:
        if s.step % 5 == 4:
            yield {
                "lr": s.rate,
                "data_time": 0.001,
                "loss": s.loss,
                "time": 0.34,
                "epoch": s.epoch + 1,
                "iter": s.step + 1,
                "memory": 2615,
                "step": s.step + 1,
            }
        if s.right is not None:
            yield {"accuracy/top1": 100 * s.right, "data_time": 0.0003, "time": 0.04, "step": s.epoch + 1}


def mmengine_text() -> str:
    """A configuration, then training and validation, then another run of the same."""
    head = "2023/05/11 03:20:22 - mmengine - INFO - Config:\nmodel = dict(\n    head=dict(loss_weight=1.0))\n"
    body = []
    for s in STEPS:
        at = s.step % PER_EPOCH + 1
        if at % 10 == 0:
            body.append(f"2023/05/11 03:35:54 - mmengine - INFO - Epoch(train) [{s.epoch + 1}][{at:4d}/{PER_EPOCH}]  lr: {s.rate:.4e}  eta: 1 day, 0:21:13  time: 0.3422  data_time: 0.0014  memory: 2615  loss: {s.loss:.4f}")  # fmt: skip
        if s.right is not None:
            body.append(f"2023/05/11 03:35:20 - mmengine - INFO - Epoch(val) [{s.epoch + 1}][25/25]    accuracy/top1: {100 * s.right:.4f}  data_time: 0.0043  time: 0.0970")  # fmt: skip
    return head + "\n".join([*body[:8], *body]) + "\n"


def csv(header: str, rows: Callable[[Step, float], str]) -> str:
    """A header and a row an epoch."""
    return "\n".join([header, *(rows(e, mean) for e, mean in zip(EPOCHS, MEANS, strict=True))]) + "\n"


def padded(cells: list[object]) -> str:
    """YOLO's cells until 2024."""
    return ",".join(f"{cell:>23}" for cell in cells)


YOLO = ["epoch", "train/box_loss", "train/cls_loss", "train/dfl_loss", "metrics/precision(B)", "metrics/recall(B)", "metrics/mAP50(B)", "metrics/mAP50-95(B)", "val/box_loss", "val/cls_loss", "val/dfl_loss", "lr/pg0"]  # fmt: skip
HEADS = ["train/box_om", "train/cls_om", "train/dfl_om", "train/box_oo", "train/cls_oo", "train/dfl_oo"]


def v5_row(e: Step, mean: float) -> str:
    """YOLOv5, epochs from 0; the caller adds the shifted last row."""
    return padded(
        [
            e.epoch,
            *(
                f"{x:.5g}"
                for x in (
                    mean / 3,
                    mean / 3,
                    mean / 3,
                    e.right,
                    e.right,
                    e.right,
                    e.right,
                    e.val / 3,
                    e.val / 3,
                    e.val / 3,
                    e.rate,
                    e.rate,
                    e.rate,
                )
            ),
        ]
    )  # type: ignore[operator]


def tables() -> Iterator[tuple[str, str, str]]:
    """Every table with its reader and its case."""
    five = [f"{part}/{what}_loss" for part in ("train", "val") for what in ("box", "obj", "cls")]
    v5 = [
        "epoch",
        *five[:3],
        "metrics/precision",
        "metrics/recall",
        "metrics/mAP_0.5",
        "metrics/mAP_0.5:0.95",
        *five[3:],
        "x/lr0",
        "x/lr1",
        "x/lr2",
    ]
    shifted = padded(["8", "0.71", "0.72", "0.55", "0.31", "0.2", "0.2", "0.2"])
    yield "ultralytics_csv", "v5.csv", csv(padded(list(v5)), v5_row) + shifted + "\n"
    yield (
        "ultralytics_csv",
        "v8.csv",
        csv(
            padded(list(YOLO)),
            lambda e, m: padded(
                [
                    e.epoch + 1,
                    *(
                        f"{x:.5g}"
                        for x in (
                            m,
                            m / 2,
                            m / 3,
                            e.right,
                            e.right,
                            e.right,
                            e.right,
                            e.val,
                            e.val / 2,
                            e.val / 3,
                            e.rate,
                        )
                    ),
                ]
            ),
        ),
    )  # type: ignore[operator]
    yield (
        "ultralytics_csv",
        "v10.csv",
        csv(
            ",".join(["epoch", "time", *HEADS, *YOLO[4:8], *(n.replace("train", "val") for n in HEADS), "lr/pg0"]),
            lambda e, m: ",".join(
                str(x) for x in (e.epoch + 1, 7.5 * (e.epoch + 1), *[m] * 6, *[e.right] * 4, *[e.val] * 6, e.rate)
            ),
        ),
    )
    yield (
        "ultralytics_csv",
        "classify.csv",
        csv(
            "epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0",
            lambda e, m: f"{e.epoch + 1},{7.5 * e.epoch},{m},{e.right},1,{e.val},{e.rate}",
        ),
    )
    yield (
        "yolo_txt",
        "v7.txt",
        "".join(
            f"{f'{e.epoch}/{len(EPOCHS) - 1}':>10}{'7.37G':>10}"
            + "".join(
                f"{x:>10.4g}"
                for x in (
                    m / 3,
                    m / 3,
                    m / 3,
                    m,
                    53,
                    640,
                    e.right,
                    e.right,
                    e.right,
                    e.right,
                    e.val / 3,
                    e.val / 3,
                    e.val / 3,
                )
            )
            + "\n"
            for e, m in zip(EPOCHS, MEANS, strict=True)
        ),
    )  # type: ignore[operator]
    yield (
        "timm_csv",
        "resumed.csv",
        csv(
            "epoch,train_loss,train_lr,eval_loss,eval_top1,eval_top5",
            lambda e, m: f'{e.epoch + 41},{m},"[{e.rate}, {e.rate}]",{e.val},{100 * e.right},100.0',
        ),
    )  # type: ignore[operator]
    yield (
        "fastai_csv",
        "history.csv",
        csv(
            "epoch,train_loss,valid_loss,accuracy,time",
            lambda e, m: f"{e.epoch},{m:.6f},{e.val:.6f},{e.right:.6f},00:04",
        ),
    )
    yield (
        "spinning_up",
        "progress.txt",
        csv(
            "Epoch\tAverageEpRet\tStdEpRet\tEpLen\tTotalEnvInteracts\tLossPi\tLossV",
            lambda e, m: (
                f"{e.epoch}\t{200 * e.right}\t{20 * m}\t{200 * e.right}\t{4000 * (e.epoch + 1)}\t{-0.01 * m}\t{100 * m}"
            ),
        ),
    )  # type: ignore[operator]
    yield "headerless", "loss.txt", "".join(f"{s.step} {s.loss}\n" for s in STEPS)
    yield "headerless", "restarting.csv", "".join(f"{s.step % 40},{s.loss},{s.norm}\n" for s in STEPS)


def printed() -> Iterator[tuple[str, str, str]]:
    """Every console log with its reader and its case."""
    sampled = [s for s in STEPS if s.step % 10 == 0 or s.val is not None]
    gpt = [f"step {s.step}: train loss {s.loss:.4f}, val loss {s.val:.4f}" if s.val is not None else f"iter {s.step}: loss {s.loss:.4f}, time 263.56ms, mfu -100.00%" for s in STEPS]  # fmt: skip
    yield "nano_gpt", "nano.log", "Overriding config\nlearning_rate = 0.05\n" + "\n".join(gpt) + "\n"
    build = [
        f"{s.step} train {s.loss:.6f}" if s.val is None else f"{s.step} val {s.val:.4f}\n{s.step} hella {s.right:.4f}"
        for s in STEPS
    ]
    yield "nano_gpt", "build.txt", "\n".join(build) + "\n"
    yield "nano_gpt", "modded.txt", "import torch\nloss = 0\n" + "\n".join(f"step:{s.step}/{len(STEPS)} val_loss:{s.val or s.loss:.4f} train_time:40ms step_avg:{'nan' if s.step < 10 else 4.1}ms" for s in STEPS) + "\n"  # fmt: skip
    short = [
        f"s:{s.step} trl:{s.loss:.4f} lr:{s.rate:.6f} norm:{s.norm:.2f}"
        + (f"\ns:{s.step} tel:{s.val:.4f}\ns:{s.step} eval:{s.right:.4f}" if s.val is not None else "")
        for s in STEPS
    ]
    yield "llm_c", "main.log", "\n".join(short) + "\n"
    yield "open_mmlab_text", "two_runs.log", mmengine_text()
    detr = ["Not using distributed mode", "Namespace(lr=0.05, bbox_loss_coef=5, epochs=8)"]
    for e, mean in zip(EPOCHS, MEANS, strict=True):
        detr += [f"Epoch: [{e.epoch}]  [{s.step % PER_EPOCH:3d}/{PER_EPOCH}]  eta: 0:12:43  lr: {s.rate:.6f}  loss: {s.loss:.4f} ({mean:.4f})  loss_ce: {s.loss / 2:.4f} ({mean / 2:.4f})  time: 5.9668  data: 3.1  max mem: 3000" for s in STEPS if s.epoch == e.epoch and s.step % 10 == 0]  # fmt: skip
        detr += [
            f"Epoch: [{e.epoch}] Total time: 0:01:14 (0.5813 s / it)",
            f"Averaged stats: lr: {e.rate:.6f}  loss: {e.loss:.4f} ({mean:.4f})  loss_ce: {e.loss / 2:.4f} ({mean / 2:.4f})",
        ]
        detr += [
            f"Test:  [0/4]  eta: 0:00:05  loss: {e.val:.4f} ({e.val:.4f})  time: 1.3  data: 1.2  max mem: 3100",
            f"Averaged stats: loss: {e.val:.4f} ({e.val:.4f})  loss_ce: {e.val:.4f} ({e.val:.4f})",
        ]
        detr += [f" Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {e.right:.3f}"]
    yield "metric_logger", "detr.txt", "\n".join(detr) + "\n"
    caffe = ['layer {\n  name: "data"\n  loss_weight: 1\n}']
    for s in sampled:
        stamp = "I0613 17:29:58.112738  1860"
        caffe += [f"{stamp} solver.cpp:228] Iteration {s.step}, loss = {s.loss:.6g}", f"{stamp} solver.cpp:244]     Train net output #0: loss = {s.loss:.6g} (* 1 = {s.loss:.6g} loss)", f"{stamp} sgd_solver.cpp:106] Iteration {s.step}, lr = {s.rate:.6g}"]  # fmt: skip
        if s.val is not None:
            caffe += [f"{stamp} solver.cpp:337] Iteration {s.step}, Testing net (#0)", f"{stamp} solver.cpp:404]     Test net output #0: accuracy = {s.right}", f"{stamp} solver.cpp:404]     Test net output #1: loss = {s.val:.6g} (* 1 = {s.val:.6g} loss)"]  # fmt: skip
    yield "caffe", "glog.txt", "\n".join(caffe) + "\n"
    nmt = [f"[2025-09-21 08:39:16,816 INFO] Step {s.step}/ 5000; acc: {50 / s.loss:6.2f}; ppl: {np.exp(s.loss):6.2f}; xent: {s.loss:.2f}; lr: {s.rate:.5f}; 4466/6179 tok/s;     32 sec" + (f"\n[2025-09-21 08:43:41,636 INFO] Validation perplexity: {np.exp(s.val):.4f}\n[2025-09-21 08:43:41,637 INFO] Validation accuracy: {100 * (s.right or 0):.4f}" if s.val is not None else "") for s in sampled]  # fmt: skip
    yield (
        "machine_translation",
        "opennmt.log",
        "[2025-09-21 08:38:44,655 INFO]  * src vocab size = 3728\n" + "\n".join(nmt) + "\n",
    )
    joey = [f"2021-11-23 15:19:55,585 - INFO - joeynmt.training - Epoch {s.epoch + 1:3d}, Step: {s.step:8d}, Batch Loss: {s.loss:12.6f}, Tokens per Sec:     2272, Lr: {s.rate:.6f}" + (f"\n2021-11-23 15:32:06,608 - INFO - joeynmt.training - Validation result (greedy) at epoch {s.epoch + 1:3d}, step {s.step:8d}: bleu: {10 * (s.right or 0):6.2f}, loss: {12000 * s.val:.4f}, ppl: {np.exp(s.val):8.4f}, duration: 321.0727s" if s.val is not None else "") for s in sampled]  # fmt: skip
    yield (
        "machine_translation",
        "joeynmt.log",
        "2021-11-23 15:18:38,820 - INFO - root - Hello! This is Joey-NMT (version 1.3).\n" + "\n".join(joey) + "\n",
    )
    who = "[2023-11-21:14:24:55:INFO:sockeye.training:_create_checkpoint] Checkpoint"
    sockeye = [f"{who} [{e.epoch + 1}]\tUpdates={4000 * (e.epoch + 1)} Epoch={e.epoch * 3 + 3} Samples=3234912 Time-cost=1519.059 Updates/sec=2.633\n{who} [{e.epoch + 1}]\tTrain-ppl={np.exp(m):.6f}\n{who} [{e.epoch + 1}]\tValidation-ppl={np.exp(e.val or 0):.6f}\tValidation-bleu={(e.right or 0) / 5:.6f}" for e, m in zip(EPOCHS, MEANS, strict=True)]  # fmt: skip
    yield "machine_translation", "sockeye.log", "\n".join(sockeye) + "\n"
    paddle = [f"[2022/01/01 10:00:09] ppcls INFO: [Train][Epoch {s.epoch + 1}/8][Iter: {s.step % PER_EPOCH}/{PER_EPOCH}]lr(LinearWarmup): {s.rate:.6f}, CELoss: {s.loss:.5f}, loss: {s.loss:.5f}, ips: 310 samples/s" + (f"\n[2022/01/01 10:00:50] ppcls INFO: [Eval][Epoch {s.epoch + 1}][Iter: 10/25]CELoss: 9.9, loss: 9.9\n[2022/01/01 10:01:00] ppcls INFO: [Eval][Epoch {s.epoch + 1}][Avg]CELoss: {s.val:.5f}, loss: {s.val:.5f}, top1: {s.right:.5f}" if s.val is not None else "") for s in sampled]  # fmt: skip
    yield "paddle", "train.log", "\n".join(paddle) + "\n"
    loop = [
        f"Epoch [{e.epoch + 1}/8] Train Loss: {m:.4f} lr: {e.rate:.2e}\nValidation: loss {e.val:.4f} acc {100 * (e.right or 0):.1f}%"
        for e, m in zip(EPOCHS, MEANS, strict=True)
    ]
    yield "plain_text", "loop.txt", "Using cuda\nlr: 0.05\nloss_weight: 1.0\n" + "\n".join(loop) + "\nbest acc: 91.0\n"
    keras = [
        f"Epoch {e.epoch + 1}/8\n\r 1/20 - loss: 9.9\r20/20 [==============================] - 2s 3ms/step - accuracy: {e.right:.4f} - loss: {m:.4f} - val_loss: {e.val:.4f}"
        for e, m in zip(EPOCHS, MEANS, strict=True)
    ]
    yield "keras_console", "keras.txt", "\n".join(keras) + "\n"
    bar = [
        f"\rEpoch {s.epoch}:  {100 * (s.step % PER_EPOCH) // PER_EPOCH}%|###   | {s.step % PER_EPOCH}/{PER_EPOCH} [00:10<00:10,  5.0it/s, loss={s.loss:.4f}, v_num=0]"
        + ("\n" if s.val is not None else "")
        for s in STEPS
    ]
    yield "plain_text", "tqdm.txt", "".join(bar)


def records() -> Iterator[tuple[str, str, str]]:
    """Every log in JSON with its reader and its case."""
    for reader, case, rows in (
        ("llama_factory", "trainer_log.jsonl", llama_factory()), ("detectron2", "metrics.json", detectron2()), ("detr_log", "log.txt", detr_log()),
        ("open_mmlab", "mmcv.log.json", mmcv()), ("open_mmlab", "mmengine.json", mmengine()),
    ):  # fmt: skip
        yield reader, case, lines(rows)
    cut = lines({"epoch": e.epoch, "loss": m, "val": {"loss": e.val}} for e, m in zip(EPOCHS, MEANS, strict=True))
    yield "generic_records", "cut_short.jsonl", cut + '{"epoch": 8, "lo'
    chainer = [
        {
            "main/loss": m,
            "validation/main/loss": e.val,
            "epoch": e.epoch + 1,
            "iteration": e.step + 1,
            "elapsed_time": 3.1,
        }
        for e, m in zip(EPOCHS, MEANS, strict=True)
    ]
    yield "generic_records", "chainer.json", json.dumps(chainer, indent=4)
    history = (
        {
            "_step": s.step,
            "_runtime": 3.1 + s.step,
            "_timestamp": 1708208368.5,
            "train/loss": s.loss,
            "image": {"_type": "image-file"},
        }
        | ({"val/loss": s.val} if s.val else {})
        for s in STEPS
    )
    yield "wandb_records", "history.jsonl", lines(history)
    yield (
        "tensorboard_json",
        "run-small-tag-loss.json",
        json.dumps([[1575618724.7 + s.step, s.step, s.loss] for s in STEPS]),
    )
    decoded = {
        "train/loss": {"steps": [s.step for s in STEPS], "values": [s.loss for s in STEPS]},
        "val/loss": {"steps": [e.step for e in EPOCHS], "values": [e.val for e in EPOCHS]},
    }
    yield "tensorboard_events", "decoded.json", json.dumps({"tensorboard_events": decoded, "notes": []})


def main() -> None:
    """Write every log."""
    for reader, case, text in (*tables(), *printed(), *records()):
        (READERS / reader).mkdir(parents=True, exist_ok=True)
        (READERS / reader / case).write_text(text)


if __name__ == "__main__":
    main()
