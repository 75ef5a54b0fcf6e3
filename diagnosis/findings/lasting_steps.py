"""What is said of the step of features/lasting_step.py: a loss that jumped, and did not come back."""

from __future__ import annotations

from diagnosis.advice.check_fixes import look_at, what_changed
from diagnosis.advice.clipping import clip
from diagnosis.advice.stopping import restore
from diagnosis.features.lasting_step import STAYS, SURELY, LastingStep
from diagnosis.features.measured import Measured
from diagnosis.findings.lone_spikes import BOUNDED
from diagnosis.rule import ERRORS, PROGRESS, Cause, Evidence, Finding, share_of

CHANGED = Cause(
    "Other data, other weights of the loss, or a checkpoint loaded in part.",
    "Evaluate the checkpoints from before and after on one batch by one code: only other weights of the model differ.",
)
THROWN = Cause("One update threw the weights.", "Go on from before the step, past that batch: no step.")
FED = "On other examples the model did not get worse: what training is fed may have changed on purpose."
ON_PURPOSE = "Other data or other weights of the loss on purpose move its level, and harm nothing."


def lasting_step(step: LastingStep, loss: Measured, grad_norm: Measured | None) -> Finding:
    """A jump that lasts: how much of it, whether validation shows it too, and where to go back to."""
    rose, lower = loss.went("jumped", "dropped"), loss.went("higher", "lower")
    levels = f"{loss.said(step.after)} at best, after {loss.said(step.before)} before"
    worse, best = step.worse, step.worse.curve.best_before(step.at) if step.worse else None
    beside = f"; {worse.name} has stayed worse as well" if worse else ""
    back = (restore(best, "Everything after it is worse."),) if best else ()
    look = look_at(loss, [step.at.at], "One bad batch can throw the weights for good.")
    return Finding(
        summary=f"{loss.name} {rose} at {step.at}, and stays {lower}: {levels}{beside}.",
        evidence=(
            Evidence(
                "stays",
                step.height,
                STAYS,
                PROGRESS,
                f"its lowest level since, above the lowest before: {share_of(step.height, 'the progress')}",
            ),
            Evidence("over_error", step.over_error, SURELY, ERRORS, "the same against the noise"),
        ),
        series=(loss.name, *((worse.name,) if worse else ())),
        since=step.at,
        restore=best,
        asks=best is not None,
        severity="info" if step.fed else "warning",
        causes=(CHANGED, THROWN),
        against=() if worse else (FED if step.fed else ON_PURPOSE,),
        fixes=(*back, what_changed(step.since, step.at), *look, clip(grad_norm, BOUNDED)),
    )
