"""A tagged line as text: CoNLL columns, JSON, rows of a table, or running text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from seqtasks.pipelines.prediction import Answer, json_number

_NAMES = ("tokens", "tags", "scores", "begin", "end")
"""The order in which a person reads an answer; a SavedModel returns its outputs in any order."""


def conll(answer: Answer) -> str:
    """Token TAB tag a line, then an empty line."""
    return "".join(f"{token}\t{tag}\n" for token, tag in _pairs(answer)) + "\n"


def jsonl(answer: Answer) -> str:
    """One object with the lists that the serving function returns; scores to six digits."""
    found = {name: answer[name] for name in _NAMES if name in answer}
    found["scores"] = [json_number(score) for score in found["scores"]]
    return json.dumps(found, ensure_ascii=False) + "\n"


def tsv(answer: Answer) -> str:
    """Token, tag, score and, of raw text, begin and end, a line each; then an empty line."""
    rows = zip(*(answer[name] for name in _NAMES if name in answer), strict=True)
    return (
        "".join(
            "\t".join(f"{cell:.4f}" if isinstance(cell, float) else _field(str(cell)) for cell in row) + "\n"
            for row in rows
        )
        + "\n"
    )


def text(answer: Answer) -> str:
    """token/tag, joined by spaces."""
    return " ".join(f"{token}/{tag}" for token, tag in _pairs(answer)) + "\n"


def _pairs(answer: Answer) -> Iterator[tuple[str, str]]:
    """Each token and its tag."""
    return zip(map(_field, answer["tokens"]), answer["tags"], strict=True)


def _field(text: str) -> str:
    """The text without what would end a field or a line; a token that was given may hold it."""
    return re.sub(r"[\t\r\n]", " ", text)


WRITERS: dict[str, Callable[[Answer], str]] = {"conll": conll, "jsonl": jsonl, "tsv": tsv, "text": text}
"""What `--format` takes."""
