"""A classified text as one line: JSON, the fields of a table, or the label alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from seqtasks.pipelines.prediction import Answer, json_number


def jsonl(answer: Answer) -> str:
    """One object: label, score, and each label's probability, to six digits; `cut` where not all tokens were read."""
    scores = dict(zip(answer["labels"], (json_number(score) for score in answer["scores"]), strict=True))
    found = {"label": answer["label"], "score": json_number(answer["score"]), "scores": scores}
    if answer.get("cut"):
        found["cut"] = True
    return json.dumps(found, ensure_ascii=False) + "\n"


def tsv(answer: Answer) -> str:
    """Label, its probability, then label and probability of each label, in the model's order."""
    pairs = zip([answer["label"], *answer["labels"]], [answer["score"], *answer["scores"]], strict=True)
    return "\t".join(f"{_one_field(label)}\t{score:.6f}" for label, score in pairs) + "\n"


def text(answer: Answer) -> str:
    """The label."""
    return _one_field(answer["label"]) + "\n"


def _one_field(label: str) -> str:
    return re.sub(r"[\t\r\n]", " ", label)


WRITERS: dict[str, Callable[[Answer], str]] = {"jsonl": jsonl, "tsv": tsv, "text": text}
"""What `--format` takes."""
