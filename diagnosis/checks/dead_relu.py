"""Most ReLUs of a layer are zero for the whole batch.

What it means
    A unit that is zero for every example passes no gradient: it cannot learn, and may never again. A layer of them blocks
    everything before it.

How it is detected
    At least `MOST` of a layer's units are zero for every example and place, at the start, or at the end of a training that
    failed; each unit is looked at `LOOKS` times or more.

When it is wrong
    With few examples, units are zero by chance; in a deep plain stack about half are on or off for all examples.

Sources
    L. Lu et al., "Dying ReLU and Initialization", 2019.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examination import Examination
from diagnosis.examining.examined import examined, stuck
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.model_fixes import rate, scheme
from diagnosis.examining.sections import After, Units
from diagnosis.rule import Cause, Evidence, Finding, Skipped

MOST = 0.8  # of a layer's units
LOOKS = 4  # at each unit: with fewer, most are zero by chance
ALL = 0.999  # of a layer: it blocks whatever is before it
COOLER = 0.1  # times the learning rate

CAUSES = (
    Cause(
        "Biases start strongly negative, or inputs are far from zero.",
        "Print the share of zeros after each ReLU at step 0.",
    ),
    Cause("A learning rate that is too high has pushed them there.", "Count them before and after the first steps."),
)
DEAD = [{"place": "0", "kind": "relu", "units": 64, "share": 1.0, "looks": 32}]
EXAMPLES = (
    Fires("a layer with a bias of −10", examined(units=DEAD, attempts=[stuck()])),
    Fires("killed by the first steps", examined(attempts=[stuck()], after={"units": DEAD})),
    Quiet("half of a layer", examined(units=[{"place": "0", "kind": "relu", "units": 64, "share": 0.5, "looks": 32}])),
)


@model_check(severity=("warning", "error"), causes=CAUSES, examples=EXAMPLES)
def check(units: tuple[Units, ...], after: After | None, examination: Examination) -> Finding | Skipped | None:
    """Take the worst layer, before training and after."""
    if examination.broken is not None and examination.broken.start:
        return Skipped("masked by what is not finite")
    late = () if after is None or after.units is None or after.loss is None else after.units  # NaN is not dead
    dead = [
        (u, when)
        for us, when in ((units, "at step 0"), (late, "after training"))
        for u in us
        if u.kind == "relu" and u.share >= MOST and u.looks >= LOOKS and u.units > 1
    ]
    if not dead:
        return None
    worst, when = max(dead, key=lambda entry: entry[0].share)
    start = scheme("zero biases and kaiming_normal_ weights", "About half of the units are then open.")
    leaky = Fix(
        "change_activation", "Use LeakyReLU or GELU.", "They pass a gradient on either side.", {"to": "leaky_relu"}
    )
    cooler = rate(examination.asked, COOLER * examination.asked.lr, "They died in the first steps.")
    blocked = worst.share >= ALL and not examination.passed
    return found(
        f"{100 * worst.share:.0f} % of the {worst.units} ReLUs after {worst.place or 'the first layer'} are zero for the whole batch {when}.",
        Evidence("dead", worst.share, MOST, "share of a layer's units", f"zero in all of {worst.looks} looks, {when}"),
        fixes=(start, leaky) if when == "at step 0" else (cooler, leaky, start),
        severity="error" if blocked else "warning",
        causes=CAUSES if when == "at step 0" else CAUSES[::-1],
    )
