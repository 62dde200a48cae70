"""Bytes to decoded lines, the same way for every reader."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from seqtasks.errors import DataError, LongSentenceError

LONGEST_LINE = 1 << 23
"""Bytes of a line that is read: a longer one is no line of text, and reading it whole could take all memory."""

MOST_TOKENS = 1 << 17
"""Tokens of a sentence that is read: with more of them the lines between the sentences are missing."""


def numbered_lines(stream: BinaryIO, source: str, *, cut: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers from 1, without line ends, one by one in constant memory.

    A line ends at LF or CR LF only. U+2028, U+0085, a form feed and a CR alone are characters like any other: files
    whose lines belong together (two sides of a translation, columns) fall out of step where they count as line ends.
    The last line may lack its end. A byte-order mark is dropped at the file's start and kept everywhere else.

    Args:
        stream: Opened in binary mode.
        source: The file's name, for error messages.
        cut: Of a line of more than `LONGEST_LINE` bytes give the beginning, which is the caller's to refuse.

    Raises:
        DataError: Bytes that are not UTF-8, or a line that is too long.
    """
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        # before the mark is dropped, without which the beginning of a long line looks like a whole one
        cut_off = len(raw) > LONGEST_LINE and not raw.endswith(b"\n")
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if cut_off:
            if not cut:
                raise _too_long(f"{source}:{number}")
            yield number, _decode(_begin(raw), source, number)
            # the rest of it, in pieces that are thrown away
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            continue
        yield number, _decode(raw.removesuffix(b"\n").removesuffix(b"\r"), source, number)


def _begin(raw: bytes) -> bytes:
    """Bytes without the character at their end, which may be a part of one."""
    end = len(raw) - 1
    while end > len(raw) - 4 and raw[end] & 0xC0 == 0x80:
        end -= 1
    return raw[:end]


def _too_long(place: str) -> DataError:
    return DataError(
        f"a line of more than {LONGEST_LINE:,} bytes",
        where=place,
        allowed=f"{LONGEST_LINE:,} at most",
        hint="a line end after each sentence, paragraph or row",
    )


def check_size(count: int, source: str, number: int) -> None:
    """That a sentence has not too many tokens so far.

    Args:
        count: Its tokens, the one in line `number` included.

    Raises:
        LongSentenceError: It has: a file of columns without blank lines would else be held whole.
    """
    if count > MOST_TOKENS:
        raise LongSentenceError(
            f"a sentence of more than {MOST_TOKENS:,} tokens",
            where=f"{source}:{number}",
            hint="a blank line between the sentences",
        )


def _decode(raw: bytes, source: str, number: int) -> str:
    if number == 1 and raw.startswith(b"\x1f\x8b"):
        raise DataError("a gzip file", where=f"{source}:1", allowed="text, UTF-8", hint=f"gunzip {source}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "bytes that are not UTF-8",
            where=f"{source}:{number}",
            # a wrong lead byte is reported alone; the bytes after it show which word it is
            received=raw[max(0, error.start - 10) : error.end + 10],
            allowed="UTF-8",
            hint=f"iconv -f ENCODING -t UTF-8; the first wrong byte is 0x{raw[error.start]:02x}",
        ) from None


def without_carriage_returns(lines: Iterator[tuple[int, str]], source: str) -> Iterator[tuple[int, str]]:
    """The lines, for formats whose fields are words: a carriage return inside a line means wrong line ends there.

    Raises:
        DataError: A CR inside a line.
    """
    for number, line in lines:
        if "\r" in line:
            raise carriage_return(f"{source}:{number}", line)
        yield number, line


def carriage_return(place: str, line: str | None = None) -> DataError:
    """The error of a carriage return that no LF follows."""
    return DataError(
        "a carriage return inside a line",
        where=place,
        received=line,
        allowed="lines that end with LF or CR LF",
        hint="convert the line ends, or delete the character",
    )
