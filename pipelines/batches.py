"""Batches of encoded sentences: which, in which order, padded to what; all a function of (seed, epoch, step)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqtasks.pipelines.vocabulary import PAD, UNK

POOL = 50
"""Batches' worth of sentences that are sorted by length together: large enough to pad little, small enough to mix."""

UNKNOWN_TAG = -1
"""Stands where the truth is a tag that the training split never has, and at padding."""


@dataclass(frozen=True)
class EncodedSentences:
    """A split as flat arrays; sentence s has the positions `starts[s]` to `starts[s + 1]`.

    Attributes:
        words: Word ids, [N] int32.
        forms: Row in `spellings` of each token, [N] int32.
        tags: Tag ids, [N] int32, `UNKNOWN_TAG` where the training split lacks the tag.
        spellings: Character ids of the split's distinct tokens, [F, C] int32.
        starts: [S + 1] int64.
    """

    words: np.ndarray
    forms: np.ndarray
    tags: np.ndarray
    spellings: np.ndarray
    starts: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each sentence, [S]."""
        return np.diff(self.starts)

    def batch(self, rows: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The sentences `rows` [n], padded to the longest: the network's inputs and the tags, [n, t]."""
        begins = self.starts[rows]
        lengths = self.starts[rows + 1] - begins
        steps = np.arange(max(1, lengths.max(initial=1)))
        real = steps < lengths[:, None]
        positions = np.where(real, begins[:, None] + steps, 0)
        words = np.where(real, self.words[positions], PAD)
        tags = np.where(real, self.tags[positions], UNKNOWN_TAG)
        distinct, index = np.unique(np.where(real, self.forms[positions] + 1, 0), return_inverse=True)
        spellings = np.where(distinct[:, None] > 0, self.spellings[distinct - 1], PAD)
        width = max(1, int((spellings != PAD).any(axis=0).sum()))
        inputs = {
            "words": words,
            "index": index.reshape(words.shape).astype(np.int32),
            "spellings": spellings[:, :width],
        }
        return inputs, tags


def shuffled(lengths: np.ndarray, size: int, seed: int, epoch: int, budget: int = 0) -> list[np.ndarray]:
    """The epoch's batches as row numbers: drawn at random, sorted by length within pools, and batches mixed again.

    Args:
        lengths: Tokens of each row.
        size: Rows of a batch.
        budget: Most tokens of a batch, padding included; a longer row is a batch of its own; 0: no limit.
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(len(lengths))
    batches = []
    for begin in range(0, len(order), size * POOL):
        pool = order[begin : begin + size * POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += within_budget(pool, lengths, size, budget)
    return [batches[index] for index in rng.permutation(len(batches))]


def versions(count: int, share: float, seed: int, epoch: int) -> np.ndarray:
    """The row of each of `count` sentences where rows from `count` on hold a second version, shown to that share."""
    # the zero keeps this key apart from those of the epoch's steps
    second = np.random.default_rng((seed, epoch, 0, 1)).random(count) < share
    return np.arange(count) + count * second


def by_length(lengths: np.ndarray, size: int, budget: int = 0) -> Iterator[np.ndarray]:
    """All rows once, the shortest first, for scoring: sentences of a length pad nothing. Arguments as in `shuffled`."""
    yield from within_budget(np.argsort(lengths, kind="stable"), lengths, size, budget)


def within_budget(rows: np.ndarray, lengths: np.ndarray, size: int, budget: int) -> list[np.ndarray]:
    """Rows, the shortest first, cut into batches. Arguments as in `shuffled`."""
    batches, begin = [], 0
    for end in range(1, len(rows) + 1):
        full = end - begin == size
        # the next row would be the longest, to which all would be padded
        over = budget and end < len(rows) and (end + 1 - begin) * lengths[rows[end]] > budget
        if full or over or end == len(rows):
            batches.append(rows[begin:end])
            begin = end
    return batches


def forget_words(words: np.ndarray, counts: np.ndarray, amount: float, key: tuple[int, int, int]) -> np.ndarray:
    """Words set to UNK with probability amount / (amount + count), so that unknown words are learnt.

    Kiperwasser and Goldberg 2016 (arXiv 1603.04351), after Iyyer et al. 2015.

    Args:
        words: Ids, [n, t].
        counts: Count in the training split by word id.
        amount: 0 forgets nothing; 0.25 forgets every fifth word seen once.
        key: (seed, epoch, step).
    """
    chances = amount / (amount + np.maximum(counts, 1e-9)) if amount else np.zeros(len(counts))
    drawn = np.random.default_rng(key).random(words.shape) < chances[words]
    return np.where(drawn & (words != PAD), UNK, words)
