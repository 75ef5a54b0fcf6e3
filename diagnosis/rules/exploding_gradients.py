"""The gradient norm explodes.

What it means
    Steps are in no proportion to what the model has learnt any more: one of them can undo all of it, and the next is
    larger still. Most such runs end in divergence or in NaN.

How it is detected
    No norm is large by itself, as it is counted in the units of its loss. The logged gradient norms are therefore held
    against the first tenth of them, by the median. One of these must be so:

    - they ended `GROWN` times as high, though the loss has not suffered;
    - they reached `GROWN_LOST` times that, and the loss was lost over it: it ended worse than its best by `DAMAGED` of
      what it had gained, and by `SIGMAS` noise levels;
    - more than `INFINITE` of those in the second half are infinite, and others are not; of means over an epoch only if
      the loss was lost, or gets nowhere;
    - they burst `BURSTS` times, each time to `BURST` times the median of the norms around it, together with a jump of
      the loss (`loss_spike`).

    The growth is dated where the norms last were below `LEFT` times the first ones, before their highest.

When it is wrong
    Norms are often logged before they are clipped: where `gradient_clipping` is given, growth is reported only if the
    loss was lost over it, and bursts never. A large first norm that falls is how training begins; a single infinite one
    is how mixed precision finds its loss scale, and makes the mean of its epoch infinite. A likelihood that gets ever
    sharper has growing gradients by nature.

Sources
    R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", 2013: clip the norm.
    Google, "Deep Learning Tuning Playbook": clip at the 90th percentile; more than half clipped wants a lower rate.
"""

from diagnosis.advice import clipping, models, rates, warm_ups
from diagnosis.advice.fix import Fix
from diagnosis.features.gradients import BURST, INFINITE, SIGMAS, Growth, damaged, growth, infinite, shared_bursts
from diagnosis.features.measured import Measured
from diagnosis.rule import NOISE, Cause, Evidence, Finding, Fires, Quiet, percent, rule
from diagnosis.run import Context, FloatArray, Position, Run, number
from diagnosis.synthetic import falling, flat, growing, spiked
from diagnosis.synthetic import run as logged

GROWN = 1000.0  # times the first norms, where the loss has not suffered
GROWN_LOST = 60.0  # times the first norms, where the loss was lost as well: healthy runs of benchmarks/ stay below
BURSTS = 3  # bursts shared with the loss; fewer are single bad batches (`loss_spike`)
EARLY = 0.25  # share of the run; what explodes before that was never stable

CAUSES = (
    Cause("The learning rate is too high.", "Restart before the growth at a third of it: the norms stay level."),
    Cause("Layers multiply signals, without normalisation.", "Log each one's norm once: it grows from last to first."),
    Cause("Extreme inputs or labels in some batches.", "Replay the batch of a burst alone: the same norm comes back."),
)
UNDISTURBED = "The loss is not lost yet: if these norms are clipped before they are used, nothing is wrong."
SCALE = "Would be overturned if norms are logged of a scaled loss, and the scale grew: divide by it."
GROWING = growing(start=1.0, times=1e5)
BURSTING = spiked(flat(level=1.0), at=(25, 35, 45), height=40.0)
EXAMPLES = (
    Fires("norms and loss grow a hundredthousandfold", logged(loss=2.3 * GROWING, grad_norm=GROWING)),
    Fires("three shared bursts", logged(loss=spiked(falling(), at=(25, 35, 45), height=1.5), grad_norm=BURSTING)),
    Quiet("a large first norm that falls", logged(loss=falling(), grad_norm=falling(start=500.0, floor=1.0, tau=0.05))),
    Quiet("bursts that are clipped before they are used", logged(loss=falling(), grad_norm=BURSTING)),
)


# A loss that diverged is what happened to the run; the gradients say how, and come after it.
@rule(
    severity="error",
    about="stability",
    causes=CAUSES,
    examples=EXAMPLES,
    points=8,
    decides="intervene",
    supersedes=("vanishing_gradients",),  # what comes down from an explosion has not vanished
    exempt={"axis": "the mean of an epoch is infinite by one step that was skipped, a step by itself"},
)
def check(grad_norm: Measured, train_loss: Measured, context: Context, run: Run) -> Finding | None:
    """Compare the norms with the first ones, and look for bursts that the loss shares."""
    lost, clipped = damaged(train_loss), bool(context.gradient_clipping)
    grew = growth(grad_norm, lost=lost)
    if grew and grew.times > (GROWN_LOST if lost else GROWN) and (lost or not clipped):
        return _grown(grew, grad_norm, train_loss, context, lost=lost)
    if over := infinite(grad_norm, train_loss, run):
        return _infinite(*over, grad_norm, train_loss, context)
    bursts = shared_bursts(grad_norm, train_loss)
    if len(bursts) < BURSTS or clipped:
        return None
    return _burst(bursts, grad_norm, train_loss, context, lost=lost)


def _grown(grew: Growth, norms: Measured, loss: Measured, context: Context, *, lost: bool) -> Finding:
    since, bound = norms.curve.position(grew.since), GROWN_LOST if lost else GROWN
    above = (loss.end - loss.best) / max(loss.grid_noise, 1e-300)
    came = f"and {loss.name} got worse with it, and stayed so" if lost else f"though {loss.name} is not lost yet"
    best = loss.best_position
    sound = best if lost and (best.axis != since.axis or best.at < since.at) else since
    went = f"{norms.name} grew from {grew.first:.3g} to {grew.peak:.3g}"
    first, end = f"{norms.name} against the first tenth of the run", f"{loss.name} at the end, above its best level"
    return Finding(
        summary=f"Exploding gradients since {since}: {went}, {came}.",
        evidence=(
            Evidence("growth", grew.times, bound, "times the first norms", first),
            Evidence("lost", above, SIGMAS if lost else None, NOISE, end),
        ),
        series=(norms.name, loss.name),
        since=since,
        restore=loss.curve.best_before(since),
        points=norms.n,
        asks=lost,
        against=(SCALE,) if lost else (UNDISTURBED, SCALE),
        fixes=_fixes(norms, sound, since, context, early=grew.since < EARLY * norms.n),
    )


def _infinite(share: float, since: Position, norms: Measured, loss: Measured, context: Context) -> Finding:
    return Finding(
        summary=f"Exploding gradients since {since}: {norms.name} is infinite at {percent(share)} of late steps.",
        evidence=(Evidence("infinite", share, INFINITE, "share of the norms", "infinite ones in the second half"),),
        series=(norms.name,),
        since=since,
        points=norms.n,
        against=(SCALE,),
        fixes=_fixes(norms, since, since, context, early=since.at <= EARLY * float(loss.curve.steps[-1])),
    )


def _burst(bursts: FloatArray, norms: Measured, loss: Measured, context: Context, *, lost: bool) -> Finding:
    count = len(bursts)
    first, middle, last = (Position(norms.curve.axis, number(bursts[at])) for at in (0, count // 2, -1))
    between = f"{norms.name} bursts {count} times between {first} and {last}"
    stood = f"times that {norms.name} stood {BURST:g} times above the values around it while {loss.name} jumped"
    return Finding(
        summary=f"Exploding gradients: {between}, and {loss.name} jumps each time.",
        evidence=(Evidence("bursts", count, BURSTS - 1, "bursts", stood),),
        series=(norms.name, loss.name),
        since=first,
        until=None if lost else last,
        points=norms.n,
        asks=lost,
        against=(SCALE,) if lost else ("The loss came back each time.", SCALE),
        fixes=_fixes(norms, None, middle, context, early=False),
    )


def _fixes(norms: Measured, sound: Position | None, at: Position, context: Context, *, early: bool) -> tuple[Fix, ...]:
    """`sound`: until when norms and loss were ordinary, where that is one place; `at`: where they were not."""
    clipped = clipping.clip(norms, "Bounds what one batch can do.", sound)
    large = "Growth from step to step means that steps are too large."
    cooler = rates.learning_rate(context, 0.1 if early else 0.3, large)
    warmer = warm_ups.warm_up_for(at, norms, context, "The first steps are the least stable.")
    layers = models.normalize_layers("Keeps signals of one size from layer to layer.")
    scheme = models.initialize("Gradients keep their size on the way back.")
    return (cooler, clipped, *warmer, layers, scheme) if early else (cooler, clipped, layers, *warmer)
