"""CoNLL-U; the conllu package is the oracle on files that it reads."""

from __future__ import annotations

import io
from itertools import islice

import conllu as package
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.examples import TaggedSentence
from seqtasks.tasks.readers import conllu
from seqtasks.tasks.task import Columns
from tests.tasks.streams import Cycle

FILE = """\
# newdoc id = d
# sent_id = 1
# text = vámonos al mar
1-2	vámonos	_	_	_	_	_	_	_	_
1	vamos	ir	VERB	VV	_	0	root	_	_
2	nos	nosotros	PRON	PP	_	1	obj	_	_
3-4	al	_	_	_	_	_	_	_	_
3	a	a	ADP	IN	_	5	case	_	_
4	el	el	DET	DT	_	5	det	_	_
5	mar	mar	NOUN	NN	_	1	obl	_	SpaceAfter=No
5.1	e	_	VERB	VV	_	_	_	_	_

# sent_id = 2
1	_	_	SYM	_	_	0	root	_	_
2	10 000	10000	NUM	CD	_	1	x	_	_
"""


def read(text: str | bytes, token: str = "", tag: str = "") -> list[TaggedSentence]:
    data = text.encode() if isinstance(text, str) else text
    return list(conllu.read(io.BytesIO(data), "f.conllu", Columns(token, tag)))


def line(*cells: str) -> str:
    return "\t".join([*cells, *"_" * (10 - len(cells))]) + "\n"


def test_read():
    first, second = read(FILE)
    assert first.tokens == ("vamos", "nos", "a", "el", "mar")
    assert first.tags == ("VERB", "PRON", "ADP", "DET", "NOUN")
    assert first.lines == (5, 6, 8, 9, 10)
    assert (second.tokens, second.tags) == (("_", "10 000"), ("SYM", "NUM"))
    assert second.place(1) == "f.conllu:15"


@pytest.mark.parametrize(
    ("columns", "tag"),
    [
        ({"tag": "xpos"}, "VV"),
        ({"tag": "5"}, "VV"),
        ({"tag": "11"}, "VERB"),
        ({"tag": "ner"}, "VERB"),
        ({"tag": "2"}, "VERB"),  # the words'
        ({"token": "4"}, "VERB"),
        ({"token": "1", "tag": "12"}, "VERB"),
    ],
)
def test_a_column_named_for_another_file_holds_where_this_one_has_it(columns, tag):
    wished = Columns(**columns, wishes=("token", "tag"))
    first, _ = conllu.read(io.BytesIO(FILE.encode()), "f", wished)
    assert (first.tokens[0], first.tags[0]) == ("vamos", tag)
    assert next(conllu.read_tokens(io.BytesIO(FILE.encode()), "f", wished)).tokens == first.tokens


def test_words_are_those_of_the_package():
    for sentence, expected in zip(read(FILE), package.parse(FILE), strict=True):
        kept = [token for token in expected if isinstance(token["id"], int)]
        assert sentence.tokens == tuple(token["form"] for token in kept)
        assert sentence.tags == tuple(token["upos"] for token in kept)


@pytest.mark.parametrize("tag", ["xpos", "XPOS", "5", "-6"])
def test_another_tag_column(tag):
    assert [s.tags for s in read(FILE, tag=tag)] == [("VV", "PP", "IN", "DT", "NN"), ("_", "CD")]


def test_another_token_column():
    assert read(FILE, token="lemma")[0].tokens == ("ir", "nosotros", "a", "el", "mar")


def test_sentences_that_are_not_annotated_have_no_tags():
    assert [s.tags for s in read(line("1", "a", "_", "_") + line("2", "b", "_", "_"))] == [()]


def test_read_tokens():
    assert [s.tags for s in conllu.read_tokens(io.BytesIO(FILE.encode()), "f", Columns())] == [(), ()]


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n\n", "\n \n\t\n\n"), ("# newdoc", "\ufeff# newdoc")])
def test_the_same_with_other_line_ends_and_breaks(change):
    assert [(s.tokens, s.tags) for s in read(FILE.replace(*change))] == [(s.tokens, s.tags) for s in read(FILE)]


def test_no_final_newline_and_no_blank_line():
    assert [(s.tokens, s.tags) for s in read(FILE.rstrip("\n"))] == [(s.tokens, s.tags) for s in read(FILE)]


def test_odd_characters_stay_in_the_form():
    form = "a\u2028b\u0085c  d\u00a0"
    assert read(line("1", form, "_", "X"))[0].tokens == (form,)


def test_global_columns():
    text = "# global.columns = ID UPOS FORM\n1\tX\ta\n2\tY\tb\n"
    (sentence,) = read(text)
    assert (sentence.tokens, sentence.tags) == (("a", "b"), ("X", "Y"))
    assert read(text.replace("UPOS", "MY:TAG"), tag="my:tag")[0].tags == ("X", "Y")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\ta\ta\tX\n", "f.conllu:1: too few columns (4); received '1\\ta\\ta\\tX'; allowed: 10 columns"),
        ("1  a  a  X  _  _  _  _  _  _\n", "f.conllu:1: too few columns (1)"),
        (line(*"1aaX______") + "\n" + "\t".join("1aaX_______"), "f.conllu:3: too many columns (11)"),
        (line("x", "a", "a", "X"), "f.conllu:1: a wrong word ID; received 'x'"),
        (line("9" * 5000, "a", "a", "X"), "f.conllu:1: a wrong word ID"),
        (line("_", "a", "a", "X"), "f.conllu:1: a wrong word ID"),
        (line("4-3", "a", "a", "X"), "f.conllu:1: a wrong word ID"),
        (line("2", "a", "a", "X"), "f.conllu:1: a wrong word ID; received '2'; allowed: 1,"),
        (line("1", "a", "a", "X") * 2, "f.conllu:2: a wrong word ID; received '1'; allowed: 2,"),
        (line("1", "", "a", "X"), "f.conllu:1: an empty column"),
        (line("1", "a", "a", ""), "f.conllu:1: an empty column"),
        (line("1", "a\rb", "a", "X"), "f.conllu:1: a carriage return"),
        ("# global.columns = ID FORM\n1\ta\n", "f.conllu:1: a column is missing"),
        (b"# text = \xe9\n", "f.conllu:1: bytes that are not UTF-8"),
    ],
)
def test_errors(text, message):
    with pytest.raises(DataError) as error:
        read(text)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("tag", ["pos", "0", "11", "-11"])
def test_no_such_column(tag):
    with pytest.raises(ConfigError, match="--tag-column: no such column"):
        read(FILE, tag=tag)


cells = st.sampled_from([b"1", b"2", b"1-2", b"1.1", b"_", b"a", b"", b"\xff", b"\r", b" "])
rows = st.lists(cells, min_size=9, max_size=11).map(b"\t".join)
others = st.sampled_from([b"", b" ", b"# x", b"# global.columns = ID FORM UPOS", b"1\ta\tX", b"# global.columns ="])


@given(st.one_of(st.binary(max_size=60), st.lists(st.one_of(rows, others), max_size=8).map(b"\n".join)))
def test_any_bytes_give_sentences_or_a_data_error(data):
    try:
        sentences = list(conllu.read(io.BytesIO(data), "f", Columns()))
    except DataError:
        return
    assert all(s.tokens and all(s.tokens) and len(s.lines) == len(s.tokens) for s in sentences)


def test_streams():
    endless = Cycle([line("1", "a", "a", "X").encode(), b"\n"])
    assert len(list(islice(conllu.read(endless, "f", Columns()), 5))) == 5


def test_looks_like():
    assert conllu.looks_like(FILE.split("\n"))
    assert conllu.looks_like(["# global.columns = ID FORM"])
    for begin, known in (("1-4", True), ("1-12", True), ("0.1", True), ("2", False), ("1-", False)):
        assert conllu.looks_like([begin + "\tx" * 9]) is known
    assert not conllu.looks_like(["# x", "a\tX"])
    assert not conllu.looks_like([])
