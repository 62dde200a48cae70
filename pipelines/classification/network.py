"""The classifier's network: words, a recurrent stack, pooling over the states, and a softmax over the labels."""

from __future__ import annotations

from dataclasses import fields

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqtasks.config import ClassificationConfig, ModelConfig
from seqtasks.layers.pooling import SequencePooling
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines.classification.vocabularies import Vocabularies
from seqtasks.pipelines.word_features import ReadsWords


class ClassificationNetwork(ReadsWords, keras.Model):
    """Words and, by option, their spelling; a recurrent stack; one vector a text; a logit a label.

    Inputs: `words` [n, t], `index` [n, t] and `spellings` [u, c] as `EncodedTokens` describes them.
    Output: logits [n, labels].

    Args:
        label_weights: What a text of each label counts for in the loss, [labels].
    """

    def __init__(self, vocabularies: Vocabularies, config: ClassificationConfig, label_weights: np.ndarray, **kwargs):
        # names of its own, for the reason that the tagger's network states
        super().__init__(name="classifier", **kwargs)
        self.add_word_features(vocabularies, config)
        stack = {field.name: getattr(config, field.name) for field in fields(ModelConfig)}
        self.stack = RecurrentStack(name="stack", **stack)
        self.pooling = SequencePooling(config.pooling, config.bidirectional, name="pooling")
        self.output_dropout = keras.layers.Dropout(config.dropout, name="output_dropout")
        self.logits = keras.layers.Dense(len(vocabularies.labels), name="logits")
        self._label_weights = label_weights.astype(np.float32)

    def call(self, inputs, training=None):
        features, mask = self.features(inputs, training=training)
        # cuDNN refuses a text without a word; the first step that it gets here the pooling passes over
        begun = ops.concatenate([ops.ones_like(mask[:, :1]), mask[:, 1:]], axis=1)
        states = self.stack(features, mask=begun, training=training)
        pooled = self.pooling(states, mask=mask)
        return self.logits(self.output_dropout(pooled, training=training))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The cross-entropy a text, weighted by its label."""
        losses = keras.losses.sparse_categorical_crossentropy(y, y_pred, from_logits=True)
        return ops.mean(losses * ops.take(ops.convert_to_tensor(self._label_weights), y))

    def decode(self, inputs) -> tf.Tensor:
        """The probability of each label, [n, labels]."""
        return tf.nn.softmax(self(inputs, training=False))
