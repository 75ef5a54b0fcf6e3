"""Which of several curves of a role is the one that is judged."""

from __future__ import annotations

from diagnosis.features.confusion import DERIVED
from diagnosis.names import understand, words
from diagnosis.reading.assemble import totals
from diagnosis.rewards import is_reward
from diagnosis.run import Curve, Role, Run

EPOCH_VIEW_ENOUGH = 10  # points: below, the per-step view of the same quantity says more
CHIEF = frozenset(("map50_95",))  # what detectors are ranked by, logged after mAP50
# Two losses rise and fall together, for what one gains the other loses: called so beside a total, or with such a word in their names.
NAMED = ({"d", "disc", "discriminator", "critic", "err d"}, {"g", "gen", "generator", "err g"})
ADVERSARIES = ({"d", "disc", "dis", "discriminator", "critic"}, {"g", "gen", "generator", "adv", "adversarial"})
CRITICS = ({"real"}, {"fake"})  # likewise, where no answers are right or wrong
ALONE = ({"c", "f"}, {"g"})  # likewise, where there are but these two: a critic has many letters
ENERGY = {"energy", "energies", "e"}
ENERGIES = ({"pos", "positive", "real", "data"}, {"neg", "negative", "fake", "samples"})  # one is pressed down, one up
SIGNS = frozenset(
    ("policy", "critic", "actor", "kl", "entropy", "episode", "rollout", "ep", "completion", "completions")
)  # of a policy that is learnt
HALF = frozenset(("precision", "recall", "specificity", "top5_accuracy"))  # each is easily had at the other's cost
ECHOES = frozenset(("perplexity", "bits", "brier", "ece"))  # the loss in other words, or a part of it
# In a loss's name, of which the plain one tells more: `avg_loss`, `cumulative_loss`.
AGGREGATES = frozenset(("avg", "average", "mean", "sum", "running", "cumulative", "batch"))


def stand_in(run: Run, role: Role, derived: tuple[Curve, ...]) -> Curve | None:
    """A metric from counts, where none of the role was logged: the monitored one, or the first."""
    return min((c for c in derived if c.role == role), key=lambda c: _unmonitored(c, run), default=None)


def _unmonitored(curve: Curve, run: Run) -> tuple[bool, bool]:
    monitor = run.context.monitor
    return curve.name.removeprefix(DERIVED) != monitor and curve.name != monitor, curve.metric != monitor


def _no_progress(run: Run, losses: list[Curve]) -> str | None:
    """Why losses tell no progress: a reward is what is learnt for, or two networks play against each other."""
    parts = {understand(c.name).qualifier for c in losses}
    answers = _is_answered(run)
    if _is_played(run):
        why = "losses of a policy and its critic tell no progress; the reward is judged"
    elif _play(parts, answers=answers):
        why = "losses of two networks that play against each other tell no progress; log what the samples are worth"
    elif not answers and _of_energies(run, losses):
        why = "a difference of energies hovers about nothing while a model learns; log what its samples are worth"
    elif {"actor", "critic"} <= {word for part in parts for word in part.split()}:
        why = "losses of a policy and its critic tell no progress; log the reward"
    else:
        return None
    return f"{', '.join(c.name for c in losses[:4])}: {why}"


def _is_answered(run: Run) -> bool:
    """Whether there are answers that are right or wrong."""
    return any(c.metric == "accuracy" for c in run.curves)


def _play(parts: set[str], *, answers: bool) -> bool:
    """Whether parts of a loss are those of two networks; beside a total, only where they are called nothing else."""
    if "" in parts:
        return all(parts & side for side in NAMED)
    sides = [set(part.split()) for part in parts]
    if len(sides) == 2 and _are_both(sides, ALONE):  # noqa: PLR2004 - these two
        return True
    return _are_both(sides, ADVERSARIES) or (not answers and _are_both(sides, CRITICS))


def _of_energies(run: Run, losses: list[Curve]) -> bool:
    """Whether a loss that goes below 0 stands beside the energies that it is the difference of."""
    if not any(float(c.finite.values.min()) < 0.0 for c in losses):
        return False
    named = [set(words(c.name)) for c in run.curves]
    return _are_both([name for name in named if name & ENERGY], ENERGIES)


def _are_both(names: list[set[str]], pair: tuple[set[str], set[str]]) -> bool:
    """Whether one name has a word of the one side, and another name one of the other."""
    return all(any(name & side and not name & other for name in names) for side, other in (pair, pair[::-1]))


def _is_played(run: Run) -> bool:
    """Whether a policy is learnt: a reward is logged, no answers that are right or wrong, and a loss of validation only with rewards of training and other signs."""
    rewards = [c for c in run.curves if is_reward(c) and len(c) > EPOCH_VIEW_ENOUGH // 2]
    if not rewards or _is_answered(run):
        return False
    trained = any(c.role == "train_metric" for c in rewards)
    return not run.having("val_loss") or (trained and any(SIGNS & set(words(c.name)) for c in run.curves))


def _rank(curve: Curve, *, played: bool) -> int:
    """0 for the chief metric of a field, 2 for one that tells half of the story, 3 for one that tells nothing new, 1 for any other."""
    if is_reward(curve):
        return 0 if played else 2
    return 0 if curve.metric in CHIEF else 2 if curve.metric in HALF else 3 if curve.metric in ECHOES else 1


def _constant(curve: Curve) -> bool:
    return bool((curve.values == curve.values[0]).all())


def _views(curves: list[Curve]) -> list[Curve]:
    """Of what is logged by step and by epoch, the epochs where there are enough of them, else the steps."""
    views: dict[str, dict[bool, list[Curve]]] = {}
    for curve in curves:
        meant = understand(curve.name)
        views.setdefault(meant.qualifier, {}).setdefault(meant.view == "step", []).append(curve)
    left: set[int] = set()
    for each in views.values():
        epochs, steps = (max(map(len, each.get(by_step, ())), default=0) for by_step in (False, True))
        if epochs and steps:
            left |= {id(c) for c in each[epochs >= min(EPOCH_VIEW_ENOUGH, steps)]}
    return [c for c in curves if id(c) not in left]


def primary(run: Run, role: Role, notes: list[str]) -> Curve | None:
    """The one curve of a role that is judged: the total, or the sum of its parts; the monitored metric, or the chief one.

    Of several alike it is the first by name.
    """
    curves = [c for c in run.having(role) if len(c.finite)]
    if curves and role.endswith("_loss") and (why := _no_progress(run, curves)):
        notes.append(why)
        return None
    if len(curves) <= 1:
        return curves[0] if curves else None
    if role.endswith("_metric"):
        played = _is_played(run)
        # A reward that never moves is what there is to tell; what else was logged of a policy tells nothing.
        return min(curves, key=lambda c: (*_unmonitored(c, run), _constant(c) and not (played and is_reward(c)), _rank(c, played=played)))  # fmt: skip
    whole = [c for c in curves if not understand(c.name).qualifier]
    curves = _views(whole or curves)  # a total by step is the total still, whatever stands beside it
    if not whole and role.endswith("_loss"):
        total = totals(curves)
        if total is not None:
            notes.append(f"no total {role} is logged: the sum of its parts is judged, as {total.name}")
            return total
    judged = min(curves, key=lambda c: not AGGREGATES.isdisjoint(words(c.name)))
    notes.append(
        f"{judged.name} is judged as {role}; also logged: {', '.join(c.name for c in run.having(role) if c is not judged)[:200]}"
    )
    return judged
