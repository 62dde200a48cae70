"""What `score` does: each line's log-probability, and the best line of each group of candidates."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from seqtasks.pipelines import run
from seqtasks.pipelines.prediction import LONGEST, Answer, answer_lines
from seqtasks.pipelines.refusal import Refused
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Task


def score(task: Task, run_path: str, model_path: str, stream: BinaryIO, source: str, choose: bool) -> Iterator[Answer]:
    """Answers each line with what the serving function says of it, and with its `text`.

    Args:
        stream: The input's bytes.
        source: Its name, for messages.
        choose: Lines parted by blank ones are candidates for one place: answer each group with one line alone: of
            those with the fewest unknown units the one of the highest log-probability, of equals the first.

    Raises:
        RunError: There is no such run or SavedModel.
        DataError: Bytes that are not UTF-8.
        RefusedLinesError: At the end, where lines were too long. They have no score, and are never chosen while there
            is another candidate.
    """
    function = run.serving_functions(task, run_path, model_path).signatures["serving_default"]
    lines = ((line, f"{source}:{at}") for at, line in numbered_lines(stream, source, cut=True))
    refused = Refused(source)
    if choose:
        return refused.told(_best(_answers(function, _grouped(lines), refused)))
    return refused.told(answer for _, answer in _answers(function, ((0, *line) for line in lines), refused))


def _grouped(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
    """The lines that are not blank, each with its group's number."""
    group = 0
    for line, place in lines:
        if line.strip():
            yield group, line, place
        else:
            group += 1


def _answers(
    function: Callable, lines: Iterable[tuple[int, str, str]], refused: Refused
) -> Iterator[tuple[int, Answer]]:
    """The group and the answer of each line; no text stands in that of one too long."""
    given: deque[tuple[int, str]] = deque()

    def texts() -> Iterator[tuple[str, str]]:
        for group, line, place in lines:
            given.append((group, line if len(line) <= LONGEST else ""))
            yield line, place

    for answer in refused.answered(answer_lines(function, refused.emptied(texts()))):
        group, line = given.popleft()
        yield group, {**answer, "text": line}


def _best(answers: Iterable[tuple[int, Answer]]) -> Iterator[Answer]:
    for _, group in itertools.groupby(answers, key=lambda pair: pair[0]):
        yield max((answer for _, answer in group), key=_chance)


def _chance(answer: Answer) -> tuple[float, float]:
    """What candidates are compared by; of one that was refused less than of any other.

    An unknown unit has the probability of all that is unknown together, and so would often beat a word that is known.
    """
    found = answer["log_probability"]
    return (-math.inf, -math.inf) if math.isnan(found) else (-answer["unknown"], found)
