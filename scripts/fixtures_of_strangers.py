"""Logs as other tools export them and other people's scripts print them, with the numbers of a really trained run.

    python scripts/fixtures_of_strangers.py

The layouts are those of the tools' documentation, and of scripts that many have copied. Then run `make golden`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scripts.fixtures_as_documented import EPOCHS, MEANS, PER_EPOCH, READERS, STEPS

ROWS = list(zip(EPOCHS, MEANS, strict=True))
NAMES = ("Loss/train", "Loss/val", "Accuracy/val")


def exports() -> Iterator[tuple[str, str, str]]:
    """Tables of a value a row (TensorBoard, Aim, Comet), ClearML's scalars, AllenNLP's epoch, Kaldi's report."""
    tagged = [
        f"{e.epoch},{name},{value}\n" for e, m in ROWS for name, value in zip(NAMES, (m, e.val, e.right), strict=True)
    ]
    yield "long_table", "tensorboard.csv", "step,tag,value\n" + "".join(tagged)
    runs = [
        f"{run},{split},loss,{e.epoch},{(value or 0) + shift}\n"
        for run, shift in (("a1b2", 0.0), ("c3d4", 0.1))
        for split, of in (("train", MEANS), ("val", [e.val for e in EPOCHS]))
        for e, value in zip(EPOCHS, of, strict=True)
    ]
    yield "long_table", "aim.csv", "run.hash,context.subset,metric.name,epoch,value\n" + "".join(runs)
    points = [
        {"metricName": "loss", "metricValue": str(value), "timestamp": 1708208368000, "runContext": context, "step": e.step, "epoch": e.epoch}
        for context, of in (("train", MEANS), ("validate", [e.val for e in EPOCHS]))
        for e, value in zip(EPOCHS, of, strict=True)
    ]  # fmt: skip
    yield "long_table", "comet.json", json.dumps({"metrics": points})
    series = {
        name: {"name": name, "x": [e.step for e in EPOCHS], "y": of}
        for name, of in (("train", MEANS), ("val", [e.val for e in EPOCHS]))
    }
    watched = {"cpu_usage": {"name": "cpu_usage", "x": [0, 60], "y": [31.0, 44.5]}}
    yield "clear_ml", "scalars.json", json.dumps({"loss": series, ":monitor:machine": watched})
    last, mean = ROWS[-1]
    epoch = {
        "best_epoch": last.epoch, "training_duration": "0:01:10", "training_start_epoch": 0, "training_epochs": last.epoch,
        "epoch": last.epoch, "training_loss": mean, "validation_accuracy": last.right, "validation_loss": last.val,
    }  # fmt: skip
    yield "allen_nlp", "metrics_epoch_7.json", json.dumps(epoch, indent=2)
    report = [f"{e.epoch}\t{40 + e.epoch}.0\t{-m:.5f}\t{-(e.val or 0):.5f}\t{(e.val or 0) - m:.5f}\n" for e, m in ROWS]
    head = "%Iter\tduration\ttrain_objective\tvalid_objective\tdifference\n"
    yield "kaldi_report", "accuracy.txt", head + "".join(report)


def graphs() -> Iterator[tuple[str, str, str]]:
    """PyTorch Geometric's examples, and an evaluator of Sentence Transformers, which counts steps within an epoch."""
    scores = [
        f"Epoch: {e.epoch + 1:03d}, Loss: {m:.4f}, Train: {e.right:.4f}, Val: {0.98 * (e.right or 0):.4f}, Test: {0.97 * (e.right or 0):.4f}\n"
        for e, m in ROWS
    ]
    yield "graph_console", "geometric.txt", "Median time per epoch: 0.0041s\n" + "".join(scores)
    rows = [
        f"{e.epoch},{at},{(e.right or 0) - drop:.4f},{(e.right or 0) - drop:.4f}\n"
        for e in EPOCHS
        for at, drop in ((10, 0.01), (-1, 0.0))
    ]
    yield "sentence_transformers", "similarity.csv", "epoch,steps,cosine_pearson,cosine_spearman\n" + "".join(rows)


def consoles() -> Iterator[tuple[str, str, str]]:
    """Two bars an epoch, brackets before a line, ESPnet, and several processes in one log."""
    bars = [
        f"\nEpoch: {e.epoch}\n [==>......]  Step: 20ms | Tot: 1s | Loss: 9.000 | Acc: 10.000% (8/80)" + "\b" * 60 + " 10/20 \r"
        f" [=======>]  Step: 20ms | Tot: 2s | Loss: {m:.3f} | Acc: 70.000% (448/640)" + "\b" * 60 + " 20/20 \n"
        f" [=======>]  Step: 11ms | Tot: 1s | Loss: {e.val:.3f} | Acc: {100 * (e.right or 0):.3f}% (300/400)" + "\b" * 60 + " 13/13 \nSaving..\n"
        for e, m in ROWS
    ]  # fmt: skip
    yield "two_bars", "cifar.txt", "==> Preparing data..\n==> Building model..\n" + "".join(bars)
    every = [s for s in STEPS if s.step % 5 == 4]
    tutorial = [f"[{s.epoch + 1}, {s.step % PER_EPOCH + 1:5d}] loss: {s.loss:.3f}\n" for s in every]
    yield "plain_text", "brackets.txt", "".join(tutorial) + "Finished Training\n"
    speech = [
        f"[node01] 2022-05-11 12:{e.epoch:02d}:43,511 (trainer:338) INFO: {e.epoch + 1}epoch results: [train] loss_ctc={m:.3f}, "
        f"loss={m:.3f}, optim0_lr0=2.5e-05, time=3 minutes and 12.3 seconds, total_count=1000, [valid] loss_ctc={e.val:.3f}, "
        f"acc={e.right:.3f}, loss={e.val:.3f}, time=12.1 seconds\n"
        for e, m in ROWS
    ]
    yield "plain_text", "espnet.log", "".join(speech)
    ranks = [
        f"[rank{r}]: epoch {e.epoch} loss {m + r / 100:.4f} val_loss {e.val:.4f}\n" for e, m in ROWS for r in (0, 1, 2)
    ]
    yield "plain_text", "ranks.log", "".join(ranks)
    quick = [
        f"Epoch {e.epoch + 1}\n-------------------------------\nloss: {m:>7f}  [   64/60000]\nTest Error: \n"
        f" Accuracy: {100 * (e.right or 0):>0.1f}%, Avg loss: {e.val:>8f} \n\n"
        for e, m in ROWS
    ]
    yield "plain_text", "quickstart.txt", "".join(quick) + "Done!\n"


def main() -> None:
    """Write every log."""
    for reader, case, text in (*exports(), *graphs(), *consoles()):
        (READERS / reader).mkdir(parents=True, exist_ok=True)
        (READERS / reader / case).write_text(text)


if __name__ == "__main__":
    main()
