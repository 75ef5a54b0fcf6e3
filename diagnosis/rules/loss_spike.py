"""The training loss jumped.

What it means
    One or a few steps went wrong: a bad batch, or an optimiser at the edge of stability. A single jump that recovers
    costs little. Repeated jumps often announce a divergence, and a loss that stayed up for long has been through one.
    One that never comes back is another matter: other data, other weights of its terms, or a checkpoint loaded in part.

How it is detected
    A value of the training loss stands `SHARE` of the run's progress and `SIGMAS` noise levels above the median of its
    neighbours, and soon after the loss is back below half of that height. These hold as well:

    - it is higher than `SIGMAS` times the scatter of the values around it, and than `TAILS` times what nine in ten of
      them stay below; the ways back from other jumps do not count among these, nor in a short run the other jumps
      themselves, up to `FREQUENT` of all values;
    - a jump of a single value is half as high again as anything else nearby that is no jump;
    - where a logged learning rate was just put back up to where it had been, the restart explains the jump, and where a
      setting that is logged in steps (the length of a curriculum, a stage) was just changed, that does. So does a
      scheduler of which the caller says that it restarts, where all jumps come at like distances.

    In a short run jumps of single values are one another's surroundings. There `FEW` and more, up to `PART` of all
    values, need only stand as far above both neighbours, by `CLEAR` times the highest rise of what else there is.

    Jumps are information. They are a warning where there are `REPEATED` of them and more than `RARE` of all values,
    or where the tallest is `LARGE` times the progress, unless validation leapt for the better at that very value.

    A step is a warning, told in place of jumps: the lowest level after it is `STAYS` of the progress and `SURELY`
    standard errors above the lowest before, `AFTER` of the run followed, and it is not on its way back. It must have
    gone up at once. Either it jumped higher still than it stayed, or validation ended worse than its best before, by
    `AS_WELL` of its progress. Then the checkpoint before it is the one to keep. Where all that measures the model on
    other examples went on for `GOES_ON` values, and is as good as ever, it is information.

    A long hill is a warning. The smoothed loss stood as far above its best so far for `LATE_MIN` values, by `AREA` of
    the run times its progress (a fortieth of the run at a fifth of the progress, or less time farther up), after a gain
    of `LEARNT` of the progress, and came back to `RETURNED` of that bound. It is told in place of jumps, but not where:

    - the loss repeats with a period, or the logged learning rate restarts: that explains it;
    - a validation curve or a reward lost less than `WORSE` of its progress, and no single value of it there `THROWN`:
      only what training is fed has changed;
    - none of these can tell, and the loss rose in one step to a level as calm as the one before.

    With fewer than `FEWEST` values and no jump, it is a warning if the loss and all of validation were thrown back at
    one value, or validation at the next, by `THROWN` of their progress and `USUAL` times their usual moves, and had
    recovered half of it by the end.

    A loss that never leaves what guessing scores by `STUCK` of it has nothing to lose, and no jumps either.

When it is wrong
    A change of data or of loss weights on purpose is a step, and no fault. Logged per step, a loss jumps
    with hard batches.

Sources
    A. Chowdhery et al., "PaLM", 2022, 5.1: spikes, skipped batches and restarts.
    S. Bekman, "Machine Learning Engineering": bad data pockets, and rolling back over them.
"""

from dataclasses import replace

import numpy as np

from diagnosis.features import Features
from diagnosis.features.hills import FEWEST, measure_hill  # noqa: F401 - of several, the one that the page names
from diagnosis.features.jumps import announced, measure_jumps
from diagnosis.features.lasting_step import measure_step
from diagnosis.features.measured import Measured
from diagnosis.features.shift import WORSE  # noqa: F401 - of several, the one that the page names
from diagnosis.features.spikes import FEW, LEAST  # noqa: F401 - of several, the one that the page names
from diagnosis.findings.lasting_steps import lasting_step
from diagnosis.findings.lone_spikes import CAUSES, lone_spikes
from diagnosis.findings.long_spikes import long_spike
from diagnosis.rule import Finding, Fires, Quiet, rule
from diagnosis.run import Context
from diagnosis.synthetic import EPOCHS, falling, run, spiked

ARGUABLE = 0.85  # highest confidence: in benchmarks/, a jump is worth a word as often

OTHER_DATA = 0.6 * (np.arange(EPOCHS) >= 30)  # noqa: PLR2004 - the example's
STUCK = 0.03  # share of what guessing scores: not_learning asks for as much
EXAMPLES = (
    Fires("one jump at epoch 40", run(loss=spiked(falling(), at=(40,), height=1.0))),
    Fires("jumps and stays up", run(loss=spiked(falling(tau=0.05), at=(30,), height=1.5) + OTHER_DATA)),
    Quiet("ordinary noise", run(loss=falling(noise=0.05))),
)


@rule(
    severity=("info", "warning"),
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=LEAST,
    decides="intervene",
    not_of_rewards="a policy explores, and episodes fail",
)
def check(
    train_loss: Measured,
    grad_norm: Measured | None,
    learning_rate: Measured | None,
    context: Context,
    features: Features,
) -> Finding | None:
    """Report the level it did not come back to; else the hill that was too long for a jump; else the jumps."""
    found = _found(train_loss, grad_norm, learning_rate, context, features)
    return replace(found, ceiling=ARGUABLE, points=train_loss.n) if found else None


def _found(
    loss: Measured, grad_norm: Measured | None, learning_rate: Measured | None, context: Context, features: Features
) -> Finding | None:
    if _at_chance(loss, features):
        return None
    again = features.period or (features.schedule and features.schedule.restarts)
    if not again and (step := measure_step(loss, features)):
        return lasting_step(step, loss, grad_norm)
    hill = None if again else measure_hill(loss, learning_rate, features.elsewhere)
    if (hill is None or hill.beside) and (jumps := measure_jumps(loss, learning_rate)):
        said = announced(jumps, learning_rate, context)
        return None if said else lone_spikes(jumps, loss, grad_norm, context, features.elsewhere)
    return long_spike(hill, loss, grad_norm, context) if hill else None


def _at_chance(loss: Measured, features: Features) -> bool:
    """Whether it never left what guessing scores by anything that counts: there is nothing that a jump could undo."""
    guess = features.guess
    return guess is not None and float(np.abs(loss.z / guess.level - 1.0).max()) < STUCK
