"""What `predict` is asked: a stream of raw text or of tokens as lines, and the serving function's answers to them."""

from __future__ import annotations

import io
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqtasks.errors import ConfigError, SeqtasksError
from seqtasks.pipelines import formats
from seqtasks.pipelines.encoding import joinable
from seqtasks.pipelines.prediction import LONGEST, Answer, answer_lines
from seqtasks.pipelines.refusal import Places, Refused
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Task


def _ignore(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Question:
    """What `predict` is asked.

    Attributes:
        stream: The input's bytes.
        source: Its name, for messages and for the format that its ending tells.
        tokens: Whether it is tokenised.
        output: The format of the answers.
        form: The format of raw text that is in a table or JSON lines; empty: told by the ending.
        given: Fields of the `[data]` section that the user gave for this input: `text_column`, `header`, …
        nbest: How many answers to a text, where the family has several; 0: one.
        heard: Called with each raw text that is not too long to be answered.
    """

    stream: io.BufferedReader
    source: str
    tokens: bool
    output: str
    form: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    nbest: int = 0
    heard: Callable[[str], None] = _ignore


def answers(
    task: Task,
    question: Question,
    signatures: Mapping[str, Callable],
    columns: Columns,
    warn: Callable[[str], None] = _ignore,
    most: int = 0,
    beam: int = 1,
) -> Iterator[Answer]:
    """The answers in the input's order, from the signature that takes such input; an empty one to a line too long.

    Args:
        columns: What of the input holds the text or the tokens, where it is in columns, and whether it has a header.
        warn: Called at the end, or before a fault, where texts were refused, with their places; their answers are
            empty.
        most: How many tokens of a text the model reads; 0: all, or not known.
        beam: How many hypotheses of a text its search holds at once.

    Raises:
        DataError: Bytes that are not UTF-8, a malformed line of tokens, or TABs that are of no format.
        RefusedLinesError: At the end, where lines were too long.
    """
    refused = Refused(question.source)
    if question.tokens:
        found = _answer_tokens(signatures["tokens"], _tokenised(task, question, columns), refused)
    else:
        texts = ((_begin(text, most), place) for text, place in _raw(task, question, columns))
        found = _answer_raw(question, signatures, texts, refused, warn, beam)
    return refused.told(refused.answered(found))


def _answer_raw(
    question: Question,
    signatures: Mapping[str, Callable],
    lines: Iterator[tuple[str, str]],
    refused: Refused,
    warn: Callable[[str], None],
    beam: int,
) -> Iterator[Answer]:
    """Answers to raw texts; one whose score is minus infinity is a refusal, and its place is told at the end."""
    function = _widest(signatures["nbest"], question.nbest) if question.nbest else signatures["serving_default"]
    places: deque[str] = deque()
    empty = Places()

    def raw() -> Iterator[tuple[str, str]]:
        for text, place in lines:
            places.append(place)
            if len(text) <= LONGEST:
                question.heard(text)
            yield text, place

    def found() -> Iterator[Answer]:
        for answer in answer_lines(function, refused.emptied(raw()), beam):
            place = places.popleft()
            if answer.get("score", 0.0) == -math.inf or answer.get("scores", [0.0])[:1] == [-math.inf]:
                empty.add(place)
            if question.nbest:
                answer = {name: values[: question.nbest] for name, values in answer.items()}
            yield answer

    def tell() -> None:
        if empty.count:
            warn(f"{question.source}: refused, for they are too long for this model, their answers empty: {empty}")

    return _then(found(), tell)


def _then(answers: Iterator[Answer], tell: Callable[[], None]) -> Iterator[Answer]:
    """The answers as they are; `tell` is called at the end, or before the fault that ends them."""
    try:
        yield from answers
    except SeqtasksError:
        tell()
        raise
    tell()


def _widest(function: Callable, wanted: int) -> Callable:
    """The function of the best answers, if it has so many."""
    ours = hasattr(function, "get_concrete_function")
    kept = hypotheses(function.get_concrete_function() if ours else function)
    if wanted > kept:
        raise ConfigError(
            "more answers than the search keeps", where="--nbest", received=wanted, allowed=f"at most {kept}",
            hint=f"--beam {wanted}" if ours else f"an export with --beam {wanted}"
        )  # fmt: skip
    return function


def hypotheses(nbest: Any) -> int:
    """How many hypotheses the search behind the best answers keeps, by its concrete function."""
    return nbest.structured_outputs["scores"].shape[-1]


def _begin(text: str, most: int) -> str:
    """The text, or of one too long to be answered a beginning with surely more tokens than the model reads."""
    begin = text[:LONGEST]
    # a word between blanks is a token or more, but for control characters; twice as many words leave room for those
    return begin if most and len(text) > LONGEST and len(begin.split()) > 2 * most else text


def telling_cuts(
    answers: Iterator[Answer], source: str, warn: Callable[[str], None], most: int = 0
) -> Iterator[Answer]:
    """The answers as they are; at the end, or before a fault, a warning how many are to a part of their text only.

    Args:
        most: How many tokens of a text the model reads; 0: not known.
    """
    cut = count = 0

    def counted() -> Iterator[Answer]:
        nonlocal cut, count
        for answer in answers:
            count, cut = count + 1, cut + bool(answer.get("cut"))
            yield answer

    def tell() -> None:
        if cut:
            read = f"the first {most:,} tokens" if most else "the first tokens"
            warn(f"{source}: {cut:,} of {count:,} texts are cut: the model reads only {read} of a text (--max-tokens)")

    return _then(counted(), tell)


def _raw(task: Task, question: Question, columns: Columns) -> Iterator[tuple[str, str]]:
    """A text a line, and its place; of a table or JSON lines, told by the ending or by the user, a text a row."""
    if question.form:
        chosen = formats.format_named(task, question.form, "--input-format")
    else:
        chosen = formats.format_of_texts(task, question.source)
    if chosen is None and question.given:
        name, value = next(iter(question.given.items()))
        raise ConfigError(
            "an option of columns, and the input is read a text a line",
            where=f"--{name.replace('_', '-')}",
            received=value,
            hint="--tokens" if "token_column" in question.given else f"--input-format {task.formats[0].name}",
        )
    if chosen is not None:
        examples = chosen.read_tokens(question.stream, question.source, columns)
        return ((example.text, example.place) for example in examples)
    return ((line, f"{question.source}:{at}") for at, line in _lines(question))


def _lines(question: Question) -> Iterator[tuple[int, str]]:
    """The stream's lines; of one too long to be read its beginning, which is too long to be answered."""
    return numbered_lines(question.stream, question.source, cut=True)


def _tokenised(task: Task, question: Question, columns: Columns) -> Iterator[tuple[Sequence[str], str]]:
    """The tokens of each sentence, and its place."""
    chosen = formats.format_of_tokens(task, question.stream, question.source, said=bool(question.given))
    if chosen is None:
        lines = _lines(question)
        return (([token for token in line.split(" ") if token], f"{question.source}:{at}") for at, line in lines)
    sentences = chosen.read_tokens(question.stream, question.source, columns)
    return ((sentence.tokens, sentence.place(0)) for sentence in sentences)


def _answer_tokens(
    function: Callable, sentences: Iterator[tuple[Sequence[str], str]], refused: Refused
) -> Iterator[Answer]:
    """Answers that hold the tokens as they were given: the network sees a space inside one as a no-break space."""
    given: deque[Sequence[str]] = deque()

    def lines() -> Iterator[tuple[str, str]]:
        for tokens, place in sentences:
            line = " ".join(map(joinable, tokens))
            given.append(tokens if len(line) <= LONGEST else ())
            yield line, place

    for answer in answer_lines(function, refused.emptied(lines())):
        yield {**answer, "tokens": list(given.popleft())}
