"""`data check`: reads files with all their faults, and reports on each and on what one shares with another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from seqtasks.config import DataConfig
from seqtasks.errors import DataError, LongSentenceError, SeqtasksError
from seqtasks.pipelines import sides, sources, spool
from seqtasks.pipelines.folders import splits_named
from seqtasks.tasks import checking
from seqtasks.tasks.readers.text import LONGEST_LINE
from seqtasks.tasks.task import Format, Task

FAULTS = 20
"""Malformed lines of a file that are named; each costs a reading of the file."""

COMMENT = b"# newdoc\n"
"""A line that says nothing inside a sentence, in every format with a token a line; an empty one would end it."""

Finding = tuple[bool, str]
"""Whether it is an error, and the line that tells it."""


def check(task: Task, paths: Sequence[str], config: DataConfig) -> Iterator[Finding]:
    """Reports on files, a line each; on all but the training file also what they share with that and what it lacks.

    Args:
        paths: The training file is the one whose name says so, else the first.
    """
    found: list[checking.Content] = []
    for path in _each_once(paths, config):
        examples, name, faults = read(task, Path(path), config)
        yield from ((True, str(fault)) for fault in faults)
        if not examples:
            continue
        yield False, f"{path}: {name}, {len(examples):,} examples"
        yield from _surveyed(task, examples)
        found.append(checking.content(path, examples))
        yield from ((False, f"  {line}") for line in checking.describe(found[-1]))
    reference = next((content for content in found if "train" in splits_named(Path(content.name).name)), None)
    reference = reference or (found[0] if found else None)
    for content in found:
        if content is not reference:
            yield False, f"{content.name} beside {reference.name}:"
            yield from ((False, f"  {line}") for line in checking.compare(reference, content))


def _each_once(paths: Sequence[str], config: DataConfig) -> list[str]:
    """The paths, of those that mean the same two sides of a translation the first."""
    meant = [sides.two_files(Path(path), config) for path in paths]
    return [path for at, path in enumerate(paths) if meant[at] is None or meant[at] not in meant[:at]]


def _surveyed(task: Task, examples: Sequence[Any]) -> Iterator[Finding]:
    """What the task's own survey says; of examples with faults that it refuses, each fault, and then of the others."""
    for _ in range(FAULTS):
        try:
            yield from [(False, f"  {line}") for line in task.survey(examples)]
            return
        except SeqtasksError as error:
            yield True, str(error)
            sound = [example for example in examples if not _stands_at(example, error.where)]
            if not sound or len(sound) == len(examples):
                return
            examples = sound
    yield True, f"{FAULTS} faults or more; mend these first"


def _stands_at(example: Any, where: str) -> bool:
    """Whether this is the example of a place."""
    return any(where == example.place(index) for index in range(len(getattr(example, "lines", ()))))


def read(task: Task, path: Path, config: DataConfig) -> tuple[Sequence[Any], str, list[SeqtasksError]]:
    """The examples of a file without its malformed lines, the format's name, and what is wrong with those lines.

    What a malformed line is a part of is no example: a sentence of tagged text, a pair of two files. Where such a
    sentence's lines are numbered, only its first malformed line is named: the numbers behind it follow from that one.
    """
    faults: list[SeqtasksError] = []
    passed = _Passed()
    two = sides.two_files(path, config)
    names = "|".join(re.escape(str(name)) for name in two or (path,))
    while True:
        try:
            examples, chosen = sources.read_file(task, path, config, through=partial(_Without, passed=passed))
            return spool.chosen(examples, passed.spares), chosen.name, faults
        except SeqtasksError as error:
            line = re.fullmatch(rf"(?:{names}):(\d+)", error.where)
            # that of a line which has no partner stays
            again = line is not None and int(line[1]) in passed.lines
            faults += [] if again else [error]
            if not isinstance(error, DataError) or line is None or again:
                return [], "", faults
            form = None if two else sources.choose_format(task, path, config.format)
            passed.add(int(line[1]), path, form, isinstance(error, LongSentenceError))
        if len(faults) >= FAULTS:
            hint = "mend these first"
            return [], "", [*faults, DataError(f"{FAULTS} malformed lines or more", where=str(path), hint=hint)]


class _Passed:
    """The lines of a file that are passed over, and the lines that are no part of any example for that.

    Attributes:
        lines: Numbers of malformed lines, from 1.
    """

    def __init__(self):
        self.lines: set[int] = set()
        self._over: list[range] = []
        self._spoilt: list[range] = []
        self._instead = b"\n"

    def add(self, line: int, path: Path, form: Format | None, long: bool) -> None:
        """Passes over a malformed line, with the row or, where that is at fault as a whole, the sentence around it.

        Args:
            form: The file's format; None: two files of lines that belong together.
            long: Whether it is the line at which a sentence has too many tokens.
        """
        over = spoilt = range(line, line + 1)
        if form is not None and form.extent is not None:
            with sources.open_data(path) as stream:
                over = spoilt = form.extent(_Without(stream, self), line)
        elif form is not None and form.ends is not None:
            self._instead = COMMENT
            spoilt = _sentence(path, line, form.ends)
            over = spoilt if form.counts or long else over
        self.lines.add(line)
        self._over.append(over)
        self._spoilt.append(spoilt)

    def instead(self, line: int) -> bytes | None:
        """What is read in a line's place; None: the line itself."""
        return self._instead if _within(line, self._over) else None

    def spares(self, example: Any) -> bool:
        """Whether an example has no malformed line."""
        first, *_ = getattr(example, "lines", None) or [getattr(example, "line", 0)]
        return not _within(first, self._spoilt)


def _within(line: int, ranges: Sequence[range]) -> bool:
    return any(line in lines for lines in ranges)


def _sentence(path: Path, line: int, ends: Callable[[str], bool]) -> range:
    """The lines of the sentence around a line."""
    begin, number, whole = 1, 0, True
    with sources.open_data(path) as stream:
        # a line without an end is read in parts, of which the first one counts
        while piece := stream.readline(LONGEST_LINE):
            number += whole
            if whole and number != line and ends(piece.decode(errors="replace")):
                if number > line:
                    return range(begin, number)
                begin = number + 1
            whole = piece.endswith(b"\n")
    return range(begin, number + 1)


class _Without:
    """A file whose malformed lines say nothing.

    Args:
        stream: Opened in binary mode.
        passed: Which these are.
    """

    def __init__(self, stream: BinaryIO, passed: _Passed):
        self._stream, self._passed, self._number = stream, passed, 1

    def readline(self, size: int = -1) -> bytes:
        piece = self._stream.readline(size)
        instead = self._passed.instead(self._number)
        if instead is not None:
            while piece and not piece.endswith(b"\n"):
                piece = self._stream.readline(size)
            piece = piece and instead
        self._number += piece.endswith(b"\n")
        return piece
