"""Vector files as word2vec, fastText and GloVe publish them, whole and broken."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from seqtasks.errors import DataError
from seqtasks.pipelines.vectors import read_vectors

GLOVE = "the 1 2 3\nParis 4 5 6\nparis 7 8 9\nmay -1e-2 0 .5\n"


def written(tmp_path, content, name="vectors.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(path, words, **options):
    """Word to numbers."""
    found, vectors = read_vectors(path, words, **options)
    assert vectors.dtype == np.float32 and vectors.ndim == 2
    return dict(zip(found, vectors.tolist(), strict=True))


def test_keeps_the_words_asked_for(tmp_path):
    found, vectors = read_vectors(written(tmp_path, GLOVE), ["may", "Paris", "London"])
    assert found == ["Paris", "may"]
    np.testing.assert_array_equal(vectors, np.array([[4, 5, 6], [-0.01, 0, 0.5]], np.float32))


def test_lower_case_serves_a_word_without_a_row(tmp_path):
    path = written(tmp_path, GLOVE)
    assert table(path, ["The", "Paris", "MAY"]) == {
        "Paris": [4, 5, 6],  # its own row, though "paris" has one
        "MAY": [np.float32(-0.01), 0, 0.5],
        "The": [1, 2, 3],
    }
    assert list(table(path, ["tHe", "The", "THE", "the", "thE", "THe"])) == ["the", "THE", "THe", "The", "tHe", "thE"]
    assert list(table(path, ["PARIS"])) == ["PARIS"]


def test_no_word_found(tmp_path):
    found, vectors = read_vectors(written(tmp_path, GLOVE), ["London"])
    assert found == [] and vectors.shape == (0, 3)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("header", ["", "4 3\n"], ids=["glove", "word2vec"])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"], ids=["lf", "space", "crlf"])
def test_every_kind_of_file(tmp_path, zipped, header, end):
    content = ("\ufeff" + header + GLOVE).replace("\n", end).rstrip("\r\n").encode()
    # gzip is told by its content, not by the name
    path = written(tmp_path, gzip.compress(content) if zipped else content)
    assert table(path, ["the", "paris"]) == {"the": [1, 2, 3], "paris": [7, 8, 9]}


def test_a_word_may_hold_spaces(tmp_path):
    path = written(tmp_path, "the 1 2\n. . . 3 4\nat name@domain.com 5 6\nat 7 8\n")
    assert table(path, ["at", ". . ."]) == {". . .": [3, 4], "at": [7, 8]}


def test_the_first_of_two_rows_counts(tmp_path):
    assert table(written(tmp_path, "a 1 2\nb 3 4\na 5 6\n"), ["a"]) == {"a": [1, 2]}


def test_two_whole_numbers_are_a_header_only_at_the_top(tmp_path):
    assert table(written(tmp_path, "2 1\n7 5\n8 6\n"), ["7", "2"]) == {"7": [5]}


def test_head_keeps_the_first_other_words(tmp_path):
    path = written(tmp_path, b"the 1 2\n\xff\xfe 3 4\nof 5 6\nin 7 8\nmay 9 10\n")
    assert table(path, ["the", "May"], head=1) == {"the": [1, 2], "of": [5, 6], "May": [9, 10]}
    assert list(table(path, ["the", "May"], head=9)) == ["the", "of", "in", "may", "May"]


def test_rows_nobody_needs_may_be_broken(tmp_path):
    path = written(tmp_path, b"the 1 2\nbad 3 x\n\xff\xfe 4 5\nmay 6 7\n\n")
    assert table(path, ["may"]) == {"may": [6, 7]}


def test_bytes_outside_utf8_and_halves_of_surrogates_find_nothing(tmp_path):
    assert table(written(tmp_path, b"the 1 2\nb\xe9te 3 4\n"), ["b\ud800te", "b\udce9te"]) == {}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("the 1 2 3\nof 1 2\n", 2, "too few numbers; received '2 numbers'; allowed: a word and 3 numbers"),
        ("2 3\nthe 1 2\n", 2, "too few numbers"),
        ("2 3\nthe\n", 2, "too few numbers"),
        ("the 1 2\nof 3 4 5\n", 2, "more numbers than the first line says; received '3 numbers'"),
        ("2 2\nthe 1 2 3\n", 2, "more numbers than the first line says"),
        ("the 1 2\nmay 3 x\n", 2, "not a finite number; received 'x'"),
        ("the 1 2\nmay nan 2\n", 2, "not a finite number; received 'nan'"),
        ("the 1 2\nmay 1 1e39\n", 2, "not a finite number; received '1e39'"),
        ("the cat sat\non the mat\n", 1, "not a finite number; received 'cat'"),
        ("the\nof\n", 1, "a word without numbers; received 'the'"),
    ],
)
def test_a_broken_row_is_named(tmp_path, content, line, message):
    path = written(tmp_path, content)
    with pytest.raises(DataError) as raised:
        read_vectors(path, ["may"])
    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", ["", "4 3\n", gzip.compress(b"")], ids=["empty", "header", "gzip"])
def test_an_empty_file(tmp_path, content):
    with pytest.raises(DataError, match="no vectors in the file"):
        read_vectors(written(tmp_path, content), ["the"])


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_vectors(tmp_path / "none.txt", ["the"])
    with pytest.raises(DataError, match="Is a directory"):
        read_vectors(tmp_path, ["the"])


@pytest.mark.parametrize("cut", [20, -3])
def test_a_download_that_broke_off(tmp_path, cut):
    packed = gzip.compress(GLOVE.encode() * 100)
    with pytest.raises(DataError, match="damaged gzip data"):
        read_vectors(written(tmp_path, packed[:cut]), ["the"])


@pytest.mark.parametrize("place", [-8, 30], ids=["check sum", "content"])
def test_damaged_gzip(tmp_path, place):
    packed = bytearray(gzip.compress(GLOVE.encode() * 100))
    packed[place] ^= 0xFF
    with pytest.raises(DataError, match="damaged gzip data"):
        read_vectors(written(tmp_path, bytes(packed)), ["the"])
