"""CoNLL-U (universaldependencies.org/format.html): ten columns apart by TAB, a blank line between sentences.

The words are the lines with a whole number as ID; multi-word ranges (`3-4`) and empty nodes (`8.1`) are no words.
IDs are read by the `conllu` package. Lines are split here: the package gives no line numbers, also splits at two
spaces inside a token, and parses columns that a tagger never looks at.

A first line `# global.columns = ID FORM UPOS` (CoNLL-U Plus) gives other columns. The tag is UPOS, or the column
that the user names (`xpos`, `deprel`, 5). A sentence all of whose tags are `_` (not annotated) comes without tags;
among other tags `_` stays a tag of its own, as in the CoNLL 2018 evaluation, which compares it like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import BinaryIO

from conllu.exceptions import ParseException
from conllu.parser import DEFAULT_FIELDS, parse_id_value

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers.columns import column_number, has_column, no_column
from seqtasks.tasks.readers.text import check_size, numbered_lines, without_carriage_returns
from seqtasks.tasks.task import Columns, Format

_GLOBAL_COLUMNS = "# global.columns ="


@dataclass(frozen=True)
class _Layout:
    """How a file's word lines are laid out; `token`, `tag` and `identity` are indices, `tag` None if unread."""

    source: str
    width: int
    identity: int
    token: int
    tag: int | None


def read(stream: BinaryIO, source: str, columns: Columns) -> Iterator[TaggedSentence]:
    """The sentences of a file with their tags, one by one.

    Raises:
        DataError: The wrong number of columns, an ID that is none or out of order, an empty form or tag, wrong bytes.
        ConfigError: `columns` names a column that the file has not got.
    """
    return _sentences(stream, source, columns, tagged=True)


def read_tokens(stream: BinaryIO, source: str, columns: Columns) -> Iterator[TaggedSentence]:
    """As `read`, but for the tokens alone (the input of a prediction)."""
    return _sentences(stream, source, columns, tagged=False)


def looks_like(lines: Sequence[str]) -> bool:
    """Whether a file's first lines are CoNLL-U: the first that is no comment has an ID, TABs and ten columns."""
    if lines and lines[0].startswith(_GLOBAL_COLUMNS):
        return True
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    cells = first.split("\t")
    return len(cells) == len(DEFAULT_FIELDS) and re.fullmatch(r"1(-\d+)?|0\.1", cells[0]) is not None


def _sentences(stream: BinaryIO, source: str, columns: Columns, tagged: bool) -> Iterator[TaggedSentence]:
    names: Sequence[str] = DEFAULT_FIELDS
    layout = None  # not known before the first word, for names may change
    words: list[tuple[str, str, int]] = []
    for number, line in without_carriage_returns(numbered_lines(stream, source), source):
        if line.startswith("#"):
            if number == 1 and line.startswith(_GLOBAL_COLUMNS):
                names = line.removeprefix(_GLOBAL_COLUMNS).lower().split()
        elif not _is_break(line):
            layout = layout or _layout(names, source, columns, tagged)
            word = _word(number, line, layout, expected=len(words) + 1)
            if word is not None:
                words.append(word)
                check_size(len(words), source, number)
        elif words:
            yield _sentence(words, layout)
            words = []
    if words:
        yield _sentence(words, layout)


def _is_break(line: str) -> bool:
    return not line or line.isspace()


def _layout(names: Sequence[str], source: str, columns: Columns, tagged: bool) -> _Layout:
    names = tuple(names)
    token, tag = _indices(names, source, columns.granted(partial(_has, names)), tagged)
    if tag is not None and token % len(names) == tag % len(names):
        token, tag = _indices(names, source, columns.granted(no_column), tagged)
    return _Layout(source, len(names), names.index("id"), token, tag)


def _has(names: tuple[str, ...], part: str, column: str) -> bool:
    """Whether a column that was named for another file is here: words are FORM, whatever their number was there."""
    return has_column(column, len(names), names) and (part == "tag" or column.lower() in names)


def _indices(names: tuple[str, ...], source: str, columns: Columns, tagged: bool) -> tuple[int, int | None]:
    needed = ["id"] + ["form"] * (not columns.token) + ["upos"] * (tagged and not columns.tag)
    if not set(needed) <= set(names):
        raise DataError("a column is missing", where=f"{source}:1", received=" ".join(names), allowed=" ".join(needed))
    token = column_number(columns.token or "form", "token", 0, names)
    tag = column_number(columns.tag or "upos", "tag", 0, names) if tagged else None
    return _index(token, names, "token"), _index(tag, names, "tag")


def _index(number: int | None, names: tuple[str, ...], option: str) -> int | None:
    if number is None:
        return None
    if not -len(names) <= number <= len(names):
        raise ConfigError("no such column", where=f"--{option}-column", received=number, allowed=", ".join(names))
    return number - 1 if number > 0 else number


def _word(number: int, line: str, layout: _Layout, expected: int) -> tuple[str, str, int] | None:
    """Form, tag (empty where it is not read) and line number; None for a multi-word range or an empty node.

    Args:
        expected: The ID that a word must have here.
    """
    cells = line.split("\t")
    where = f"{layout.source}:{number}"
    if len(cells) != layout.width:
        raise DataError(
            f"too {'few' if len(cells) < layout.width else 'many'} columns ({len(cells)})",
            where=where,
            received=line,
            allowed=f"{layout.width} columns with a TAB between them",
            hint="--format conll reads files of other columns",
        )
    identity = _identity(cells[layout.identity])
    if isinstance(identity, tuple):
        return None
    if identity != expected:
        allowed = f"{expected}, a range as {expected}-{expected + 1}, an empty node as {expected - 1}.1"
        hint = "a blank line goes before a sentence" if identity == 1 else "number a sentence's words from 1"
        raise DataError("a wrong word ID", where=where, received=cells[layout.identity], allowed=allowed, hint=hint)
    form, tag = cells[layout.token], "" if layout.tag is None else cells[layout.tag]
    if not form or not (tag or layout.tag is None):
        raise DataError("an empty column", where=where, received=line, allowed="_ for what is not known")
    return form, tag, number


@lru_cache(maxsize=1024)
def _identity(cell: str) -> int | tuple[int, str, int] | None:
    """A word's number, a range or an empty node as a tuple, None for no ID."""
    try:
        return parse_id_value(cell)
    except (ParseException, ValueError):  # ValueError: more digits than Python turns into a number
        return None


def _sentence(words: Sequence[tuple[str, str, int]], layout: _Layout) -> TaggedSentence:
    tokens, tags, numbers = zip(*words, strict=True)
    annotated = layout.tag is not None and set(tags) != {"_"}
    return TaggedSentence(tokens, tags if annotated else (), layout.source, numbers)


CONLLU = Format("conllu", (".conllu", ".conllup"), looks_like, read, read_tokens, ends=_is_break, counts=True)
