"""CoNLL columns."""

from __future__ import annotations

import io
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers import conll
from seqtasks.tasks.task import Columns
from tests.tasks.streams import Cycle


def read(text: str | bytes, token: str = "", tag: str = "") -> list[TaggedSentence]:
    data = text.encode() if isinstance(text, str) else text
    return list(conll.read(io.BytesIO(data), "f.conll", Columns(token, tag)))


def pairs(text: str | bytes, **columns: str) -> list[str]:
    """One string a sentence, `token/tag token/tag`."""
    return [" ".join(map("/".join, zip(s.tokens, s.tags, strict=True))) for s in read(text, **columns)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \n\t\n", []),
        ("a X\nb Y\n\nc Z\n", ["a/X b/Y", "c/Z"]),
        ("a X\nb Y", ["a/X b/Y"]),
        ("a X\r\n\r\nb Y\r\n", ["a/X", "b/Y"]),
        ("\ufeffa X\n", ["a/X"]),
        ("a\tX\n\t\nb\tY\n \t \n\n\nc\tZ\n", ["a/X", "b/Y", "c/Z"]),
        ("a   NN   X\n", ["a/X"]),
        ("  a X  \n", ["a/X"]),
        ("-DOCSTART- -X- O\n\na NN X\n-DOCSTART-\nb NN Y\n", ["a/X", "b/Y"]),
        ("-DOCSTART-x X\n", ["-DOCSTART-x/X"]),
        ("New York\tB\na\u00a0b\tO\n", ["New York/B a\u00a0b/O"]),
        ("a\u00a0b X\na\u2028b Y\nx\u0085 Z\n", ["a\u00a0b/X a\u2028b/Y x\u0085/Z"]),
        ("a\u200bb\tX\ny\ufeff\tX\n", ["a\u200bb/X y\ufeff/X"]),
        ("\u00a0\tX\n", ["\u00a0/X"]),
        ("a X\nb\tY\nNew York\tZ\n", ["a/X b/Y New York/Z"]),
        ("a\tX\t\n", ["a/X"]),  # a TAB at the end is no column
    ],
)
def test_read(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#\tO\n# \tO\n#tag\tX\n", ["#/O #/O #tag/X"]),
        ("# O\n#tag X\na Y\n", ["#/O #tag/X a/Y"]),
        ("# a comment\n#\na X\n# sent_id = 1\n", ["a/X"]),
        ("# id 52-a\tdomain=en\nthe _ _ O\n", ["the/O"]),  # MultiCoNER
        ("#\thttp://x\t[2009]\n1\tAufgrund\tO\tO\n", ["1/O"]),  # GermEval
        ("#begin document (x); part 000\na NN X\n#end document\n", ["a/X"]),
        ("# sent_id = 1\n# NN B X\na NN B Y\n", ["#/X a/Y"]),  # as many words as columns
        ("# sent_id = 1\n#tag X\n", ["#tag/X"]),
        ("# newdoc\na X\n", ["a/X"]),
        ("# newdoc id\na X\n", ["a/X"]),
        ("#newdoc id here\na X\n#newpar\nb X\n", ["a/X b/X"]),
        ("a X\n#newdoc X\n#newpar\tY\n", ["a/X #newdoc/X #newpar/Y"]),
        ("# key = value\n" * 1200 + "\n" * 1200 + "a X\n", ["a/X"]),
        ("#tag X\n" * 2 + "\n" * 1200 + "a X\n", ["#tag/X #tag/X", "a/X"]),
        ("#\tX\n", ["#/X"]),
        ("a X\n# comment\tmore\n", ["a/X"]),
    ],
)
def test_comments_and_tokens_with_a_hash(text, expected):
    assert pairs(text) == expected


def test_a_comment_does_not_end_a_sentence():
    assert pairs("a X\n# a long comment\nb Y\n") == ["a/X b/Y"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"token": "2", "tag": "3"}, ["a/NN b/VB"]),
        ({"token": "2", "tag": "-2"}, ["a/NN b/VB"]),
        ({"token": "-3"}, ["a/X b/Y"]),
    ],
)
def test_columns(columns, expected):
    assert pairs("1 a NN X\n2 b VB Y\n", **columns) == expected


@pytest.mark.parametrize(
    ("columns", "text", "expected"),
    [
        ({"token": "2"}, "1 a NN X\n", "a/X"),
        ({"token": "3"}, "a X\n", "a/X"),
        ({"token": "2"}, "a X\n", "a/X"),  # the tag's
        ({"tag": "xpos"}, "a X\n", "a/X"),
        ({"token": "1", "tag": "11"}, "a NN X\n", "a/X"),
    ],
)
def test_a_column_named_for_another_file_holds_where_this_one_has_it(columns, text, expected):
    wished = Columns(**columns, wishes=("token", "tag"))
    (sentence,) = conll.read(io.BytesIO(text.encode()), "f", wished)
    assert f"{sentence.tokens[0]}/{sentence.tags[0]}" == expected
    (alone,) = conll.read_tokens(io.BytesIO(b"a\n"), "f", wished)
    assert alone.tokens == ("a",)


def test_lines_may_differ_where_columns_are_counted_from_the_front():
    assert pairs("a X 1 2\nb Y\n", token="1", tag="2") == ["a/X b/Y"]


def test_a_hash_in_a_column_that_is_not_read_begins_a_comment():
    text = "#\thttp://x\t[2009]\n1\tAufgrund\tO\tO\n#\t#\tO\tO\n"  # GermEval, and a # as the token
    assert pairs(text, token="2", tag="3") == ["Aufgrund/O #/O"]
    assert pairs("#\tX\ta\n#\tY\n", token="1", tag="2") == ["#/X #/Y"]


def test_lines_and_source():
    (first, second) = read("# a b c\n\na X\n\n\nb Y\nc Z")
    assert (first.lines, second.lines, second.place(1)) == ((3,), (6, 7), "f.conll:7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a X\nb\n", "f.conll:2: too few columns (1); received 'b'; allowed: 2, as in the file's first token line"),
        ("a NN X\nb Y\n", "f.conll:2: too few columns (2)"),
        ("a\n", "f.conll:1: too few columns (1); received 'a'; allowed: 2 or more"),
        ("a X\nNew York X\n", "f.conll:2: too many columns (3)"),
        ("a\tX\nb Y\n", "f.conll:2: too few columns (1); received 'b Y'"),  # no TAB in a file with TABs
        ("a\tX\nb\t\n", "f.conll:2: too few columns (1)"),
        ("a\tX\n\tX\n", "f.conll:2: an empty column"),
        ("a\tX\n#tag\n", "f.conll:2: too few columns (1)"),  # a tag that is missing, not a comment
        ("a X\rb Y\n", "f.conll:1: a carriage return inside a line"),
        (b"a X\nb\xe9 Y\n", "f.conll:2: bytes that are not UTF-8"),
    ],
)
def test_errors(text, message):
    with pytest.raises(DataError) as error:
        read(text)
    assert str(error.value).startswith(message)


def test_a_column_beyond_the_line():
    with pytest.raises(DataError, match=r"f.conll:1: too few columns \(2\); received 'a X'; allowed: 3 or more"):
        read("a X\n", tag="3")
    with pytest.raises(DataError, match=r"f.conll:2: too few columns \(1\); received 'b'; allowed: 2 or more"):
        read("a X\nb\n", tag="2")


@pytest.mark.parametrize("number", ["0", "x", "1.5", "--1", "99999999"])
def test_no_column_number(number):
    with pytest.raises(ConfigError, match="--tag-column: no such column"):
        read("a X\n", tag=number)


def test_the_same_column_twice():
    with pytest.raises(ConfigError, match="same column"):
        read("a X\n", token="2")


def test_read_tokens():
    def tokens(text: str) -> list[tuple[str, ...]]:
        sentences = list(conll.read_tokens(io.BytesIO(text.encode()), "f", Columns()))
        assert not any(sentence.tags for sentence in sentences)
        return [sentence.tokens for sentence in sentences]

    assert tokens("a\n#\n#tag\n# a comment\n\nb\n") == [("a", "#", "#tag"), ("b",)]
    assert tokens("a NN\n#\nb\n# a comment\n# NN\n") == [("a", "#", "b", "#")]
    assert tokens("New York\tB\na\t\n") == [("New York", "a")]


def test_write():
    sentences = [TaggedSentence(("New York", "#"), ("B", "O")), TaggedSentence(("a\tb",))]
    stream = io.StringIO()
    conll.write(sentences, [["B", "B"], ["X"]], stream)
    assert stream.getvalue() == "New York\tB\tB\n#\tO\tB\n\na b\tX\n\n"


@pytest.mark.parametrize("predicted", [[["B"]], [["B", "O"], ["B"]], []])
def test_write_refuses_other_lengths(predicted):
    with pytest.raises(ValueError, match="zip"):
        conll.write([TaggedSentence(("a", "b"), ("B", "O"))], predicted, io.StringIO())


words = st.text(st.characters(exclude_categories=("Cs", "Zs", "Cc")), min_size=1).filter(lambda t: not t.isspace())
rows = st.lists(st.lists(st.tuples(words, words), min_size=1, max_size=4), max_size=4)


@given(rows)
def test_what_was_written_is_read_back(sentences):
    gold = [TaggedSentence(*(tuple(column) for column in zip(*rows, strict=True))) for rows in sentences]
    stream = io.StringIO()
    conll.write(gold, [sentence.tags for sentence in gold], stream)
    back = read("\ufeff" + stream.getvalue(), tag="2")
    assert [(s.tokens, s.tags) for s in back] == [(s.tokens, s.tags) for s in gold]


fragments = st.sampled_from([b"a", b" ", b"\t", b"\n", b"\r", b"#", b"-DOCSTART-", b"\xff", b"\xef\xbb\xbf", b"="])


@given(st.one_of(st.binary(max_size=60), st.lists(fragments, max_size=30).map(b"".join)))
def test_any_bytes_give_sentences_or_a_data_error(data):
    for reader in (conll.read, conll.read_tokens):
        try:
            sentences = list(reader(io.BytesIO(data), "f", Columns()))
        except DataError:
            continue
        assert all(s.tokens and all(s.tokens) and len(s.lines) == len(s.tokens) for s in sentences)


def test_streams():
    endless = Cycle([b"a X\n", b"\n"])
    assert len(list(islice(conll.read(endless, "f", Columns()), 5))) == 5


def test_looks_like():
    assert conll.looks_like(["# x", "a X", "b Y", ""])
    assert not conll.looks_like(["a plain sentence .", "and another one that is longer ."])
    assert not conll.looks_like(["# sent_id = 1", "\t".join(["1", "a", "a", "DET", "_", "_", "_", "_", "_", "_"])])
    assert not conll.looks_like([])
