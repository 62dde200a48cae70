"""Tokens to ids, in the graph: training, `predict` and the export look words up by the same operations."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from seqtasks.pipelines.ragged import dense
from seqtasks.pipelines.vocabulary import BOS, EOS, PAD, UNK, Vocabulary

SPELLING_WIDTH = 26
"""Characters of a word that are looked at: of a longer one the first and the last half; its ends tell most."""


class EncodedTokens(NamedTuple):
    """A batch of tokens as ids.

    Attributes:
        words: Word ids, [n, t] int32, PAD at padding.
        index: Row of each token in `spellings`, [n, t] int32, 0 at padding.
        spellings: Character ids of the batch's distinct tokens, [u, c] int32; row 0 is padding only.
    """

    words: tf.Tensor
    index: tf.Tensor
    spellings: tf.Tensor


def normalise(tokens: tf.Tensor) -> tf.Tensor:
    """The form under which words are counted and looked up: lower case, digits as 0. Characters keep the case."""
    # TensorFlow lowers these two as the process's locale has it, in Turkish to other letters than elsewhere
    lower = tf.strings.regex_replace(tf.strings.regex_replace(tokens, "\u0130", "i\u0307"), "I", "i")
    lower = tf.strings.lower(lower, encoding="utf-8")
    return tf.strings.regex_replace(lower, r"[0-9]", "0")


def joinable(token: str) -> str:
    """A token as the network sees it: a space inside becomes a no-break space, so that spaces can join tokens."""
    return token.replace(" ", "\u00a0")


class TokenEncoder(tf.Module):
    """Lookup tables for words and characters.

    Args:
        words: Normalised words.
        characters: Single characters.
    """

    def __init__(self, words: Vocabulary, characters: Vocabulary):
        super().__init__()
        self.words = _table(words.entries, words, tf.string)
        self.characters = _table([ord(entry) for entry in characters.entries], characters, tf.int64)

    @property
    def tables(self) -> list[tf.lookup.StaticHashTable]:
        """What an export has to track."""
        return [self.words, self.characters]

    def __call__(self, tokens: tf.Tensor, lengths: tf.Tensor, spelling: bool = True) -> EncodedTokens:
        """Encodes tokens [n, t], of which the first `lengths` [n] in each row are real.

        Without `spelling`, for a network that does not look at it, all spellings are one row of padding.
        """
        real = tf.sequence_mask(lengths, tf.shape(tokens)[1])
        flat = tf.reshape(tf.where(real, tokens, ""), [-1])
        forms, index = tf.unique(tf.concat([[""], flat], axis=0))
        ids = tf.cast(self.words.lookup(normalise(forms)), tf.int32)
        ids = tf.where(tf.range(tf.size(forms)) == 0, PAD, ids)
        index = tf.reshape(index[1:], tf.shape(tokens))
        words = tf.gather(ids, index)
        if not spelling:
            return EncodedTokens(words, tf.zeros_like(index), tf.fill([1, 1], PAD))
        return EncodedTokens(words, index, self.spell(forms))

    def spell(self, forms: tf.Tensor) -> tf.Tensor:
        """Character ids [u, c] of strings [u], between BOS and EOS; an empty string's row is padding only."""
        points = tf.strings.unicode_decode(forms, "UTF-8", errors="replace")
        half = SPELLING_WIDTH // 2
        ends = tf.concat([points[:, :half], points[:, half:][:, -half:]], axis=1)
        ids = tf.cast(tf.ragged.map_flat_values(self.characters.lookup, tf.cast(ends, tf.int64)), tf.int32)
        edges = tf.cast(tf.strings.length(forms) > 0, tf.int64)
        begin, end = (
            tf.RaggedTensor.from_row_lengths(tf.fill([tf.reduce_sum(edges)], edge), edges) for edge in (BOS, EOS)
        )
        return dense(tf.concat([begin, ids, end], axis=1), PAD)


def _table(keys: list, vocabulary: Vocabulary, key_type: tf.DType) -> tf.lookup.StaticHashTable:
    values = tf.range(vocabulary.first, len(vocabulary), dtype=tf.int64)
    if not keys:  # a table must not be empty; no token is the empty string, and no code point is below 0
        keys, values = ["" if key_type == tf.string else -1], tf.constant([UNK], tf.int64)
    initializer = tf.lookup.KeyValueTensorInitializer(tf.constant(keys, key_type), values, key_type, tf.int64)
    return tf.lookup.StaticHashTable(initializer, UNK)
