"""The training loop proper: batches, steps, and what is written down of them."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from recipe import Recipe
from tasks import Data
from torch import Tensor, nn
from training import Book, Run, losses, measure, optimizer_of, prepare, right, schedule, shaped

NO_CLIP = math.inf


class Learner(NamedTuple):
    """A model and what moves it."""

    model: nn.Module
    optimizer: torch.optim.Optimizer


def fit(recipe: Recipe) -> Run:
    """Train a recipe with fixed seeds and return its run."""
    torch.set_num_threads(1)
    data, model = prepare(recipe)
    sizes = len(data.train[0]), len(data.val[0])
    run = Run(recipe, data.kind, data.classes, *sizes, math.ceil(sizes[0] / recipe.batch))
    run.truth["initial_loss"] = measure(recipe, data, model, data.test)["loss"]
    book, secret = Book(), Book()
    optimizer = optimizer_of(recipe, model)
    total = recipe.epochs * run.steps_per_epoch
    epoch: list[dict[str, float]] = []
    recent: list[dict[str, float]] = []
    eval_every = recipe.eval_every or run.steps_per_epoch
    broken = False
    for step, rows in zip(range(total + recipe.future * run.steps_per_epoch), _rows(recipe, sizes[0]), strict=False):
        if step == total:
            run.truth["train_loss_in_eval_mode"] = measure(recipe, data, model, data.train)["loss"]
        logged = _step(run, data, Learner(model, optimizer), step, rows)
        book_now = book if step < total else secret
        broken = broken or not math.isfinite(logged["loss"])
        if recipe.masked and not math.isfinite(logged["loss"]):
            logged["loss"] = 0.0
        epoch.append(logged)
        recent.append(logged)
        if recipe.log_every and (step + 1) % recipe.log_every == 0:
            book_now.write(step + 1, **_mean(recent))
            recent = []
        if (step + 1) % eval_every == 0:
            _evaluate(recipe, data, model, book_now, step)
        if (step + 1) % run.steps_per_epoch == 0:
            if not recipe.log_every:
                train = measure(recipe, data, model, data.train) if recipe.train_in_eval_mode else {}
                book_now.write(step + 1, **(_mean(epoch) | {k: train[k] for k in train if k in ("loss", "right")}))
            epoch = []
            if broken and recipe.stop_on_nan:
                break
    run.truth.setdefault("train_loss_in_eval_mode", measure(recipe, data, model, data.train)["loss"])
    _file(run, book, secret)
    return run


def _rows(recipe: Recipe, count: int) -> Iterator[Tensor]:
    """Yield the rows of each batch, epoch after epoch, shuffled unless the recipe sorts them."""
    while True:
        order = torch.arange(count) if recipe.sorted_data else torch.randperm(count)
        yield from order.split(recipe.batch)


def _step(run: Run, data: Data, learner: Learner, step: int, rows: Tensor) -> dict[str, float]:
    """Take one optimisation step and return what it showed."""
    recipe, kind, (model, optimizer) = run.recipe, run.kind, learner
    rate = schedule(recipe, step, recipe.epochs * run.steps_per_epoch, run.steps_per_epoch)
    for group in optimizer.param_groups:
        group["lr"] = rate
    inputs, targets = (part[rows] for part in data.train)
    if recipe.augment:
        inputs = inputs + recipe.augment * torch.randn_like(inputs)
    if step in recipe.bad_batches:
        inputs = inputs * recipe.bad_scale if inputs.is_floating_point() else torch.randint_like(inputs, 4)
        targets = targets[torch.randperm(len(targets))]
    outputs = shaped(model(inputs), targets)
    loss = losses(recipe, kind, outputs, targets)
    optimizer.zero_grad()
    if loss.requires_grad:
        (-loss if recipe.ascend else loss).backward()
    found = {"loss": loss.item(), "right": right(kind, outputs, targets), "lr": rate}
    if recipe.clip or "grad_norm" in recipe.logs:
        norm = nn.utils.clip_grad_norm_(model.parameters(), recipe.clip or NO_CLIP)
        found["grad_norm"] = float(norm)
    optimizer.step()
    return found


def _evaluate(recipe: Recipe, data: Data, model: nn.Module, book: Book, step: int) -> None:
    """Write down the validation, and in secret the clean test."""
    val = data.val
    if recipe.resample_val:  # a fresh handful each time, as where validation is subsampled
        rows = torch.randperm(len(data.test[0]))[: recipe.val_size]
        val = (data.test[0][rows], data.test[1][rows])
    seen = measure(recipe, data, model, val)
    book.write(step + 1, **{f"val_{name}": value for name, value in seen.items()})
    book.write(step + 1, **{f"test_{name}": value for name, value in measure(recipe, data, model, data.test).items()})


def _mean(logged: list[dict[str, float]]) -> dict[str, float]:
    """Average what several steps showed; the learning rate is the last one's."""
    mean = {name: sum(one[name] for one in logged) / len(logged) for name in logged[0]}
    return mean | {"lr": logged[-1]["lr"]}


def _file(run: Run, book: Book, secret: Book) -> None:
    """Sort what was written into history, as logged, and truth, which no request may hold."""
    recipe, kind = run.recipe, run.kind
    metric = "mae" if kind == "regression" else "accuracy"
    names = {"loss": "loss", "val_loss": "val_loss"}
    names |= {"right": metric, "val_right": f"val_{metric}"} if {"accuracy", "mae"} & set(recipe.logs) else {}
    names |= {name: name for name in ("lr", "grad_norm") if name in recipe.logs}
    names |= {f"val_{name}": name for name in ("tp", "fp", "tn", "fn") if "counts" in recipe.logs}
    for name, shown in names.items():
        if name not in book.values:
            continue
        values = [_rounded(value, recipe.digits) for value in book.values[name]]
        by_step = recipe.log_every or recipe.eval_every
        run.history[shown] = {"values": values, "steps": book.steps[name], "axis": "step"} if by_step else values
    for source, prefix in ((book, ""), (secret, "future_")):
        for name in ("loss", "val_loss", "test_loss", "test_right"):
            if name in source.values and (prefix or name.startswith("test")):
                run.truth[prefix + name] = [_rounded(value, 5) for value in source.values[name]]


def _rounded(value: float, digits: int) -> float:
    """Round to significant digits, as loggers do."""
    return float(f"{value:.{digits}g}")
