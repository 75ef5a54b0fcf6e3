"""The MCP server, asked by the SDK's own client over a real pipe."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scripts.listening import ROOT

pytestmark = pytest.mark.integration
mcp = pytest.importorskip("mcp", reason="the extra `mcp` is not installed")
DIGITS = (ROOT / "examples" / "logs" / "digits.csv").read_text(encoding="utf-8")
COMMAND = ["-m", "service.commands", "mcp"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PUBLIC_URL": "https://doctor.example"}


def asked(question: Callable[[Any], Awaitable[Any]]) -> Any:
    """Start a server, ask it, and let it end."""

    async def ask() -> Any:
        server = mcp.StdioServerParameters(command=sys.executable, args=COMMAND, env=ENVIRONMENT)
        async with mcp.Client(server, read_timeout_seconds=60) as client:
            return await question(client)

    return asyncio.run(ask())


def test_an_assistant_finds_its_tools_and_the_pages() -> None:
    """With a description of each, and of every argument."""

    async def question(client: Any) -> Any:
        return await client.list_tools(), await client.list_resources()

    tools, resources = asked(question)

    assert ["diagnose", "list_conditions", "read_condition"] == sorted(tool.name for tool in tools.tools)
    for tool in tools.tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert all(argument["description"] for argument in tool.input_schema.get("properties", {}).values())
    assert "curve-diagnosis://conditions/overfitting" in {str(resource.uri) for resource in resources.resources}


@pytest.mark.parametrize(
    "arguments",
    [
        {"log": DIGITS},
        {"log": json.dumps({"loss": [2.0, 1.5, 1.2], "val_loss": [2.0, 1.6, 1.3]})},
        {"history": {"loss": [2.3, 1.2, "NaN", "NaN"]}, "context": {"learning_rate": 0.1}},
        {"history": {"a": [2.3, 1.2, 1.1, 1.0]}, "roles": {"a": "train_loss"}},
    ],
)
def test_a_run_is_diagnosed_in_markdown_and_in_numbers(arguments: dict[str, Any]) -> None:
    """A history or a log; the words for the person, the structure for the assistant."""
    found = asked(lambda client: client.call_tool("diagnose", arguments))

    assert not found.is_error
    assert found.structured_content["headline"]
    assert "**" in found.content[0].text
    assert "https://doctor.example/conditions/" in found.content[0].text


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("diagnose", {}, "Expected either history, the series by their names, or log"),
        ("diagnose", {"history": {"loss": ["x"]}}, "/history/loss/0: Expected a number, null, NaN or Infinity"),
        ("diagnose", {"log": "Dear doctor, my model feels unwell."}, "Expected a training log"),
        ("diagnose", {"history": {"loss": [1]}, "context": {"num_classes": "x"}}, "/num_classes: Expected a whole number"),
        ("diagnose", {"history": {"loss": [1]}, "roles": {"b": "val_loss"}}, "there is no series 'b'"),
        ("read_condition", {"name": "overfiting"}, 'Did you mean "overfitting"?'),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_meant_is_answered_with_what_to_do(
    tool: str, arguments: dict[str, Any], says: str
) -> None:
    """An error of the tool, which the assistant reads, and no failure of the server."""
    found = asked(lambda client: client.call_tool(tool, arguments))

    assert found.is_error
    assert says in found.content[0].text


def test_the_page_of_a_condition_is_read_as_a_tool_and_as_a_resource() -> None:
    """The same text."""

    async def question(client: Any) -> Any:
        tool = await client.call_tool("read_condition", {"name": "overfitting"})
        return tool, await client.read_resource("curve-diagnosis://conditions/overfitting")

    tool, resource = asked(question)

    assert tool.content[0].text == resource.contents[0].text
    assert resource.contents[0].text.startswith("# overfitting\n")
    assert "## When it is wrong" in resource.contents[0].text


def test_every_condition_is_listed() -> None:
    """In a line each, and with its fields."""
    found = asked(lambda client: client.call_tool("list_conditions", {}))

    names = {one["name"] for one in found.structured_content["conditions"]}
    assert {"overfitting", "softmax_before_cross_entropy"} <= names
    assert all(f"[{name}](https://doctor.example/conditions/{name})" in found.content[0].text for name in names)


def test_without_the_extra_it_says_which_to_install() -> None:
    """And ends with the exit code of what cannot be done."""
    code = "import sys; sys.modules['mcp'] = None; from service.commands import main; sys.exit(main(['mcp']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (2, "") == (done.returncode, done.stdout)
    assert "pip install 'curve-diagnosis[mcp]'" in done.stderr
