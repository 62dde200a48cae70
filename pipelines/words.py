"""Words as units of a translation: texts to ids and back, with TensorFlow's core string operations alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tensorflow as tf

from seqtasks.pipelines.tokenizer import chunks, tokenize
from seqtasks.pipelines.vocabulary import PAD, UNK, Vocabulary

JOINER = "￭"
"""Begins a token that stands close to the one before, so that a text can be put together again as it was."""

UNKNOWN = "<unk>"
"""Stands where a word is unknown and nothing is put in its place."""


class Words(tf.Module):
    """Texts to the ids of their words, letter for letter, and back.

    Args:
        vocabulary: Words; where `marked`, with the joiner as `surfaces` has it.
        marked: Whether words that stand close to the one before are words of their own; a side that is to be written
            needs it.
    """

    def __init__(self, vocabulary: Vocabulary, *, marked: bool):
        super().__init__()
        self.marked, self.size = marked, len(vocabulary)
        keys = tf.constant(vocabulary.entries or [""], tf.string)
        values = tf.range(vocabulary.first, vocabulary.first + tf.size(keys), dtype=tf.int64)
        initializer = tf.lookup.KeyValueTensorInitializer(keys, values, tf.string, tf.int64)
        self._table = tf.lookup.StaticHashTable(initializer, UNK)
        self._entries = tf.constant(["", UNKNOWN, "", "", *vocabulary.entries])

    @property
    def tables(self) -> list:
        """What an export has to track."""
        return [self._table]

    def encode(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Texts [n] to ids [n, t] int32, PAD behind each, lengths [n] int32, and the words as `surfaces` marks them."""
        shown, lengths = surfaces(text, marked=True)
        tokens = shown if self.marked else tf.strings.regex_replace(shown, f"^{JOINER}", "")
        ids = tf.cast(self._table.lookup(tokens), tf.int32)
        return tf.where(tf.sequence_mask(lengths, tf.shape(tokens)[1]), ids, PAD), lengths, shown

    def decode(self, ids: tf.Tensor, lengths: tf.Tensor, instead: tf.Tensor | None = None) -> tf.Tensor:
        """Ids [n, t], of which the first `lengths` [n] of each row count, to texts [n].

        Args:
            instead: What to put in the place of each unknown word, [n, t], close to the word before it where it begins
                with the joiner; without it `UNKNOWN`.
        """
        words = self.pieces(ids)
        if instead is not None:
            words = tf.where(ids == UNK, instead, words)
        return detokenised(tf.where(tf.sequence_mask(lengths, tf.shape(ids)[1]), words, ""))

    def pieces(self, ids: tf.Tensor) -> tf.Tensor:
        """Each id's word, of the same shape."""
        return tf.gather(self._entries, ids)


def surfaces(text: tf.Tensor, *, marked: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """The tokens of raw texts, [n, t], and their number, [n].

    Args:
        marked: Whether tokens that stand close to the one before begin with the joiner.
    """
    # the sign itself in a text would be taken for a joiner
    tokens, begin, end, lengths = tokenize(tf.strings.regex_replace(text, JOINER, "■"))
    if not marked:
        return tokens, lengths
    close = tf.pad(begin[:, 1:] == end[:, :-1], [[0, 0], [1, 0]])
    real = tf.sequence_mask(lengths, tf.shape(tokens)[1])
    return tf.where(close & real, JOINER + tokens, tokens), lengths


def detokenised(tokens: tf.Tensor) -> tf.Tensor:
    """Texts [n] of tokens [n, t] with joiners; padding is empty."""
    text = tf.strings.regex_replace(tf.strings.reduce_join(tokens, axis=-1, separator=" "), " +", " ")
    return tf.strings.strip(tf.strings.regex_replace(text, f" ?{JOINER}", ""))


def tokenised(texts: Iterable[str], *, marked: bool) -> Iterator[str]:
    """Yields each text as its tokens with spaces between, in the memory of a chunk."""
    for part in chunks(texts):
        tokens, _ = surfaces(tf.constant(part), marked=marked)
        for text in tf.strings.reduce_join(tokens, axis=-1, separator=" ").numpy():
            yield text.decode().rstrip(" ")
