"""What taggers and classifiers read of a token: its word's embedding and, by option, its spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from seqtasks.layers.characters import SpellingFeatures
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.embedding import Embedding, unit_length
from seqtasks.pipelines.vocabulary import PAD

INPUTS = {
    "words": tf.TensorSpec([None, None], tf.int32),
    "index": tf.TensorSpec([None, None], tf.int32),
    "spellings": tf.TensorSpec([None, None], tf.int32),
}
"""As `EncodedTokens` describes them: [n, t], [n, t], [u, c]."""


def beginnings(inputs: Mapping[str, np.ndarray], count: int) -> dict[str, np.ndarray]:
    """`INPUTS` of the first `count` tokens of each text."""
    return {name: values if name == "spellings" else values[:, :count] for name, values in inputs.items()}


class ReadsWords:
    """Mixin for a Keras model with `INPUTS`; it comes before the Keras class."""

    def add_word_features(self, vocabularies: Any, config: Any) -> None:
        """Makes the layers of `features`; `config` is a tagger's or a classifier's."""
        width = vocabularies.word_units
        self.words = Embedding(len(vocabularies.words), width, embeddings_initializer=unit_length(width), name="words")
        self.spelling = None
        if config.characters != "none":
            sizes = {"units": config.spelling_units, "character_units": config.character_units}
            self.spelling = SpellingFeatures(
                len(vocabularies.characters), kind=config.characters, cell=config.cell, name="spelling", **sizes
            )
        self.input_dropout = sequence_dropout(config.dropout, config.variational, name="input_dropout")

    def features(self, inputs, training=None):
        """What the stack reads, [n, t, features], and its mask, [n, t]."""
        features = self.words(inputs["words"])
        if self.spelling is not None:
            spelled = ops.take(self.spelling(inputs["spellings"], training=training), inputs["index"], axis=0)
            features = ops.concatenate([features, spelled], axis=-1)
        return self.input_dropout(features, training=training), ops.not_equal(inputs["words"], PAD)

    def set_vectors(self, rows: Sequence[int], vectors: np.ndarray) -> None:
        """Puts vectors [n, width] into n rows of the words' embeddings."""
        table = np.array(self.words.embeddings)
        table[list(rows)] = vectors
        self.words.embeddings.assign(table)
