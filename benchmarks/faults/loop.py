"""The training loop proper: batches, steps, and what is written down of them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from optimisation import Now, optimizer_of, schedule
from preparation import prepare
from recipe import Recipe
from tasks import Data
from torch import Tensor, nn
from training import Book, Run, guess_loss, losses, measure, right, shaped
from wording import filed

NO_CLIP = math.inf
Logged = dict[str, float]


@dataclass
class Loop:
    """A model, what moves it, and what is remembered from step to step."""

    data: Data
    model: nn.Module
    optimizer: torch.optim.Optimizer
    epoch: list[Logged] = field(default_factory=list)  # every step since the epoch began
    recent: list[Logged] = field(default_factory=list)  # every step since the last logged point
    validated: list[float] = field(default_factory=list)
    last: float = 0.0  # the last finite loss


def fit(recipe: Recipe) -> Run:
    """Train a recipe with fixed seeds and return its run."""
    torch.set_num_threads(1)
    data, model = prepare(recipe)
    sizes = len(data.train[0]), len(data.val[0])
    run = Run(recipe, data.kind, data.classes, *sizes, math.ceil(sizes[0] / recipe.batch))
    run.truth["initial_loss"] = measure(recipe, data, model, data.test)["loss"]
    book, secret = Book(), Book()
    loop = Loop(data, model, optimizer_of(recipe, model))
    total = recipe.epochs * run.steps_per_epoch
    eval_every = recipe.eval_every or run.steps_per_epoch
    broken = False
    for step, rows in zip(range(total + recipe.future * run.steps_per_epoch), _rows(recipe, sizes[0]), strict=False):
        if step == total:
            run.truth["train_loss_in_eval_mode"] = measure(recipe, data, model, data.train)["loss"]
        logged = _step(run, loop, step, rows)
        book_now = book if step < total else secret
        broken = broken or not math.isfinite(logged["loss"])
        logged["loss"] = _hidden(recipe, loop, logged["loss"])
        loop.epoch.append(logged)
        loop.recent.append(logged)
        if recipe.log_every and (step + 1) % recipe.log_every == 0:
            shown = {"window": loop.recent, "step": [logged], "running": loop.epoch}[recipe.log_how]
            book_now.write(step + 1, **_mean(shown))
            loop.recent = []
        if (step + 1) % eval_every == 0:
            _evaluate(recipe, loop, book_now, step)
        if (step + 1) % run.steps_per_epoch == 0:
            if not recipe.log_every:
                train = measure(recipe, data, model, data.train) if recipe.train_in_eval_mode else {}
                book_now.write(step + 1, **(_mean(loop.epoch) | {k: train[k] for k in train if k in ("loss", "right")}))
            loop.epoch = []
            if broken and recipe.stop_on_nan:
                break
    run.truth.setdefault("train_loss_in_eval_mode", measure(recipe, data, model, data.train)["loss"])
    filed(run, book, secret)
    guess = guess_loss(recipe, data)
    run.measured |= {"guess": [guess]} if guess is not None else {}
    return run


def _rows(recipe: Recipe, count: int) -> Iterator[Tensor]:
    """Yield the rows of each batch, epoch after epoch, shuffled unless the recipe sorts them."""
    while True:
        order = torch.arange(count) if recipe.sorted_data else torch.randperm(count)
        yield from order.split(recipe.batch)


def _step(run: Run, loop: Loop, step: int, rows: Tensor) -> Logged:
    """Take one optimisation step and return what it showed."""
    recipe, kind, model, optimizer = run.recipe, run.kind, loop.model, loop.optimizer
    rate = schedule(recipe, Now(step, recipe.epochs * run.steps_per_epoch, run.steps_per_epoch, loop.validated))
    for group in optimizer.param_groups:
        group["lr"] = rate
    inputs, targets = (part[rows] for part in loop.data.train)
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
    norm = 0.0
    if recipe.clip or recipe.skip_bad or "grad_norm" in recipe.logs:
        norm = float(nn.utils.clip_grad_norm_(model.parameters(), recipe.clip or NO_CLIP))
        found["grad_norm"] = norm
    if not recipe.skip_bad or math.isfinite(norm):
        optimizer.step()
    return found


def _hidden(recipe: Recipe, loop: Loop, loss: float) -> float:
    """Return the loss as the logger takes it in: some put something else where it is not finite."""
    if math.isfinite(loss):
        loop.last = loss
        return loss
    if recipe.mask == "repeat":
        return loop.last
    if recipe.mask == "filter":
        return _mean(loop.recent)["loss"] if loop.recent else 0.0
    return 0.0 if recipe.masked or recipe.mask == "zero" else loss


def _evaluate(recipe: Recipe, loop: Loop, book: Book, step: int) -> None:
    """Write down the validation, and in secret the clean test and the training part in evaluation mode."""
    data, val = loop.data, loop.data.val
    if recipe.resample_val:  # a fresh handful each time, as where validation is subsampled
        rows = torch.randperm(len(data.test[0]))[: recipe.val_size]
        val = (data.test[0][rows], data.test[1][rows])
    seen = {"val": val, "test": data.test, "clean_train": data.train}
    for name, part in seen.items():
        found = measure(recipe, data, loop.model, part)
        if name == "val":
            loop.validated.append(found["loss"])
            found["loss"] = _hidden(recipe, loop, found["loss"]) if recipe.mask else found["loss"]
        book.write(step + 1, **{f"{name}_{what}": value for what, value in found.items()})


def _mean(logged: list[Logged]) -> Logged:
    """Average what several steps showed; the learning rate is the last one's."""
    mean = {name: sum(one[name] for one in logged) / len(logged) for name in logged[0]}
    return mean | {"lr": logged[-1]["lr"]}
