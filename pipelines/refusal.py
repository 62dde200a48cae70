"""The lines of a stream that are too long to be answered, and how they are named at its end."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from seqtasks.errors import RefusedLinesError, SeqtasksError
from seqtasks.pipelines.prediction import LONGEST, Answer

NAMED = 10
"""Refused lines that are named; more of them are counted."""


class Places:
    """Where lines stood: the first of them, and how many there were."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, place: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= NAMED:
            self._first.append(place)

    def __str__(self) -> str:
        more = f" and {self.count - NAMED:,} more" if self.count > NAMED else ""
        return f"{', '.join(self._first)}{more}"


class Refused:
    """Leaves out each line that is too long by itself, so that the stream goes on, and names them at its end.

    Args:
        source: The stream's name.
    """

    def __init__(self, source: str):
        self._source = source
        self._waiting: deque[int] = deque()
        self._places = Places()

    def emptied(self, lines: Iterator[tuple[str, str]]) -> Iterator[str]:
        """The lines, given with their places; an empty one in the place of each that is too long."""
        for at, (line, place) in enumerate(lines):
            if len(line) > LONGEST:
                self._waiting.append(at)
                self._places.add(place)
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
            if not self._places.count:
                raise
            raise type(error)(f"{error}; and not answered before it, for they are too long: {self._places}") from error
        if self._places.count:
            raise RefusedLinesError(
                f"not answered, for they are too long: {self._places}",
                where=self._source,
                allowed=f"{LONGEST:,} characters of a line or row at most",
                hint="a sentence or a paragraph a line, or a shorter text in a row",
            )


def _nothing(value: Any) -> Any:
    """Of each type what says nothing: zero would be a probability or a score like any other."""
    return math.nan if isinstance(value, float) else type(value)()
