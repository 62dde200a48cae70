"""Whatever bytes come, every reader of every task gives examples or an error with file and line."""

import dataclasses
import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqtasks.errors import ConfigError, DataError, SeqtasksError
from seqtasks.tasks import TASKS, load_task
from seqtasks.tasks.readers import plain, text
from seqtasks.tasks.task import Columns
from tests.tasks.streams import Endless

FORMATS = {f"{task}-{form.name}": form for task in TASKS for form in load_task(task).formats}
ALIKE = {form.read: name for name, form in reversed(FORMATS.items())}
"""A reader that several tasks share is tried once."""

PIECES = [
    *(b"a", b"B-PER", b"O", b"1", b"2", b"-1", b"1-2", b"1.1", b"_", b"#", b"# text = x", b"-DOCSTART-"),
    *(b"\t", b" ", b"\n", b"\n\n", b"\r\n", b"\r", b",", b'"', b'""', b";", b"{", b"}", b"[", b"#begin document"),
    *(b'{"text": "a", "label": 1}', b"__label__", b"__label__x a", b"text,label\n", b"text\tlabel\n"),
    *(b"1\ta\t_\tNOUN\t_\t_\t0\troot\t_\t_\n", b"# global.columns = ID FORM UPOS\n", b"\\u0000", b"\\ud83d"),
    *(b"\x00", b"\x0c", b"\x0b", b"\x1c", b"\x85", b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\xbd\xed\xb2\xa9"),
    *("M\u00fcnchen".encode("latin-1"), "\u201cso\u201d".encode("cp1252")),
    *(part.encode() for part in ("é", "\u2028", "\u0085", "\u00a0", "\u200b", "\ufeff", "\u0301", "漢")),
]
"""What files are made of: parts of every format, and what does harm."""

FILES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join)
SETTINGS = settings(derandomize=True, deadline=None, max_examples=120, database=None)


def outcome(read, content: bytes, columns: Columns) -> tuple[list, SeqtasksError | None]:
    """The examples, and the error behind them."""
    found = []
    try:
        for item in read(io.BytesIO(content), "file.x", columns):
            found.append(item)
    except SeqtasksError as error:
        return found, error
    return found, None


def check(name: str, content: bytes, columns: Columns = Columns()) -> None:  # noqa: B008
    form = FORMATS[name]
    for read in (form.read, form.read_tokens):
        examples, error = outcome(read, content, columns)
        assert all(dataclasses.is_dataclass(found) for found in examples)
        if isinstance(error, DataError):
            number = re.match(r"file\.x:(\d+): ", str(error))
            assert number, error
            assert 1 <= int(number[1]) <= content.count(b"\n") + 1
        elif error is not None:  # a question to the user: which column, a header or not
            assert isinstance(error, ConfigError) and "try: " in str(error), error
        assert error is None or "\n" not in str(error)


@pytest.mark.parametrize("name", sorted(ALIKE.values()))
def test_whatever_bytes_come(name):
    @SETTINGS
    @given(FILES)
    @example(b"")
    @example(b"\x1f\x8b")
    @example(b"\xef\xbb\xbf")
    @example(b"\xef\xbb\xbf\xef\xbb\xbf\n")
    def whatever(content):
        check(name, content)

    whatever()


LINES = st.lists(
    st.sampled_from(["a\tO", "b c\tO", "a O", "d", "", " ", "\u00a0", "\x0c", "# x", "# a = b", "#\tO", "#tag\tO"]),
    max_size=12,
)


@SETTINGS
@given(LINES)
def test_no_line_of_columns_is_dropped(lines):
    content = "\n".join(lines).encode()
    examples, error = outcome(FORMATS["ner-conll"].read, content, Columns())
    taken = {number for sentence in examples for number in sentence.lines}
    # with a fault, the sentence that has it is not read
    at = int(str(error).split(":")[1]) if error else len(lines) + 1
    whole = max((number for number, line in enumerate(lines[: at - 1], 1) if not line.strip()), default=0)
    for number, line in enumerate(lines[:at], 1):
        empty, comment = not line.strip(), line.startswith("# ")
        assert not (number in taken and empty)
        assert number in taken or empty or comment or (error and number > whole)


@pytest.mark.parametrize("name", sorted({ALIKE[FORMATS[key].read] for key in FORMATS if key.startswith("sentiment")}))
def test_no_row_of_texts_is_dropped(name):
    form = FORMATS[name].name
    rows = {
        "csv": ["a,x", '"b,\nc",y', '"",x', "\u2028,y", "\x0c,y", "", '"q""r",x'],
        "tsv": ["a\tx", "\tx", "\u0085\ty", '"a\tx', "", "b,c\ty"],
        "jsonl": ['{"text": "a", "label": 1}', '{"text": "", "label": "x"}', "", " ", '{"text": "\u2028", "label": 2}'],
        "fasttext": ["__label__a b", "__label__c", "", "__label__d \u0085 \x0c e"],
        "label-text": ["a b c", "a", "", "b \u2028"],
    }[form]

    @SETTINGS
    @given(st.lists(st.sampled_from(rows), max_size=8))
    def whatever(chosen):
        head = {"csv": ["text,label"], "tsv": ["text\tlabel"]}.get(form, [])
        examples, error = outcome(FORMATS[name].read, "\n".join([*head, *chosen]).encode(), Columns())
        assert error is None, error
        begins, at = [], 1 + len(head)
        for row in chosen:
            begins += [at] if row.strip(" ") else []
            at += 1 + row.count("\n")
        assert [found.line for found in examples] == begins

    whatever()


HARMFUL = {
    "Latin-1": ("M\u00fcnchen\tO\n".encode("latin-1"), 1),
    "cp1252": (b"a\tO\n" + "\u201cso\u201d\tO\n".encode("cp1252"), 2),
    "CESU-8 surrogates": (b"a\tO\n\xed\xa0\xbd\xed\xb2\xa9\tO\n", 2),
    "a line of 10 MB": (b"a\tO\n" + b"x" * 10_000_000 + b"\tO\n", 2),
}
HARMLESS = {
    "NUL": ("a\x00b\tO\n", ["a\x00b"]),
    "U+2028": ("a\u2028b\tO\n", ["a\u2028b"]),
    "U+0085": ("a\u0085b\tO\n", ["a\u0085b"]),
    "form feed": ("a\x0cb\tO\n", ["a\x0cb"]),
    "zero width": ("a\u200bb\tO\n", ["a\u200bb"]),
    "no-break space": ("a\u00a0b\tO\n", ["a\u00a0b"]),
    "a million empty lines": ("a\tO\n" + "\n" * 1_000_000 + "b\tO\n", ["a", "b"]),
    "trailing blanks": ("a\tO  \nb\tO\n", ["a", "b"]),
    "a space inside": ("New York\tO\n", ["New York"]),
}


@pytest.mark.parametrize("name", sorted(ALIKE.values()))
@pytest.mark.parametrize("case", HARMFUL)
def test_bytes_that_are_no_text_are_named_with_their_line(name, case):
    content, line = HARMFUL[case]
    for read in (FORMATS[name].read, FORMATS[name].read_tokens):
        # of lines that want an answer each, one too long is passed on for the answerer to refuse
        if read is plain.read_every_line and case == "a line of 10 MB":
            continue
        _, error = outcome(read, content, Columns())
        # a format that line 1 already is not may say so
        assert str(error).startswith((f"file.x:{line}: ", "file.x:1: ")), error


@pytest.mark.parametrize("case", HARMLESS)
def test_odd_characters_belong_to_their_token(case):
    content, tokens = HARMLESS[case]
    examples, error = outcome(FORMATS["ner-conll"].read, content.encode(), Columns())
    assert error is None and [token for found in examples for token in found.tokens] == tokens
    assert {tag for found in examples for tag in found.tags} == {"O"}


@pytest.mark.parametrize("name", sorted(ALIKE.values()))
@pytest.mark.parametrize("case", HARMLESS)
def test_odd_characters_are_read_or_named_by_every_reader(name, case):
    check(name, HARMLESS[case][0].encode())


def test_labels_glued_with_commas_are_one_label_and_no_tag_of_a_scheme():
    examples, error = outcome(FORMATS["sentiment-fasttext"].read, b"__label__a,b text\n", Columns())
    assert error is None and examples[0].label == "a,b"
    examples, _ = outcome(FORMATS["ner-conll"].read, b"x\tB-PER,B-LOC\n", Columns())
    assert examples[0].tags == ("B-PER,B-LOC",)
    with pytest.raises(DataError, match=r"file\.x:1"):
        load_task("ner").survey([dataclasses.replace(examples[0], tags=("PER,LOC",))])


@pytest.mark.parametrize("name", sorted(ALIKE.values()))
def test_a_file_without_line_ends_is_refused_before_it_takes_all_memory(name):
    endless = Endless(b"x")
    with pytest.raises(DataError, match=r"file\.x:1: a line of more than 8,388,608 bytes"):
        list(FORMATS[name].read(io.BufferedReader(endless), "file.x", Columns()))
    assert endless.count <= text.LONGEST_LINE + (1 << 20)


@pytest.mark.parametrize(
    ("name", "begin", "piece", "fault"),
    [
        ("ner-conll", [], b"a\tO\n", r"file\.x:131073: a sentence of more than 131,072 tokens"),
        ("sentiment-csv", [b"text,label\n", b'"c\n'], b"a,b\n", r"file\.x:2: a row of more than 8,388,608 characters"),
    ],
)
def test_an_example_without_end_is_refused_before_it_takes_all_memory(name, begin, piece, fault):
    class Stream(io.BufferedReader):
        rest = list(begin)

        def readline(self, size=-1):
            return self.rest.pop(0) if self.rest else super().readline(size)

    with pytest.raises(DataError, match=fault):
        list(FORMATS[name].read(Stream(Endless(piece)), "file.x", Columns()))
