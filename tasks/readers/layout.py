"""Which column of a table holds the text and which the label, and whether the first row is a header.

- The first row is a header where the user says so (`--header yes`), or names a column (`--text-column review`); or
  where it has one of `TEXT_NAMES` or of `LABEL_NAMES` that stands nowhere else in its column, and no number and no
  field twice (or one of each kind: a name that stands there twice is then asked about).
- Without a header and without options a table must have two columns; the label is the one with fewer distinct values
  among the first rows, and both having equally many is an error.
- Of two columns of which one is known the other is the other one, unless it only counts the rows.
- A first row that looks like a header of unknown names, its label being no other row's, is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seqtasks.errors import ConfigError
from seqtasks.tasks.readers.columns import column_number, has_column, is_number
from seqtasks.tasks.task import Columns

TEXT_NAMES = ("text", "sentence", "review", "content", "tweet", "document", "question", "comment", "body")
LABEL_NAMES = ("label", "sentiment", "class", "category", "target", "topic", "polarity", "rating")

ROW_NAMES = ("", "id", "idx", "index", "no", "nr", "number", "row")
"""Names of columns that say which row it is."""

_SURELY_DISTINCT = 20
"""Rows that do not by chance have all different labels."""

_LONGEST_NAME = 30
"""Characters of a column's name; a longer first field is taken for a text."""
_WHICH = "--text-column NAME|N --label-column NAME|N"
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")

Row = tuple[int, list[str]]
"""The line a row begins on, and its fields; none for a line without any character."""


@dataclass(frozen=True)
class Layout:
    """Which columns hold what.

    Attributes:
        text: The index of the text's column, from 0.
        label: Likewise; None where labels are not read.
        width: How many columns there are.
        header: The names in the first row as they stand there; none where it is no header.
    """

    text: int
    label: int | None
    width: int
    header: tuple[str, ...] = ()

    @property
    def reach(self) -> int:
        """How many fields a row needs."""
        return max(self.text, -1 if self.label is None else self.label) + 1

    @property
    def hint(self) -> str:
        """The options that say which columns are meant."""
        return _which(self.label is not None)

    def __str__(self) -> str:
        columns = {"text": self.text} if self.label is None else {"text": self.text, "label": self.label}
        names = [repr(name) for name in self.header] or [f"column {number}" for number in range(1, self.width + 1)]
        parts = [f"{part} from {names[index]}" for part, index in columns.items()]
        return ", ".join(["header" if self.header else "no header", *parts])


def layout_of(rows: Sequence[Row], source: str, columns: Columns, labelled: bool) -> Layout:
    """The layout of a table.

    Args:
        rows: Its first ones, at least one, all with fields.
        labelled: Whether labels are read.

    Raises:
        ConfigError: A column that the table does not have, or nothing that tells which is meant.
    """
    first = rows[0][1]
    if not labelled:
        columns = replace(columns, wishes=(*columns.wishes, "label"))
    # a name is granted where the first row has it, and taken back where that row turns out to be no header
    columns = _granted(columns, first, first)
    header = tuple(field.strip() for field in first) if _is_header(rows, columns, labelled) else ()
    columns = _granted(columns, first, header)
    found = _Table(source, columns, labelled, first, header)
    body = rows[1:] if header else rows
    text, label = found.chosen(body)
    layout = Layout(text % len(first), label % len(first) if labelled else None, len(first), header)
    if labelled and columns.header == "auto" and not header and _may_be_header(layout, rows):
        raise ConfigError(
            "row 1 may be a header: its label is no other row's",
            where=f"{source}:{rows[0][0]}",
            received=", ".join(first),
            allowed=f"a header with one of {', '.join(TEXT_NAMES[:3])}, …, {', '.join(LABEL_NAMES[:3])}, …",
            hint="--header yes or --header no",
        )
    return layout


def _granted(columns: Columns, first: Sequence[str], header: Sequence[str]) -> Columns:
    """The columns without those of another file that a table with such a first row and such a header has not."""
    names = tuple(field.strip().lower() for field in header)
    return columns.granted(lambda _, column: has_column(column, len(first), names))


def _is_header(rows: Sequence[Row], columns: Columns, labelled: bool) -> bool:
    names = [field.strip().lower() for field in rows[0][1]]
    if columns.header != "auto":
        return columns.header == "yes"
    given = {"text": columns.text, "label": columns.label if labelled else ""}
    if any(name and not is_number(name) for name in given.values()):
        return True
    # where a name comes back further down it is a value: question and comment are labels, too
    values = [{row[at].strip().lower() for _, row in rows[1:] if at < len(row)} for at in range(len(names))]
    known = {name for name, others in zip(names, values, strict=True) if name not in others}
    text, label = known & set(TEXT_NAMES), known & set(LABEL_NAMES)
    clean = not any(map(_NUMBER.fullmatch, names)) and len(set(filter(None, names))) == len([*filter(None, names)])
    return bool(text and label) or (clean and bool(text or label))


def _may_be_header(layout: Layout, rows: Sequence[Row]) -> bool:
    """Whether the first row has short fields without a number, and a label of its own while the others share theirs."""
    first = [field.strip() for field in rows[0][1]]
    short = all(field and len(field) <= _LONGEST_NAME and not _NUMBER.fullmatch(field) for field in first)
    others = [row[layout.label].strip() for _, row in rows[1:] if len(row) == layout.width]
    return short and first[layout.label] not in others and 0 < 2 * len(set(others)) <= len(others)


@dataclass(frozen=True)
class _Table:
    """What is known of a table while its columns are looked for."""

    source: str
    columns: Columns
    labelled: bool
    first: Sequence[str]
    header: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.first)

    def chosen(self, body: Sequence[Row]) -> tuple[int, int | None]:
        """The columns of text and label: those named, else those with a usual name, else those told by the values."""
        text = self._named("text", self.columns.text, TEXT_NAMES)
        label = self._named("label", self.columns.label, LABEL_NAMES)
        if not self.labelled and self.width == 1:
            return 0, None
        if text is None and label is None:
            text, label = self._guessed(body)
        elif (text is None or label is None) and self.width == 2:
            if label is None and self.labelled:
                self._check_is_label(1 - text % 2, body)
            text, label = (1 - label % 2, label) if text is None else (text, 1 - text % 2)
        elif text is None or (label is None and self.labelled):
            raise self._unsaid()
        if self.labelled and text % self.width == label % self.width:
            raise ConfigError(
                "the text and the label are the same column",
                where="--label-column",
                received=self.columns.label or self.columns.text,
                hint=_WHICH,
            )
        return text, label

    def _named(self, option: str, given: str, usual: tuple[str, ...]) -> int | None:
        """The index of the column that the user gave, or of the one with a usual name."""
        names = tuple(name.lower() for name in self.header)
        if given:
            self._single(given.lower(), names, option)
            number = column_number(given, option, default=0, names=names)
            if not self._has(number):
                raise ConfigError(
                    "no such column",
                    where=f"--{option}-column",
                    received=given,
                    allowed=f"1 to {self.width} in {self.source}",
                )
            return number - 1 if number > 0 else number
        name = next((name for name in usual if name in names), None)
        if name is None:
            return None
        if self.labelled or option == "text":
            self._single(name, names, option)
        return names.index(name)

    def _check_is_label(self, index: int, body: Sequence[Row]) -> None:
        """That the column beside the text's is not one that counts the rows, as in a file without labels.

        Raises:
            ConfigError: It is.
        """
        values = [row[index] for _, row in body if len(row) > 1]
        counted = self.header and self.header[index].lower() in ROW_NAMES
        if counted or len(set(values)) == len(values) >= _SURELY_DISTINCT:
            raise ConfigError(
                "the column beside the text holds no labels: it says which row it is",
                where=self.source,
                received=self.header[index] if self.header else values[0],
                allowed=f"a column {', '.join(LABEL_NAMES[:3])}, …",
                hint="--label-column NAME|N; texts without labels are for predict, not for training or scoring",
            )

    def _has(self, number: int) -> bool:
        return 1 <= abs(number) <= self.width

    def _single(self, name: str, names: tuple[str, ...], option: str) -> None:
        if names.count(name) > 1:
            numbers = [str(at) for at, other in enumerate(names, 1) if other == name]
            raise ConfigError(
                "several columns of one name",
                where=self.source,
                received=name,
                allowed=f"columns {', '.join(numbers)}",
                hint=f"--{option}-column {numbers[0]}",
            )

    def _guessed(self, body: Sequence[Row]) -> tuple[int, int]:
        """Text and label by the number of distinct values."""
        distinct = [len({row[index] for _, row in body if len(row) > 1}) for index in (0, 1)]
        if self.width != 2 or distinct[0] == distinct[1]:
            raise self._unsaid()
        return (1, 0) if distinct[0] < distinct[1] else (0, 1)

    def _unsaid(self) -> ConfigError:
        hint = _which(self.labelled)
        if self.width == 1 and ";" in self.first[0]:
            hint = "commas or TABs between the fields, not semicolons"
        kind = f"{self.width} column{'s' if self.width > 1 else ''}{'' if self.header else ' without a header'}"
        return ConfigError(
            f"{kind}, and nothing says which holds the text{' and which the label' if self.labelled else ''}",
            where=self.source,
            received=", ".join(self.first),
            allowed=f"a header with {TEXT_NAMES[0]} and {LABEL_NAMES[0]}, or two columns with few labels",
            hint=hint,
        )


def _which(labelled: bool) -> str:
    return _WHICH if labelled else _WHICH.partition(" --label")[0]
