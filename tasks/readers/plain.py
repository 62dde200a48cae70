"""Plain text: a line a sentence, or running text in paragraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from seqtasks.tasks.examples import Text
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Format


def read_lines(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Text]:
    """A text a line, without white space at its ends; a line of white space only holds nothing and is passed over."""
    for number, line in numbered_lines(stream, source):
        if line.strip():
            yield Text(line.strip(), source, number)


def read_every_line(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Text]:
    """A text a line, empty ones too: each wants its answer, if only that it is too long."""
    return (Text(line, source, number) for number, line in numbered_lines(stream, source, cut=True))


def read_paragraphs(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Text]:
    """A text a paragraph; empty lines stand between paragraphs. Line ends inside one are kept: to a model of words
    they are white space, to one of characters they are characters."""
    lines: list[str] = []
    begin = 0
    for number, line in numbered_lines(stream, source):
        if line.strip():
            begin = begin if lines else number
            lines.append(line)
        elif lines:
            yield Text("\n".join(lines).strip(), source, begin)
            lines = []
    if lines:
        yield Text("\n".join(lines).strip(), source, begin)


def looks_like_lines(lines: Sequence[str]) -> bool:
    """Whatever is text has lines; that they are paragraphs has to be said."""
    return True


LINES = Format("lines", (".txt", ".text"), looks_like_lines, read_lines, read_every_line)
RUNNING = Format("running", (), None, read_paragraphs, read_paragraphs)
