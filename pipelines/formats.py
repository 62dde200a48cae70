"""Which of a task's formats a stream is in: told by the user, by the ending, or by the first lines.

An ending that is used for several formats (`.conll` for CoNLL-U, too) is told from those by the first lines.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Sequence
from pathlib import Path

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.task import Format, Task

HEAD_BYTES = 1 << 16
"""How much of a file a format may look at."""


def format_named(task: Task, name: str, option: str) -> Format:
    """The format called `name`, given by `option`.

    Raises:
        ConfigError: The task has no such format.
    """
    for candidate in task.formats:
        if candidate.name == name:
            return candidate
    allowed = ", ".join(candidate.name for candidate in task.formats)
    raise ConfigError("a format the task does not read", where=option, received=name, allowed=allowed)


def format_of_tokens(task: Task, stream: io.BufferedReader, name: str, said: bool = False) -> Format | None:
    """The format of columns, told by the ending or by a TAB; None: tokens joined by spaces.

    Args:
        said: Whether the user says that there are columns.

    Raises:
        DataError: A TAB, and yet no format's columns.
    """
    known = (*task.formats, *task.token_formats)
    if not said and b"\t" not in stream.peek(HEAD_BYTES) and _format_of_ending(known, name) is None:
        return None
    if (found := _format_told(known, stream, name)) is None and not said:
        raise DataError(
            "TABs, though none in the first token line: neither columns nor tokens joined by spaces",
            where=name, allowed=" or ".join(one.name for one in known), hint="--token-column 1 for columns, or no TAB"
        )  # fmt: skip
    return found or known[0]


def format_of_texts(task: Task, name: str) -> Format | None:
    """The format that the ending of `name` means, where the task's examples are raw text; None: a text a line."""
    if "text" not in task.example_type.__slots__:
        return None
    return _format_of_ending(task.formats, name)


def _format_of_ending(formats: Sequence[Format], name: str) -> Format | None:
    ending = Path(name).suffix.lower()
    return next((known for known in formats if ending in known.suffixes), None)


def format_of_stream(task: Task, stream: io.BufferedReader, name: str) -> Format | None:
    """The format of the ending of `name`, or of its first bytes where no ending or a loose one is there, else None.

    It looks at the stream's buffer and takes nothing off it.
    """
    return _format_told(task.formats, stream, name)


def _format_told(formats: Sequence[Format], stream: io.BufferedReader, name: str) -> Format | None:
    told = _format_of_ending(formats, name)
    if told and not told.loose:
        return told
    head = stream.peek(HEAD_BYTES).removeprefix(codecs.BOM_UTF8)
    lines = [line.rstrip("\r") for line in head.decode(errors="replace").split("\n")]
    # the last line may be cut off; a line alone is all there is to look at
    lines = lines[:-1] or lines
    return next((candidate for candidate in formats if candidate.looks_like and candidate.looks_like(lines)), told)
