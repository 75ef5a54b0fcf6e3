"""What people call it → what we call it: `val_acc`, `eval/accuracy`, `Accuracy/test` are one thing.

A name is cut into words; some words name the split, some the quantity, the rest qualify.
The quantities that are no loss are in `metrics.py`.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from diagnosis.metrics import METRICS, NUMBERED, NUMBERED_ONLY
from diagnosis.run import Axis, Direction, Role

Split = Literal["train", "val", "test"]
Kind = Literal["loss", "metric", "learning_rate", "grad_norm", "tp", "fp", "tn", "fn", "clock", "other"]


@dataclass(frozen=True)
class Meaning:
    """What a name says: `split` is None where the name does not tell."""

    kind: Kind
    split: Split | None = None
    metric: str = ""
    qualifier: str = ""
    view: Axis | None = None
    direction: Direction = "min"


SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "tr", "learn"), "train"),
    **dict.fromkeys(("val", "va", "valid", "validation", "validate", "validating", "eval", "evaluation", "evaluating", "dev", "vld", "oof", "holdout", "unseen"), "val"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}  # fmt: skip
LOSSES = {
    "loss", "losses", "nll", "xent", "bce", "ce", "logloss", "mlogloss", "cost", "objective", "log loss", "multi logloss", "binary logloss",
    "multiclass", "multi class", "crossentropy", "celoss", "ce loss",
    "negative log likelihood", "neg log likelihood", "cross entropy", "cross entropy loss",
    "elbo loss", "neg elbo", "negative elbo", "err d", "err g",
}  # fmt: skip
# Losses only where they stand alone: `val_recon`, but not `recon_mse`, `contrastive_temperature`, `info_nce_acc1`.
LOSSES_ALONE = {
    "info nce", "infonce", "nt xent", "ntxent", "triplet", "triplet margin", "contrastive", "contrastive divergence",
    "recon", "reconstruction", "neg cosine", "negative cosine",
}  # fmt: skip
# Words that only say "the whole of it": `total_loss`, `avg_loss` are the loss itself; (B) are boxes, all of a detector without masks.
TOTALS = {
    "total", "tot", "sum", "avg", "average", "mean", "overall", "epoch", "step", "batch", "running", "main", "metrics", "b", "cumulative",
    "episode", "episodes", "episodic", "ep", "undiscounted", "rollout", "charts", "env", "runners", "environment", "objective", "rlhf",
}  # fmt: skip
SCORE, DISTANCE = "score", "distance"  # the one says nothing beside the name of a metric, the other takes it away
REWARDS = {"rewards", "returns", "critic rewards"}  # whole: `rewards/chosen` is a score
GRADIENTS = {"grad", "grads", "gradient", "gradients", "gradnorm", "gnorm"}
# The norm of all of them, not of one layer: `grad_norm`, `optim/total_grad_norm`, Lightning's `grad_2.0_norm_total`.
GRADIENT_NORMS = GRADIENTS | {"norm", "norms", "global", "total", "overall", "l2", "2", "0", "optim", "optimizer", "actor", "policy"}  # fmt: skip
COUNTS: dict[str, Kind] = {
    **dict.fromkeys(("tp", "true positive", "true positives"), "tp"),
    **dict.fromkeys(("fp", "false positive", "false positives"), "fp"),
    **dict.fromkeys(("tn", "true negative", "true negatives"), "tn"),
    **dict.fromkeys(("fn", "false negative", "false negatives"), "fn"),
}  # fmt: skip
# What a log holds besides curves: clocks, counters, sizes. Matched whole.
CLOCKS = {
    "epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "iterations", "global step", "trainer global step", "current steps",
    "total steps", "round", "rounds", "batch", "samples", "samples seen", "tokens", "num tokens", "tokens seen", "num input tokens seen",
    "time", "times", "time cost", "wall time", "walltime", "timestamp", "created at", "date", "datetime", "duration", "elapsed", "elapsed time", "elapse",
    "remaining time", "runtime", "eta", "eta seconds", "seconds", "hours", "epoch time", "time epoch", "time this iter s", "data time",
    "samples per second", "steps per second", "tokens per second", "memory", "gpu mem", "fps", "mfu", "total flos", "percentage",
    "episode", "episodes", "generation", "total timesteps", "timesteps", "num timesteps", "batch size", "num classes", "seed", "patience",
    "params", "num params", "parameters", "gpu memory", "sec", "secs", "ms", "minutes", "index", "unnamed 0", "n parameters", "hp metric", "passed time", "best epoch", "stop epoch", "training iteration",
    "timesteps total", "batch cost", "reader cost", "data cost", "avg batch cost", "avg reader cost", "num updates", "images",
}  # fmt: skip
# Beside a loss or a metric, no curve of its own: `loss_scale`, `iou_threshold`.
SETTINGS = {"scale", "threshold", "weight", "weights", "coef", "coeff", "coefficient", "lambda", "patience"}
QUOTIENTS = {
    "precision",
    "recall",
    "specificity",
    "f1",
    "mcc",
    "kappa",
    "average_precision",
}  # 0/0 without an answer or example of a class
LEARNT_FOR = {"reward", "return"}  # of episodes, or of answers that a language model gives: what is learnt for
SPREADS = {"std", "stdv", "stdev", "sd", "stderr", "sem"}  # over folds, or a batch: `train-logloss-std`
CLOCK_ENDINGS = ("runtime", "per second", "per sec", "seconds", "timestamp", " time", "time s", "time total s", "time sec", "time ms", " duration")  # fmt: skip
_DIRECTIONS: dict[str, Direction] = {metric.name: metric.direction for metric in METRICS.values()}
LONGEST = 5  # words in a known term
MOST = 1000  # characters that are looked at; what is kept of names must not grow with what strangers call theirs
_SPELLINGS = re.compile(r"mAP|mIoU|IoU|aAcc|mAcc")  # whose inner capital is no word boundary
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])")
_HELD_OUT = re.compile(r"\bh[eo]ld ?out\b")
_GLUED = re.compile(
    r"\b(train|training|trn|tr|val|valid|validation|va|vl|eval|dev|test|tst)(loss|acc|accuracy|err|error)\b"
)
_LOSS_NUMBERED = re.compile(r"\bloss(?=\d+\b)")  # `loss0`, `loss1` are `loss_0`, `loss_1`
_SEPARATORS = re.compile(r"[^0-9a-z%]+")


def words(name: str) -> tuple[str, ...]:
    """Cut a name into lower-case words: `Loss/valTop1` → loss, val, top1."""
    spelled = _SPELLINGS.sub(lambda found: found.group().lower(), name[:MOST].strip())
    spaced = _SEPARATORS.sub(" ", _CAMEL.sub(" ", spelled).lower())
    parted = _LOSS_NUMBERED.sub("loss ", _GLUED.sub(r"\1 \2", _HELD_OUT.sub("holdout", spaced)))
    return tuple(parted.split())


def understand(name: str) -> Meaning:
    """Say what a series of this name is; `other` when the name tells nothing."""
    return _understood(name) if len(name) <= MOST else Meaning("other")


@lru_cache(maxsize=4096)
def _understood(name: str) -> Meaning:
    all_words = words(name)
    phrase = " ".join(all_words)
    if phrase in CLOCKS or phrase.endswith(CLOCK_ENDINGS):
        return Meaning("clock")
    split = next((SPLITS[w] for w in all_words if w in SPLITS), None)
    if split is None and all_words[:1] == ("metrics",):  # Ultralytics: `metrics/…` is the validation's
        split = "val"
    rest = [w for w in all_words if w not in SPLITS]
    view: Axis | None = None
    if len(rest) > 1 and rest[-1] in {"step", "batch", "epoch"}:
        view = "epoch" if rest[-1] == "epoch" else "step"
        rest = rest[:-1]
    negated = bool(rest) and rest[0] in {"neg", "negative"} and " ".join(rest) not in LOSSES | LOSSES_ALONE
    if negated:
        rest = rest[1:]
    meaning = _quantity(rest, split, view)
    if not negated:
        return meaning
    turned: Direction = "max" if meaning.direction == "min" else "min"
    return Meaning(meaning.kind, split, meaning.metric, meaning.qualifier, view, turned)


def _quantity(  # noqa: PLR0911 - one kind, one line
    rest: list[str], split: Split | None, view: Axis | None
) -> Meaning:
    phrase = " ".join(rest)
    if not rest or phrase in CLOCKS:
        return Meaning("clock" if rest else "other", split, view=view)
    if re.search(r"\blearning rates?\b", phrase) or (re.search(r"\blrs?\d*\b", phrase) and rest[-1] not in LOSSES):
        return Meaning("learning_rate", split, "learning_rate", view=view)
    of_gradients = not GRADIENTS.isdisjoint(rest) and "norm" in phrase and set(rest) <= GRADIENT_NORMS
    if of_gradients or phrase in {"global norm", "total norm"}:
        return Meaning("grad_norm", split, "grad_norm", view=view)
    counted = " ".join(rest[:-1]) if rest[-1].isdigit() else phrase  # Keras numbers its metrics: true_positives_1
    if counted in COUNTS:
        kind = COUNTS[counted]
        return Meaning(kind, split, kind, view=view, direction="max" if kind[0] == "t" else "min")
    if rest[-1] in SETTINGS | SPREADS and " ".join(rest[-2:]) not in METRICS:  # the Dice coefficient is one
        return Meaning("other", split, phrase.replace(" ", "_"), view=view)
    if " ".join(w for w in rest if w not in TOTALS) in REWARDS:
        return Meaning("metric", split, "reward", "", view, "max")
    found = _longest(rest, LOSSES) or _alone(rest)
    if found and (found != "objective" or not _longest(rest, METRICS)):  # `objective/rlhf_reward` is none
        qualifier = " ".join(w for w in _without(rest, found) if w not in TOTALS)
        return Meaning("loss", split, "loss", qualifier if found == "loss" or qualifier else found, view)
    if split and rest == ["l"]:  # a formula's: `L_train`
        return Meaning("loss", split, "loss", view=view)
    return _metric(rest, split, view)


def _alone(rest: list[str]) -> str | None:
    """A loss that is called by its kind, with nothing beside that but words for the whole of it."""
    phrase = " ".join(w for w in rest if w not in TOTALS)
    return phrase if phrase in LOSSES_ALONE else None


def _metric(rest: list[str], split: Split | None, view: Axis | None) -> Meaning:
    plain = [w for w in rest if w != SCORE] or rest  # `dice_score` is no score of its own
    found = _longest(plain, METRICS) or _numbered(plain)
    if plain[-1] == DISTANCE and (found is None or DISTANCE not in found):  # `em_distance` is a critic's guess
        return Meaning("other", split, "_".join(rest), view=view)
    if found is None and SCORE in rest:
        found, plain = SCORE, rest
    if found is None:
        return Meaning("other", split, "_".join(rest), view=view)
    known = METRICS[found]
    left = "_".join(w for w in _without(plain, found) if w not in TOTALS)
    return Meaning("metric", split, known.name, left, view, known.direction)


def natural(metric: str, otherwise: Direction) -> Direction:
    """Which way a metric gets better by its name: accuracy is accuracy where somebody logs its negative."""
    return _DIRECTIONS.get(metric, otherwise)


def _longest(rest: list[str], known: Container[str]) -> str | None:
    """The longest run of words that is a known term, the last one where several are as long."""
    for length in range(min(LONGEST, len(rest)), 0, -1):
        for start in range(len(rest) - length, -1, -1):
            phrase = " ".join(rest[start : start + length])
            if phrase in known:
                return phrase
    return None


def _numbered(rest: list[str]) -> str | None:
    """Metrics written with a threshold or an order: `mAP50`, `bleu4`, `ndcg@10`, `rouge1`, `rougeL`."""
    for at, word in enumerate(rest):
        stem = re.sub(r"[0-9l]+$", "", word)
        if stem in NUMBERED:
            return stem
        if stem in NUMBERED_ONLY and (stem != word or "".join(rest[at + 1 : at + 2]).isdigit()):
            return NUMBERED_ONLY[stem]
    return None


def _without(rest: list[str], phrase: str) -> list[str]:
    gone = phrase.split(" ")
    for start in range(len(rest) - len(gone), -1, -1):
        if rest[start : start + len(gone)] == gone:
            return rest[:start] + rest[start + len(gone) :]
    return [w for w in rest if not w.startswith(phrase)]


_ROLES: dict[str, tuple[Role, Role]] = {
    "loss": ("train_loss", "val_loss"),
    "metric": ("train_metric", "val_metric"),
    **{k: (k, k) for k in ("learning_rate", "grad_norm", "tp", "fp", "tn", "fn", "other")},
}


def role_of(meaning: Meaning, *, has_validation: bool) -> Role:
    """The role a meaning takes; a test split counts as validation where there is no other."""
    training, validation = _ROLES.get(meaning.kind, ("other", "other"))
    if meaning.split == "val":
        return validation
    if meaning.split == "test":
        return "other" if has_validation else validation
    return training
