"""An error in one sentence: what came, what was expected, what to do; the same on the wire and in a terminal."""

from __future__ import annotations

from pydantic import ValidationError

from schemas.pointer import pointer
from schemas.problem import Place
from schemas.wire import shown
from service.wording.columns import harmless

ESCAPE = "hex escape"  # how the parser begins to speak of half a character
NAME = 100  # characters of a file's name, of which the end tells most
ERRORS = 20  # places listed; a body can be wrong in a million
# What pydantic says in Python's words, in those of JSON.
SENTENCES = {
    "missing": "This field is required",
    "dict_type": "Expected an object",
    "list_type": "Expected a list",
    "string_type": "Expected a string",
    "float_type": "Expected a number",
    "int_type": "Expected a whole number",
    "int_from_float": "Expected a whole number",
    "bool_type": "Expected true or false",
    "too_short": "Expected a list with at least {min_length} in it",
    "too_long": "Expected a list with at most {max_length} in it",
    "string_too_short": "Expected text, of at least {min_length} in length",
    "string_too_long": "Expected text of at most {max_length} characters",
    "greater_than": "Expected a number above {gt}",
    "greater_than_equal": "Expected a number from {ge} on",
    "less_than": "Expected a number below {lt}",
    "less_than_equal": "Expected a number up to {le}",
}


def of_validation(error: ValidationError) -> tuple[str, list[Place]]:
    """Places and sentences of what pydantic refused, without what it says of itself."""
    lines = error.errors(include_url=False)
    places = []
    for line in lines[:ERRORS]:
        known = SENTENCES.get(line["type"], "").format(**line.get("ctx", {}))
        sentence = known or line["msg"].rstrip(".").replace("Input should be ", "Expected ")
        came = "" if line["type"] in {"refused", "missing"} else f"; got {shown(line['input'])}"
        places.append(Place(pointer=pointer(line["loc"]), detail=f"{sentence}{came}."))
    detail = f"{places[0].pointer}: {places[0].detail}" if places[0].pointer else places[0].detail
    if len(lines) > 1:
        detail += f" ({len(lines)} errors in all.)"
    return detail, places


def about(error: BaseException) -> str:
    """The file or the run an error speaks of, where that was noted: a client's word, short and in one line."""
    notes = getattr(error, "__notes__", ())
    names = [harmless(note) for note in notes[:1]]
    return "".join(f"{name if len(name) <= NAME else '…' + name[1 - NAME :]}: " for name in names)


def of_json(text: bytes | str, broken: ValueError) -> str:
    """Why a text is no JSON, when a parser has refused it: bytes of another encoding are told from halves of characters."""
    if isinstance(text, bytes):
        try:
            text.decode()
        except UnicodeDecodeError as found:
            byte = f"0x{text[found.start]:02X}"
            return f"It is not UTF-8: byte {found.start}, counted from 0, is {byte}. Send it as UTF-8, or write such letters as \\u00e9."
    if ESCAPE in str(broken):
        return f"It holds half a character (a lone surrogate such as \\ud800): {broken}. Send whole ones."
    return f"{str(broken)[:1].upper()}{str(broken)[1:]}."
