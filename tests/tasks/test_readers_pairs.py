"""Sentence pairs: two files, TSV and JSON lines; and what is wrong with them, by file and line."""

import io
from dataclasses import replace

import pytest

from seqtasks.errors import ConfigError, DataError
from seqtasks.tasks.readers.pairs import JSON_LINES, TSV, aligned
from seqtasks.tasks.task import Columns

GERMAN = Columns(languages=("de", "en"))


def sides(pairs):
    return [(pair.text, pair.translation) for pair in pairs]


def two(source: str, target: str, **options):
    streams = io.BytesIO(source.encode()), io.BytesIO(target.encode())
    return list(aligned(streams, ("train.de", "train.en"), **options))


def read(form, text, columns=GERMAN, both=True):
    return list((form.read if both else form.read_tokens)(io.BytesIO(text.encode()), "x", columns))


@pytest.mark.parametrize("number", ["0", "12345"])
def test_a_number_that_no_column_has_names_none(number):
    for head, target in ((number, ""), (number, "2"), ("null", "one")):
        with pytest.raises(ConfigError, match="--source-column: no such column"):
            read(TSV, f"{head}\tone\nzwei\ttwo\n", Columns(source=number, target=target))


def test_lines_of_two_files_belong_together():
    pairs = two("eins\n\nd\u2028rei\r\n", "one\ntwo\nthree")
    assert sides(pairs) == [("eins", "one"), ("", "two"), ("d\u2028rei", "three")]
    assert [pair.place for pair in pairs] == ["train.de:1", "train.de:2", "train.de:3"]


@pytest.mark.parametrize(
    ("source", "target", "told"),
    [
        ("a\nb\nc\nd\n", "x\ny\n", r"train\.de:3: no partner in train\.en, which has 2 lines; this file has 4"),
        ("a\n", "x\ny\nz\n", r"train\.en:2: no partner in train\.de, which has 1 lines; this file has 3"),
    ],
)
def test_files_of_different_length_are_refused_with_both_numbers(source, target, told):
    with pytest.raises(DataError, match=told):
        two(source, target)
    assert len(two(source, target, drop_unpaired=True)) == min(source.count("\n"), target.count("\n"))


def test_bytes_that_are_no_utf8_are_named_in_their_file():
    with pytest.raises(DataError, match=r"train\.en:2: bytes that are not UTF-8"):
        list(aligned((io.BytesIO(b"a\nb\n"), io.BytesIO(b"x\n\xff\n")), ("train.de", "train.en")))


def test_tsv_without_a_header_has_the_source_first():
    assert sides(read(TSV, 'eins\tone\tby me\n"Ja."\t"Yes."\n\n\tempty\n')) == [
        ("eins", "one"),
        ('"Ja."', '"Yes."'),
        ("", "empty"),
    ]


def test_a_tab_inside_a_side_is_named():
    text = "source\ttarget\nHe said\tEr sagte\nHe said\tyes\tEr sagte ja\n"
    with pytest.raises(DataError, match=r"x:3: more columns \(3\) than in the first row \(2\)"):
        read(TSV, text)


@pytest.mark.parametrize("head", ["EN\tnote\tde", "target\tnote\tsource"])
def test_a_header_tells_the_columns(head):
    assert sides(read(TSV, f"{head}\none\tx\teins\n")) == [("eins", "one")]


def test_columns_are_taken_by_number_and_by_name():
    text = "1\tone\teins\n"
    assert sides(read(TSV, text, Columns(source="3", target="2"))) == [("eins", "one")]
    assert sides(read(TSV, text, Columns(source="-1", target="-2"))) == [("eins", "one")]
    named = Columns(source="deutsch", target="englisch")
    assert sides(read(TSV, "id\tenglisch\tdeutsch\n" + text, named)) == [("eins", "one")]
    with pytest.raises(ConfigError, match="--source-column"):
        read(TSV, text, named)
    with pytest.raises(ConfigError, match="same column"):
        read(TSV, text, Columns(source="2", target="2"))


def test_the_languages_make_a_header_of_columns_that_are_given_by_number():
    numbers = replace(GERMAN, source="2", target="1")
    assert sides(read(TSV, "en\tde\none\teins\n", numbers)) == [("eins", "one")]
    assert sides(read(TSV, "en\tde\none\teins\n", replace(GERMAN, source="2"))) == [("eins", "one")]
    assert TSV.describe(io.BytesIO(b"en\tde\n"), "x", numbers) == "header, source from 'de', target from 'en'"
    assert sides(read(TSV, "1\t2\none\teins\n", numbers)) == [("2", "1"), ("eins", "one")]
    assert [pair.text for pair in read(TSV, "en\tde\none\teins\n", numbers, both=False)] == ["eins"]


@pytest.mark.parametrize(
    ("columns", "side"), [({"source": "-1"}, "source"), ({"target": "-2"}, "target"), ({"source": "2"}, "source")]
)
def test_two_sides_of_one_column_are_named(columns, side):
    with pytest.raises(ConfigError, match=f"--{side}-column: both sides are the same column"):
        read(TSV, "eins\tone\n", Columns(**columns))


def test_a_column_from_the_end_is_the_same_column_in_a_shorter_row():
    columns = Columns(source="1", target="-1")
    assert sides(read(TSV, "eins\tone\ndrei\tthree\n", columns)) == [("eins", "one"), ("drei", "three")]
    with pytest.raises(DataError, match=r"x:2: too few columns \(1\)"):
        read(TSV, "eins\tone\nzwei\n", columns)
    with pytest.raises(DataError, match=r"x:1: too few columns \(2\)"):
        read(TSV, "eins\tone\n", Columns(source="1", target="-3"))
    described = TSV.describe(io.BytesIO(b"eins\tone\n"), "x", Columns(source="1", target="-3"))
    assert described == "no header, source from column 1, target from no column"


def test_two_sides_of_one_key_are_named():
    with pytest.raises(ConfigError, match=r"x:1: both sides have the same key; received 'de'"):
        read(JSON_LINES, '{"de": "x", "en": "y"}\n', Columns(target="de", languages=("de", "")))


@pytest.mark.parametrize(
    "named",
    [{"source": "deutsch"}, {"target": "english"}, {"languages": ("deutsch", "")}, {"languages": ("", "english")}],
)
def test_of_two_columns_one_name_tells_both(named):
    text = "English\tDeutsch\none\teins\n"
    assert sides(read(TSV, text, Columns(**named))) == [("eins", "one")]
    wide = "id\t" + text.replace("\n", "\n1\t", 1)
    with pytest.raises(ConfigError, match=r"--(source|target)-column: a side that is not named; allowed: id, "):
        read(TSV, wide, Columns(**named))


def test_of_more_columns_one_name_and_one_number_tell_both():
    text = "id\tenglish\tdeutsch\n1\tone\teins\n"
    assert sides(read(TSV, text, Columns(source="deutsch", target="2"))) == [("eins", "one")]
    assert sides(read(TSV, text, Columns(source="3", target="english"))) == [("eins", "one")]


@pytest.mark.parametrize("head", ["", "de\ten\n"])
def test_empty_lines_before_the_first_row_are_passed_over(head):
    text = f"\n\n{head}eins\tone\n"
    [pair] = read(TSV, text)
    assert (pair.text, pair.translation, pair.line) == ("eins", "one", 2 + text.count("\n", 2))
    told = "header, source from 'de', target from 'en'" if head else "no header, source from column 1"
    assert TSV.describe(io.BytesIO(text.encode()), "x", GERMAN).startswith(told)


def test_where_targets_are_not_read_an_empty_line_is_an_empty_source():
    pairs = read(TSV, "\none\teins\n\n", Columns(source="2"), both=False)
    assert [(pair.text, pair.line) for pair in pairs] == [("", 1), ("eins", 2), ("", 3)]


def test_a_row_without_a_second_side_is_named():
    with pytest.raises(DataError, match=r"x:2: too few columns \(1\); received 'zwei'"):
        read(TSV, "eins\tone\nzwei\n")
    assert [pair.text for pair in read(TSV, "eins\tone\nzwei\n\n", both=False)] == ["eins", "zwei", ""]


@pytest.mark.parametrize(
    "line",
    [
        '{"de": "eins", "en": "one"}',
        '{"source": "eins", "target": "one"}',
        '{"translation": {"en": "one", "de": "eins"}}',
    ],
)
def test_json_lines(line):
    assert sides(read(JSON_LINES, line + "\n\n" + line)) == [("eins", "one")] * 2
    assert [pair.place for pair in read(JSON_LINES, line + "\n\n" + line)] == ["x:1", "x:3"]


def test_a_key_that_is_named_and_missing_is_not_replaced_by_another():
    line = '{"source": "web", "de": "eins", "en": "one"}'
    for columns in (Columns(source="deutsch", target="en"), Columns(source="DE", target="en")):
        with pytest.raises(DataError, match=f"x:1: a row without a source.*allowed: {columns.source};"):
            read(JSON_LINES, line, columns)
    with pytest.raises(DataError, match=r"x:2: a row without a source.*allowed: de or source"):
        read(JSON_LINES, line + '\n{"source": "web", "en": "two"}')
    assert sides(read(JSON_LINES, '{"de": "eins", "target": "one"}', Columns(languages=("de", "")))) == [
        ("eins", "one")
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("eins", "not JSON"),
        ("[1]", "no JSON object; received '.1.'; allowed: {\"source\": …, \"target\": …}; .*jq -c '.\\[\\]' FILE"),
        ('{"de": "eins"}', "without a target.*allowed: en or target"),
        ('{"de": "eins", "en": 1}', "no string; received 1"),
    ],
)
def test_a_faulty_json_line_is_named(line, told):
    with pytest.raises(DataError, match=f"x:2: .*{told}"):
        read(JSON_LINES, '{"de": "a", "en": "b"}\n' + line)


def test_formats_are_told_by_their_first_lines():
    assert TSV.looks_like(["a\tb", "", "c\td"]) and not TSV.looks_like(["a b"]) and not TSV.looks_like([])
    assert JSON_LINES.looks_like(['{"a": 1}', ""]) and not JSON_LINES.looks_like([""])
    assert JSON_LINES.looks_like(["[", '  {"a": 1}', "]"]) and not JSON_LINES.looks_like(["[so] good"])


def test_a_column_named_for_another_file_holds_where_this_one_has_it():
    wished = Columns(source="deutsch", target="3", wishes=("source", "target"))
    assert sides(read(TSV, "id\tenglisch\tdeutsch\n1\tone\teins\n", replace(wished, target="englisch"))) == [
        ("eins", "one")
    ]
    assert sides(read(TSV, "eins\tone\n", wished)) == [("eins", "one")]
    assert sides(read(TSV, "eins\tx\tone\n", wished)) == [("eins", "one")]
    assert sides(read(TSV, "source\ttarget\neins\tone\n", wished)) == [("eins", "one")]
    assert sides(read(JSON_LINES, '{"source": "eins", "target": "one"}', wished)) == [("eins", "one")]
    assert sides(read(JSON_LINES, '{"deutsch": "eins", "target": "one"}', wished)) == [("eins", "one")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("eins\tone\n", "no header, source from column 1, target from column 2"),
        ("en\tde\none\teins\n", "header, source from 'de', target from 'en'"),
        ("eins\n", "no header, source from column 1, target from column 2"),
        ("", "no header, source from column 1, target from column 2"),
    ],
)
def test_what_is_read_from_where_is_described(text, told):
    assert TSV.describe(io.BytesIO(text.encode()), "x", GERMAN) == told
