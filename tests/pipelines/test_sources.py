"""Splits: what is read, what is held out of train, and that other data stays whole."""

import gzip
import io
import os
from pathlib import Path

import pytest

from seqtasks.config import ClassificationDataConfig, TaggingDataConfig
from seqtasks.config_sections import DataConfig
from seqtasks.errors import DataError
from seqtasks.pipelines import formats, sources
from seqtasks.tasks import load_task

LM = load_task("lm")
NER = load_task("ner")
SENTIMENT = load_task("sentiment")
TRANSLATE = load_task("translate")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.conll").write_text("".join(f"word{number}\tO\n\n" for number in range(50)))
    (tmp_path / "test.conll").write_text("word\tO\n")
    return tmp_path


def words(examples) -> set[str]:
    return {example.tokens[0] for example in examples}


def test_the_same_share_is_held_out_whatever_splits_are_wanted(folder):
    config = TaggingDataConfig(data=str(folder), dev_share=0.2)
    whole = sources.load(NER, config).splits
    assert (len(whole["dev"]), len(whole["train"])) == (10, 40)
    assert not words(whole["dev"]) & words(whole["train"])
    for wanted in (("train",), ("dev",), ("dev", "test")):
        data = sources.load(NER, config, wanted)
        assert set(data.splits) == set(wanted)
        assert all(data.splits[split] == whole[split] for split in wanted)


def test_nothing_is_held_out_of_data_that_nothing_was_trained_on(folder):
    config = TaggingDataConfig(train=str(folder / "train.conll"))
    data = sources.load(NER, config, hold_out=False)
    assert set(data.splits) == {"train"} and len(data.splits["train"]) == 50


def test_nothing_is_held_out_where_there_is_a_dev_split(folder):
    (folder / "dev.conll").write_text("word\tO\n")
    data = sources.load(NER, TaggingDataConfig(data=str(folder)), ("train",))
    assert len(data.splits["train"]) == 50 and not any("held out" in note for note in data.notes)


def test_a_file_of_two_splits_by_its_name_is_refused(folder):
    (folder / "train-dev.conll").write_text("word\tO\n")
    (folder / "train.conll").unlink()
    with pytest.raises(DataError, match=r"train-dev\.conll: .*two splits; received .train, dev"):
        sources.load(NER, TaggingDataConfig(data=str(folder)))


def test_a_share_of_one_sentence_cannot_be_held_out(folder):
    with pytest.raises(DataError, match="too few"):
        sources.load(NER, TaggingDataConfig(train=str(folder / "test.conll")))


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("jsonl", ['{"text": "a b", "label": "pos"}', '{"text": "c d", "label": "neg"}']),
        ("jsonl", ['[{"text": "a", "label": "b"},', '{"text": "c", "label": "d"}]']),
        ("fasttext", ["__label__x a b, c", "__label__y d, e"]),
        ("label-text", ["1 so good, so far", "0 bad, very bad", "1 fine, I say"]),
        ("tsv", ["1\tso good, so far", "0\tbad, very bad"]),
        ("csv", ["1,so good", "0,bad", "1,fine"]),
        ("csv", ["The film,label", "The film is good,pos", "The food is bad,neg", "The end,pos"]),
        ("csv", ["The,film,1", "It,was,0", "The,end,1"]),
    ],
)
def test_the_first_lines_tell_the_format_though_each_holds_a_comma(form, lines):
    stream = io.BufferedReader(io.BytesIO("\n".join([*lines, ""]).encode()))
    assert formats.format_of_stream(SENTIMENT, stream, "x.txt").name == form


@pytest.mark.parametrize(
    ("form", "line"), [("fasttext", "__label__pos so good"), ("jsonl", '{"text": "a, b", "label": "pos"}')]
)
def test_a_byte_order_mark_hides_no_format(tmp_path, form, line):
    (tmp_path / "train.txt").write_text(f"\ufeff{line}\n{line}\n", encoding="utf-8")
    examples, chosen = sources.read_file(SENTIMENT, tmp_path / "train.txt", ClassificationDataConfig())
    assert chosen.name == form and [example.label for example in examples] == ["pos", "pos"]


@pytest.mark.parametrize(
    ("name", "form"), [("A.CSV", "csv"), ("a.Tsv", "tsv"), ("a.json", "jsonl"), ("a.NDJSON", "jsonl")]
)
def test_the_ending_tells_the_format_in_any_case(name, form):
    assert formats.format_of_texts(SENTIMENT, name).name == form
    assert getattr(formats.format_of_texts(TRANSLATE, name), "name", "csv") == form, "translation reads no CSV"
    assert formats.format_of_stream(SENTIMENT, io.BufferedReader(io.BytesIO(b"")), name).name == form
    assert formats.format_of_tokens(NER, io.BufferedReader(io.BytesIO(b"a B\n")), "x.CONLL").name == "conll"


CONLLU = "# text = Jordan left\n1\tJordan\t_\tPROPN\t_\t_\t2\tnsubj\t_\t_\n2\tleft\t_\tVERB\t_\t_\t0\troot\t_\t_\n"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (CONLLU, "conllu"),
        ("Jordan\tNNP\nleft\tVBD\tx\n\nMay\tNNP\n", "conll"),  # rows of different width
        ("-DOCSTART- -X-\n\nJordan\tNNP\nleft\n", "conll"),
        ("Jordan\tNNP", "conll"),  # no line end
    ],
)
@pytest.mark.parametrize("task", ["ner", "pos"])
def test_tabs_tell_the_format_of_tokens(task, text, form):
    stream = io.BufferedReader(io.BytesIO(text.encode()))
    assert formats.format_of_tokens(load_task(task), stream, "standard input").name == form


def test_tabs_that_are_no_columns_are_an_error_and_without_them_tokens_are_joined():
    for text in ("Jordan left Paris\nMay\tnot\n", "Jordan\nleft\tVBD\n"):
        with pytest.raises(DataError, match=r"x: TABs, though none in the first token line.*allowed: conll or conllu"):
            formats.format_of_tokens(NER, io.BufferedReader(io.BytesIO(text.encode())), "x")
        stream = io.BufferedReader(io.BytesIO(text.encode()))
        assert formats.format_of_tokens(NER, stream, "x", said=True).name == "conll"
    assert formats.format_of_tokens(NER, io.BufferedReader(io.BytesIO(b"Jordan left\n")), "x") is None
    assert formats.format_of_tokens(NER, io.BufferedReader(io.BytesIO(b"")), "x.conllu").name == "conllu"


def test_what_a_run_named_is_wished_for_elsewhere_and_its_header_forgotten():
    run = ClassificationDataConfig(text_column="b", label_column="c", header="yes")
    columns = sources.columns(*sources.elsewhere(SENTIMENT, run, {"text_column": "2"}))
    assert (columns.text, columns.label, columns.header) == ("2", "c", "auto")
    assert "label" in columns.wishes and "text" not in columns.wishes


@pytest.mark.parametrize(("form", "there"), [("running", "running"), ("lines", ""), ("", "")])
def test_elsewhere_a_format_is_kept_only_where_no_file_shows_it(form, there):
    run = DataConfig(data="here", format=form)
    config, _ = sources.elsewhere(LM, run, {"test": "other.txt"})
    assert (config.data, config.test, config.format) == ("", "other.txt", there)
    assert sources.elsewhere(LM, run, {"test": "other.txt", "format": "lines"})[0].format == "lines"


def test_a_pipe_is_refused_before_it_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for pipe in (tmp_path / "pipe", Path("/dev/zero")):
        for form in ("", "conll"):
            with pytest.raises(DataError, match=rf"{pipe.name}: data is read more than once"):
                sources.read_file(NER, pipe, TaggingDataConfig(format=form))


def test_a_name_that_no_run_folder_could_hold_is_refused(tmp_path):
    folder = tmp_path / "caf\udce9"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("the file system takes no such name")
    (folder / "train.conll").write_text("a\tX\n\n" * 30)
    with pytest.raises(DataError, match="not UTF-8"):
        sources.load(NER, TaggingDataConfig(data=str(folder)))


def test_the_columns_that_were_chosen_are_told(tmp_path):
    (tmp_path / "train.csv").write_text("review,stars\n" + "so good,5\nbad,1\n" * 9)
    data = sources.load(SENTIMENT, ClassificationDataConfig(train=str(tmp_path / "train.csv")))
    assert "train.csv as csv (header, text from 'review', label from 'stars'), 18 examples" in data.notes[0]
    (tmp_path / "train.csv").write_text("text,label\n")
    with pytest.raises(DataError, match="no example in the file; allowed: one example or more; try: another file"):
        sources.load(SENTIMENT, ClassificationDataConfig(train=str(tmp_path / "train.csv")))


def test_columns_of_a_shared_ending_are_told_by_the_first_lines(tmp_path):
    (tmp_path / "train.conll").write_text(CONLLU)
    examples, chosen = sources.read_file(load_task("pos"), tmp_path / "train.conll", TaggingDataConfig())
    assert chosen.name == "conllu" and examples[0].tokens == ("Jordan", "left")
    (tmp_path / "train.conll").write_text("1\tNUM\n2\tNUM\n")
    examples, chosen = sources.read_file(load_task("pos"), tmp_path / "train.conll", TaggingDataConfig())
    assert chosen.name == "conll" and examples[0].tokens == ("1", "2")


def test_files_that_no_split_takes_are_told(folder):
    (folder / "test.conll").rename(folder / "eng.testb")
    (folder / "notes").write_text("a")
    data = sources.load(NER, TaggingDataConfig(data=str(folder)))
    assert data.notes[0].endswith("left aside, for no split's word is in their names: notes")
    assert set(data.splits) == {"train", "dev", "test"} and data.names["test"].endswith("eng.testb")


def test_a_link_keeps_its_name(tmp_path, folder):
    (folder / "blob").write_text("word O\n")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "train.conll").symlink_to(folder / "blob")
    config = sources.absolute(TaggingDataConfig(train=str(tmp_path / "links" / ".." / "links" / "train.conll")))
    assert config.train == str(tmp_path.resolve() / "links" / "train.conll")
    assert sources.absolute(TaggingDataConfig(data=str(tmp_path / "links" / ".."))).data == str(tmp_path.resolve())


def test_a_gzip_file_is_named(tmp_path):
    (tmp_path / "train.conll").write_bytes(gzip.compress(b"word\tO\n"))
    with pytest.raises(DataError, match=r"train\.conll:1: a gzip file.*gunzip"):
        sources.read_file(NER, tmp_path / "train.conll", TaggingDataConfig())
