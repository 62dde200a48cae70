"""Bytes to decoded lines, the same way for every reader."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from seqtasks.errors import DataError


def numbered_lines(stream: BinaryIO, source: str) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers from 1, without line ends, one by one in constant memory.

    A line ends at LF or CR LF only. U+2028, U+0085, a form feed and a CR alone are characters like any other: files
    whose lines belong together (two sides of a translation, columns) fall out of step where they count as line ends.
    The last line may lack its end. A byte-order mark is dropped at the file's start and kept everywhere else.

    Args:
        stream: Opened in binary mode.
        source: The file's name, for error messages.

    Raises:
        DataError: Bytes that are not UTF-8.
    """
    for number, raw in enumerate(stream, start=1):
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        yield number, _decode(raw.removesuffix(b"\n").removesuffix(b"\r"), source, number)


def _decode(raw: bytes, source: str, number: int) -> str:
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
