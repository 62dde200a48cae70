"""Bytes to lines."""

from __future__ import annotations

import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtasks.errors import DataError
from seqtasks.tasks.readers.text import LONGEST_LINE, numbered_lines
from tests.tasks.streams import Cycle


def lines(data: bytes) -> list[str]:
    return [line for _, line in numbered_lines(io.BytesIO(data), "f.txt")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb", ["a", "b"]),
        (b"a\n\n\nb", ["a", "", "", "b"]),
        (b"\xef\xbb\xbfa\nb", ["a", "b"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfa\n\xef\xbb\xbfb", ["\ufeffa", "\ufeffb"]),
        ("a\u2028b\u0085c\fd\ve\x1cf\n".encode(), ["a\u2028b\u0085c\fd\ve\x1cf"]),
        (b"a\rb\nc\r", ["a\rb", "c"]),
    ],
)
def test_lines(data, expected):
    assert lines(data) == expected


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), min_size=1)))
def test_lines_come_back(texts):
    read = lines("\n".join(texts).encode())
    assert read == ([texts[0].removeprefix("\ufeff"), *texts[1:]] if texts else [])


@pytest.mark.parametrize("data", [b"caf\xe9", b"\xff\xfea\x00", b"\xed\xa0\x80", b"abc \xc3"])
def test_wrong_bytes_are_named(data):
    with pytest.raises(DataError) as error:
        lines(b"good\n" + data + b"\nx")
    first = next(byte for byte in data if byte > 127)
    message = str(error.value)
    assert message.startswith("f.txt:2: bytes that are not UTF-8; received b'") and f"0x{first:02x}" in message


def test_a_byte_order_mark_splits_no_line_that_is_too_long():
    data = b"\xef\xbb\xbf" + b"a" * (LONGEST_LINE + 9) + b"\nb\n"
    with pytest.raises(DataError, match=r"^f\.txt:1: a line of more than"):
        lines(data)
    cut = [(number, line[:2]) for number, line in numbered_lines(io.BytesIO(data), "f.txt", cut=True)]
    assert cut == [(1, "aa"), (2, "b")]


def test_lines_are_numbered_and_not_read_ahead():
    assert list(islice(numbered_lines(Cycle([b"a\n", b"b\n"]), "f"), 3)) == [(1, "a"), (2, "b"), (3, "a")]
