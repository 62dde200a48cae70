"""What `score` does: each line's log-probability, and the best line of each group of candidates."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from seqtasks.errors import DataError
from seqtasks.pipelines import run
from seqtasks.pipelines.prediction import LONGEST, Answer, answer_lines
from seqtasks.pipelines.question import Question
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Task


def score(task: Task, run_path: str, model_path: str, question: Question, choose: bool) -> Iterator[Answer]:
    """Answers each line with what the serving function says of it, and with its `text`.

    Args:
        choose: Lines parted by blank ones are candidates for one place: answer each group with the line of the
            highest log-probability alone, of equals the first.

    Raises:
        RunError: There is no such run or SavedModel.
        DataError: Bytes that are not UTF-8, or a line that is too long.
    """
    signatures = run.serving_functions(task, run_path, model_path).signatures
    lines = ((line, f"{question.source}:{at}") for at, line in numbered_lines(question.stream, question.source))
    if not choose:
        return (answer for _, answer in _answers(signatures["serving_default"], ((0, *line) for line in lines)))
    return _best(_answers(signatures["serving_default"], _grouped(lines)))


def _grouped(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
    """The lines that are not blank, each with its group's number."""
    group = 0
    for line, place in lines:
        if line.strip():
            yield group, line, place
        else:
            group += 1


def _answers(function: Callable, lines: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, Answer]]:
    """The group and the answer of each line."""
    given: deque[tuple[int, str]] = deque()

    def texts() -> Iterator[str]:
        for group, line, place in lines:
            given.append((group, line))
            yield _checked(line, place)

    for answer in answer_lines(function, texts()):
        group, line = given.popleft()
        yield group, {**answer, "text": line}


def _best(answers: Iterable[tuple[int, Answer]]) -> Iterator[Answer]:
    for _, group in itertools.groupby(answers, key=lambda pair: pair[0]):
        yield max((answer for _, answer in group), key=lambda answer: answer["log_probability"])


def _checked(line: str, place: str) -> str:
    """The line, if it is no longer than `LONGEST`: a candidate without a score can't be compared with the others."""
    if len(line) > LONGEST:
        raise DataError(f"a line of {len(line):,} characters", where=place, allowed=f"{LONGEST:,} at most")
    return line
