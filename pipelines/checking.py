"""`data check`: reads files with all their faults, and reports on each and on what one shares with another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from seqtasks.config import DataConfig
from seqtasks.errors import DataError, SeqtasksError
from seqtasks.pipelines import sides, sources
from seqtasks.tasks import checking
from seqtasks.tasks.task import Task

FAULTS = 20
"""Malformed lines of a file that are named; each costs a reading of the file."""

Finding = tuple[bool, str]
"""Whether it is an error, and the line that tells it."""


def check(task: Task, paths: Sequence[str], config: DataConfig) -> Iterator[Finding]:
    """Reports on files, a line each; on all but the training file also what they share with that and what it lacks.

    Args:
        paths: The training file is the one whose name says so, else the first.
    """
    found: list[checking.Content] = []
    for path in paths:
        examples, name, faults = read(task, Path(path), config)
        yield from ((True, str(fault)) for fault in faults)
        if not examples:
            continue
        yield False, f"{path}: {name}, {len(examples):,} examples"
        yield from _surveyed(task, examples)
        found.append(checking.content(path, examples))
        yield from ((False, f"  {line}") for line in checking.describe(found[-1]))
    reference = next((content for content in found if "train" in sources.splits_named(Path(content.name).name)), None)
    reference = reference or (found[0] if found else None)
    for content in found:
        if content is not reference:
            yield False, f"{content.name} beside {reference.name}:"
            yield from ((False, f"  {line}") for line in checking.compare(reference, content))


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
    """The examples of a file without its malformed lines, the format's name, and what is wrong with those lines."""
    faults: list[SeqtasksError] = []
    passed: set[int] = set()
    names = "|".join(re.escape(str(name)) for name in sides.two_files(path, config) or (path,))
    while True:
        try:
            examples, chosen = sources.read_file(task, path, config, through=partial(_Without, passed=passed))
            return examples, chosen.name, faults
        except SeqtasksError as error:
            faults.append(error)
            line = re.fullmatch(rf"(?:{names}):(\d+)", error.where)
            if not isinstance(error, DataError) or line is None or int(line[1]) in passed:
                return [], "", faults
            passed.add(int(line[1]))
        if len(faults) >= FAULTS:
            hint = "mend these first"
            return [], "", [*faults, DataError(f"{FAULTS} malformed lines or more", where=str(path), hint=hint)]


class _Without:
    """A file in which some lines are empty.

    Args:
        stream: Opened in binary mode.
        passed: Numbers of lines, from 1.
    """

    def __init__(self, stream: BinaryIO, passed: set[int]):
        self._stream, self._passed, self._number = stream, passed, 1

    def readline(self, size: int = -1) -> bytes:
        piece = self._stream.readline(size)
        if self._number in self._passed:
            while piece and not piece.endswith(b"\n"):
                piece = self._stream.readline(size)
            piece = piece and b"\n"
        self._number += piece.endswith(b"\n")
        return piece
