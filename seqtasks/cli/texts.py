"""The texts that a command answers: a file, or standard input."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from seqtasks.errors import DataError


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
        return sys.stdin.buffer, "standard input"
    from seqtasks.pipelines.sources import open_file

    return stack.enter_context(open_file(Path(source))), source
