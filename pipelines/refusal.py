"""The lines of a stream that are too long to be answered."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from seqtasks.errors import RefusedLinesError, SeqtasksError
from seqtasks.pipelines.prediction import LONGEST, Answer

NAMED = 10
"""Refused lines that are named; more of them are counted."""


class Refused:
    """Leaves out each line that is too long by itself, so that the stream goes on, and names them at its end.

    Args:
        source: The stream's name.
    """

    def __init__(self, source: str):
        self._source = source
        self._waiting: deque[int] = deque()
        self._places: list[str] = []
        self._count = 0

    def emptied(self, lines: Iterator[tuple[str, str]]) -> Iterator[str]:
        """The lines, given with their places; an empty one in the place of each that is too long."""
        for at, (line, place) in enumerate(lines):
            if len(line) > LONGEST:
                self._waiting.append(at)
                self._count += 1
                self._places = [*self._places, place][:NAMED]
                line = ""
            yield line

    def answered(self, answers: Iterator[Answer]) -> Iterator[Answer]:
        """The answers; one without content in the place of each line that was left out."""
        for at, answer in enumerate(answers):
            if self._waiting and self._waiting[0] == at:
                self._waiting.popleft()
                answer = {name: _nothing(value) for name, value in answer.items()}
            yield answer

    def told(self, found: Iterable[Any]) -> Iterator[Any]:
        """What was found, as it is.

        Raises:
            RefusedLinesError: At the end, where a line was left out.
            SeqtasksError: The fault that ended the stream before, with the lines that had been left out by then.
        """
        try:
            yield from found
        except SeqtasksError as error:
            if not self._count:
                raise
            raise type(error)(f"{error}; and not answered before it, for they are too long: {self._named()}") from error
        if self._count:
            raise RefusedLinesError(
                f"not answered, for they are too long: {self._named()}",
                where=self._source,
                allowed=f"{LONGEST:,} characters of a line or row at most",
                hint="a sentence or a paragraph a line, or a shorter text in a row",
            )

    def _named(self) -> str:
        more = f" and {self._count - len(self._places):,} more" if self._count > len(self._places) else ""
        return f"{', '.join(self._places)}{more}"


def _nothing(value: Any) -> Any:
    """Of each type what says nothing: zero would be a probability or a score like any other."""
    return math.nan if isinstance(value, float) else type(value)()
