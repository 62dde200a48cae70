"""The tagger's network: words and their spelling, a recurrent stack, and a CRF or a softmax over the tags."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from seqtasks.config import TaggingConfig
from seqtasks.layers.characters import SpellingFeatures
from seqtasks.layers.crf import CRF
from seqtasks.layers.dropout import VariationalDropout
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines.batches import UNKNOWN_TAG
from seqtasks.pipelines.tagging.vocabularies import Vocabularies
from seqtasks.pipelines.vocabulary import PAD


@keras.saving.register_keras_serializable("seqtasks")
class TaggingNetwork(keras.Model):
    """Words and their spelling, a recurrent stack, and a potential a tag.

    Inputs: `words` [n, t], `index` [n, t] and `spellings` [u, c] as `EncodedTokens` describes them.
    Output: potentials [n, t, tags]; the CRF's or the softmax's logits.
    """

    def __init__(self, vocabularies: Vocabularies, config: TaggingConfig, **kwargs):
        super().__init__(**kwargs)
        self.word_embedding = keras.layers.Embedding(len(vocabularies.words), config.word_units,
                                                     embeddings_initializer=_embedding_range(config.word_units))  # fmt: skip
        self.spelling = None
        if config.characters != "none":
            self.spelling = SpellingFeatures(len(vocabularies.characters), config.spelling_units, config.character_units,
                                             config.characters, config.cell)  # fmt: skip
        self.input_dropout = VariationalDropout(config.dropout)
        self.stack = RecurrentStack(config.cell, config.units, config.depth, config.bidirectional, config.connection,
                                    config.dropout, config.recurrent_dropout)  # fmt: skip
        self.output_dropout = VariationalDropout(config.dropout)
        self.potentials = keras.layers.Dense(len(vocabularies.tags))
        self.crf = CRF(**vocabularies.rules()) if config.output == "crf" else None

    def call(self, inputs, training=None):
        mask = ops.not_equal(inputs["words"], PAD)
        features = self.word_embedding(inputs["words"])
        if self.spelling is not None:
            spelled = ops.take(self.spelling(inputs["spellings"], training=training), inputs["index"], axis=0)
            features = ops.concatenate([features, spelled], axis=-1)
        states = self.stack(self.input_dropout(features, training=training), mask=mask, training=training)
        potentials = self.potentials(self.output_dropout(states, training=training))
        return self.crf(potentials, mask=mask) if self.crf is not None else potentials

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The negative log-likelihood a token; tokens whose tag is `UNKNOWN_TAG` don't count."""
        known = ops.not_equal(y, UNKNOWN_TAG)
        tokens = ops.maximum(ops.sum(ops.cast(known, "float32")), 1.0)
        if self.crf is not None:
            return -ops.sum(self.crf.log_likelihood(y_pred, ops.maximum(y, 0), known)) / tokens
        losses = keras.losses.sparse_categorical_crossentropy(ops.maximum(y, 0), y_pred, from_logits=True)
        return ops.sum(ops.where(known, losses, 0.0)) / tokens

    def decode(self, inputs) -> tuple[tf.Tensor, tf.Tensor]:
        """The best tags [n, t] int32 and the probability of each [n, t]; 0 at padding."""
        mask = inputs["words"] != PAD
        potentials = self(inputs, training=False)
        if self.crf is not None:
            tags, _ = self.crf.viterbi(potentials, mask)
            chances = self.crf.marginals(potentials, mask)
        else:
            tags = tf.argmax(potentials, axis=-1, output_type=tf.int32)
            chances = tf.nn.softmax(potentials)
        scores = tf.gather(chances, tags, batch_dims=2)
        return tf.where(mask, tags, 0), tf.where(mask, scores, 0.0)


def _embedding_range(width: int) -> keras.initializers.Initializer:
    """Variance 1 / width, so that a word's vector has length 1 whatever its width."""
    bound = (3.0 / width) ** 0.5
    return keras.initializers.RandomUniform(-bound, bound)
