"""SentencePiece models: what they are made of, and their files."""

import pytest

from seqtasks.errors import RunError
from seqtasks.pipelines import subwords

TEXTS = [f"the cat number {number} sat on a mat" for number in range(50)]


def test_of_more_characters_than_are_wanted_every_kth_line_is_read(monkeypatch):
    wanted = subwords.train(TEXTS[::2], 60, "bpe")
    monkeypatch.setattr(subwords, "MOST_CHARACTERS", sum(map(len, TEXTS)) - 1)
    assert subwords.train(iter(TEXTS), 60, "bpe") == wanted


def test_a_line_of_any_length_is_read():
    assert len(subwords.train([" ".join(TEXTS) + " ." + "a quick brown fox " * 10_000], 60, "unigram"))


def test_a_damaged_model_is_named(tmp_path):
    path = tmp_path / "units.model"
    model = subwords.train(TEXTS, 60, "bpe")
    digest = subwords.write(model, path)
    assert subwords.read(path, digest) == model
    path.write_bytes(model[: len(model) // 2])
    with pytest.raises(RunError, match=r"units\.model: a damaged file"):
        subwords.read(path, digest)
    path.unlink()
    with pytest.raises(RunError, match=r"units\.model: a file of the run is missing"):
        subwords.read(path, digest)
