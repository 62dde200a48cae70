"""A translated text as one line: the translation, JSON, or the fields of a table."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from seqtasks.pipelines.prediction import Answer, json_number
from seqtasks.tasks.scores.translation import one_line


def text(answer: Answer) -> str:
    """The translation; of several one a line, the best first."""
    return "".join(f"{one_line(translation)}\n" for translation, _ in _all(answer))


def jsonl(answer: Answer) -> str:
    """One object: translation and score, to six digits; and all translations and scores where several were asked for.

    The score of a text that was refused is null.
    """
    found = [{"translation": translation, "score": json_number(score)} for translation, score in _all(answer)]
    several = {"nbest": found} if "translations" in answer else {}
    return json.dumps({**found[0], **several}, ensure_ascii=False) + "\n"


def tsv(answer: Answer) -> str:
    """Translation and score; of several one a line, the best first."""
    return "".join(f"{one_line(translation)}\t{score:.6f}\n" for translation, score in _all(answer))


def _all(answer: Answer) -> list[tuple[str, float]]:
    if "translations" not in answer:
        return [(answer["translation"], answer["score"])]
    # to a line that was refused there is none at all
    found = list(zip(answer["translations"], answer["scores"], strict=True)) or [("", math.nan)]
    return [found[0], *(pair for pair in found[1:] if pair[1] > -math.inf)]


WRITERS: dict[str, Callable[[Answer], str]] = {"text": text, "jsonl": jsonl, "tsv": tsv}
"""What `--format` takes."""
