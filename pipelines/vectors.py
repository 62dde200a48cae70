"""Pretrained word vectors from a text file of word2vec, fastText or GloVe, plain or gzip, pruned to the words at hand.

One row a word: the word, then d numbers, separated by single spaces. A first line `count d` (word2vec, fastText) is
known by its two whole numbers; without one (GloVe) the first row says what d is. A word may hold spaces itself (a few
of GloVe 840B do): it is what stands before the last d fields.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np

from seqtasks.errors import DataError

LARGEST = 3.4e38
"""What float32 can hold; a nan is not below it either."""

Line = tuple[int, bytes]
"""A line's number, from 1, and what it holds, without spaces and line ends on the right."""


def read_vectors(path: str | Path, words: Collection[str], head: int = 0) -> tuple[list[str], np.ndarray]:
    """The vectors that a file has for `words`, and for the first `head` other words in it.

    A word without a row of its own is served by the row of its lower-case form. Of two rows for a word the first
    counts. The file is read as a stream: memory holds only what is kept. Every row's length is checked; numbers and
    UTF-8 only where a row is kept: a broken word or number that nobody needs, and published files have some, does no
    harm.

    Args:
        path: The file; gzip is told by its content.
        words: The words to keep.
        head: How many rows of other words to keep, from the top, where the files have the most frequent ones.

    Returns:
        The words found, those with a row of their own in the file's order, then those served by lower case in the order
        of their code points; and their vectors, float32 [n, d].

    Raises:
        DataError: The file is missing, empty or damaged, a row is too short, or a kept one has something that is not a
            finite number; with file and line.
    """
    lines = _lines(Path(path))
    width, lines = _width(path, lines)
    forms = {_encoded(form) for word in words for form in (word, word.lower())}
    words = frozenset(words)
    rows: dict[str, np.ndarray] = {}
    others: list[str] = []
    for number, token, line in _tokens(path, lines, width):
        if token not in forms and len(others) >= head:
            continue
        word = _decoded(token)
        if word is None or word in rows:
            continue
        if word not in words and len(others) < head:
            others.append(word)
        rows[word] = _numbers(path, number, line, width)
    return _served(rows, words, frozenset(others), width)


def _served(rows: dict[str, np.ndarray], words: frozenset[str], others: frozenset[str], width: int):
    """The rows that were asked for, and the lower-case ones under the words they serve."""
    own = [word for word in rows if word in words or word in others]
    lowered = sorted(word for word in words if word not in rows and word.lower() in rows)
    vectors = [rows[word] for word in own] + [rows[word.lower()] for word in lowered]
    return own + lowered, np.stack(vectors) if vectors else np.zeros((0, width), np.float32)


def _tokens(path: str | Path, lines: Iterator[Line], width: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Line number, word and line of every row. Only spaces are counted here: this sees every row of a large file."""
    for number, line in lines:
        spaces = line.count(b" ")
        if spaces == width:
            yield number, line[: line.index(b" ")], line
        elif spaces > width:
            yield number, line.rsplit(b" ", width)[0], line
        elif line:
            raise DataError(
                "a row with too few numbers",
                where=f"{path}:{number}",
                received=f"{spaces} numbers",
                allowed=f"a word and {width} numbers, separated by spaces, as the file's first line says",
                hint="fetch the file again, or cut it before this line; a binary (.bin) file must be turned into text",
            )


def _width(path: str | Path, lines: Iterator[Line]) -> tuple[int, Iterator[Line]]:
    """How many numbers a row has, and the rows, after the header line where there is one."""
    first = next(lines, None)
    header = first is not None and _header(first[1])
    rows = list(islice(lines, 2)) if header else [first, *islice(lines, 1)] if first else []
    if not rows:
        raise DataError("no vectors in the file", where=str(path), allowed="a word and its numbers on each line")
    width = header or rows[0][1].count(b" ")
    if not width:
        raise DataError("a word without numbers", where=f"{path}:{rows[0][0]}", received=_shown(rows[0][1]),
                        allowed="a word and its numbers, separated by spaces")  # fmt: skip
    if not header:
        _numbers(path, *rows[0], width)  # what says how long all rows are must be a row
    _check_lengths(path, rows, width)
    return width, chain(rows, lines)


def _check_lengths(path: str | Path, rows: list[Line], width: int) -> None:
    """No row at the top may have more numbers than the first line says: they would pass for a part of the word."""
    for number, line in rows:
        word = line.rsplit(b" ", width)[0]
        if b" " in word and _is_number(word.rpartition(b" ")[2]):
            raise DataError("a row with more numbers than the first line says", where=f"{path}:{number}",
                            received=f"{line.count(b' ')} numbers", allowed=f"a word and {width} numbers")  # fmt: skip


def _header(line: bytes) -> int:
    """d of a line `count d`; 0 for any other line."""
    fields = line.split()
    return int(fields[1]) if len(fields) == 2 and all(field.isdigit() for field in fields) else 0


def _numbers(path: str | Path, number: int, line: bytes, width: int) -> np.ndarray:
    fields = line.rsplit(b" ", width)[1:]
    try:
        values = np.array([*map(float, fields)])
        if np.abs(values).max() < LARGEST:
            return values.astype(np.float32)
    except ValueError:
        pass
    wrong = next(field for field in fields if not _is_number(field))
    raise DataError("a vector with something that is not a finite number", where=f"{path}:{number}",
                    received=_shown(wrong), allowed=f"a word and {width} numbers")  # fmt: skip


def _is_number(field: bytes) -> bool:
    try:
        return abs(float(field)) < LARGEST
    except ValueError:
        return False


def _lines(path: Path) -> Iterator[Line]:
    """The lines of a plain or gzip file, from 1."""
    try:
        with open(path, "rb") as stream:
            zipped = stream.peek(2)[:2] == b"\x1f\x8b"
            for number, line in enumerate(gzip.GzipFile(fileobj=stream) if zipped else stream, start=1):
                yield number, (line if number > 1 else line.removeprefix(b"\xef\xbb\xbf")).rstrip(b" \r\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"damaged gzip data: {error}", where=str(path), hint="fetch the file again") from error
    except OSError as error:
        raise DataError(
            "cannot read the file", where=str(path), received=error.strerror, hint="--vectors FILE"
        ) from error


def _encoded(word: str) -> bytes:
    # a word from JSON may hold half a surrogate pair: it has no UTF-8, and so no row
    return word.encode("utf-8", "surrogatepass")


def _decoded(token: bytes) -> str | None:
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _shown(field: bytes) -> str:
    return field.decode("utf-8", "backslashreplace")
