"""What is said of the loss of features/runaway.py that ran away: what it lost, since when, and as numbers; and whether its sign may be wrong."""

from diagnosis.advice.usual_rates import USUAL_RATE, times_usual, usual_rate
from diagnosis.boosting import boosted
from diagnosis.features.climb import ended
from diagnosis.features.measured import Measured
from diagnosis.features.rise import SIGMAS
from diagnosis.features.runaway import Runaway
from diagnosis.rule import NOISE, PROGRESS, Cause, Evidence, share_of
from diagnosis.run import Context

OWN_SIZE = 10.0  # times the usual rate of Adam and its like, whose steps do not grow with the gradient: they throw no loss up at every value

RESTED = 0.5  # share of the run: a loss that runs away on rests for no such time
ABOVE = 0.75  # share of its rise, that a loss without weights ends above the mean over its first epoch at most
DECAY = Cause(
    "Weight decay outweighs the gradient, and the weights vanish.",
    "Repeat that stretch without weight decay: it does not get worse.",
)


def vanishing(away: Runaway, loss: Measured, context: Context) -> tuple[Cause, ...]:
    """Where it came to rest about as high as it began, as without weights: their decay, unless the caller says there is none."""
    rests = loss.flat is not None and loss.flat[0] <= (1.0 - RESTED) * loss.z.size
    began = not away.from_start and loss.end - loss.start <= ABOVE * away.rise.height
    return (DECAY,) if rests and began and context.weight_decay != 0.0 else ()


def may_ascend(context: Context) -> bool:
    """Whether a loss that climbs may have its sign wrong: a rate far too high climbs as well, and no library's own sign is wrong."""
    most = OWN_SIZE if usual_rate(context) <= USUAL_RATE else 1.0
    return (times_usual(context) or 1.0) <= most and not boosted(context)


def _went(away: Runaway, loss: Measured) -> str:
    if away.from_start:
        return f"{loss.went('rose', 'fell')} from {loss.said(loss.start)} to {loss.said(ended(loss))}"
    return f"{loss.went('rose', 'fell')} from {loss.said(loss.best)} to {loss.said(loss.end)}"


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
    return [Evidence("lost", away.lost, away.bound, PROGRESS, f"the level of {loss.name} {_went(away, loss)}"), above]
