"""What went wrong, as RFC 9457 writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from schemas.wire import Answer


class Place(Answer):
    """One thing that is wrong, and where."""

    pointer: str = Field(description="RFC 6901, into the JSON that was sent.")
    detail: str


class Problem(Answer):
    """An error: what came, what was expected, what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid",
                    "title": "The question is not valid as it stands",
                    "status": 422,
                    "detail": "/history/loss/3: Expected a number, null, NaN or Infinity; got true.",
                    "request_id": "5f0c2d7e9b1a4c33",
                    "errors": [
                        {"pointer": "/history/loss/3", "detail": "Expected a number, null, NaN or Infinity; got true."}
                    ],
                }
            ]
        }
    )

    type: str = Field(description="What kind of error; switch on its last segment.")
    title: str
    status: int
    detail: str
    request_id: str = Field(description="The same as the header `X-Request-ID`, and as in the log.")
    reason: Literal["deadline", "memory", "crash", "forbidden", "exception"] | None = Field(
        None, description="Of `/model-failed`: what the model did."
    )
    errors: list[Place] | None = Field(None, description="At most twenty.")
