"""What is said of the loss of features/runaway.py that ran away: what it lost, since when, and as numbers; and whether its sign may be wrong."""

from diagnosis.boosting import boosted
from diagnosis.features.measured import Measured
from diagnosis.features.rise import SIGMAS
from diagnosis.features.runaway import Runaway
from diagnosis.fixes import USUAL_RATE, times_usual, usual_rate
from diagnosis.rule import NOISE, PROGRESS, Evidence, share_of
from diagnosis.run import Context

OWN_SIZE = 10.0  # times the usual rate of Adam and its like, whose steps do not grow with the gradient: they throw no loss up at every value


def may_ascend(context: Context) -> bool:
    """Whether a loss that climbs may have its sign wrong: a rate far too high climbs as well, and no library's own sign is wrong."""
    most = OWN_SIZE if usual_rate(context) <= USUAL_RATE else 1.0
    return (times_usual(context) or 1.0) <= most and not boosted(context)


def _went(away: Runaway, loss: Measured) -> str:
    began = loss.start if away.from_start else loss.best
    return f"{loss.went('rose', 'fell')} from {loss.said(began)} to {loss.said(loss.end)}"


def said_of(away: Runaway, loss: Measured) -> str:
    """Since when, and how much of what was gained is lost."""
    if away.from_start:
        return f"Diverging from the start: {loss.name} {_went(away, loss)}"
    lost = f"lost {share_of(away.lost, 'what it had gained')}, and stays {loss.went('up', 'down')}"
    return f"Diverging since {away.since}: {loss.name} {lost}"


def evidence_of(away: Runaway, loss: Measured) -> list[Evidence]:
    """What was lost against its bound, and how far that is beyond noise."""
    rise, far = away.rise, f"{away.rise.over} {loss.went('above', 'below')} the best level of {loss.name}"
    above = Evidence("rise_over_noise", rise.height / rise.noise, SIGMAS, NOISE, far)
    if away.from_start:
        gained = max(away.gained, 0.0) / rise.height
        return [above, Evidence("gained", gained, None, "share of the rise", "what was learnt before it")]
    return [Evidence("lost", away.lost, away.bound, PROGRESS, f"{loss.name} {_went(away, loss)}"), above]
