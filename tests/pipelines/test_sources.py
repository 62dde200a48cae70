"""Splits: what is read, what is held out of train, and that other data stays whole."""

import pytest

from seqtasks.config import TaggingDataConfig
from seqtasks.errors import DataError
from seqtasks.pipelines import sources
from seqtasks.tasks import load_task

NER = load_task("ner")


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


def test_a_share_of_one_sentence_cannot_be_held_out(folder):
    with pytest.raises(DataError, match="too few"):
        sources.load(NER, TaggingDataConfig(train=str(folder / "test.conll")))
