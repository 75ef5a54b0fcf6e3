"""What a curve gained after a first fall that was nearly all of it.

The first epoch of a regression learns the mean of what is predicted, and no more: however far that is from 0. A share of
that fall tells nothing of what came after it.
"""

from collections.abc import Iterator

from diagnosis.features.measured import Measured

# Of the run, in which so much of the progress is made: a cliff. A rise by so much of what was gained after it, and of what
# training gained since, is measured by the former.
CLIFFS = ((0.03, 0.80, 0.25), (0.06, 0.90, 0.50), (0.25, 0.995, 1.00))
SIGMAS = 4.0  # standard errors of the final level: less was not gained
CREPT = 0.01  # of what was lost at once
NEXT_TO_NOTHING = 0.005  # of the whole fall: what came after a cliff so high has another scale


def gains_after(curve: Measured, best: int, low: float) -> Iterator[tuple[float, float]]:
    """After each cliff there is: what the curve gained until its `best` (grid index), where it is `low`, and the share of that to lose."""
    for at_once, share, much in CLIFFS:
        # Where the run is taken to begin after its first value, that counts only if it has another scale.
        cliff = max(share, 1.0 - NEXT_TO_NOTHING) if curve.begin else share
        over = curve.begin + max(round(at_once * curve.s.size), 1)
        gain = float(curve.s[over]) - low if over < best else 0.0
        if gain > SIGMAS * curve.end_error and gain <= (1.0 - cliff) * fall_to(curve, low):
            yield gain, much


def fall_to(curve: Measured, low: float) -> float:
    """How far it fell in all."""
    return highest_start(curve) - low


def highest_start(curve: Measured) -> float:
    """Its very first value, which may be far off all that follows, or the level it is taken to begin at."""
    return max(float(curve.z[0]), curve.start)


def creeps(curve: Measured, training: Measured) -> bool:
    """Whether all that a curve gained is next to nothing beside what training lost in its first step: thrown there, it moves in its last digits."""
    return curve.progress < CREPT * (training.start - float(training.z[0]))
