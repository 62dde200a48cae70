"""JSON lines, fastText's lines and `label text` lines."""

from __future__ import annotations

import io

import pytest

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.readers import labelled_lines
from seqtasks.tasks.readers.labelled_lines import FASTTEXT, JSON_LINES, LABEL_TEXT
from seqtasks.tasks.task import Columns


def rows(form, data, **columns):
    stream = io.BytesIO(data if isinstance(data, bytes) else data.encode())
    return [(text.label, text.text, text.line) for text in form.read(stream, "f", Columns(**columns))]


def test_json_lines():
    data = '{"text": "a\\nb", "label": "x", "id": 3}\n\n{"label": 0, "text": ""}\n'
    assert rows(JSON_LINES, data) == [("x", "a\nb", 1), ("0", "", 3)]
    assert rows(JSON_LINES, '{"stars": 5, "body": "ok", "text": "no"}', text="body", label="stars") == [("5", "ok", 1)]


def test_fasttext_lines():
    assert rows(FASTTEXT, "__label__pos so good \n__label__neg\n \n__label__a-b\tx") == [
        ("pos", "so good ", 1),
        ("neg", "", 2),
        ("a-b", "x", 4),
    ]
    assert rows(FASTTEXT, "__label__a \t so good") == [("a", "so good", 1)]


def test_label_text_lines():
    assert rows(LABEL_TEXT, "1 a , b\n0\tc d\n\n0 \n1") == [
        ("1", "a , b", 1),
        ("0", "c d", 2),
        ("0", "", 4),
        ("1", "", 5),
    ]


@pytest.mark.parametrize(
    ("form", "line", "named"),
    [
        (JSON_LINES, '{"text": "a"', "not JSON"),
        (JSON_LINES, "[" * 100_000, "not JSON"),
        (JSON_LINES, '["a", "b"]', "no JSON object"),
        (JSON_LINES, '{"text": "a"}', "without a label"),
        (JSON_LINES, '{"label": "a"}', "without a text"),
        (JSON_LINES, '{"text": "a", "label": " "}', "without a label"),
        (JSON_LINES, '{"text": "a", "label": null}', "neither a string nor"),
        (JSON_LINES, '{"text": "a", "label": 0.5}', "neither a string nor"),
        (JSON_LINES, '{"text": "a", "label": true}', "neither a string nor"),
        (JSON_LINES, '{"text": 3, "label": "x"}', "no string"),
        (FASTTEXT, "so good", "without a label"),
        (FASTTEXT, "__label__ so good", "empty label"),
        (JSON_LINES, '{"text": "a", "label": null}', "received 'null'; allowed: .*; try: --label-column"),
        (JSON_LINES, '{"text": null, "label": "x"}', "received 'null'; allowed"),
        (JSON_LINES, '{"text": "a"', "allowed: .*; try: one object a line"),
        (JSON_LINES, '[{"text": "a", "label": "x"}]', "no JSON object.*; try: .* of an array: jq"),
        (FASTTEXT, "__label__a __label__b good", "two labels"),
        (FASTTEXT, "__label__a  __label__b good", "two labels"),
        (FASTTEXT, "__label__a\t__label__b good", "two labels"),
        (FASTTEXT, "__label__a good __label__b", "two labels"),
        (LABEL_TEXT, " so good", "without a label"),
    ],
)
def test_a_faulty_line_is_named(form, line, named):
    with pytest.raises(DataError, match=named) as caught:
        rows(form, f"\n{line}\n")
    assert str(caught.value).startswith("f:2: ") and "\n" not in str(caught.value)


def test_half_a_surrogate_pair_is_replaced():
    [(label, text, _)] = rows(JSON_LINES, '{"text": "a\\ud800", "label": "x"}')
    assert (label, text) == ("x", "a?")


@pytest.mark.parametrize(
    ("form", "data", "expected"),
    [
        (JSON_LINES, '{"text": "a"}\n\n \n{"text": ""}\n', ["a", ""]),
        (FASTTEXT, "__label__x a\n\nb\n", ["a", "", "b"]),
        (LABEL_TEXT, "a b\n\n", ["a b", ""]),
    ],
)
def test_texts_alone_need_no_label(form, data, expected):
    stream = io.BytesIO(data.encode())
    assert [text.text for text in form.read_tokens(stream, "f", Columns())] == expected


@pytest.mark.parametrize("form", [FASTTEXT, LABEL_TEXT])
@pytest.mark.parametrize("option", ["text", "label", "header"])
def test_an_option_of_tables_is_an_error_where_there_are_no_columns(form, option):
    with pytest.raises(ConfigError, match=f"no columns; received 'yes'.*try: without --{option}"):
        rows(form, "__label__a b\n", **{option: "yes"})
    stream = io.BytesIO(b"a\n")
    assert len(list(form.read_tokens(stream, "f", Columns(text="b", wishes=("text",))))) == 1


def test_a_key_wished_for_holds_where_a_row_has_it():
    lines = '{"text": "a", "label": "x"}\n{"body": "b", "text": "c", "label": "x"}\n'
    assert [text for _, text, _ in rows(JSON_LINES, lines, text="body", wishes=("text",))] == ["a", "b"]


def test_looks():
    assert labelled_lines.looks_like_json(['{"a": 1}', "", " {"]) and not labelled_lines.looks_like_json(["a"])
    assert labelled_lines.looks_like_fasttext(["__label__a b"]) and not labelled_lines.looks_like_fasttext(["a", ""])
    few, many = ["1 a", "0 b", "1 c"], ["so good", "very bad", "fine"]
    assert labelled_lines.looks_like_label_text(few) and not labelled_lines.looks_like_label_text(many)
    assert labelled_lines.looks_like_json(["[", '  {"a": 1}', "]"]) and labelled_lines.looks_like_json(['[{"a": 1},'])
    assert not labelled_lines.looks_like_json(["[so] good"])
    assert not labelled_lines.looks_like_json([]) and not labelled_lines.looks_like_label_text([""])
