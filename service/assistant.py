"""What a chat assistant may ask, as tools and resources of the Model Context Protocol."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resources import FunctionResource
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from diagnosis.identity import VERSION
from schemas.catalogue import ConditionsOut, all_conditions, condition
from schemas.wire import unknown
from service.asking import REFUSED, answer_to, sentence
from service.pages.condition import MARKDOWN, conditions_page, page
from service.question.parts import Part
from service.question.query import Query
from service.refusals import Refusal
from service.representations import json as json_answer
from service.representations import markdown
from service.settings import Settings

ADDRESS = "curve-diagnosis://conditions/{name}"
INSTRUCTIONS = (
    "Reads the metric history of a model's training and says what is wrong, how sure, since when, on what evidence, and what "
    "to try first. Pass on the numbers and the confidence as they are. read_condition tells when a finding is wrong."
)
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
History = Annotated[
    dict[str, Any] | None,
    Field(
        description='Series by their names: {"loss": [2.3, 1.7], "val_loss": [2.4, 1.9]}. One value an epoch, or '
        '{"values": […], "steps": […], "axis": "step"}. "NaN" and "Infinity" are data; null is a value that was not logged.'
    ),
]
LogText = Annotated[
    str, Field(description="Instead of history: the text of a log file, as it is; its format is recognised.")
]
Said = Annotated[
    dict[str, Any] | None,
    Field(
        description="What is known of the training: task, num_classes, batch_size, optimizer, learning_rate, weight_decay, "
        "dropout, train_size, val_size, planned_epochs, finished (false while it runs), …"
    ),
]
Roles = Annotated[
    dict[str, str] | None,
    Field(description='What a series is, where its name does not tell: {"my_metric": "val_loss"}.'),
]
Name = Annotated[str, Field(description="As in a finding's `condition`, such as overfitting.")]


def server(settings: Settings | None = None) -> MCPServer[Any]:
    """The server with its tools, and every condition's page as a resource."""
    settings = settings or Settings.from_environment()
    listed = ConditionsOut.of(settings.public_url)
    found: MCPServer[Any] = MCPServer(
        "curve-diagnosis", instructions=INSTRUCTIONS, version=VERSION, log_level="WARNING"
    )

    @found.tool(title="Diagnose a training run", annotations=READS)
    def diagnose(
        history: History = None, log: LogText = "", context: Said = None, roles: Roles = None
    ) -> Annotated[CallToolResult, dict[str, Any]]:
        """Say what is wrong with a training run, from its metric history or the text of its log."""
        try:
            answer = answer_to([_part(history, log)], Query(context, roles), settings)
        except REFUSED as refused:
            raise ToolError(sentence(refused)) from None
        message = markdown.render(answer.found, settings.public_url)
        whole = json.loads(json_answer.render(answer.found, settings.public_url))
        return CallToolResult(content=[TextContent(type="text", text=message)], structured_content=whole)

    @found.tool(title="List what can be found", annotations=READS)
    def list_conditions() -> Annotated[CallToolResult, ConditionsOut]:
        """List the conditions that can be found, in training curves and in models, each with its severity and in one line."""
        return CallToolResult(
            content=[TextContent(type="text", text=conditions_page(listed))], structured_content=listed.model_dump()
        )

    @found.tool(title="Read about a condition", annotations=READS)
    def read_condition(name: Name) -> str:
        """Read the page of a condition: what it means, how it is detected, when that is wrong, causes, fixes, sources."""
        if name not in all_conditions():
            raise ToolError(unknown("condition", name, all_conditions()))
        return _page(name, settings.public_url)

    for one in listed.conditions:
        found.add_resource(
            FunctionResource(
                uri=ADDRESS.format(name=one.name),
                name=one.name,
                description=one.title,
                mime_type=MARKDOWN,
                fn=partial(_page, one.name, settings.public_url),
            )
        )
    return found


def _part(history: dict[str, Any] | None, log: str) -> Part:
    """The question as a file would hold it."""
    if (history is None) == (not log):
        raise Refusal("Expected either history, the series by their names, or log, the text of a log file; got " + (
            "both." if log else "neither."
        ))  # fmt: skip
    return Part(
        "file", json.dumps({"history": history}).encode() if history is not None else log.encode(errors="replace")
    )


def _page(name: str, link: str) -> str:
    found = condition(name, link)
    return page(found) if found else ""
