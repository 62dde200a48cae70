"""Batches: every sentence once, the same order again, and padding that holds nothing."""

import numpy as np

from seqtasks.pipelines.batches import UNKNOWN_TAG, EncodedSentences, by_length, forget_words, shuffled, versions
from seqtasks.pipelines.vocabulary import PAD, UNK

SENTENCES = EncodedSentences(
    words=np.array([5, 6, 7, 5, 8, 9], np.int32),
    forms=np.array([0, 1, 2, 0, 3, 4], np.int32),
    tags=np.array([0, 1, 2, 0, 1, UNKNOWN_TAG], np.int32),
    spellings=np.array([[2, 10, 3, 0], [2, 11, 12, 3], [2, 13, 3, 0], [2, 14, 3, 0], [2, 15, 3, 0]], np.int32),
    starts=np.array([0, 3, 3, 4, 6]),
)
LENGTHS = np.random.default_rng(0).integers(1, 40, 1000)


def test_a_batch_pads_words_tags_and_spellings():
    inputs, tags = SENTENCES.batch(np.array([0, 3, 1]))
    assert inputs["words"].tolist() == [[5, 6, 7], [8, 9, PAD], [PAD, PAD, PAD]]
    assert tags.tolist() == [[0, 1, 2], [1, UNKNOWN_TAG, UNKNOWN_TAG], [UNKNOWN_TAG] * 3]
    spelled = inputs["spellings"][inputs["index"]]
    assert spelled[0, 1].tolist() == [2, 11, 12, 3]
    assert not spelled[1, 2].any() and not spelled[2].any()


def test_a_batch_is_no_wider_than_its_longest_spelling():
    inputs, _ = SENTENCES.batch(np.array([2, 3]))
    assert inputs["spellings"].shape[1] == 3


def test_every_sentence_comes_once_an_epoch():
    assert sorted(np.concatenate(shuffled(LENGTHS, 32, seed=1, epoch=0))) == list(range(1000))
    assert sorted(np.concatenate(list(by_length(LENGTHS, 32, 300)))) == list(range(1000))


def test_batches_for_scoring_are_bounded_by_rows_and_by_cells():
    batches = list(by_length(LENGTHS, 32, 300))
    assert max(map(len, batches)) == 32
    assert max(len(rows) * LENGTHS[rows].max() for rows in batches) <= 300
    assert [rows.tolist() for rows in by_length(np.array([900, 2, 1]), 32, 300)] == [[2, 1], [0]]
    assert list(by_length(np.array([], int), 32, 300)) == []


def test_the_order_follows_from_seed_and_epoch():
    first = np.concatenate(shuffled(LENGTHS, 32, seed=1, epoch=3))
    assert np.array_equal(first, np.concatenate(shuffled(LENGTHS, 32, seed=1, epoch=3)))
    assert not np.array_equal(first, np.concatenate(shuffled(LENGTHS, 32, seed=1, epoch=4)))
    assert not np.array_equal(first, np.concatenate(shuffled(LENGTHS, 32, seed=2, epoch=3)))


def test_batches_hold_sentences_of_like_length():
    batches = shuffled(LENGTHS, 32, seed=1, epoch=0)
    padded = sum(len(rows) * LENGTHS[rows].max() for rows in batches)
    assert padded < 1.1 * LENGTHS.sum()


def test_rare_words_are_forgotten_as_often_as_the_formula_says():
    words = np.full((200, 200), 4)
    counts = np.array([0, 0, 0, 0, 1])
    share = (forget_words(words, counts, 0.25, (1, 2, 3)) == UNK).mean()
    assert abs(share - 0.25 / 1.25) < 0.01


def test_padding_and_frequent_words_are_kept():
    words = np.array([[PAD, 4]])
    assert np.array_equal(forget_words(words, np.array([0, 0, 0, 0, 10**9]), 0.25, (1, 2, 3)), words)
    assert np.array_equal(forget_words(words, np.zeros(5), 0.0, (1, 2, 3)), words)


def test_versions_are_drawn_anew_each_epoch():
    chosen = versions(1000, 0.3, 1, 2)
    second = chosen >= 1000
    assert (np.where(second, chosen - 1000, chosen) == np.arange(1000)).all()
    assert 0.25 < second.mean() < 0.35
    assert (chosen == versions(1000, 0.3, 1, 2)).all()
    assert (chosen != versions(1000, 0.3, 1, 3)).any()
    assert (versions(5, 0.0, 1, 0) == np.arange(5)).all()
