"""What `POST /overfit-check` promises. A model is bytes that nobody would read in an example: the README has one to run."""

from __future__ import annotations

from schemas.checked import OverfitCheckOut
from service.contracts.endpoint import TEXT, Body, Operation
from service.negotiation import JSON
from service.question import multipart

NDJSON = "application/x-ndjson"
LINES = {
    "type": "string",
    "description": (
        '`{"step", "loss"}` lines while it trains (a step that goes back begins another learning rate), '
        'at last a line `{"answer": …}` with the JSON answer, or `{"problem": …}`.'
    ),
}

PROMISED = Operation(
    answers={JSON: OverfitCheckOut, "text/markdown": TEXT, "text/plain": TEXT, NDJSON: LINES},
    problems=(
        "malformed",
        "unrecognised-format",
        "unsupported-encoding",
        "invalid",
        "too-large",
        "too-many",
        "not-acceptable",
        "not-torchscript",
        "shapes-refused",
        "model-failed",
        "busy",
        "unavailable",
    ),
    bodies={
        multipart.TYPE: Body(
            {
                "type": "object",
                "properties": {
                    "model": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "A TorchScript archive, scripted or traced: `torch.jit.script(model).save(…)`.",
                    },
                    "batch": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": (
                            "`inputs` (or `inputs_0`, `inputs_1`, … in the order that `forward` takes them) and "
                            "`targets`, in .npz without pickles, .safetensors or JSON. Left out, a random one is made."
                        ),
                    },
                    "config": {"$ref": "#/components/schemas/OverfitCheckIn"},
                },
                "required": ["model", "config"],
                "additionalProperties": False,
            },
            more={"encoding": {"config": {"contentType": "application/json"}}},
        ),
    },
    headers={"Diagnosis-Status": "The `status` of the answer, for whoever does not read bodies; not of a stream."},
)
