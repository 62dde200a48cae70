"""Tables of labelled texts: CSV and TSV, with or without a header (`seqtasks.tasks.readers.layout`).

- CSV is RFC 4180's: a field in double quotes may hold commas, line ends and doubled quotes. A TSV field is whatever
  stands between two TABs, quotes included; where a field begins with a quote that the same field ends with, as
  spreadsheets write it, the quotes are taken off.
- A row has as many fields as the first one; empty ones beyond that are passed over, others are an error.
- A row of empty fields only is a text without label, and so an error; a line without any character is passed over, but
  where labels are not read and there is one column it is an empty text.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from seqtasks.errors import ConfigError, DataError, SeqtasksError
from seqtasks.tasks.examples import LabelledText
from seqtasks.tasks.readers.layout import LABEL_NAMES, TEXT_NAMES, Layout, Row, layout_of
from seqtasks.tasks.readers.text import LONGEST_LINE, carriage_return, numbered_lines, without_carriage_returns
from seqtasks.tasks.task import Columns, Format

# Python's own limit of 131,072 characters a field is below a long document's length; a C long has 32 bits on Windows
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_HEAD = 1000
"""Rows among which header and label are looked for."""

_OTHERS = ("{", "__label__")
"""What lines of JSON and of fastText begin with."""


def comma_rows(stream: BinaryIO, source: str) -> Iterator[Row]:
    """The rows of a CSV file; a line end inside quotes becomes LF.

    Raises:
        DataError: Quotes that are never closed or stand where none may, a carriage return outside quotes, wrong bytes,
            a row that is too long.
    """
    begin, size = 1, 0

    def lines() -> Iterator[str]:
        nonlocal size
        for _, line in numbered_lines(stream, source):
            size += len(line) + 1
            if size > LONGEST_LINE and size > len(line) + 1:  # one quote too many takes in all that follows
                raise DataError(
                    f"a row of more than {LONGEST_LINE:,} characters",
                    where=f"{source}:{begin}",
                    hint='quotes in pairs ("a ""b"" c"), or --format tsv',
                )
            yield line + "\n"

    rows = csv.reader(lines(), strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            if "new-line character" in str(error):
                raise carriage_return(f"{source}:{rows.line_num}") from None
            raise DataError(
                f"not a row of comma-separated values: {error}",
                where=f"{source}:{begin}",
                hint='quotes in pairs ("a ""b"" c"), or --format tsv',
            ) from None
        if row is None:
            return
        yield begin, row
        begin, size = rows.line_num + 1, 0


def comma_extent(stream: BinaryIO, line: int) -> range:
    """The lines of the row of a CSV file that begins on a line; it alone, where the row is not to be told."""
    following = sys.maxsize
    try:
        following = next((begin for begin, _ in comma_rows(stream, "") if begin > line), following)
    except DataError as error:
        following = int(error.where.rpartition(":")[2])
    return range(line, max(line + 1, following))


def tab_rows(stream: BinaryIO, source: str) -> Iterator[Row]:
    """The rows of a TSV file, a line each."""
    for number, line in without_carriage_returns(numbered_lines(stream, source), source):
        yield number, [_unquoted(field) for field in line.split("\t")] if line else []


def _unquoted(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"' and '"' not in field[1:-1].replace('""', ""):
        return field[1:-1].replace('""', '"')
    return field


def texts(rows: Iterator[Row], source: str, columns: Columns, labelled: bool) -> Iterator[LabelledText]:
    """The texts of a table's rows, with their labels where those are read; those before a fault come before it.

    Raises:
        DataError: A row too short or too long, or without a label.
        ConfigError: A column that the table does not have.
    """
    head, fault = _head(rows)
    layout = _layout(head, fault, source, columns, labelled)
    if layout.header:
        head = head[1 + next(at for at, (_, row) in enumerate(head) if row) :]
    for number, row in chain(head, _raised(fault), rows):
        if not row:
            if labelled or layout.width > 1:
                continue
            row = [""]
        _check_width(row, layout, f"{source}:{number}")
        label = "" if layout.label is None else row[layout.label].strip()
        if not label and layout.label is not None:
            raise DataError(
                "a row without a label", where=f"{source}:{number}", received=",".join(row), hint=layout.hint
            )
        yield LabelledText(row[layout.text], label, source, number)


def _head(rows: Iterator[Row]) -> tuple[list[Row], SeqtasksError | None]:
    """The first rows, and the fault that stands behind them."""
    head: list[Row] = []
    room = LONGEST_LINE  # long documents are not held by the thousand
    try:
        while room > 0 and len(head) < _HEAD and (row := next(rows, None)) is not None:
            head.append(row)
            room -= sum(map(len, row[1]))
    except SeqtasksError as error:
        return head, error
    return head, None


def _raised(fault: SeqtasksError | None) -> Iterator[Row]:
    """Nothing, or the fault."""
    if fault is not None:
        raise fault
    yield from ()


def _layout(head: Sequence[Row], fault: SeqtasksError | None, source: str, columns: Columns, labelled: bool) -> Layout:
    filled = [row for row in head if row[1]]
    if not filled:
        return Layout(0, None, 1)
    try:
        return layout_of(filled, source, columns, labelled)
    except ConfigError as error:
        # what is told by few rows is no better than they are
        raise fault or error from None


def _check_width(row: Sequence[str], layout: Layout, place: str) -> None:
    """That a row has a field for each column that is read, and no field beyond the columns.

    Raises:
        DataError: It has not.
    """
    few, many = len(row) < layout.reach, any(row[layout.width :])
    if few or many:
        raise DataError(
            f"too {'few' if few else 'many'} columns ({len(row)})",
            where=place,
            received=",".join(row),
            allowed=f"{layout.reach} or more" if few else f"{layout.width}",
            hint=f"quotes around a text that holds a comma or a line end, or {layout.hint}",
        )


def looks_like_tabs(lines: Sequence[str]) -> bool:
    """Whether every line has the same number of TABs, at least one."""
    return len(lines) > 0 and len({line.count("\t") for line in lines if line}) == 1 and "\t" in lines[0]


def looks_like_commas(lines: Sequence[str]) -> bool:
    """Whether the lines are rows of the same number of fields, at least two, with names or a column of few values.

    Lines of JSON, fastText's lines, `label text` lines and tables with TABs hold commas, too, by chance one each.
    """
    kept = [line for line in lines if line]
    if looks_like_tabs(kept) or all(line.lstrip().startswith(_OTHERS) for line in kept):
        return False
    try:
        rows = [row for row in csv.reader(f"{line}\n" for line in lines) if row]
    except csv.Error:
        return False
    # the last row may be cut off inside quotes
    rows = rows[: len(rows) - sum(line.count('"') for line in lines) % 2]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    named = {field.strip().lower() for field in rows[0]} & {*TEXT_NAMES, *LABEL_NAMES}
    return bool(named) or any(len(set(column)) <= max(2, len(rows) // 3) for column in zip(*rows, strict=True))


def _format(name: str, suffix: str, looks_like, rows, extent=None) -> Format:
    def read(stream: BinaryIO, source: str, columns: Columns) -> Iterable[LabelledText]:
        return texts(rows(stream, source), source, columns, labelled=True)

    def read_tokens(stream: BinaryIO, source: str, columns: Columns) -> Iterable[LabelledText]:
        return texts(rows(stream, source), source, columns, labelled=False)

    def describe(stream: BinaryIO, source: str, columns: Columns) -> str:
        return str(_layout(*_head(rows(stream, source)), source, columns, labelled=True))

    return Format(name, (suffix,), looks_like, read, read_tokens, describe, extent=extent)


CSV = _format("csv", ".csv", looks_like_commas, comma_rows, comma_extent)
TSV = _format("tsv", ".tsv", looks_like_tabs, tab_rows)
