"""The gradient norm explodes.

What it means
    Steps are in no proportion to what the model has learnt any more: one of them can undo all of it, and the next is
    larger still. Most such runs end in divergence or in NaN.

How it is detected
    The logged gradient norms have grown to `GROWN` times those that the run began with, and stay there; or to
    `GROWN_LOST` times, and the loss was lost over it. Or the norm burst `BURSTS` times, each time to `BURST` times the norms around it and
    together with a jump of the loss. No norm is large by itself: it is counted in the units of its loss.

When it is wrong
    Norms are often logged before they are clipped: where `gradient_clipping` is said and the loss is not lost, nothing
    is reported. A large first norm that falls is how training begins; a single infinite one is how mixed-precision
    training finds its loss scale. A likelihood that gets ever sharper has growing gradients by nature.

Sources
    R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013: clip the norm.
    Google, "Deep Learning Tuning Playbook": clip at the 90th percentile of the norms; more than half clipped wants a lower learning rate.
"""

from diagnosis.features.gradients import BURST, SIGMAS, damaged, growth, shared_bursts
from diagnosis.features.measured import Measured
from diagnosis.fixes import Fix, clip, initialize, learning_rate, normalize_layers, warm_up_for
from diagnosis.rule import NOISE, Cause, Evidence, Finding, Fires, Quiet, rule
from diagnosis.run import Context, Position, number
from diagnosis.synthetic import falling, flat, growing, run, spiked

GROWN = 1000.0  # times the first norms, where the loss has not suffered
GROWN_LOST = 60.0  # times them, where the loss was lost as well: healthy runs of benchmarks/ stay below
BURSTS = 3  # bursts shared with the loss; fewer are single bad batches (`loss_spike`)
EARLY = 0.25  # of the run; what explodes before that was never stable

CAUSES = (
    Cause("The learning rate is too high.", "Restart before the growth at a third of it: the norms stay level."),
    Cause(
        "The model multiplies signals layer by layer: a deep or recurrent one without normalisation.",
        "Log the norm of each layer once: it grows from the last layer to the first.",
    ),
    Cause("Extreme inputs or labels in some batches.", "Replay the batch of a burst alone: the same norm comes back."),
)
UNDISTURBED = "The loss has not suffered yet: if these norms are clipped before they are used, nothing is wrong."
SCALE = "Would be overturned if norms are logged of a scaled loss, and the scale grew: divide by it."
EXAMPLES = (
    Fires(
        "norms and loss grow a hundredthousandfold", run(loss=growing(start=2.3, times=1e5), grad_norm=growing(start=1.0, times=1e5))
    ),
    Fires(
        "three bursts that the loss shares",
        run(loss=spiked(falling(), at=(25, 35, 45), height=1.5), grad_norm=spiked(flat(level=1.0), at=(25, 35, 45), height=40.0)),
    ),
    Quiet("a large first norm that falls", run(loss=falling(), grad_norm=falling(start=500.0, floor=1.0, tau=0.05))),
    Quiet(
        "bursts that are clipped before they are used",
        run(loss=falling(), grad_norm=spiked(flat(level=1.0), at=(25, 35, 45), height=40.0)),
    ),
)  # fmt: skip


# A loss that diverged is what happened to the run; the gradients say how, and come after it.
@rule(severity="error", about="stability", causes=CAUSES, examples=EXAMPLES, points=8, decides="intervene")
def check(grad_norm: Measured, train_loss: Measured, context: Context) -> Finding | None:
    """Compare the norms with the first ones, and look for bursts that the loss shares."""
    lost = damaged(train_loss)
    grew = growth(grad_norm, lost=lost)
    bound = GROWN_LOST if lost else GROWN
    if grew and grew.times > bound and (lost or not context.gradient_clipping):
        since = grad_norm.curve.position(grew.since)
        above = (train_loss.end - train_loss.best) / max(train_loss.grid_noise, 1e-300)
        came = "and the loss was lost over it" if lost else f"though {train_loss.name} has not suffered yet"
        return Finding(
            summary=f"Exploding gradients since {since}: {grad_norm.name} grew from {grew.first:.3g} to {grew.peak:.3g}, {came}.",
            evidence=(
                Evidence("growth", grew.times, bound, "times the first norms", f"{grad_norm.name} against the first tenth of the run"),
                Evidence("lost", above, SIGMAS if lost else None, NOISE, f"{train_loss.name} at the end, above its best level"),
            ),
            series=(grad_norm.name, train_loss.name),
            since=since,
            restore=train_loss.best_before(since),
            points=grad_norm.n,
            asks=lost,
            against=(SCALE,) if lost else (UNDISTURBED, SCALE),
            fixes=_fixes(grad_norm, since, since, context, early=grew.since < EARLY * grad_norm.n),
        )  # fmt: skip
    bursts = shared_bursts(grad_norm, train_loss)
    if len(bursts) < BURSTS or context.gradient_clipping:
        return None
    first, middle, last = (Position(grad_norm.curve.axis, number(bursts[at])) for at in (0, len(bursts) // 2, -1))
    return Finding(
        summary=f"Exploding gradients: {grad_norm.name} bursts {len(bursts)} times between {first} and {last}, and {train_loss.name} jumps each time.",
        evidence=(
            Evidence("bursts", len(bursts), BURSTS - 1, "bursts", f"times that {grad_norm.name} stood {BURST:g} times above the values around it while {train_loss.name} jumped"),
        ),
        series=(grad_norm.name, train_loss.name),
        since=first,
        until=None if lost else last,
        points=grad_norm.n,
        asks=lost,
        against=("The loss came back each time.", SCALE) if not lost else (SCALE,),
        fixes=_fixes(grad_norm, None, middle, context, early=False),
    )  # fmt: skip


def _fixes(norms: Measured, calm: Position | None, at: Position, context: Context, *, early: bool) -> tuple[Fix, ...]:
    """`calm`: until when the norms were ordinary, where that is one place; `at`: where they were not."""
    clipped = clip(norms, "Bounds what one batch can do.", calm)
    cooler = learning_rate(context, 0.1 if early else 0.3, "Growth from step to step means that steps are too large.")
    warmer = warm_up_for(at, norms, context, "The first steps are the least stable.")
    layers = normalize_layers("Keeps signals of one size from layer to layer.")
    scheme = initialize("Gradients keep their size on the way back.")
    return (cooler, clipped, *warmer, layers, scheme) if early else (cooler, clipped, layers, *warmer)
