"""Plain text: lines, and running text."""

import io

import pytest

from seqtasks.errors import DataError
from seqtasks.tasks.readers import text
from seqtasks.tasks.readers.plain import LINES, RUNNING
from seqtasks.tasks.task import Columns


def read(form, data: bytes, every=False):
    found = (form.read_tokens if every else form.read)(io.BytesIO(data), "f.txt", Columns())
    return [(example.text, example.line) for example in found]


@pytest.mark.parametrize(
    ("data", "lines", "paragraphs"),
    [
        (b"", [], []),
        (b"\n \n\t\n", [], []),
        (b" a b \n\nc\n", [("a b", 1), ("c", 3)], [("a b", 1), ("c", 3)]),
        (b"a\nb\r\n\n\n c\nd", [("a", 1), ("b", 2), ("c", 5), ("d", 6)], [("a\nb", 1), ("c\nd", 5)]),
        ("\ufeffä\u2028b\n".encode(), [("ä\u2028b", 1)], [("ä\u2028b", 1)]),
    ],
)
def test_lines_and_paragraphs(data, lines, paragraphs):
    assert read(LINES, data) == lines
    assert read(RUNNING, data) == paragraphs


def test_every_line_wants_its_answer():
    assert read(LINES, b"a\n\n b\n", every=True) == [("a", 1), ("", 2), (" b", 3)]


def test_lines_behind_one_without_end_are_answered(monkeypatch):
    monkeypatch.setattr(text, "LONGEST_LINE", 8)
    assert read(LINES, b"a\n123456789abcdef\nb\n", every=True) == [("a", 1), ("12345678", 2), ("b", 3)]
    with pytest.raises(DataError, match=r"f\.txt:2: a line of more than 8 bytes"):
        read(LINES, b"a\n123456789abcdef\nb\n")


@pytest.mark.parametrize("form", [LINES, RUNNING], ids=lambda form: form.name)
def test_bytes_that_are_no_text_are_named(form):
    with pytest.raises(DataError, match=r"f\.txt:2: bytes that are not UTF-8"):
        read(form, b"a\n\xff\n")
