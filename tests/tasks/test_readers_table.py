"""CSV and TSV of labelled texts: quotes, headers, columns, and rows that are none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.readers.table import CSV, TSV, looks_like_commas, looks_like_tabs
from seqtasks.tasks.task import Columns


def rows(data, form=CSV, **columns):
    stream = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    return [(text.label, text.text) for text in form.read(stream, "f.csv", Columns(**columns))]


def fault(data, form=CSV, error=DataError, **columns):
    with pytest.raises(error) as caught:
        rows(data, form, **columns)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("header", ["text,label", "Review,Sentiment", "id,sentence,x,class"])
def test_a_header_names_the_columns(header):
    names = header.lower().split(",")
    cells = {name: "7" for name in names}
    cells[names[-1]] = "pos"
    cells[next(name for name in names if name in ("text", "review", "sentence"))] = "so good"
    row = ",".join(cells[name] for name in names)
    assert rows(f"{header}\n{row}\n{row}") == [("pos", "so good")] * 2


def test_columns_by_number_and_by_name_with_and_without_header():
    table = "stars,what,who\n1,bad film,Ann\n5,good film,Bob\n"
    expected = [("1", "bad film"), ("5", "good film")]
    assert rows(table, text="what", label="Stars") == expected
    assert rows(table, text="2", label="1", header="yes") == expected
    assert rows(table, text="-2", label="-3", header="yes") == expected
    assert rows(table, text="2", label="1", header="no") == [("stars", "what"), *expected]
    assert rows("5,good film,Bob\n", text="2", label="1") == expected[1:]


@pytest.mark.parametrize("swapped", [False, True])
def test_without_a_header_the_label_is_what_has_fewer_values(swapped):
    pairs = [("pos", "good"), ("neg", "bad, very"), ("pos", "fine"), ("neg", "")]
    table = io.StringIO()
    csv.writer(table).writerows(reversed(pair) if swapped else pair for pair in pairs)
    assert rows(table.getvalue()) == pairs


@pytest.mark.parametrize("number", ["0", "12345"])
def test_a_number_that_no_column_has_names_none(number):
    # columns count from 1; where such a number stood in the first row, that row would be lost as a header
    table = f"{number},bad film\n1,good film\n1,fine film\n"
    assert "--label-column: no such column" in fault(table, error=ConfigError, text="2", label=number)
    assert rows(table, header="yes", text="2", label=number) == [("1", "good film"), ("1", "fine film")]


def test_one_named_column_of_two_tells_the_other():
    assert rows("a,b\nso good,pos\n", text="a") == [("pos", "so good")]
    assert rows("a,b\nso good,pos\n", label="a") == [("so good", "pos")]


def test_a_quoted_line_end_belongs_to_its_text_and_lines_are_counted_on():
    data = b'text,label\r\n"first\r\n\r\nsecond ""quoted""",pos\r\n\r\n"",neg\r\nlast,\r\n'
    assert rows(data.replace(b"last,\r\n", b"")) == [("pos", 'first\n\nsecond "quoted"'), ("neg", "")]
    assert "f.csv:7: a row without a label" in fault(data)


def test_places_are_the_line_a_row_begins_on():
    stream = io.BytesIO(b'text,label\n"a\nb",x\nc,y\n')
    assert [text.place for text in CSV.read(stream, "f.csv", Columns())] == ["f.csv:2", "f.csv:4"]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ('text,label\ngood,pos\n"never closed,neg\nmore\n', ["f.csv:3", "quotes"]),
        ('text,label\n"a" b,pos\n', ["f.csv:2"]),
        ("text,label\ngood\n", ["f.csv:2", "too few columns (1)", "good"]),
        ("text,label\ngood,\n", ["f.csv:2", "without a label"]),
        ("text,label\ngood,  \n", ["f.csv:2", "without a label"]),
        ("text,label\na\rb,pos\n", ["f.csv:2", "a carriage return inside a line", "LF or CR LF"]),
        ("text,label\rgood,pos\r", ["f.csv:1", "a carriage return inside a line"]),
        ("label,text\npos,good, but long\nneg,bad\n", ["f.csv:2", "too many columns (3)", "allowed: 2", "quotes"]),
        ("pos,good\nneg,bad\npos,fine, but long\n", ["f.csv:3", "too many columns (3)"]),
        (b"text,label\ncaf\xe9,pos\n", ["f.csv:2", "not UTF-8"]),
    ],
)
def test_a_faulty_row_is_named_with_its_line(data, named):
    message = fault(data)
    assert all(word in message for word in named), message


@pytest.mark.parametrize(
    ("data", "columns", "named"),
    [
        ("text,label\na,b\n", {"text": "txt"}, ["--text-column", "txt", "text, label"]),
        ("text,label\na,b\n", {"label": "3"}, ["--label-column", "received '3'", "1 to 2"]),
        ("text,label\na,b\n", {"text": "1", "label": "-2"}, ["same column"]),
        ("a,b\nc,d\n", {}, ["nothing says", "--text-column N"]),
        ("a,b,c\na,d,e\n", {}, ["3 columns without a header"]),
        ("a,b,c\na,d,e\n", {"text": "1"}, ["nothing says"]),
        ("good\n", {}, ["nothing says"]),
        ("so good;pos\nbad;neg\n", {}, ["so good;pos", "not semicolons"]),
        ("id,who,what\n1,Ann,good\n", {"header": "yes"}, ["id, who, what", "NAME|N"]),
        ("7,Ann,good\n8,Bob,bad\n", {}, ["7, Ann, good", "NAME|N"]),
        ("text,text,label\na,b,c\n", {}, ["several columns of one name", "columns 1, 2", "--text-column 1"]),
        ("a,b,b\nx,y,z\n", {"text": "a", "label": "b"}, ["several columns", "--label-column 2"]),
    ],
)
def test_a_column_that_is_not_there_or_not_told(data, columns, named):
    message = fault(data, error=ConfigError, **columns)
    assert all(word in message for word in named), message


def test_empty_fields_beyond_the_columns_are_passed_over():
    assert rows("text,label\ngood,pos,,\nbad,neg,\n", label="-1") == [("pos", "good"), ("neg", "bad")]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("review,stars", {}),
        ("headline,category", {}),
        ("what,who,review", {"text": "1", "label": "2"}),
    ],
)
def test_one_known_name_among_others_is_enough_for_a_header(header, columns):
    body = "so good,5,x\nbad,1,x\nfine,5,x\n" if columns else "so good,5\nbad,1\nfine,5\n"
    assert rows(f"{header}\n{body}", **columns) == [("5", "so good"), ("1", "bad"), ("5", "fine")]


@pytest.mark.parametrize("first", ["what is it?,question", "7,question", "3,text"])
def test_a_value_that_is_a_usual_name_makes_no_header(first):
    table = f"{first}\nit is late,statement\nwhy,question\nno,text\nyes,text\n8,text\n"
    assert len(rows(table)) == 6


def test_a_first_row_whose_label_is_its_own_is_asked_about():
    table = "headline,stance\n" + "".join(f"story {number},{'ab'[number % 2]}\n" for number in range(6))
    message = fault(table, error=ConfigError)
    assert "f.csv:1: row 1 may be a header" in message and "--header yes or --header no" in message
    assert len(rows(table, header="yes")) == 6 and len(rows(table, header="no")) == 7
    assert len(rows(table.replace("headline", "A story that is as long as stories are"))) == 7


def test_a_column_wished_for_holds_where_the_table_has_it():
    wishes = {"text": "what", "label": "3", "wishes": ("text", "label")}
    assert rows("text,label\ngood,pos\n", **wishes) == [("pos", "good")]
    assert rows("label,who,text,what\nx,y,pos,good\n", **wishes) == [("pos", "good")]
    assert "txt" in fault("text,label\ngood,pos\n", error=ConfigError, text="txt", wishes=("label",))


def test_what_was_chosen_can_be_told():
    def told(data, **columns):
        return CSV.describe(io.BytesIO(data.encode()), "f.csv", Columns(**columns))

    assert told("Review,stars\ngood,5\n") == "header, text from 'Review', label from 'stars'"
    assert told("5,good\n1,bad\n5,fine\n") == "no header, text from column 2, label from column 1"


def unlabelled(data, form=CSV, **columns):
    stream = io.BytesIO(data.encode())
    return [text.text for text in form.read_tokens(stream, "f.csv", Columns(**columns))]


@pytest.mark.parametrize("form", [CSV, TSV])
def test_in_a_single_column_an_empty_line_is_an_empty_text(form):
    assert unlabelled("good\n\nbad\n\n", form) == ["good", "", "bad", ""]
    assert unlabelled("\ntext\ngood\n\n", form) == ["good", ""]
    assert unlabelled("\n\n", form) == ["", ""] and unlabelled("", form) == []
    wide = "id,text\n1,good\n\n2,bad\n"
    assert unlabelled(wide if form is CSV else wide.replace(",", "\t"), form) == ["good", "bad"]


def test_texts_before_a_fault_are_read_before_it():
    stream = io.BytesIO(b'text\ngood\nbad\n"never closed\n')
    found = CSV.read_tokens(stream, "f.csv", Columns())
    assert [next(found).text, next(found).text] == ["good", "bad"]
    with pytest.raises(DataError, match=r"f\.csv:4"):
        next(found)


def test_without_labels_only_the_text_is_asked_for():
    with pytest.raises(ConfigError) as caught:
        unlabelled("7,Ann,good\n8,Bob,bad\n")
    assert str(caught.value).endswith("try: --text-column NAME|N") and "the label;" not in str(caught.value)
    assert unlabelled("what,label\ngood,x\n") == ["good"]


def test_texts_alone_need_no_label():
    def texts(data, **columns):
        stream = io.BytesIO(data.encode())
        return [(x.text, x.label) for x in CSV.read_tokens(stream, "f.csv", Columns(**columns))]

    assert texts("text,label\ngood,\n") == [("good", "")]
    assert texts("one\ntwo\n") == [("one", ""), ("two", "")]
    assert texts("7,one\n8,two\n", text="2") == [("one", ""), ("two", "")]
    assert texts("id,text\n7,one\n", text="text") == [("one", "")]


def test_tabs_keep_quotes_but_for_those_of_a_whole_field():
    table = 'sentence\tlabel\n"whole ""field"""\t1\n" open\t0\n5" by 6"\t0\n"\t1\n\t1\n'
    expected = [("1", 'whole "field"'), ("0", '" open'), ("0", '5" by 6"'), ("1", '"'), ("1", "")]
    assert rows(table, TSV) == expected
    assert "f.csv:2" in fault("text\tlabel\ngood\n", TSV)


def test_a_text_longer_than_pythons_own_limit():
    text = "word " * 100_000
    assert rows(f"text,label\n{text},pos\n") == [("pos", text)]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",))),
            st.text("abcé", min_size=1, max_size=3),
        ),
        min_size=1,
    )
)
def test_what_pythons_writer_writes_comes_back(pairs):
    table = io.StringIO(newline="")
    csv.writer(table).writerows([("text", "label"), *pairs])
    assert rows(table.getvalue()) == [(label, text) for text, label in pairs]


def test_looks():
    assert looks_like_commas(['a,"b', 'c"', "d,e", 'f,"cut']) and not looks_like_commas(["1 a , b", "0 c"])
    assert looks_like_tabs(["a\tb", "", "c\td"]) and not looks_like_tabs(["a\tb", "c"])
    assert not looks_like_tabs([]) and not looks_like_commas([])
    assert looks_like_commas(["text,label", "a,1", "b,2", "c,3"])
    assert not looks_like_commas(["a\tb,c"] * 2) and not looks_like_commas(["1 a , b", "0 c , d", "1 e , f"])
    assert not looks_like_commas(['{"a": 1, "b": 2}']) and not looks_like_commas(["__label__a b, c"])


@pytest.mark.parametrize("header", ["index", "ID", ""])
def test_a_column_that_counts_the_rows_holds_no_labels(header):
    """GLUE's test files have no labels."""
    table = f"{header}\tsentence\n0\tso good\n1\tbad\n"
    assert "says which row it is" in fault(table, TSV, error=ConfigError)
    assert rows(table, TSV, label="1") == [("0", "so good"), ("1", "bad")]
    assert [text.text for text in TSV.read_tokens(io.BytesIO(table.encode()), "f", Columns())] == ["so good", "bad"]


def test_a_column_of_all_different_values_holds_no_labels():
    table = "key\tsentence\n" + "".join(f"{number}\tso good\n" for number in range(20))
    assert "says which row it is" in fault(table, TSV, error=ConfigError)
    assert len(rows(table.replace("\n19\t", "\n18\t"), TSV)) == 20
