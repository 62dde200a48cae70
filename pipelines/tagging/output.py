"""A tagged line as text: CoNLL columns, JSON, rows of a table, or running text."""

from __future__ import annotations

import json
from collections.abc import Callable

from seqtasks.pipelines.prediction import Answer

_NAMES = ("tokens", "tags", "scores", "begin", "end")
"""The order in which a person reads an answer; a SavedModel returns its outputs in any order."""


def conll(answer: Answer) -> str:
    """Token TAB tag a line, then an empty line."""
    return "".join(f"{token}\t{tag}\n" for token, tag in zip(answer["tokens"], answer["tags"], strict=True)) + "\n"


def jsonl(answer: Answer) -> str:
    """One object with the lists that the serving function returns; scores to six digits."""
    found = {name: answer[name] for name in _NAMES if name in answer}
    found["scores"] = [round(score, 6) for score in found["scores"]]
    return json.dumps(found, ensure_ascii=False) + "\n"


def tsv(answer: Answer) -> str:
    """Token, tag, score and, of raw text, begin and end, a line each; then an empty line."""
    rows = zip(*(answer[name] for name in _NAMES if name in answer), strict=True)
    return (
        "".join(
            "\t".join(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row) + "\n" for row in rows
        )
        + "\n"
    )


def text(answer: Answer) -> str:
    """token/tag, joined by spaces."""
    return " ".join(f"{token}/{tag}" for token, tag in zip(answer["tokens"], answer["tags"], strict=True)) + "\n"


WRITERS: dict[str, Callable[[Answer], str]] = {"conll": conll, "jsonl": jsonl, "tsv": tsv, "text": text}
"""What `--format` takes."""
