"""The parts of `POST /overfit-check`, read and refused where they cannot be meant, before any process is started."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request

from schemas.overfit_check import OverfitCheckIn, config_of
from schemas.wire import shown
from service.first_bytes import is_pickle, is_safetensors
from service.question import body, multipart
from service.question.parts import Part
from service.refusals import CannotExamine, InvalidQuery, MissingPart, NotMultipart
from service.sandbox import archive
from service.sandbox.zip_directory import BrokenArchive, entries
from service.settings import Settings

FIELDS = ("model", "batch", "config")
CURE = "One batch of a few examples is enough, and a narrower model of the same kind shows the same defects."
SEND = 'Send multipart/form-data: curl -F model=@model.pt -F batch=@batch.npz -F \'config={"loss": "cross_entropy"}\'.'
ELSEWHERE = "How to train is said in the part config, and how to answer with the header Accept."
BATCH = "Expected inputs and targets in .npz (numpy.savez), .safetensors or JSON."


@dataclass(frozen=True)
class OverfitQuestion:
    """A model that looks like TorchScript, a batch or none, and how to train."""

    model: bytes
    batch: bytes | None
    config: OverfitCheckIn


def question_of(request: Request, settings: Settings) -> OverfitQuestion:
    """Read the request; the batch is only looked into in the jail."""
    content = body.read(request, settings.body, CURE)
    if request.args:
        raise InvalidQuery(
            f"In the address: there is no parameter {shown(next(iter(request.args)))} here, nor any other. {ELSEWHERE}"
        )
    if request.mimetype != multipart.TYPE:
        raise NotMultipart(f"The parts model, batch and config are expected, and the body is not in parts. {SEND}")
    sent = _by_name(multipart.parts(content, request, settings.parts))
    if "config" not in sent:
        raise MissingPart(
            f'There is no part named config; expected at least {{"loss": "cross_entropy"}}. {SEND}', "/config"
        )
    config = config_of(sent["config"], settings.overfit.deadline)
    if "model" not in sent:
        raise MissingPart(f"There is no part named model; expected a TorchScript archive. {SEND}", "/model")
    archive.check(sent["model"])
    batch = sent.get("batch") or None
    if batch is None and config.input_shapes is None:
        raise MissingPart(
            "There is no part named batch, and the config has no input_shapes to make one of. Send one of the two.",
            "/batch",
        )
    if batch is not None:
        _look_at(batch)
    return OverfitQuestion(sent["model"], batch, config)


def _look_at(batch: bytes) -> None:
    """Refuse what cannot be a batch: a pickle, or an archive of anything but arrays."""
    if is_safetensors(batch):
        return
    looks = ""
    if is_pickle(batch):
        looks = "a pickle, which is never read"
    elif batch.startswith(b"PK"):
        try:
            names = [entry.name for entry in entries(batch)]
        except BrokenArchive as error:
            raise CannotExamine(
                f"The part batch is an archive that cannot be read: {error}. {BATCH}", "/batch"
            ) from None
        if not all(name.endswith(".npy") for name in names):
            looks = "an archive, and not of arrays: a model, or a file of torch.save"
    if looks:
        raise CannotExamine(f"The part batch is {looks}. {BATCH}", "/batch")


def _by_name(parts: tuple[Part, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in parts:
        if part.field not in FIELDS:
            hint = " It belongs into the JSON of config." if part.field in OverfitCheckIn.model_fields else ""
            raise InvalidQuery(f"There is a part named {part.field[:80]}; expected {', '.join(FIELDS)}.{hint}")
        if part.field in found:
            raise InvalidQuery(f"There are several parts named {part.field}; expected one.")
        found[part.field] = part.body
    return found
