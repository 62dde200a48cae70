"""Labelled texts, one a line: JSON lines, fastText's `__label__x text`, and `label text`.

In the last two the label is what stands before the first blank and can't hold one; a line with a label alone is an
empty text. A line of white space only holds nothing and is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from seqtasks.errors import DataError
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.readers.table import LABEL_NAMES, TEXT_NAMES
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Format

PREFIX = "__label__"

_FIRST_WORD = re.compile(r"([^ \t]*)[ \t]?(.*)", re.DOTALL)


def _json_text(line: str, place: str, columns: Columns, labelled: bool) -> tuple[str, str]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", where=place, received=line) from None
    if not isinstance(found, dict):
        raise DataError("a line that is no JSON object", where=place, received=line, allowed='{"text": …, "label": …}')
    text = _value(found, columns.text, TEXT_NAMES, "text", place)
    label = _value(found, columns.label, LABEL_NAMES, "label", place) if labelled else ""
    if not isinstance(text, str):
        raise DataError("a text that is no string", where=place, received=text)
    # a whole number is a label too; a fraction, a list or null is a mistake
    if isinstance(label, bool) or not isinstance(label, (str, int)):
        raise DataError("a label that is neither a string nor a whole number", where=place, received=label)
    if labelled and not str(label).strip():
        raise DataError("a row without a label", where=place, received=line)
    # half a surrogate pair has no UTF-8
    clean = text.encode("utf-8", "replace").decode()
    return clean, str(label).strip().encode("utf-8", "replace").decode()


def _value(found: dict[str, Any], name: str, usual: Sequence[str], option: str, place: str) -> Any:
    keys = [name] if name else [key for key in usual if key in found]
    if not keys or keys[0] not in found:
        raise DataError(
            f"a row without a {option}",
            where=place,
            received=", ".join(found) or "no key",
            allowed=name or ", ".join(usual),
            hint=f"--{option}-column NAME",
        )
    return found[keys[0]]


def _fasttext(line: str, place: str, columns: Columns, labelled: bool) -> tuple[str, str]:
    first, text = _FIRST_WORD.fullmatch(line).groups()
    label = first.removeprefix(PREFIX)
    if not first.startswith(PREFIX):
        if not labelled:
            return line, ""
        raise DataError("a row without a label", where=place, received=line, allowed=f"{PREFIX}x text")
    if not label:
        raise DataError("an empty label", where=place, received=line, allowed=f"{PREFIX}x text")
    if text.startswith(PREFIX):
        raise DataError("two labels", where=place, received=line, allowed="one label a text")
    return text, label


def _label_text(line: str, place: str, columns: Columns, labelled: bool) -> tuple[str, str]:
    if not labelled:
        return line, ""
    label, text = _FIRST_WORD.fullmatch(line).groups()
    if not label:
        raise DataError("a row without a label", where=place, received=line, allowed="label text")
    return text, label


Parse = Callable[[str, str, Columns, bool], tuple[str, str]]
"""(line, `file:line`, columns, whether labels are read) to text and label."""


def _read(stream: BinaryIO, source: str, columns: Columns, parse: Parse, labelled: bool) -> Iterator[LabelledText]:
    for number, line in numbered_lines(stream, source):
        # an empty line is a text of its own where no label is asked for
        if labelled and not line.strip():
            continue
        text, label = parse(line, f"{source}:{number}", columns, labelled)
        yield LabelledText(text, label if labelled else "", source, number)


def looks_like_json(lines: Sequence[str]) -> bool:
    """Whether every line begins as an object does."""
    kept = [line for line in lines if line.strip()]
    return bool(kept) and all(line.lstrip().startswith("{") for line in kept)


def looks_like_fasttext(lines: Sequence[str]) -> bool:
    """Whether every line begins with fastText's prefix."""
    kept = [line for line in lines if line.strip()]
    return bool(kept) and all(line.startswith(PREFIX) for line in kept)


def looks_like_label_text(lines: Sequence[str]) -> bool:
    """Whether few words are the first of many lines."""
    kept = [line for line in lines if line.strip()]
    return 0 < len({line.split()[0] for line in kept}) <= max(2, len(kept) // 3)


def _format(name: str, suffixes: tuple[str, ...], looks_like: Callable[[Sequence[str]], bool], parse: Parse) -> Format:
    return Format(
        name,
        suffixes,
        looks_like,
        lambda stream, source, columns: _read(stream, source, columns, parse, labelled=True),
        lambda stream, source, columns: _read(stream, source, columns, parse, labelled=False),
    )


JSON_LINES = _format("jsonl", (".jsonl", ".ndjson"), looks_like_json, _json_text)
FASTTEXT = _format("fasttext", (".ft",), looks_like_fasttext, _fasttext)
LABEL_TEXT = _format("label-text", (), looks_like_label_text, _label_text)
