"""What the readers of JSON lines share: an object a line, whose keys hold the parts of an example."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from seqtasks.errors import DataError

SUFFIXES = (".jsonl", ".ndjson", ".json")

_AN_OBJECT_A_LINE = "one object a line; of an array: jq -c '.[]' FILE"


def looks_like_json(lines: Sequence[str]) -> bool:
    """Whether every line begins as an object does, or the first as an array does: `parsed` says what is wrong."""
    kept = [line.strip() for line in lines if line.strip()]
    return bool(kept) and (all(line.startswith("{") for line in kept) or kept[0] == "[" or kept[0].startswith("[{"))


def parsed(line: str, place: str, allowed: str) -> dict[str, Any]:
    """The object that a line holds.

    Args:
        line: A line that is not blank.
        place: `file:line`, for messages.
        allowed: An object as the format wants it, for messages.

    Raises:
        DataError: No JSON, or no object.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"not JSON: {error}", where=place, received=line, allowed=allowed, hint=_AN_OBJECT_A_LINE
        ) from None
    if not isinstance(found, dict):
        raise DataError(
            "a line that is no JSON object", where=place, received=line, allowed=allowed, hint=_AN_OBJECT_A_LINE
        )
    return found


def encodable(text: str) -> str:
    """The string with a question mark for each half of a surrogate pair, which JSON can write and UTF-8 can't."""
    return text.encode("utf-8", "replace").decode()
