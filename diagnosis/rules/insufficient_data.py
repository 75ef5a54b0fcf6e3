"""Too little was logged to judge.

What it means
    Nothing is said to be well or ill. The log is too short, or holds no loss, so most conditions could not be seen even
    if they were there.

How it is detected
    The finite values of the training loss and of the validation loss are counted. The longer of the two has fewer than
    `POINTS_FOR_TREND`; a metric counts where it is judged in place of a loss. Below `POINTS_FOR_LEVEL` not even levels
    can be compared. The conditions that could not be judged for want of values are listed, with the number that each
    needs. Of `SEEN` or more values it says what is seen so far: what the last step brought where none got worse, else
    where they began, were best and ended.

    The losses of two networks that play against each other, or of a policy and its critic, tell no progress and do not
    count. Where nothing else is logged, the finding says so.

When it is wrong
    Never as a statement. But five clean epochs may be all that a fine-tuning needs: look at the numbers themselves
    then.

Sources
    H. B. Mann, Econometrica 13 (1945): below ten values a trend test has hardly any power.
"""

import math

import numpy as np

from diagnosis.advice.check_fixes import log_losses
from diagnosis.advice.fix import Fix
from diagnosis.features import Features
from diagnosis.rule import FACT, PROGRESS, Cause, Evidence, Finding, Fires, Quiet, all_rules, percent, rule
from diagnosis.synthetic import falling, run

POINTS_FOR_LEVEL = 5  # values: enough to compare where a curve was with where it is
SEEN = 3  # values that are worth a word
POINTS_FOR_TREND = 10  # values: enough to tell a slope from noise

CAUSES = (
    Cause("Training has only begun.", "Ask again when there is more."),
    Cause(
        "Logged too rarely, or only metrics were logged.", "Log the losses several times an epoch, with their steps."
    ),
)
BALANCE = Cause(
    "What is pressed down and what is pushed up balance while a model learns.",
    "Look at what an early and a late checkpoint make: it differs where the loss does not.",
)
PLAYING = Cause(
    "The losses are those of two networks, each of which is trained against the other, or on what the other does.",
    "Look at what an early and a late checkpoint make or do: it differs where the losses do not.",
)
NOTHING = "No loss was logged: there is nothing to judge by."
EXAMPLES = (
    Fires("three epochs", run(loss=falling(n=3), val_loss=falling(n=3, seed=1))),
    Quiet("a dozen epochs", run(loss=falling(n=12), val_loss=falling(n=12, seed=1))),
)


@rule(severity="info", about="values", causes=CAUSES, examples=EXAMPLES, points=0)
def check(features: Features) -> Finding | None:
    """Count the finite values of the curves that are judged."""
    losses = [m for m in (features.train_loss, features.val_loss) if m]
    most = max(losses, key=lambda m: m.n, default=None)
    points = most.n if most else 0
    if points >= POINTS_FOR_TREND:
        return None
    playing = [c.name for c in features.run.having("train_loss") if len(c.finite)] if most is None else []
    if playing:
        return _of_players(playing)
    said = f"{points} value{'s' * (points != 1)} of {most.name}" if most else "no loss and no known metric"
    could = "levels can be compared, trends cannot" if points >= POINTS_FOR_LEVEL else "not even levels can be compared"
    waiting = sorted((r.points, name) for name, r in all_rules().items() if r.short(features))
    needs = f"could not be judged, with the values each needs: {', '.join(f'{name} {n}' for n, name in waiting)}"
    so_far, last = _so_far(features)
    return Finding(
        summary=f"Too little to judge: {said} logged, {could}; {POINTS_FOR_TREND} values of a loss would do{so_far}.",
        evidence=(
            Evidence(
                "points", points, POINTS_FOR_TREND, "finite values", "the judged loss with the most", exceeds=False
            ),
            *((Evidence("not_judged", len(waiting), None, "conditions", needs),) if waiting else ()),
            *last,
        ),
        series=tuple(m.name for m in losses),
        since=None,
        points=FACT,
        against=("Nothing but more values: what is there may be well or ill.",),
        fixes=_fixes(points) if most else (log_losses(POINTS_FOR_TREND, NOTHING),),
    )


def _so_far(features: Features) -> tuple[str, tuple[Evidence, ...]]:
    """What can be said of a few values: in words, and what the last step brought as a number where none got worse."""
    loss = features.watched
    if loss is None or loss.n < SEEN:
        return "", ()
    moves, (best, at) = np.diff(loss.z), loss.best_value
    if not moves.any():
        return f". So far {loss.name} has not moved", ()
    if moves.max() > 0.0:
        began, ended = loss.said(float(loss.z[0])), loss.said(float(loss.z[-1]))
        return f". So far {loss.name} was {began} at first, {best:.4g} at best, at {at}, and {ended} at last", ()
    share = float(loss.z[-2] - loss.z[-1]) / float(loss.z[0] - loss.z[-1])
    each = "each value of {} is better" if moves.max() < 0.0 else "no value of {} is worse"
    told, at_last = each.format(loss.name), f"the last step brought {percent(share)}"
    says = f"what the last step of {loss.name} brought of all that it gained"
    seen = f". So far {told} than the one before; {at_last} of all it gained"
    return seen, (Evidence("last_step", share, None, PROGRESS, says),)


def _fixes(points: int) -> tuple[Fix, Fix]:
    """Go on until a trend can be told, or log more often."""
    more, why = max(2, math.ceil(POINTS_FOR_TREND / max(points, 1))), f"{POINTS_FOR_TREND} values tell a trend."
    on = Fix("train_longer", f"Go on to {more} times as many values, and ask again.", why, {"factor": more})
    return on, log_losses(POINTS_FOR_TREND, why)


def _of_players(names: list[str]) -> Finding:
    """Of losses that depend on each other: what to log instead, of a policy or of what makes samples."""
    two = " and ".join(names[:2])
    acts = any("actor" in name.lower() for name in names)
    worth = "what the samples are worth, such as their distance from held-out ones (FID)"
    what, to = ("the reward of an episode", "reward") if acts else (worth, "fid")
    log, better = f"Log {what}, {POINTS_FOR_TREND} values or more.", "It gets better as long as the model does."
    alone = "depend on each other, so neither tells progress" if len(names) > 1 else "is a difference of energies"
    return Finding(
        summary=f"Too little to judge: {two} {alone}, and nothing else is logged that tells progress.",
        evidence=(Evidence("points", 0, POINTS_FOR_TREND, "values", "what tells progress", exceeds=False),),
        series=tuple(names[:2]),
        since=None,
        points=FACT,
        against=("Nothing but other values: what is there may be well or ill.",),
        causes=(PLAYING,) if len(names) > 1 else (BALANCE,),
        fixes=(Fix("change_metric", log, better, {"to": to}),),
    )
