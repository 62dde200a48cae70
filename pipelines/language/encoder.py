"""Texts to ids of their units and back, in the graph: training, `score`, `sample` and the export do it alike."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from seqtasks.pipelines.flat import FlatIds
from seqtasks.pipelines.language.vocabularies import UNKNOWN_WORD, Vocabularies, split, stripped
from seqtasks.pipelines.subwords import Subwords
from seqtasks.pipelines.tokenizer import chunks
from seqtasks.pipelines.vocabulary import RESERVED, UNK
from seqtasks.tasks.examples import Text
from seqtasks.tasks.units import END, FIRST, UNKNOWN, UnitSequences


class UnitEncoder(tf.Module):
    """The lookup table of words or characters, or SentencePiece's model.

    Args:
        vocabularies: What the training split fixed.
    """

    def __init__(self, vocabularies: Vocabularies):
        super().__init__()
        self._of = vocabularies
        self.size = len(vocabularies)
        if vocabularies.pieces:
            self._pieces = Subwords(vocabularies.pieces)
            return
        known = tf.constant(vocabularies.units.entries)
        ids = tf.range(FIRST, self.size, dtype=tf.int64)
        initializer = tf.lookup.KeyValueTensorInitializer(known, ids, tf.string, tf.int64)
        self._table = tf.lookup.StaticHashTable(initializer, UNKNOWN)
        # the end is never shown; what is unknown is, where somebody asks for it
        shown = UNKNOWN_WORD if vocabularies.unit == "word" else "\ufffd"
        self._shown = tf.constant(["", shown, *vocabularies.units.entries])

    @property
    def tables(self) -> list:
        """What an export has to track."""
        return self._pieces.tables if self._of.pieces else [self._table]

    def __call__(self, text: tf.Tensor, *, begun: bool = False) -> tf.RaggedTensor:
        """Strings [n] to the ids of each one's units, int32, without the end.

        Args:
            text: White space at its ends does not count.
            begun: Texts go on: to characters a blank at the second end does count.
        """
        if self._of.pieces:
            pieces, lengths = self._pieces.encode(stripped(text))
            ids = tf.where(pieces == UNK, UNKNOWN, pieces - RESERVED + FIRST)
            return tf.RaggedTensor.from_tensor(ids, lengths=tf.cast(lengths, tf.int64))
        units = split(text, self._of.unit, self._of.by_tokeniser, begun=begun)
        return tf.cast(tf.ragged.map_flat_values(self._table.lookup, units), tf.int32)

    def continued(self, prompt: tf.Tensor, ids: tf.RaggedTensor, new: tf.RaggedTensor) -> tf.Tensor:
        """Strings [n] with what goes on with them; between words stands a blank. Of subwords inside a graph alone.

        Args:
            prompt: The strings, which stay as they are, but for white space at their ends and bytes that are not UTF-8.
            ids: Their units.
            new: The units that follow, without the end.
        """
        if self._of.pieces:
            # whether a blank stands between is told by the piece itself
            before, whole = self._written(ids), self._written(tf.concat([ids, new], axis=1))
            added = tf.strings.substr(whole, tf.strings.length(before), tf.strings.length(whole))
            return tf.strings.join([stripped(prompt), added])
        blank = " " if self._of.unit == "word" else ""
        shown = tf.ragged.map_flat_values(lambda flat: tf.gather(self._shown, flat), new)
        added = tf.strings.reduce_join(shown, axis=-1, separator=blank)
        both = (ids.row_lengths() > 0) & (new.row_lengths() > 0)
        prompt = stripped(prompt, begun=self._of.unit == "char")
        return tf.strings.join([prompt, tf.where(both, blank, ""), added])

    def _written(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """The strings that subwords spell, [n]."""
        units = ids.to_tensor(UNKNOWN)
        return self._pieces.decode(tf.where(units == UNKNOWN, UNK, units + RESERVED - FIRST), ids.row_lengths())

    def sequences(self, texts: Sequence[Text]) -> UnitSequences:
        """A split as ids, each text closed by its end."""
        found = FlatIds(self.size)
        for chunk in chunks(text.text for text in texts):
            ids = self(tf.constant(chunk))
            closed = tf.concat([ids, tf.fill([len(chunk), 1], END)], axis=1)
            found.add(closed.flat_values.numpy(), closed.row_lengths().numpy())
        return UnitSequences(*found.arrays(), self.size, self._of.unit)
