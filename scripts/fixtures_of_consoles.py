"""What programs print while they train, laid out as they print it, with the numbers of a really trained run.

    python scripts/fixtures_of_consoles.py

The layouts are those of issues and documentation of the programs. Then run `make golden`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scripts.fixtures_as_documented import EPOCHS, MEANS, PER_EPOCH, READERS, STEPS

ROWS = list(zip(EPOCHS, MEANS, strict=True))


def boosting() -> Iterator[tuple[str, str, str]]:
    """XGBoost, LightGBM and CatBoost, a line a round; LightGBM repeats its best."""
    yield (
        "boosting_console",
        "xgboost.txt",
        "".join(f"[{e.epoch}]\tvalidation_0-mlogloss:{m:.5f}\tvalidation_1-mlogloss:{e.val:.5f}\n" for e, m in ROWS),
    )
    light = [
        f"[{e.epoch + 1}]\ttraining's multi_logloss: {m:.6f}\tvalid_1's multi_logloss: {e.val:.6f}" for e, m in ROWS
    ]
    head = "[LightGBM] [Info] Total Bins 50\nTraining until validation scores don't improve for 5 rounds\n"
    best = f"Did not meet early stopping. Best iteration is:\n{light[-1]}\n"
    yield "boosting_console", "lightgbm.txt", head + "\n".join(light) + "\n" + best
    cat = [
        f"{e.epoch}:\tlearn: {m:.7f}\ttest: {e.val:.7f}\tbest: {e.val:.7f} ({e.epoch})\ttotal: {52 + e.epoch}ms\tremaining: 1.2s"
        for e, m in ROWS
    ]
    yield "boosting_console", "catboost.txt", "Learning rate set to 0.03\n" + "\n".join(cat) + "\nbestTest = 0.42\n"


def vision() -> Iterator[tuple[str, str, str]]:
    """YOLO with its bars, Darknet, and nnU-Net of both versions."""
    yolo = [
        f"      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n\r        {e.epoch + 1}/8      2.61G       9.99       9.99       9.99         81        640:  50%|##### | 4/8 [00:02<00:02,  1.9it/s]"
        f"\r        {e.epoch + 1}/8      2.61G {m:10.4g} {0.7 * m:10.4g} {0.5 * m:10.4g}         81        640: 100%|######| 8/8 [00:04<00:00,  1.9it/s]\n"
        f"                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|######| 4/4 [00:01<00:00,  2.1it/s]\n"
        f"                   all        128        929 {e.right:10.3g} {0.9 * (e.right or 0):10.3g} {0.8 * (e.right or 0):10.3g} {0.5 * (e.right or 0):10.3g}\n"
        for e, m in ROWS
    ]
    yield (
        "yolo_console",
        "detect.txt",
        "Ultralytics 8.3.0 Python-3.11 torch-2.4 CUDA:0\nStarting training for 8 epochs...\n\n" + "\n".join(yolo),
    )
    kinds = [
        f"      Epoch    GPU_mem       loss  Instances       Size\n        {e.epoch + 1}/8      1.9G {m:10.4g}         16        224: 100%|######| 8/8 [00:04<00:00]\n"
        f"               classes   top1_acc   top5_acc: 100%|######| 4/4\n                   all {e.right:10.3g}          1\n"
        for e, m in ROWS
    ]
    yield "yolo_console", "classify.txt", "\n".join(kinds)
    dark = [
        f" {s.step}: {s.loss:.6f}, {s.loss * 1.02:.6f} avg loss, {s.rate:.6f} rate, 3.315456 seconds, {64 * (s.step + 1)} images\n"
        "v3 (mse loss, Normalizer: (iou: 0.75, cls: 1.00) Region 82 Avg (IOU: 0.27), Class: 0.57, count: 2, loss = 1151.46, class_loss = 1149.53"
        for s in STEPS
    ]
    yield "darknet", "train.log", "\n".join(dark) + "\n"
    at = "2024-04-23 15:22:40.711169: "
    second = [
        f"{at}\n{at}Epoch {e.epoch}\n{at}Current learning rate: {e.rate:.5f}\n{at}train_loss {-1 / (1 + m):.4f}\n{at}val_loss {-1 / (1 + (e.val or 0)):.4f}\n"
        f"{at}Pseudo dice [{e.right:.4f}, nan, {0.9 * (e.right or 0):.4f}]\n{at}Epoch time: 61.1 s\n{at}Yayy! New best EMA pseudo Dice: 0.8196"
        for e, m in ROWS
    ]
    yield "nn_unet", "version_2.txt", "\n".join(second) + f"\n{at}Mean Validation Dice: 0.698\n"
    first = [
        f"{at}\nepoch:  {e.epoch}\n{at}train loss : {-1 / (1 + m):.4f}\n{at}validation loss: {-1 / (1 + (e.val or 0)):.4f}\n{at}Average global foreground Dice: [{e.right:.4f}]\n"
        f"{at}(interpret this as an estimate for the Dice of the different classes. This is not exact.)\n{at}lr: {e.rate:.6f}\n{at}This epoch took 137.13 s\n"
        for e, m in ROWS
    ]
    yield "nn_unet", "version_1.txt", "\n".join(first)


def rewards() -> Iterator[tuple[str, str, str]]:
    """RLlib's records and its table."""
    rows = [
        {"episode_reward_max": 99.0, "episode_reward_mean": 100 * (e.right or 0), "hist_stats": {"episode_reward": [1.0, 2.0]}, "info": {"learner": {"default_policy": {"learner_stats": {"total_loss": m, "cur_lr": 5e-05}}}},
         "timesteps_total": 4000 * (e.epoch + 1), "training_iteration": e.epoch + 1, "date": "2022-07-27_15-41-01", "time_this_iter_s": 4.2, "config": {"lr": 5e-05, "gamma": 0.99}, "evaluation": {"episode_reward_mean": 90 * (e.right or 0)}}
        for e, m in ROWS
    ]  # fmt: skip
    yield "rllib", "result.json", "".join(json.dumps(row) + "\n" for row in rows)
    head = "env_runners/episode_return_mean,num_env_steps_sampled_lifetime,training_iteration,learners/default_policy/total_loss,timers/sample,done\n"
    table = [f"{100 * (e.right or 0):.4f},{4000 * (e.epoch + 1)},{e.epoch + 1},{m:.5f},0.41,False\n" for e, m in ROWS]
    yield "rllib", "progress.csv", head + "".join(table)


def anything() -> Iterator[tuple[str, str, str]]:
    """Loops that say their splits in words, dictionaries, dates in front, bars that were overwritten."""
    tutorial = [
        f"Train Epoch: {s.epoch + 1} [{32 * (s.step % PER_EPOCH)}/640 ({5 * (s.step % PER_EPOCH)}%)]\tLoss: {s.loss:.6f}"
        + (
            f"\n\nTest set: Average loss: {s.val:.4f}, Accuracy: {round(400 * (s.right or 0))}/400 ({100 * (s.right or 0):.0f}%)\n"
            if s.val is not None
            else ""
        )
        for s in STEPS
        if s.step % 5 == 4
    ]
    yield "plain_text", "mnist.txt", "\n".join(tutorial) + "\n"
    fair = [
        f"2021-07-01 10:00:00 | INFO | train_inner | epoch {s.epoch + 1:03d}:    {s.step % PER_EPOCH + 1} / {PER_EPOCH} loss={s.loss:.3f}, ppl={2**s.loss:.2f}, wps=2000, ups=1.2, bsz=100, num_updates={s.step + 1}, lr={s.rate:.6g}, gnorm={s.norm:.3f}, loss_scale=16, wall=42"
        + (
            f"\n2021-07-01 10:03:00 | INFO | valid | epoch {s.epoch + 1:03d} | valid on 'valid' subset | loss {s.val:.3f} | ppl {2**s.val:.2f} | wps 8000 | bsz 80 | num_updates {s.step + 1} | best_loss {s.val:.3f}"
            if s.val is not None
            else ""
        )
        for s in STEPS
        if s.step % 5 == 4
    ]
    yield "plain_text", "fairseq.log", "\n".join(fair) + "\n"
    trainer = [
        f"{{'loss': {s.loss:.4f}, 'grad_norm': {s.norm:.4f}, 'learning_rate': {s.rate}, 'epoch': {(s.step + 1) / PER_EPOCH:.2f}}}"
        + (f"\n{{'eval_loss': {s.val}, 'eval_runtime': 3.2, 'epoch': {s.epoch + 1.0}}}" if s.val is not None else "")
        for s in STEPS
        if s.step % 5 == 4
    ]
    end = "{'train_runtime': 49.2, 'train_samples_per_second': 119.4, 'train_loss': 0.55, 'epoch': 8.0}\n"
    yield "plain_text", "trainer.txt", "\n".join(trainer) + "\n" + end
    bar = [f"{100 * (e.epoch + 1) // 8}%|##| {e.epoch + 1}/8 [00:01<00:03, loss={m:.4f}, val_loss={e.val:.4f}]" for e, m in ROWS]  # fmt: skip
    yield "plain_text", "bar_over_epochs.txt", "\r".join(bar) + "\n"
    blocks = [
        f"2022-04-28 08:40:39,200 EPOCH {e.epoch + 1} done: loss {m:.4f} - lr {e.rate:.6f}\n2022-04-28 08:40:39,300 DEV : loss {e.val:.4f} - f1-score (micro avg)  {e.right:.4f}\n2022-04-28 08:40:39,300 BAD EPOCHS (no improvement): 0"
        for e, m in ROWS
    ]
    yield "plain_text", "flair.log", "\n".join(blocks) + "\n"
    sections = [
        f"Epoch {e.epoch + 1}\nTraining:\n  loss: {m:.4f}\nValidation results:\n  loss: {e.val:.4f}\n  accuracy: {100 * (e.right or 0):.1f}%"
        for e, m in ROWS
    ]
    yield "plain_text", "sections.txt", "\n".join(sections) + "\n"
    megatron = [
        f" iteration {s.step + 1:8d}/     160 | consumed samples: {32 * (s.step + 1):12d} | elapsed time per iteration (ms): 86545.2 | learning rate: {s.rate:.3E} | global batch size:    32 | lm loss: {s.loss:.6E} | loss scale: 1.0 | grad norm: {s.norm:.3f} | number of skipped iterations:   0 | number of nan iterations:   0 |"
        + (
            f"\n-----------------\n validation loss at iteration {s.step + 1} | lm loss value: {s.val:.6E} | lm loss PPL: {2.718**s.val:.6E} |\n-----------------"
            if s.val is not None
            else ""
        )
        for s in STEPS
        if s.step % 5 == 4
    ]
    yield "plain_text", "megatron.log", "\n".join(megatron) + "\n"


def tables() -> Iterator[tuple[str, str, str]]:
    """Tables as people paste them: drawn with bars, below their settings, with a column that tells training."""
    card = [f"| {m:.4f} | {e.epoch + 1}.0 | {e.step + 1} | {e.val:.4f} | {e.right:.4f} |" for e, m in ROWS]
    head = "| Training Loss | Epoch | Step | Validation Loss | Accuracy |\n|:-------------:|:-----:|:----:|:---------------:|:--------:|\n"
    yield "generic_csv", "model_card.txt", head + "\n".join(["| No log | 0.5 | 10 | 1.6 | 0.2 |", *card]) + "\n"
    drawn = [f"| {e.epoch + 1:<12} | {m:<12.4f} | 1.36s        |" for e, m in ROWS]
    rule = "+--------------+--------------+--------------+\n"
    yield (
        "generic_csv",
        "drawn.txt",
        f"{rule}| Iteration    | Loss         | Elapsed Time |\n{rule}" + "\n".join(drawn) + f"\n{rule}",
    )
    settings = '# Starting new run with hyperparams:\n{\n  "lr": 0.05,\n  "epochs": 8\n}\n'
    rows = "".join(f"{e.epoch},{e.step},{m:.5f},{e.val:.5f}\n" for e, m in ROWS)
    yield "generic_csv", "below_settings.csv", f"{settings}epoch,step,train_loss,eval_loss\n{rows}"
    told = "".join(f"{m:.4f} | {e.epoch} | True | 00:21\n{e.val:.4f} | {e.epoch} | False | 00:01\n" for e, m in ROWS)
    yield "generic_csv", "true_or_false.txt", "loss | epoch | train | time\n-- | -- | -- | --\n" + told
    printed = {"loss": [round(m, 4) for m in MEANS], "val_loss": [round(e.val or 0, 4) for e in EPOCHS]}
    yield "keras_history", "printed.txt", f"{printed}\n".replace(str(printed["val_loss"][0]), "np.float64(1.01)", 1)


def inside() -> Iterator[tuple[str, str, str]]:
    """Histories inside other JSON, lists that a script prints at its end, and numbers alone under a file's name."""
    of = {"train": {"loss": MEANS}, "val": {"loss": [e.val for e in EPOCHS], "acc": [e.right for e in EPOCHS]}}
    whole = {"config": {"lr": 0.05}, "results": {"epochs": [e.epoch + 1 for e in EPOCHS], **of, "best": 0.83}}
    yield "nested_history", "by_split.json", json.dumps(whole)
    yield (
        "nested_history",
        "by_epoch.json",
        json.dumps({f"epoch_{e.epoch + 1}": {"loss": m, "val_loss": e.val} for e, m in ROWS}),
    )
    folds = {f"fold_{fold}": {"loss": [m + fold / 10 for m in MEANS], "val_loss": [e.val for e in EPOCHS]} for fold in (0, 1)}  # fmt: skip
    yield "nested_history", "by_fold.json", json.dumps({"seed": 1, **folds})
    lists = f"Using cuda\nTrain losses: {[round(m, 4) for m in MEANS]}\nVal losses: {[round(e.val or 0, 4) for e in EPOCHS]}\n"
    yield "printed_lists", "losses.txt", lists
    yield "headerless", "val_loss.txt", "".join(f"{e.val:.18e}\n" for e in EPOCHS)
    estimator = [
        f"INFO:tensorflow:global_step/sec: 100.4\nINFO:tensorflow:loss = {s.loss:.4f}, step = {s.step} (0.973 sec)"
        + (
            f"\nINFO:tensorflow:Saving dict for global step {s.step}: accuracy = {s.right:.4f}, global_step = {s.step}, loss = {s.val:.4f}"
            if s.val is not None
            else ""
        )
        for s in STEPS
        if s.step % 5 == 4
    ]
    yield "plain_text", "estimator.log", "\n".join(estimator) + "\n"
    imagenet = [
        f"Epoch: [{e.epoch}][ 0/20]\tTime 12.3 (12.3)\tLoss {m:.4e} ({m:.4e})\tAcc@1 50.0 ( 50.0)\n"
        f"Test: [0/4]\tTime 4.1 ( 4.1)\tLoss 9.9e+00 (9.9e+00)\tAcc@1 10.0 ( 10.0)\nTest: [3/4]\tTime 0.1 ( 0.5)\tLoss 9.9e+00 ({e.val:.4e})\tAcc@1 8.0 ( 9.1)\n * Acc@1 {100 * (e.right or 0):.3f}"
        for e, m in ROWS
    ]
    yield "plain_text", "imagenet.txt", "\n".join(imagenet) + "\n"


def main() -> None:
    """Write every log."""
    for reader, case, text in (*boosting(), *vision(), *rewards(), *anything(), *tables(), *inside()):
        (READERS / reader).mkdir(parents=True, exist_ok=True)
        (READERS / reader / case).write_text(text)


if __name__ == "__main__":
    main()
