"""What shows that a run falls short, in words and as a number against its bound (features/shortfall.py)."""

from diagnosis.features.floor import Floor
from diagnosis.features.frozen import STEEP
from diagnosis.features.gap import Gap
from diagnosis.features.shortfall import HELD_BACK, SKILL, SURELY, Shortfall
from diagnosis.features.standstill import HALF
from diagnosis.rule import PROGRESS, Evidence, percent
from diagnosis.run import Context

HARDLY = 0.005  # of the way from guessing to perfect: so little is none
OF_TRAINING, GUESS = "share of training progress", "share of what guessing scores"


def said_of(short: Shortfall, gap: Gap, context: Context) -> tuple[str, Evidence]:
    """The first thing that shows it: what was done to the run tells more than the level it came to."""
    if short.frozen is not None:
        at = short.frozen.drop.at
        gained = f"what was gained in the last stretch before {at}"
        before = Evidence("before_drop", short.frozen.before, STEEP, PROGRESS, gained)
        return f"where the learning rate dropped at {at} while it was falling fast", before
    if short.floor is not None:
        return _on_floor(short.floor)
    if short.stands is not None:
        share, says = 1 - short.stands / gap.validation.n, "for how long each validation has been the same number"
        stood = Evidence("standing_still", share, HALF, "share of the run", says)
        return f"where {gap.validation.name} repeats to the last digit: no step is taken any more", stood
    skill = short.skill
    if short.poor and skill is not None:
        whose = "" if skill.metric == "loss" else f"{skill.series[0]} "
        guessing = "the baseline" if skill.reference else "guessing"
        way = f"{percent(skill.share)} of the way from {guessing} to perfect"
        if skill.share < HARDLY:
            way = (
                f"worse than {guessing}"
                if skill.share + SURELY * skill.error < -HARDLY
                else f"no better than {guessing}"
            )
        level = f"{whose}{way}"
        return level, Evidence(
            "skill", skill.share, SKILL, f"share of the way from {guessing} to perfect", skill.says, exceeds=False
        )
    says = f"how far training is above validation, at a dropout of {context.dropout:g}"
    held = Evidence("held_back", -gap.share_of_progress, HELD_BACK, OF_TRAINING, says)
    return f"with a dropout of {context.dropout:g} in its way", held


def _on_floor(floor: Floor) -> tuple[str, Evidence]:
    where = f"on the floor of a softmax applied twice ({floor.level:.3g} for {floor.classes} classes)"
    says = "how far the loss is above that floor and 1 for each wrong answer"
    above = Evidence("above_floor", floor.above, floor.within, GUESS, says, exceeds=False)
    return f"{where}, with {percent(floor.right)} of the answers right", above
