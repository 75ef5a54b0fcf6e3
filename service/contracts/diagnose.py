"""What `POST /diagnose` promises: its parameters, its bodies, and an example of each kind of question and refusal."""

from __future__ import annotations

from diagnosis.rule import all_rules
from schemas.report import ReportOut, ReportsOut, SummaryOut
from service.chart.canvas import CANVAS, CELLS, HEIGHTS, THEMES, WIDTHS
from service.contracts.endpoint import TEXT, Body, Operation, Parameter, Schema
from service.negotiation import JSON, SVG
from service.question import multipart

LOSS = [2.31, 1.74, 1.38, 1.12, 0.93, 0.79, 0.68, 0.58, 0.51, 0.44, 0.39, 0.34, 0.3, 0.26, 0.23, 0.21, 0.19, 0.17]
VAL_LOSS = [2.32, 1.82, 1.52, 1.33, 1.22, 1.17, 1.16, 1.17, 1.2, 1.23, 1.27, 1.31, 1.36, 1.4, 1.45, 1.5, 1.55, 1.6]
OTHER_LOSS = [2.3, 1.76, 1.4, 1.13, 0.95, 0.8, 0.69, 0.6, 0.52, 0.46, 0.4, 0.36, 0.32, 0.29, 0.26, 0.24, 0.22, 0.21]
TABLE = "epoch,train_loss,val_loss\n" + "".join(
    f"{epoch},{loss},{val_loss}\n" for epoch, (loss, val_loss) in enumerate(zip(LOSS, VAL_LOSS, strict=True))
)
ARRAY = {"type": "array", "items": {"type": "string"}}

QUESTIONS = {
    "overfitting": {
        "history": {"loss": LOSS, "val_loss": VAL_LOSS},
        "context": {"learning_rate": 0.001, "labels": {"experiment": "tiny-7"}},
    },
    "partial": {
        "history": {"loss": LOSS[:8], "val_loss": VAL_LOSS[:8]},
        "context": {"planned_epochs": 60, "finished": False},
    },
    "not_finite": {"history": {"loss": [2.3, 1.9, 1.7, "NaN", "NaN", None, "Infinity"]}},
    "steps_and_roles": {
        "history": {
            "objective/a": {"values": LOSS, "steps": [50 * n for n in range(len(LOSS))], "axis": "step"},
            "accuracy": {"values": [0.11, 0.4, 0.55], "steps": [0, 400, 800], "axis": "step"},
        },
        "roles": {"objective/a": "train_loss"},
    },
    "several_runs": {
        "runs": [
            {"name": "fold-1", "history": {"loss": LOSS, "val_loss": VAL_LOSS}},
            {"name": "fold-2", "history": {"loss": OTHER_LOSS, "val_loss": [v + 0.02 for v in OTHER_LOSS]}},
        ],
        "context": {"learning_rate": 0.001},
    },
}
# As they come over the wire: some of these are not JSON, and that is their point.
RAW = {
    "table": TABLE,
    "bare_nan": '{"history": {"loss": [2.3, 1.9, NaN, Infinity, null]}}',
    "keras_history": '{"loss": [2.31, 1.74, 1.38], "val_loss": [2.32, 1.82, 1.52]}',
    "broken_json": '{"history": {"loss": [2.3, 1.9',
    "no_log": "Dear curve doctor, my model feels unwell.",
    "empty": "",
    "no_curve": '{"history": {}}',
    "not_a_number": '{"history": {"loss": [2.3, true]}}',
    "misspelt": '{"history": {"loss": [2.3, 1.9]}, "contxt": {}}',
    "two_losses": '{"history": {"a": [2.3, 1.9], "b": [2.2, 1.8]}, "roles": {"a": "train_loss", "b": "train_loss"}}',
}
PARTS = {
    "two_files": {
        "file": ["epoch,train_loss\n0,2.31\n1,1.74\n2,1.38\n", "epoch,val_loss\n0,2.32\n1,1.82\n2,1.52\n"],
        "context": {"num_classes": 10},
    }
}


def _pixels(usual: int, bounds: tuple[int, int]) -> Schema:
    return {"type": "integer", "minimum": bounds[0], "maximum": bounds[1], "default": usual}


PARAMETERS = (
    Parameter("context", "`context` of a log that has none: a JSON object, as beside `history`."),
    Parameter("roles", "`roles` of a log that has none: a JSON object, as beside `history`."),
    Parameter("filename", "A label; some formats name the metric only there.", {"type": "string", "maxLength": 256}),
    Parameter("format", "A `name` of `GET /formats`, where the content could be several."),
    Parameter(
        "runs",
        "Whether several files are `one` run, or `each` one of its own. Default: files that complement each other "
        "(different series, or steps that continue) are one run.",
        {"type": "string", "enum": ["one", "each"]},
    ),
    Parameter(
        "curves",
        "`full` adds each curve's values, and its smoothed form.",
        {"type": "string", "enum": ["summary", "full"]},
    ),
    Parameter(
        "summary",
        "`1` answers with the headline alone: one line of text or Markdown, or JSON with `status`, `headline`, `decision`, `id` and `version`.",
        {"type": "string", "enum": ["0", "1"]},
    ),
    Parameter(
        "color",
        "`1` colours `text/plain` for a terminal, by ANSI escapes; other answers have no colour to take.",
        {"type": "string", "enum": ["0", "1"]},
    ),
    Parameter(
        "ignore",
        "Conditions to leave out, separated by commas; said several times, they add up.",
        {"type": "array", "items": {"type": "string", "enum": sorted(all_rules())}},
        more={"style": "form", "explode": False},
    ),
    Parameter("width", "Of a picture, in pixels.", _pixels(CANVAS.width, WIDTHS)),
    Parameter("height", "Of a picture, in pixels.", _pixels(CANVAS.height, HEIGHTS)),
    Parameter("theme", "Of a picture.", {"type": "string", "enum": list(THEMES), "default": CANVAS.theme}),
    Parameter(
        "Content-Encoding",
        "The body may be compressed; an empty list of codings is none.",  # RFC 9110, section 8.4
        {"type": "string", "enum": ["gzip", "identity", ""]},
        "header",
    ),
)
PROMISED = Operation(
    answers={
        JSON: (ReportOut, ReportsOut, SummaryOut),
        "text/plain": TEXT,
        "text/markdown": TEXT,
        SVG: {
            **TEXT,
            "description": f"The curves, with what was found drawn on them; of several runs as many as have room, {CELLS} at most.",
        },
        "image/png": {"contentMediaType": "image/png", "description": "Likewise, in pixels."},
    },
    problems=(
        "malformed",
        "unrecognised-format",
        "unsupported-encoding",
        "no-curve",
        "invalid",
        "contradictory-roles",
        "too-large",
        "too-many",
        "not-acceptable",
    ),
    parameters=PARAMETERS,
    bodies={
        JSON: Body(
            {"oneOf": [{"$ref": "#/components/schemas/RunIn"}, {"$ref": "#/components/schemas/RunsIn"}]}, QUESTIONS
        ),
        "*/*": Body({"type": "string", "description": "A training log as it is."}, RAW),
        multipart.TYPE: Body(
            {
                "type": "object",
                "properties": {
                    "file": {
                        **ARRAY,
                        "minItems": 1,
                        "description": "Logs as they are; the part's file name is a label.",
                    },
                    "context": {"$ref": "#/components/schemas/ContextIn"},
                    "roles": {"type": "object", "additionalProperties": {"type": "string"}},
                },
                "required": ["file"],
                "additionalProperties": False,
            },
            PARTS,
        ),
    },
    headers={"Diagnosis-Status": "The `status` of the answer, for whoever does not read bodies."},
)
