"""Catalogue sets without a network: one really prepared from local files, others as their builders declare them."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from seqtasks.errors import ConfigError, DataError
from seqtasks.pipelines import catalogue, spool
from seqtasks.pipelines.catalogue import configurations, load_catalogue
from seqtasks.tasks.examples import LabelledText, TaggedSentence, Text
from seqtasks.tasks.lm import TASK as LM
from seqtasks.tasks.ner import TASK as NER
from seqtasks.tasks.pos import TASK as POS
from seqtasks.tasks.sentiment import TASK as SENTIMENT

# importing it warns, in its own code
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


TEXT = "-DOCSTART- -X- -X- O\n\n{place} NNP I-NP B-LOC\nfalls VBZ I-VP O\n\nJosé NNP I-NP B-PER\nNaïve NNP I-NP I-PER\n"


@pytest.fixture
def offline(monkeypatch):
    """Nothing answers, and nobody may try to download."""
    monkeypatch.setattr(catalogue, "_answers", lambda url: False)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """conll2003 as TensorFlow Datasets itself writes it, from three small files."""
    import tensorflow_datasets as tfds

    files, folder = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("prepared")
    for split, place in (("train", "Rome"), ("valid", "Paris"), ("test", "Troy")):
        (files / f"{split}.txt").write_text(TEXT.format(place=place), encoding="utf-8")

    class Downloads:
        downloaded_size = 0

        def download_and_extract(self, url):
            return Path(files)

    builder = tfds.builder("conll2003", data_dir=folder)
    builder._make_download_manager = lambda **_: Downloads()
    builder.download_and_prepare()
    return str(folder)


def test_a_prepared_set_needs_no_network(prepared, offline):
    splits = load_catalogue("conll2003", NER, folder=prepared)
    assert set(splits) == {"train", "dev", "test"}
    jose = TaggedSentence(("José", "Naïve"), ("B-PER", "I-PER"), source="conll2003")
    for split, place in (("train", "Rome"), ("dev", "Paris"), ("test", "Troy")):
        fall = TaggedSentence((place, "falls"), ("B-LOC", "O"), source="conll2003")
        assert sorted(splits[split], key=str) == sorted([jose, fall], key=str)


def test_the_task_says_which_field_holds_its_tags(prepared, offline):
    splits = load_catalogue("conll2003", POS, folder=prepared)
    assert {example.tags for example in splits["train"]} == {("NNP", "VBZ"), ("NNP", "NNP")}


def mocked(name, task, monkeypatch, *examples, splits=("train",)):
    """The set `name` as its builder declares it, holding `examples` in every split."""
    import tensorflow_datasets as tfds

    def as_dataset(self, split, **_):
        specs = {
            key: tf.TensorSpec(info.shape, info.dtype) for key, info in self.info.features.get_tensor_info().items()
        }
        filler = {key: [] if spec.shape.rank else b"" if spec.dtype == tf.string else 0 for key, spec in specs.items()}
        return tf.data.Dataset.from_generator(lambda: ({**filler, **e} for e in examples), output_signature=specs)

    monkeypatch.setattr(tfds.core.DatasetBuilder, "is_prepared", lambda self: True)
    facts = SimpleNamespace(num_bytes=1, num_shards=1)
    monkeypatch.setattr(tfds.core.DatasetInfo, "splits", dict.fromkeys(splits, facts))
    with tfds.testing.mock_data(as_dataset_fn=as_dataset, policy=tfds.testing.MockPolicy.USE_CODE):
        return load_catalogue(name, task)


def test_split_names_are_ours(monkeypatch):
    splits = mocked("wikiann/en", NER, monkeypatch, {"tokens": ["Ada"], "tags": [1]},
                    splits=("test", "validation", "extra", "train"))  # fmt: skip
    assert set(splits) == {"train", "dev", "test"}
    assert splits["dev"] == [TaggedSentence(("Ada",), ("B-PER",), source="wikiann/en")]


def test_a_large_split_is_not_held_in_memory(monkeypatch):
    monkeypatch.setattr(spool, "LARGE", 0)
    found = mocked("wikiann/en", NER, monkeypatch, {"tokens": ["Ada"], "tags": [1]})["train"]
    assert isinstance(found, spool.Spooled)
    assert list(found) == [TaggedSentence(("Ada",), ("B-PER",), source="wikiann/en")]


def test_multiword_ranges_and_empty_sentences_are_left_out(monkeypatch):
    upos = {name: number for number, name in enumerate(configuration_labels("universal_dependencies/en_ewt", "upos"))}
    sentence = {
        "tokens": ["We", "don't", "do", "n't", "_"],
        "upos": [upos[tag] for tag in ("PRON", "_", "AUX", "PART", "NOUN")],
    }
    splits = mocked(
        "universal_dependencies/en_ewt", POS, monkeypatch, sentence, {}, {"tokens": ["8.1"], "upos": [upos["_"]]}
    )
    expected = TaggedSentence(
        ("We", "do", "n't", "_"), ("PRON", "AUX", "PART", "NOUN"), "universal_dependencies/en_ewt"
    )
    assert splits == {"train": [expected]}


def configuration_labels(name, field):
    import tensorflow_datasets as tfds

    return tfds.builder(name).info.features[field].feature.names


def test_a_text_with_a_label_and_one_whose_label_is_hidden(monkeypatch):
    hidden, empty = {"sentence": "so so", "label": -1}, {"sentence": "", "label": 0}
    splits = mocked("glue/sst2", SENTIMENT, monkeypatch, {"sentence": "so good", "label": 1}, empty, hidden)
    assert [(text.text, text.label) for text in splits["train"]] == [
        ("so good", "positive"), ("", "negative"), ("so so", "")
    ]  # fmt: skip


def test_a_label_that_is_a_number(monkeypatch):
    splits = mocked("sentiment140", SENTIMENT, monkeypatch, {"text": "so good", "polarity": 4})
    assert splits["train"] == [LabelledText("so good", "4", "sentiment140")]


def test_any_set_of_one_text_and_one_label(monkeypatch):
    splits = mocked("glue/cola", SENTIMENT, monkeypatch, {"sentence": "Dogs barks.", "label": 0})
    assert splits["train"] == [LabelledText("Dogs barks.", "unacceptable", "glue/cola")]


@pytest.mark.parametrize("name", ["lm1b", "tiny_shakespeare", "wiki40b/en", "imdb_reviews"])
def test_plain_texts(monkeypatch, name):
    texts = (" One line\n\tand one more é. ", "", " \n", "x")
    splits = mocked(name, LM, monkeypatch, *({"text": text} for text in texts))
    assert splits["train"] == [Text(" One line\n\tand one more é. ", name), Text("x", name)]
    declared = [entry.name for entry in LM.catalogue]
    assert "lm1b" in declared and "tiny_shakespeare" in declared and "wiki40b/*" in declared


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("imdb_review", "neither a folder nor a set.*sentiment reads.*try: imdb_reviews$"),
        ("glue", "a set of several configurations, and none named.*try: glue/sst2$"),
        ("glue/sst3", "an unknown configuration.*try: glue/sst2$"),
        ("glue/mnli", "a set with 2 features of the kind Text"),
        ("conll2003", "a set with 0 features of the kind Text.*--data DIR"),
    ],
)
def test_a_name_that_is_no_set_of_labelled_texts(offline, name, message):
    with pytest.raises(ConfigError, match=message):
        load_catalogue(name, SENTIMENT)


def test_an_example_without_a_label(monkeypatch):
    with pytest.raises(DataError, match="wikiann/en: an example without a label; received -1; allowed: O, B-PER"):
        mocked("wikiann/en", NER, monkeypatch, {"tokens": ["Ada"], "tags": [-1]})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conl2003", "neither a folder nor a set of the catalogue that ner reads.*allowed: conll2003.*try: conll2003$"),
        ("wikian/en", "try: wikiann/en$"),
        ("glue/sst2", r"allowed: conll2003, conll2002/\*, wikiann/\*; try: files instead: --data DIR"),
        ("universal_dependencies/en_ewt", "that ner reads"),
        ("wikiann", r"none named.*wikiann/ace.*in all\); try: wikiann/ace$"),
        ("conll2002/nll", "an unknown configuration.*allowed: conll2002/es, conll2002/nl; try: conll2002/nl$"),
        ("wikiann/en:9.0.0", "can't make"),
    ],
)
def test_a_name_that_is_none(offline, name, message):
    with pytest.raises(ConfigError, match=message) as raised:
        load_catalogue(name, NER)
    assert str(raised.value).startswith("--data: ") and "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["conll2003", "wikiann/en"])
def test_without_a_network_it_says_so(offline, tmp_path, name):
    with pytest.raises(DataError, match=f"^{name}: .*not on this machine.*--data DIR, or --train FILE"):
        load_catalogue(name, NER, folder=str(tmp_path))


def test_a_download_that_fails_is_one_line(monkeypatch, tmp_path, capsys):
    import tensorflow_datasets as tfds

    def broken(self):
        print("Downloading")
        raise RuntimeError("404\nlong story")

    monkeypatch.setattr(catalogue, "_answers", lambda url: True)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", broken)
    with pytest.raises(
        DataError, match="conll2003: the set can't be downloaded or prepared; received '404'; try: files"
    ):
        load_catalogue("conll2003", NER, folder=str(tmp_path))
    assert capsys.readouterr() == ("", "Downloading\n")


def test_configurations():
    assert configurations("conll2003") == ["conll2003/conll2003"]
    assert "universal_dependencies/en_ewt" in configurations("universal_dependencies")


@pytest.fixture
def server(monkeypatch):
    """A listening socket on this machine, and no proxy in between."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def url(server):
    return f"http://127.0.0.1:{server.getsockname()[1]}/file"


def test_any_answer_is_an_answer(server):
    def refuse():
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=refuse, daemon=True).start()
    assert catalogue._answers(url(server))


def test_silence_is_waited_for_only_so_long(server):
    start = time.monotonic()
    assert not catalogue._answers(url(server), seconds=0.3)
    # without a limit it waits for ever, and TensorFlow Datasets for 200 seconds
    assert time.monotonic() - start < 100


def test_a_name_server_that_hangs_is_waited_for_only_so_long(monkeypatch):
    done, gone = threading.Event(), threading.Event()

    def hang(*_, timeout):  # looking up a name takes no notice of a time-out
        done.wait(60)
        gone.set()
        raise OSError

    monkeypatch.setattr(catalogue.urllib.request, "urlopen", hang)
    assert not catalogue._answers("http://example.invalid", seconds=0.1)
    assert not gone.is_set()
    done.set()


def test_a_closed_port_is_no_answer(server):
    closed = url(server)
    server.close()
    assert not catalogue._answers(closed)
