"""What the tagging family does with sentences in training, and with the outside tag after it."""

import pytest

from seqtasks.config import resolve
from seqtasks.errors import ConfigError, DataError
from seqtasks.pipelines.batches import UNKNOWN_TAG
from seqtasks.pipelines.tagging.family import Tagger
from seqtasks.tasks import load_task
from seqtasks.tasks.examples import TaggedSentence
from tests.conftest import TINY, tiny_run

SENTENCES = [
    TaggedSentence(("@jane", "left", "Oslo-Sud"), ("S-person", "O", "S-place")),
    TaggedSentence(("Rome", "is", "great"), ("S-place", "O", "O")),
    TaggedSentence(("May", "Day", "came"), ("B-event", "E-event", "O")),
]


def tagger(task="ner", **options):
    config = resolve(task, "tagging", {}, {**TINY, "min_count": 1, "word_dropout": 0.0, **options})
    return Tagger.fit(load_task(task), config, SENTENCES)


def shown(model, epoch=0):
    """Tags by the words they stand at, of every sentence of an epoch."""
    words, tags = model.vocabularies.words.entries, model.vocabularies.tags.entries
    first = model.vocabularies.words.first
    return {
        " ".join(f"{words[w - first]}/{tags[t]}" for w, t in zip(*row, strict=True) if t != UNKNOWN_TAG)
        for inputs, targets in model.training_batches(SENTENCES).epoch(epoch, 0)
        for row in zip(inputs["words"], targets, strict=True)
    }


def test_a_word_of_sentences_without_tags_alone_is_unknown():
    bare = TaggedSentence(("Zürich", "Zürich"), ())
    config = resolve("ner", "tagging", {}, {**TINY, "min_count": 1})
    fitted = Tagger.fit(load_task("ner"), config, [*SENTENCES, bare]).vocabularies
    assert fitted.words.entries == tagger().vocabularies.words.entries
    assert "Zürich" not in fitted.seen.ids and "ü" not in fitted.characters.ids
    with pytest.raises(DataError, match="no tagged token"):
        Tagger.fit(load_task("ner"), config, [bare])


WHOLE = {"@jane/S-person left/O oslo-sud/S-place", "rome/S-place is/O great/O", "may/B-event day/E-event came/O"}
PIECES = "@/B-person jane/E-person left/O oslo/B-place -/I-place sud/E-place"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_sentences_are_shown_whole_or_in_pieces(share):
    found = shown(tagger(split_tokens=share))
    assert found == ({PIECES, *(line for line in WHOLE if "jane" not in line)} if share else WHOLE)


def test_a_share_of_sentences_is_in_pieces_others_in_other_epochs():
    model = tagger(split_tokens=0.5)
    seen = [any("@/" in line for line in shown(model, epoch)) for epoch in range(20)]
    assert 4 < sum(seen) < 16
    assert model.training_batches(SENTENCES).steps(0) == 1


def test_words_of_pieces_are_counted_and_what_stays_whole_but_once():
    model = tagger(split_tokens=0.5)
    counts = model.training_batches(SENTENCES)._counts
    ids = model.vocabularies.words.ids
    # a word of count 0 would always be hidden in training, and looked up all the same
    assert [counts[ids[word]] for word in ("left", "jane", "@jane", "oslo")] == [1, 1, 1, 1]


def test_a_split_without_an_entity_is_told():
    bare = TaggedSentence(("It", "rained"), ("O", "O"), source="dev.conll")
    assert any("dev.conll: no entity at all" in line for line in tagger().check([bare]))
    assert not any("no entity" in line for line in tagger().check([bare, *SENTENCES]))


def test_only_spans_can_be_split():
    with pytest.raises(ConfigError, match="spans"):
        tagger("pos", split_tokens=0.5)


def test_calibration_takes_the_shift_that_scores_best():
    model = tagger()
    said = model.calibrate(lambda: -abs(float(model.network.outside) + 1.5))
    assert float(model.network.outside) == -1.5
    assert "-1.50" in said


def test_of_equal_shifts_the_smallest_is_taken():
    model = tagger()
    model.network.outside.assign(-2.0)
    model.calibrate(lambda: 0.5)
    assert float(model.network.outside) == 0.0
    model.calibrate(lambda: float(abs(float(model.network.outside)) >= 0.75))
    assert abs(float(model.network.outside)) == 0.75


def test_the_shift_moves_the_outside_tag_alone():
    model = tagger()
    encoded = model.encode(SENTENCES)
    model.network.outside.assign(100.0)
    assert {tag for tags in model.predict(encoded) for tag in tags} == {"O"}
    model.network.outside.assign(-100.0)
    assert "O" not in {tag for tags in model.predict(encoded) for tag in tags}


@pytest.mark.parametrize("options", [{"task": "pos"}, {"tune_outside": False}])
def test_there_is_nothing_to_calibrate_without_an_outside_tag_or_the_wish(options):
    assert tagger(**options).calibrate(lambda: 1 / 0) == ""


def test_a_run_stopped_after_calibration_ends_with_the_same_shift(data_folder, tmp_path):
    folder, report, _ = tiny_run("ner", data_folder, tmp_path, split_tokens=0.5)
    before = folder.weights.read_bytes()
    folder.scores_file.unlink()
    _, again, reporter = tiny_run("ner", data_folder, tmp_path, split_tokens=0.5)
    assert any(line.startswith("outside tag") for line in reporter.said)
    assert again == report
    assert folder.weights.read_bytes() == before
