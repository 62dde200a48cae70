"""Tables of labelled texts: CSV and TSV, with or without a header.

- CSV is RFC 4180's: a field in double quotes may hold commas, line ends and doubled quotes. A TSV field is whatever
  stands between two TABs, quotes included; where a field begins with a quote that the same field ends with, as
  spreadsheets write it, the quotes are taken off.
- The first row is a header where the user says so (`--header yes`), names a column (`--text-column review`), or names
  nothing and it has one of `TEXT_NAMES` and one of `LABEL_NAMES`.
- Without a header and without options a table must have two columns; the label is the one with fewer distinct values
  among the first rows, and both having equally many is an error.
- A row of empty fields only is a text without label, and so an error; a line without any character is passed over.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.readers.columns import column_number
from seqtasks.tasks.readers.text import numbered_lines, without_carriage_returns
from seqtasks.tasks.task import Columns, Format

TEXT_NAMES = ("text", "sentence", "review", "content", "tweet", "document", "question", "comment", "body")
LABEL_NAMES = ("label", "sentiment", "class", "category", "target", "topic", "polarity", "rating")

_HEAD = 1000  # rows among which the label's column is looked for
_WHICH = "--text-column N --label-column N"

Row = tuple[int, list[str]]
"""The line a row begins on, and its fields."""


@dataclass(frozen=True)
class _Layout:
    """Indices as Python counts them; `label` is None where it is not read."""

    text: int
    label: int | None

    @property
    def reach(self) -> int:
        indices = [self.text] if self.label is None else [self.text, self.label]
        return max(index + 1 if index >= 0 else -index for index in indices)


def comma_rows(stream: BinaryIO, source: str) -> Iterator[Row]:
    """The rows of a CSV file; a line end inside quotes becomes LF.

    Raises:
        DataError: Quotes that are never closed or stand where none may, a carriage return outside quotes, wrong bytes.
    """
    # Python's own limit of 131,072 characters a field is below a long document's length
    csv.field_size_limit(sys.maxsize)
    rows = csv.reader((line + "\n" for _, line in numbered_lines(stream, source)), strict=True)
    begin = 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise DataError(
                f"not a row of comma-separated values: {error}",
                where=f"{source}:{begin}",
                hint='quotes in pairs ("a ""b"" c"), or --format tsv',
            ) from None
        if row is None:
            return
        if row:
            yield begin, row
        begin = rows.line_num + 1


def tab_rows(stream: BinaryIO, source: str) -> Iterator[Row]:
    """The rows of a TSV file, a line each."""
    for number, line in without_carriage_returns(numbered_lines(stream, source), source):
        if line:
            yield number, [_unquoted(field) for field in line.split("\t")]


def _unquoted(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"' and '"' not in field[1:-1].replace('""', ""):
        return field[1:-1].replace('""', '"')
    return field


def texts(rows: Iterator[Row], source: str, columns: Columns, labelled: bool) -> Iterator[LabelledText]:
    """The texts of a table's rows, with their labels where those are read.

    Raises:
        DataError: A row too short, or without a label.
        ConfigError: A column that the table does not have.
    """
    head = list(islice(rows, _HEAD))
    if not head:
        return
    names = _header(head[0][1], columns, labelled)
    if names:
        head = head[1:]
    layout = _layout(head, names, source, columns, labelled)
    for number, row in chain(head, rows):
        if len(row) < layout.reach:
            raise _too_short(number, row, layout, source)
        label = "" if layout.label is None else row[layout.label].strip()
        if not label and layout.label is not None:
            raise DataError("a row without a label", where=f"{source}:{number}", received=",".join(row), hint=_WHICH)
        yield LabelledText(row[layout.text], label, source, number)


def _header(row: Sequence[str], columns: Columns, labelled: bool) -> tuple[str, ...]:
    """The names in the first row in lower case, where it is a header; else nothing."""
    names = tuple(field.strip().lower() for field in row)
    given = [name.lower() for name in (columns.text, columns.label) if name and not _is_number(name)]
    known = any(name in names for name in TEXT_NAMES)
    known = known and (not labelled or any(name in names for name in LABEL_NAMES))
    sure = columns.header == "yes" or (columns.header == "auto" and (given or known))
    return names if sure else ()


def _layout(rows: Sequence[Row], names: tuple[str, ...], source: str, columns: Columns, labelled: bool) -> _Layout:
    width = len(names) or len(rows[0][1])
    text = _named(names, columns.text, TEXT_NAMES)
    # the label's column may be missing where it is not read
    label = _named(names, columns.label, LABEL_NAMES) if labelled else None
    if text is None and label is None:
        text, label = _guessed(rows, width, source, labelled)
    elif text is None or label is None:
        if labelled and width != 2:
            raise _unsaid(source, width, names)
        known = text if label is None else label
        text, label = (1 - known % 2, label) if text is None else (text, 1 - known % 2)
    for index, option in ((text, "text"), (label, "label")):
        if (labelled or option == "text") and not -width <= index < width:
            raise ConfigError(
                "no such column", where=f"--{option}-column", received=index + 1, allowed=f"1 to {width} in {source}"
            )
    if labelled and text % width == label % width:
        raise ConfigError("the text and the label are the same column", where="--label-column", received=label + 1)
    return _Layout(text, label if labelled else None)


def _named(names: tuple[str, ...], given: str, usual: tuple[str, ...]) -> int | None:
    """The index of the column that the user gave, or of the one with a usual name."""
    option = "text" if usual is TEXT_NAMES else "label"
    if given:
        number = column_number(given, option, default=0, names=names)
        return number - 1 if number > 0 else number
    return next((names.index(name) for name in usual if name in names), None)


def _guessed(rows: Sequence[Row], width: int, source: str, labelled: bool) -> tuple[int, int]:
    """Text and label by the number of distinct values."""
    if width == 1 and not labelled:
        return 0, 0
    if width != 2:
        raise _unsaid(source, width, ())
    distinct = [len({row[index] for _, row in rows if len(row) == 2}) for index in (0, 1)]
    if distinct[0] == distinct[1]:
        raise _unsaid(source, width, ())
    return (1, 0) if distinct[0] < distinct[1] else (0, 1)


def _unsaid(source: str, width: int, names: tuple[str, ...]) -> ConfigError:
    return ConfigError(
        "nothing says which column holds the text and which the label",
        where=source,
        received=", ".join(names) if names else f"{width} columns without a header",
        allowed=f"a header with {TEXT_NAMES[0]} and {LABEL_NAMES[0]}, or two columns with few labels",
        hint=_WHICH,
    )


def _too_short(number: int, row: Sequence[str], layout: _Layout, source: str) -> DataError:
    return DataError(
        f"too few columns ({len(row)})",
        where=f"{source}:{number}",
        received=",".join(row),
        allowed=f"{layout.reach} or more",
        hint=f"quotes around a text that holds a comma or a line end, or {_WHICH}",
    )


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()


def looks_like_tabs(lines: Sequence[str]) -> bool:
    """Whether every line has the same number of TABs, at least one."""
    return len(lines) > 0 and len({line.count("\t") for line in lines if line}) == 1 and "\t" in lines[0]


def looks_like_commas(lines: Sequence[str]) -> bool:
    """Whether the lines are rows of the same number of fields, at least two."""
    csv.field_size_limit(sys.maxsize)
    try:
        widths = [len(row) for row in csv.reader(f"{line}\n" for line in lines) if row]
    except csv.Error:
        return False
    # the last row may be cut off inside quotes
    cut = sum(line.count('"') for line in lines) % 2
    kept = set(widths[: len(widths) - cut])
    return len(kept) == 1 and kept.pop() > 1


def _format(name: str, suffix: str, looks_like, rows) -> Format:
    def read(stream: BinaryIO, source: str, columns: Columns) -> Iterable[LabelledText]:
        return texts(rows(stream, source), source, columns, labelled=True)

    def read_tokens(stream: BinaryIO, source: str, columns: Columns) -> Iterable[LabelledText]:
        return texts(rows(stream, source), source, columns, labelled=False)

    return Format(name, (suffix,), looks_like, read, read_tokens)


CSV = _format("csv", ".csv", looks_like_commas, comma_rows)
TSV = _format("tsv", ".tsv", looks_like_tabs, tab_rows)
