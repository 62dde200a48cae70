"""The texts that a command answers, a file or standard input, and standard output for the answers."""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, TextIO

from seqtasks.errors import DataError, RunError


def texts_of(source: str, stack: ExitStack) -> tuple[BinaryIO, str]:
    """What is read, and its name for messages.

    Args:
        source: A path, or `-` for standard input.
        stack: Closes the file.

    Raises:
        DataError: The file can't be read, or standard input was closed.
    """
    if source == "-":
        if sys.stdin is None:
            raise DataError("standard input is closed", hint="a file, or <&0")
        return _filled(sys.stdin.buffer, stack), "standard input"
    from seqtasks.pipelines.sources import open_file

    return _filled(stack.enter_context(open_file(Path(source))), stack), source


def _filled(stream: BinaryIO, stack: ExitStack) -> io.BufferedReader:
    """The stream with a buffer that is full before anybody looks into it: a pipe brings as much as was written."""
    from seqtasks.pipelines.formats import HEAD_BYTES

    filled = io.BufferedReader(stream, HEAD_BYTES)
    # else it would close the stream behind it when it is given up
    stack.callback(filled.detach)
    return filled


def answers_out() -> TextIO:
    """Standard output, ready for answers: UTF-8, and LF at a line's end.

    Raises:
        RunError: It was closed.
    """
    if sys.stdout is None:
        raise RunError("standard output is closed", hint="> FILE")
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout
