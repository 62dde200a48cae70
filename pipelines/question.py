"""What `predict` is asked: a stream of raw text or of tokens as lines, and the serving function's answers to them."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqtasks.pipelines import sources
from seqtasks.pipelines.encoding import joinable
from seqtasks.pipelines.prediction import Answer, answer_lines, check_length
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Task


@dataclass(frozen=True)
class Question:
    """What `predict` is asked.

    Attributes:
        stream: The input's bytes.
        source: Its name, for messages and for the format that its ending tells.
        tokens: Whether it is tokenised.
        output: The format of the answers.
    """

    stream: io.BufferedReader
    source: str
    tokens: bool
    output: str


def answers(task: Task, question: Question, signatures: Mapping[str, Callable], columns: Columns) -> Iterator[Answer]:
    """The answers in the input's order, from the signature that takes such input.

    Raises:
        DataError: Bytes that are not UTF-8, a malformed line of tokens, or a line that is too long.
    """
    if question.tokens:
        return _answer_tokens(signatures["tokens"], _tokenised(task, question, columns))
    raw = (check_length(text, place) for text, place in _raw(task, question, columns))
    return answer_lines(signatures["serving_default"], raw)


def telling_cuts(answers: Iterator[Answer], source: str, warn: Callable[[str], None]) -> Iterator[Answer]:
    """The answers as they are; at the end a warning how many are to a part of their text only."""
    cut = count = 0
    for answer in answers:
        count, cut = count + 1, cut + bool(answer.get("cut"))
        yield answer
    if cut:
        warn(f"{source}: {cut:,} of {count:,} texts have more tokens than the model reads, their first (--max-tokens)")


def _raw(task: Task, question: Question, columns: Columns) -> Iterator[tuple[str, str]]:
    """A text a line, and its place; of a table or JSON lines, told by the ending, a text a row."""
    chosen = sources.format_of_texts(task, question.source)
    if chosen is not None:
        examples = chosen.read_tokens(question.stream, question.source, columns)
        return ((example.text, example.place) for example in examples)
    return ((line, f"{question.source}:{at}") for at, line in numbered_lines(question.stream, question.source))


def _tokenised(task: Task, question: Question, columns: Columns) -> Iterator[tuple[Sequence[str], str]]:
    """The tokens of each sentence, and its place."""
    chosen = sources.format_of_tokens(task, question.stream, question.source)
    if chosen is None:
        lines = numbered_lines(question.stream, question.source)
        return (([token for token in line.split(" ") if token], f"{question.source}:{at}") for at, line in lines)
    sentences = chosen.read_tokens(question.stream, question.source, columns)
    return ((sentence.tokens, sentence.place(0)) for sentence in sentences)


def _answer_tokens(function: Callable, sentences: Iterator[tuple[Sequence[str], str]]) -> Iterator[Answer]:
    """Answers that hold the tokens as they were given: the network sees a space inside one as a no-break space."""
    given: deque[Sequence[str]] = deque()

    def lines() -> Iterator[str]:
        for tokens, place in sentences:
            given.append(tokens)
            yield check_length(" ".join(map(joinable, tokens)), place)

    for answer in answer_lines(function, lines()):
        yield {**answer, "tokens": list(given.popleft())}
