"""The answer to `POST /overfit-check`: one model and one batch, judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from diagnosis.examining.check import CheckReport, LossFacts, ModelVerdict, RateFacts
from diagnosis.examining.sections import Attempt, Batch, Model
from diagnosis.report import Status
from schemas.finding import FindingOut, finding_of
from schemas.report import OutcomesOut, ReportOut, outcomes_of, report_of
from schemas.rounding import Rounded
from schemas.wire import Answer

PLACES = 3  # digits after the point of a millisecond


class LossOut(Answer):
    """Where the loss began, should have begun, ended, and can end."""

    initial: Rounded
    expected_initial: Rounded = Field(description="Of a fresh model: ln C for C classes; `null` where none is known.")
    final: Rounded
    floor: Rounded = Field(description="The lowest that this batch allows.")
    target: Rounded = Field(description="What counts as learnt: a hair above the floor.")

    @classmethod
    def of(cls, loss: LossFacts) -> Self:
        """Show the losses."""
        return cls(
            initial=loss.initial,
            expected_initial=loss.expected_initial,
            final=loss.final,
            floor=loss.floor,
            target=loss.target,
        )


class TrainedCurve(Answer):
    """The loss of the attempt that is judged, step by step; thinned where it is long."""

    steps: list[int]
    loss: list[Rounded] = Field(description="`null` where it is not finite.")


class AttemptOut(Answer):
    """One training from the start, with one learning rate."""

    lr: Rounded
    steps: int
    initial: Rounded
    best: Rounded
    final: Rounded
    stopped: str = Field(
        description="Why it ended: `reached` (the target), `steps`, `deadline`, `non_finite`, `blown_up` or `failed`."
    )

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Show an attempt."""
        return cls(
            lr=attempt.lr,
            steps=attempt.steps,
            initial=attempt.first,
            best=attempt.best,
            final=attempt.final,
            stopped=attempt.stopped,
        )


class RateOut(Answer):
    """The learning rate that was given or taken, the one that is judged by, and all that were tried."""

    given: Rounded
    used: Rounded
    tried: list[AttemptOut]

    @classmethod
    def of(cls, rate: RateFacts) -> Self:
        """Show the rates."""
        return cls(given=rate.given, used=rate.used, tried=[AttemptOut.of(attempt) for attempt in rate.tried])


class ModelOut(Answer):
    """What was uploaded."""

    parameters: int
    trainable: int
    inputs: list[str] = Field(description="The types that `forward` takes.")

    @classmethod
    def of(cls, model: Model) -> Self:
        """Show a model."""
        return cls(parameters=model.parameters, trainable=model.trainable, inputs=list(model.inputs))


class BatchOut(Answer):
    """What it was trained on; the first entry of each of `inputs` and of `targets` is the dtype."""

    examples: int
    made: bool = Field(description="Whether it is random, for none was sent.")
    inputs: list[list[str | int]]
    targets: list[str | int]

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Show a batch."""
        inputs = [list(one) for one in batch.inputs]
        return cls(examples=batch.examples, made=batch.made, inputs=inputs, targets=list(batch.targets))


class TimingOut(Answer):
    """Where the time went; nothing of this goes into `id`."""

    queued_ms: float
    load_ms: float
    train_ms: float
    attempts_ms: list[float] = Field(description="Of `train_ms`, each of `learning_rate.tried`.")
    examine_ms: float = Field(description="All that was done with the model, loading and training included.")
    steps_per_s: float

    @classmethod
    def of(cls, timing: Mapping[str, float], attempts: tuple[Attempt, ...], queued_ms: float) -> Self:
        """Show milliseconds."""
        return cls(
            queued_ms=round(queued_ms, PLACES),
            load_ms=round(timing.get("load_ms", 0.0), PLACES),
            train_ms=round(timing.get("train_ms", 0.0), PLACES),
            attempts_ms=[round(1000.0 * attempt.seconds, PLACES) for attempt in attempts],
            examine_ms=round(timing.get("all_ms", 0.0), PLACES),
            steps_per_s=round(timing.get("steps_per_s", 0.0), PLACES),
        )


class OverfitCheckOut(Answer):
    """One model and one batch, judged: whether the model can learn it by heart, and if not, why."""

    verdict: ModelVerdict
    status: Status
    headline: str
    findings: list[FindingOut] = Field(description="Worst first, causes before what they cause.")
    outcomes: OutcomesOut
    loss: LossOut
    metric: dict[str, Rounded] = Field(description="Of the trained model on this batch, such as `accuracy`.")
    curve: TrainedCurve
    learning_rate: RateOut
    model: ModelOut
    batch: BatchOut
    device: str
    timing: TimingOut
    diagnosis: ReportOut | None = Field(
        description="What the rules for curves say of this curve; `null` where it is too short."
    )
    notes: list[str]
    id: str = Field(description="The same measurements of the same version have the same id, however long they took.")
    version: str

    @classmethod
    def from_report(cls, report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> Self:
        """Show one report; `link` goes before every address."""
        examination = report.examination
        return cls(
            verdict=report.verdict,
            status=report.status,
            headline=report.headline,
            findings=[finding_of(judged, link) for judged in report.findings],
            outcomes=outcomes_of(report.outcomes),
            loss=LossOut.of(report.loss),
            metric=dict(report.metric),
            curve=TrainedCurve(
                steps=list(examination.curve.steps), loss=[float(value) for value in examination.curve.loss]
            ),
            learning_rate=RateOut.of(report.learning_rate),
            model=ModelOut.of(examination.model),
            batch=BatchOut.of(examination.batch),
            device=examination.device,
            timing=TimingOut.of(examination.timing, examination.attempts, queued_ms),
            diagnosis=report_of(report.curve, link) if report.curve else None,
            notes=list(examination.notes),
            id=report.id,
            version=report.version,
        )


def to_json(report: CheckReport, link: str = "", *, queued_ms: float = 0.0) -> bytes:
    """Write strict JSON."""
    answer = OverfitCheckOut.from_report(report, link, queued_ms=queued_ms)
    return answer.model_dump_json(by_alias=True, exclude_unset=True).encode()
