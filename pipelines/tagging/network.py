"""The tagger's network: words and their spelling, a recurrent stack, and a CRF or a softmax over the tags."""

from __future__ import annotations

from dataclasses import fields

import keras
import tensorflow as tf
from keras import ops

from seqtasks.config import ModelConfig, TaggingConfig
from seqtasks.layers.crf import CRF
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines.batches import UNKNOWN_TAG
from seqtasks.pipelines.tagging.vocabularies import Vocabularies
from seqtasks.pipelines.vocabulary import PAD
from seqtasks.pipelines.word_features import ReadsWords
from seqtasks.tasks import schemes


class TaggingNetwork(ReadsWords, keras.Model):
    """Words and their spelling, a recurrent stack, and a potential a tag.

    Inputs: `words` [n, t], `index` [n, t] and `spellings` [u, c] as `EncodedTokens` describes them.
    Output: potentials [n, t, tags]; the CRF's or the softmax's logits.
    """

    def __init__(self, vocabularies: Vocabularies, config: TaggingConfig, **kwargs):
        # Every layer has a name of its own: Keras would number them through the process, and TensorFlow sums gradients
        # in an order that follows from names, so that a second run in one process would differ in the last bit.
        super().__init__(name="tagger", **kwargs)
        self.add_word_features(vocabularies, config)
        stack = {field.name: getattr(config, field.name) for field in fields(ModelConfig)}
        self.stack = RecurrentStack(name="stack", **stack)
        self.output_dropout = sequence_dropout(config.dropout, config.variational, name="output_dropout")
        self.potentials = keras.layers.Dense(len(vocabularies.tags), name="potentials")
        self.outside = None
        if "O" in vocabularies.tags.ids and vocabularies.scheme != schemes.PLAIN:
            # set after training, see the family's `calibrate`; 0 until then
            self.outside = self.add_weight(shape=(), initializer="zeros", trainable=False, name="outside")
            self._outside_tag = vocabularies.tags.ids["O"]
        self.crf = CRF(**vocabularies.rules(), name="crf") if config.output == "crf" else None

    def call(self, inputs, training=None):
        features, mask = self.features(inputs, training=training)
        states = self.stack(features, mask=mask, training=training)
        potentials = self.potentials(self.output_dropout(states, training=training))
        return self.crf(potentials, mask=mask) if self.crf is not None else potentials

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The negative log-likelihood a token. `UNKNOWN_TAG` in y stands at padding alone: train has all its tags."""
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
        if self.outside is not None:
            potentials += self.outside * tf.one_hot(self._outside_tag, potentials.shape[-1])
        if self.crf is not None:
            tags, _ = self.crf.viterbi(potentials, mask)
            chances = self.crf.marginals(potentials, mask)
        else:
            tags = tf.argmax(potentials, axis=-1, output_type=tf.int32)
            chances = tf.nn.softmax(potentials)
        scores = tf.gather(chances, tags, batch_dims=2)
        return tf.where(mask, tags, 0), tf.where(mask, scores, 0.0)
