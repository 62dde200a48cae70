"""The two sides of a translation as files: which belong together, what is left out, and what a catalogue set holds."""

import types

import pytest

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, DataError
from seqtasks.pipelines import catalogue, sources, spool
from seqtasks.pipelines.catalogue import load_catalogue
from seqtasks.tasks import load_task

TRANSLATE = load_task("translate")


def config(**flags):
    return resolve("translate", "translation", {}, {"source": "de", "target": "en", **flags}).data


def write(folder, **files):
    for name, lines in files.items():
        (folder / name.replace("__", ".")).write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, train__de=["eins", "zwei", "drei"], train__en=["one", "two", "three"])
    write(tmp_path, val__de=["vier"], val__en=["four"], test_2016_flickr__de=["fünf"], test_2016_flickr__en=["five"])
    (tmp_path / "README.md").write_text("not a word of the train split")
    return tmp_path


def shown(data):
    return {split: [(p.text, p.translation) for p in pairs] for split, pairs in data.splits.items()}


EVERY = {
    "train": [("eins", "one"), ("zwei", "two"), ("drei", "three")],
    "dev": [("vier", "four")],
    "test": [("fünf", "five")],
}


def test_a_folder_holds_a_pair_a_split(folder):
    data = sources.load(TRANSLATE, config(data=str(folder)))
    assert shown(data) == EVERY
    assert len(data.hashes) == 6 and all(path.endswith((".de", ".en")) for path in data.hashes)
    assert data.names["test"].endswith("test_2016_flickr")
    backwards = sources.load(TRANSLATE, config(data=str(folder), source="en", target="de"))
    assert shown(backwards)["dev"] == [("four", "vier")]


def test_a_file_with_both_sides_stands_for_a_split_that_two_files_do_not_have(folder):
    for split, of in (("val", ".de .en"), ("test_2016_flickr", ".de .en")):
        for ending in of.split():
            (folder / f"{split}{ending}").unlink()
    (folder / "dev.tsv").write_text("en\tde\nsix\tsechs\n")
    (folder / "test.jsonl").write_text('{"de": "sieben", "en": "seven"}\n')
    (folder / "train.tsv").write_text("not\tread\n")
    data = sources.load(TRANSLATE, config(data=str(folder)))
    assert shown(data) == {"train": EVERY["train"], "dev": [("sechs", "six")], "test": [("sieben", "seven")]}
    (folder / "test.tsv").write_text("x\ty\n")
    with pytest.raises(DataError, match="two files for the test split"):
        sources.load(TRANSLATE, config(data=str(folder)))


def test_of_a_large_file_few_pairs_are_held_out(tmp_path, monkeypatch):
    write(tmp_path, train__de=["x"] * 50, train__en=["y"] * 50)
    monkeypatch.setattr(sources, "MOST_HELD_OUT", 3)
    held = sources.load(TRANSLATE, config(data=str(tmp_path), dev_share=0.2))
    assert len(held.splits["dev"]) == 10 and "(20%, drawn" in held.notes[-1]
    monkeypatch.setattr(spool, "LARGE", 0)
    held = sources.load(TRANSLATE, config(data=str(tmp_path), dev_share=0.2))
    assert len(held.splits["dev"]) == 3 and "(no more, of a large file, drawn" in held.notes[-1]


def test_what_is_left_out_does_not_depend_on_where_pairs_are_kept(tmp_path, monkeypatch):
    write(tmp_path, train__de=["eins", "", "a b c", "zwei", " "], train__en=["one", "two", "c", "", "x"])
    wish = config(data=str(tmp_path), drop_empty=True, max_words=2)
    found = sources.load(TRANSLATE, wish, ("train",), hold_out=False)
    assert shown(found) == {"train": [("eins", "one")]}
    assert [note.partition(": ")[2].replace(str(tmp_path), "") for note in found.notes[1:]] == [
        "3 pairs with an empty side left out, the first /train.de:2",
        "1 pairs with more than 2 words on a side left out, the first /train.de:3",
    ]
    monkeypatch.setattr(spool, "LARGE", 0)
    spooled = sources.load(TRANSLATE, wish, ("train",), hold_out=False)
    assert isinstance(spooled.splits["train"], spool.Spooled)
    assert shown(spooled) == shown(found) and spooled.notes == found.notes


@pytest.mark.parametrize("ending", ["", ".de", ".en"])
def test_a_prefix_or_one_of_the_files_means_both(folder, ending):
    names = {"train": f"train{ending}", "dev": f"val{ending}", "test": f"test_2016_flickr{ending}"}
    data = sources.load(TRANSLATE, config(**{split: str(folder / name) for split, name in names.items()}))
    assert shown(data) == EVERY


def test_a_missing_side_is_named(folder):
    (folder / "val.en").unlink()
    with pytest.raises(DataError, match=r"val\.de: a file without its other side; allowed: val\.en"):
        sources.load(TRANSLATE, config(data=str(folder)))
    with pytest.raises(DataError, match=r"val\.en: cannot read the file"):
        sources.load(TRANSLATE, config(train=str(folder / "train"), dev=str(folder / "val")))


def test_two_files_without_their_languages_bring_the_options_to_try(folder):
    with pytest.raises(DataError, match=r"two files for the .* split.*try: --source de --target en"):
        sources.load(TRANSLATE, config(data=str(folder), source="", target=""))


def test_one_file_with_both_sides_is_read_beside_pairs(folder, tmp_path):
    (tmp_path / "own.tsv").write_text("en\tde\nsix\tsechs\n")
    data = sources.load(TRANSLATE, config(train=str(folder / "train"), dev=str(tmp_path / "own.tsv")))
    assert shown(data)["dev"] == [("sechs", "six")]
    plain = config(train=str(tmp_path / "own.tsv"), dev=str(tmp_path / "own.tsv"), source="", target="")
    assert shown(sources.load(TRANSLATE, plain))["train"][-1] == ("six", "sechs")


def test_a_fallen_out_of_step_file_is_refused_or_cut_by_option(folder):
    write(folder, train__de=["eins", "zwei", "drei", "mehr"])
    with pytest.raises(DataError, match=r"train\.de:4: no partner in .*train\.en, which has 3 lines"):
        sources.load(TRANSLATE, config(data=str(folder)))
    assert shown(sources.load(TRANSLATE, config(data=str(folder), drop_unpaired=True))) == EVERY


def test_pairs_are_left_out_of_training_alone_and_by_option_alone(folder):
    write(folder, train__de=["", "a b c d", "x"], train__en=["one", "two", "y"], val__de=[""], val__en=["a b c d"])
    assert len(sources.load(TRANSLATE, config(data=str(folder))).splits["train"]) == 3
    data = sources.load(TRANSLATE, config(data=str(folder), drop_empty=True, max_words=3))
    assert shown(data)["train"] == [("x", "y")] and shown(data)["dev"] == [("", "a b c d")]
    said = [note for note in data.notes if "left out" in note]
    assert "1 pairs with an empty side left out, the first" in said[0] and said[0].endswith("train.de:1")
    assert "more than 3 words" in said[1] and said[1].endswith("train.de:2")
    write(folder, train__de=["", ""], train__en=["one", ""])
    with pytest.raises(DataError, match="no training pair is left"):
        sources.load(TRANSLATE, config(data=str(folder), drop_empty=True))


# --- catalogue sets, as their builders declare them


def mocked(monkeypatch, *examples):
    import tensorflow as tf
    import tensorflow_datasets as tfds

    def as_dataset(self, split, **_):
        specs = {key: tf.TensorSpec([], tf.string) for key in self.info.features}
        return tf.data.Dataset.from_generator(lambda: iter(examples), output_signature=specs)

    monkeypatch.setattr(tfds.core.DatasetBuilder, "as_dataset", as_dataset)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "is_prepared", lambda self: True)
    monkeypatch.setattr(catalogue, "SPLITS", {"train": "train"})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("ted_hrlr_translate/pt_to_en", "pt", "en"),
        ("wmt14_translate/de-en", "de", "en"),
        ("wmt19_translate/zh-en", "zh", "en"),
        ("para_crawl/ende", "en", "de"),
    ],
)
def test_fields_of_catalogue_sets_are_languages(monkeypatch, name, first, second):
    import tensorflow_datasets as tfds

    mocked(monkeypatch, {first: b"x", second: "ü".encode()})
    builder = tfds.builder(name)
    info = type(builder.info)
    monkeypatch.setattr(info, "splits", {"train": types.SimpleNamespace(num_bytes=1, num_shards=1)})
    one = load_catalogue(name, TRANSLATE)["train"][0]
    assert (one.text, one.translation, one.source) == ("x", "ü", name)
    other = load_catalogue(name, TRANSLATE, languages=(second, first))["train"][0]
    assert (other.text, other.translation) == ("ü", "x")
    assert load_catalogue(name, TRANSLATE, languages=(second, ""))["train"][0].translation == "x"
    with pytest.raises(ConfigError, match="--target: a language that the set has not; received 'xx'"):
        load_catalogue(name, TRANSLATE, languages=("", "xx"))


def test_a_file_of_one_side_that_names_no_split_is_passed_over(folder):
    write(folder, mono__en=["lots", "of", "text"])
    assert shown(sources.load(TRANSLATE, config(data=str(folder)))) == EVERY


def test_a_name_that_ends_like_a_language_is_a_prefix_all_the_same(folder):
    for language in ("de", "en"):
        (folder / f"val.{language}").rename(folder / f"val.en.{language}")
    assert shown(sources.load(TRANSLATE, config(data=str(folder)))) == EVERY


def test_what_training_left_out_is_scored_elsewhere():
    ran = config(max_words=3, drop_empty=True)
    other, _ = sources.elsewhere(TRANSLATE, ran, {"train": "other"})
    assert (other.max_words, other.drop_empty, other.source) == (0, False, "de")
    again, _ = sources.elsewhere(TRANSLATE, ran, {"train": "other", "max_words": 5})
    assert again.max_words == 5
