"""What a language model says of a line, as one line: log-probability, perplexity, counts."""

from __future__ import annotations

import json
from collections.abc import Callable

from seqtasks.pipelines.prediction import Answer, json_number


def tsv(answer: Answer) -> str:
    """ln P, perplexity, counted units (the text's end is one), and unknown ones."""
    return f"{numbers(answer)}\t{answer['tokens']}\t{answer['unknown']}\n"


def jsonl(answer: Answer) -> str:
    """One object with all of them, and the text where it is known."""
    found = {name: json_number(answer[name], digits=None) for name in ("log_probability", "perplexity")}
    found |= {name: answer[name] for name in ("tokens", "unknown")}
    found |= {"text": answer["text"]} if "text" in answer else {}
    return json.dumps(found, ensure_ascii=False) + "\n"


def text(answer: Answer) -> str:
    """ln P and perplexity."""
    return f"{numbers(answer)}\n"


def numbers(answer: Answer) -> str:
    """ln P and perplexity, parted by a TAB."""
    return f"{answer['log_probability']:.4f}\t{answer['perplexity']:.4f}"


WRITERS: dict[str, Callable[[Answer], str]] = {"tsv": tsv, "jsonl": jsonl, "text": text}
"""What `--format` takes."""
