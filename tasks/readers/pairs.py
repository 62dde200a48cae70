"""Sentence pairs: two files whose lines belong together, TSV, and JSON lines.

- Of two files, line n of one is the translation of line n of the other; an empty line is an empty side.
- A TSV line holds the sides between TABs, as they are: quotes are part of a sentence. Where the first line holds the
  names of both columns (those that the user gave, the languages, or `source` and `target`), it is a header; else the
  first column is the source and the second the target. A line without any character holds nothing and is passed over,
  wherever it stands; where targets are not read it is an empty source.
- A JSON line is an object with a key a side (those that the user gave, the languages, or `source` and `target`), or
  with such an object under `translation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, BinaryIO

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import SentencePair
from seqtasks.tasks.readers.columns import column_number, has_column, is_number
from seqtasks.tasks.readers.json_lines import SUFFIXES, encodable, looks_like_json, parsed
from seqtasks.tasks.readers.text import numbered_lines
from seqtasks.tasks.task import Columns, Format

USUAL_NAMES = ("source", "target")
_OBJECT = '{"source": …, "target": …}'
_WHICH = "--source-column NAME --target-column NAME"


def aligned(
    streams: tuple[BinaryIO, BinaryIO], names: tuple[str, str], drop_unpaired: bool = False
) -> Iterator[SentencePair]:
    """The pairs of two files, line by line.

    Args:
        streams: Source and target, opened in binary mode.
        names: The files' names, for messages.
        drop_unpaired: End where the shorter file ends.

    Raises:
        DataError: Bytes that are not UTF-8, or files of different length.
    """
    sides = [numbered_lines(stream, name) for stream, name in zip(streams, names, strict=True)]
    for one, other in zip_longest(*sides):
        if one is not None and other is not None:
            yield SentencePair(one[1], other[1], names[0], one[0])
        elif drop_unpaired:
            return
        else:
            raise _unequal(
                one or other, names if other is None else names[::-1], sum(1 for _ in sides[other is not None])
            )


def _unequal(line: tuple[int, str], names: Sequence[str], more: int) -> DataError:
    """Of the first line of `names[0]` that has no partner in `names[1]`."""
    longer, shorter = names
    number, text = line
    return DataError(
        f"no partner in {shorter}, which has {number - 1:,} lines; this file has {number + more:,}",
        where=f"{longer}:{number}",
        received=text,
        allowed="two files of equally many lines",
        hint="find where they fall out of step, or --drop-unpaired",
    )


def _tsv(stream: BinaryIO, source: str, columns: Columns) -> Iterator[SentencePair]:
    return _rows(stream, source, columns, both=True)


def _tsv_sources(stream: BinaryIO, source: str, columns: Columns) -> Iterator[SentencePair]:
    return _rows(stream, source, columns, both=False)


def _rows(stream: BinaryIO, source: str, columns: Columns, both: bool) -> Iterator[SentencePair]:
    indices: list[int] | None = None
    width = 0
    for number, line in numbered_lines(stream, source):
        if not line:
            if not both:
                yield SentencePair("", source=source, line=number)
            continue
        row = line.split("\t")
        if indices is None:
            names, indices = _layout(row, columns, both)
            width = len(row)
            if names:
                continue
        if any(not 0 <= index < len(row) for index in indices):
            raise DataError(
                f"too few columns ({len(row)})",
                where=f"{source}:{number}",
                received=line,
                allowed="a TAB between the two sides",
                hint=_WHICH,
            )
        if len(row) > width:
            raise DataError(
                f"more columns ({len(row)}) than in the first row ({width})",
                where=f"{source}:{number}",
                received=line,
                allowed="no TAB inside a side",
                hint="a blank in the TAB's place",
            )
        yield SentencePair(*(row[index] for index in indices), source=source, line=number)


def _described(stream: BinaryIO, source: str, columns: Columns) -> str:
    """What is read from where, told by the first line that holds anything."""
    row = next((line for _, line in numbered_lines(stream, source) if line), "").split("\t")
    names, indices = _layout(row, columns, both=True)
    found = [repr(name) for name in names] or [f"column {number}" for number in range(1, len(row) + 1)]
    # a row may be too short for what the user named, which is said when it is read
    parts = [
        f"{side} from {found[index] if 0 <= index < len(row) else f'column {index + 1}' if index > 0 else 'no column'}"
        for side, index in zip(USUAL_NAMES, indices, strict=True)
    ]
    return ", ".join(["header" if names else "no header", *parts])


def _layout(row: Sequence[str], columns: Columns, both: bool) -> tuple[tuple[str, ...], list[int]]:
    """The names in the first row, where it is a header, and the indices of the sides that are read.

    An index below 0 is of a column that the first row has not.
    """
    fields = tuple(field.strip().lower() for field in row)
    columns = columns.granted(lambda _, column: has_column(column, len(row), fields))
    pair = _named_in(fields, columns, both)
    names = fields if pair else ()
    # counted from the first row's end, for a shorter row's last column is another
    indices = [index if index >= 0 else index + len(row) for index in _indices(columns, names, pair, both)]
    if both and len(set(indices)) == 1:
        side = "target" if columns.target else "source"
        raise ConfigError("both sides are the same column", where=f"--{side}-column", received=getattr(columns, side))
    return names, indices


def _candidates(columns: Columns) -> list[tuple[str, str]]:
    """Pairs of names that the two sides may have, the likeliest first."""
    source, target = columns.languages
    return [(columns.source or source, columns.target or target), USUAL_NAMES]


def _named_in(fields: tuple[str, ...], columns: Columns, both: bool) -> tuple[str, str] | None:
    """The pair of names that the first row's fields, in lower case, hold, where it is a header."""
    # a column that was given by its number says nothing of its name
    unnumbered = replace(columns, **{side: "" for side in USUAL_NAMES if is_number(getattr(columns, side))})
    for pair in _candidates(unnumbered):
        if all(name and name.lower() in fields for name in (pair if both else pair[:1])):
            return pair
    return _with_the_other(fields, columns, _candidates(unnumbered)[0]) if both else None


def _with_the_other(fields: tuple[str, ...], columns: Columns, pair: tuple[str, str]) -> tuple[str, str] | None:
    """The pair of which one name alone was given, where the fields hold it: of two columns the other is the other."""
    if all(pair) or not any(name and name.lower() in fields for name in pair):
        return None
    missing = pair.index("")
    at = fields.index(pair[1 - missing].lower())
    if len(fields) != 2 and not getattr(columns, USUAL_NAMES[missing]):
        raise ConfigError(
            "a side that is not named",
            where=f"--{USUAL_NAMES[missing]}-column",
            allowed=", ".join(field for field in fields if field != fields[at]),
        )
    other = fields[1 - at] if len(fields) == 2 else ""
    return (other, pair[1]) if missing == 0 else (pair[0], other)


def _indices(columns: Columns, names: tuple[str, ...], pair: tuple[str, str] | None, both: bool) -> list[int]:
    """The indices of the sides: those that the user gave, else those of the pair of names, else the first two."""
    given = {"source": columns.source, "target": columns.target}
    if pair:
        given = {side: given[side] or name for side, name in zip(given, pair, strict=True)}
    numbers = [
        column_number(given[side], side, default, names)
        for side, default in (("source", 1), ("target", 2))
        if both or side == "source"
    ]
    return [number - 1 if number > 0 else number for number in numbers]


def _json(stream: BinaryIO, source: str, columns: Columns) -> Iterator[SentencePair]:
    return _objects(stream, source, columns, both=True)


def _json_sources(stream: BinaryIO, source: str, columns: Columns) -> Iterator[SentencePair]:
    return _objects(stream, source, columns, both=False)


def _objects(stream: BinaryIO, source: str, columns: Columns, both: bool) -> Iterator[SentencePair]:
    for number, line in numbered_lines(stream, source):
        if not line.strip():
            continue
        place = f"{source}:{number}"
        found = parsed(line, place, _OBJECT)
        inner = found.get("translation")
        found = inner if isinstance(inner, dict) else found
        granted = columns.granted(lambda _, name, found=found: name in found)
        keys = _keys(found, granted, 2 if both else 1, place)
        yield SentencePair(*(_value(found, key, place) for key in keys), source=source, line=number)


def _keys(found: dict[str, Any], columns: Columns, count: int, place: str) -> list[str]:
    """The keys of the sides: those that the user gave, beside them both languages or both usual names."""
    named = (columns.source, columns.target)
    languages = [language or usual for language, usual in zip(columns.languages, USUAL_NAMES, strict=True)]
    pairs = [[name or other for name, other in zip(named, pair, strict=True)] for pair in (languages, USUAL_NAMES)]
    for pair in pairs:
        if all(key in found for key in pair[:count]):
            if pair[:count] == [pair[0]] * 2:
                raise ConfigError("both sides have the same key", where=place, received=pair[0], hint=_WHICH)
            return pair[:count]
    side = next(side for side, key in enumerate(pairs[0]) if key not in found)
    raise DataError(
        f"a row without a {USUAL_NAMES[side]}",
        where=place,
        received=", ".join(found) or "no key",
        allowed=" or ".join(dict.fromkeys(pair[side] for pair in pairs)),
        hint=_WHICH,
    )


def _value(found: dict[str, Any], key: str, place: str) -> str:
    if not isinstance(found[key], str):
        raise DataError("a side that is no string", where=place, received=found[key])
    return encodable(found[key])


def _looks_like_tsv(lines: Sequence[str]) -> bool:
    return any(lines) and all("\t" in line for line in lines if line)


TSV = Format("tsv", (".tsv",), _looks_like_tsv, _tsv, _tsv_sources, _described)
JSON_LINES = Format("jsonl", SUFFIXES, looks_like_json, _json, _json_sources)


def _never(*_) -> bool:
    return False


ALIGNED = Format("aligned", (), _never, _tsv, _tsv_sources)
"""Two files, which no single file's ending or first lines tell; `aligned` reads them."""
