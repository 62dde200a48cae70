"""Labelled texts, one a line: JSON lines, fastText's `__label__x text`, and `label text`.

In the last two the label is what stands before the first blank and can't hold one; a line with a label alone is an
empty text. A line of white space only holds nothing and is passed over; in the last two it is a text of its own where
labels are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.readers.columns import no_column
from seqtasks.tasks.readers.json_lines import SUFFIXES, encodable, looks_like_json, parsed
from seqtasks.tasks.readers.layout import LABEL_NAMES, TEXT_NAMES
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Format

PREFIX = "__label__"

_FIRST_WORD = re.compile(r"([^ \t]*)[ \t]*(.*)", re.DOTALL)
_OBJECT = '{"text": …, "label": …}'


def _json_text(line: str, place: str, columns: Columns, labelled: bool) -> tuple[str, str]:
    found = parsed(line, place, _OBJECT)
    columns = columns.granted(lambda _, name: name in found)
    text = _value(found, columns, "text", TEXT_NAMES, place)
    label = _value(found, columns, "label", LABEL_NAMES, place) if labelled else ""
    if not isinstance(text, str):
        raise DataError(
            "a text that is no string", where=place, received=json.dumps(text), allowed=_OBJECT,
            hint="--text-column NAME"
        )  # fmt: skip
    # a whole number is a label too; a fraction, a list or null is a mistake
    if isinstance(label, bool) or not isinstance(label, (str, int)):
        raise DataError(
            "a label that is neither a string nor a whole number",
            where=place,
            received=json.dumps(label),
            allowed=_OBJECT,
            hint="--label-column NAME",
        )
    if labelled and not str(label).strip():
        raise DataError("a row without a label", where=place, received=line, allowed=_OBJECT)
    return encodable(text), encodable(str(label).strip())


def _value(found: dict[str, Any], columns: Columns, option: str, usual: Sequence[str], place: str) -> Any:
    name = getattr(columns, option)
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
    if any(word.startswith(PREFIX) for word in text.split()):
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


def _read(
    stream: BinaryIO, source: str, columns: Columns, parse: Parse, labelled: bool, blank: bool
) -> Iterator[LabelledText]:
    for number, line in numbered_lines(stream, source):
        if not blank and not line.strip():
            continue
        text, label = parse(line, f"{source}:{number}", columns, labelled)
        yield LabelledText(text, label if labelled else "", source, number)


def looks_like_fasttext(lines: Sequence[str]) -> bool:
    """Whether every line begins with fastText's prefix."""
    kept = [line for line in lines if line.strip()]
    return bool(kept) and all(line.startswith(PREFIX) for line in kept)


def looks_like_label_text(lines: Sequence[str]) -> bool:
    """Whether few words are the first of many lines."""
    kept = [line for line in lines if line.strip()]
    return 0 < len({line.split()[0] for line in kept}) <= max(2, len(kept) // 3)


def _format(
    name: str,
    suffixes: tuple[str, ...],
    looks_like: Callable[[Sequence[str]], bool],
    parse: Parse,
    blank: bool,
    named: bool,
) -> Format:
    """A format; `blank`: an empty line is a text where labels are not read; `named`: its parts have names."""

    def checked(source: str, columns: Columns) -> None:
        columns = columns.granted(no_column)
        header = "" if columns.header == "auto" else columns.header
        given = {"text": columns.text, "label": columns.label, "header": header}
        for part, value in given.items():
            option = part if part == "header" else f"{part}-column"
            if value and not named:
                raise ConfigError(
                    f"the format {name} has no columns", where=f"--{option}", received=value,
                    allowed=f"a table or JSON lines; {source} is none", hint=f"without --{option}, or another format"
                )  # fmt: skip

    def read(stream: BinaryIO, source: str, columns: Columns) -> Iterator[LabelledText]:
        checked(source, columns)
        return _read(stream, source, columns, parse, labelled=True, blank=False)

    def read_tokens(stream: BinaryIO, source: str, columns: Columns) -> Iterator[LabelledText]:
        checked(source, columns)
        return _read(stream, source, columns, parse, labelled=False, blank=blank)

    return Format(name, suffixes, looks_like, read, read_tokens)


JSON_LINES = _format("jsonl", SUFFIXES, looks_like_json, _json_text, blank=False, named=True)
FASTTEXT = _format("fasttext", (".ft",), looks_like_fasttext, _fasttext, blank=True, named=False)
LABEL_TEXT = _format("label-text", (), looks_like_label_text, _label_text, blank=True, named=False)
