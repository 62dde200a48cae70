"""The translator's network: an encoder of both directions, and a decoder with attention behind its first layer."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import ops

from seqtasks.config import ModelConfig, TranslationConfig
from seqtasks.layers.attention import Memory
from seqtasks.layers.decoder import AttentionDecoder
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.embedding import Embedding, unit_length
from seqtasks.layers.pooling import SequencePooling
from seqtasks.layers.stack import RecurrentStack
from seqtasks.pipelines.vocabulary import PAD


class Encoded(NamedTuple):
    """What the decoder needs of a source.

    Attributes:
        states: For each layer of the decoder its initial states, each [n, units].
        memory: What the attention asks.
    """

    states: list[list[Any]]
    memory: Memory


class TranslationNetwork(keras.Model):
    """Sources and, in training, the targets so far, to a logit for each unit of the target.

    Inputs: `source` [n, s] with its end, `target` [n, t] with its begin, both PAD behind. Output: logits [m, units],
    one row for each of the m real positions of `target`, row by row: nothing is computed for padding.

    Args:
        sizes: The units of source and target.
    """

    def __init__(self, sizes: tuple[int, int], config: TranslationConfig, **kwargs):
        # names of its own, for the reason that the tagger's network states
        super().__init__(name="translator", **kwargs)
        width = config.word_units
        self.label_smoothing, self.tie = config.label_smoothing, config.tie
        self.targets = _embedding(sizes[1], width, "targets")
        self.sources = self.targets if config.tie == "all" else _embedding(sizes[0], width, "sources")
        self.input_dropout = sequence_dropout(config.dropout, config.variational, name="input_dropout")
        stack = {field.name: getattr(config, field.name) for field in fields(ModelConfig)}
        self.stack = RecurrentStack(name="stack", **stack)
        units = self.stack.width
        self.shortcut = (
            keras.layers.Dense(units, use_bias=False, name="shortcut")
            if config.shortcut and config.attention != "none"
            else None
        )
        self.memory_dropout = sequence_dropout(config.dropout, config.variational, name="memory_dropout")
        self.summary = SequencePooling("last", config.bidirectional, name="summary")
        self.decoder = AttentionDecoder(
            config.cell,
            units,
            config.decoder_depth,
            config.attention,
            config.dropout,
            config.recurrent_dropout,
            config.variational,
            config.rnn_activation,
            config.leak,
            name="decoder",
        )
        # the attention's memory is asked for before the decoder is first called
        self.decoder.build((None, None, width), (None, None, units))
        self.bridge = keras.layers.Dense(sum(map(sum, self.decoder.state_widths)), "tanh", name="bridge")
        self.readout = keras.layers.Dense(width, "tanh", name="readout")
        self.output_dropout = keras.layers.Dropout(config.dropout, name="output_dropout")
        if config.tie == "none":
            self.output_embedding = self.add_weight(
                shape=(sizes[1], width), initializer=unit_length(width), name="output_embedding"
            )
        self.output_bias = self.add_weight(shape=(sizes[1],), initializer="zeros", name="output_bias")

    def features(self, source, training=None):
        """What the encoder reads, [n, s, features], and its mask, [n, s]."""
        return self.input_dropout(self.sources(source), training=training), ops.not_equal(source, PAD)

    def encode(self, source, training=None) -> Encoded:
        """Reads sources [n, s]."""
        features, mask = self.features(source, training=training)
        values = self.stack(features, mask=mask, training=training)
        start = self.bridge(self.summary(values, mask=mask))
        if self.shortcut is not None:
            # what a word is stands beside where it stands, so that the dictionary is learnt from the first update on
            values = values + self.shortcut(features)
        values = self.memory_dropout(values, training=training)
        states, at = [], 0
        for widths in self.decoder.state_widths:
            states.append([])
            for width in widths:
                states[-1].append(start[:, at : at + width])
                at += width
        return Encoded(states, self.decoder.attention.memory(values, mask))

    def teaching(self, inputs, training=None):
        """What the decoder reads where the targets are known: [n, t, features], its states, the memory, the mask."""
        encoded = self.encode(inputs["source"], training=training)
        embedded = self.input_dropout(self.targets(inputs["target"]), training=training)
        return embedded, *encoded, ops.not_equal(inputs["target"], PAD)

    def call(self, inputs, training=None):
        *given, mask = self.teaching(inputs, training=training)
        features, _ = self.decoder(*given, training=training)
        return self.logits(self._read(tf.gather_nd(features, tf.where(mask)), training=training))

    def _read(self, features, training=None):
        return self.output_dropout(self.readout(features), training=training)

    def logits(self, read):
        """[m, units] of what was read out, [m, word units]."""
        return ops.matmul(read, ops.transpose(self._output_table())) + self.output_bias

    def _output_table(self):
        table = self.output_embedding if self.tie == "none" else self.targets.embeddings
        return ops.convert_to_tensor(table)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The cross-entropy a unit, in nats, against the smoothed truth (Szegedy et al. 2016, arXiv 1512.00567).

        (1 - e) of the probability is on the truth, e is spread over all units.
        """
        truth = tf.boolean_mask(y, y != PAD)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, y_pred)
        if self.label_smoothing:
            of_truth = tf.gather(y_pred, truth, batch_dims=1)
            losses += self.label_smoothing * (of_truth - tf.reduce_mean(y_pred, axis=-1))
        return tf.reduce_mean(losses)

    def attended(self, source, target):
        """The attention's weights [n, t, s] along known targets [n, t]."""
        return self.decoder(self.targets(target), *self.encode(source))[1]

    def step(self, units, states, memory: Memory):
        """One step of translations that are being made: the next unit's logits, the states, the attention's weights.

        Args:
            units: The last unit of each, [n * k].
            states: For each layer its states, each [n * k, units].
            memory: Of n sources.
        """
        features, states, weights = self.decoder.step(self.targets(units), states, memory)
        return self.logits(self._read(features)), states, weights


def _embedding(size: int, width: int, name: str) -> Embedding:
    return Embedding(size, width, embeddings_initializer=unit_length(width), name=name)
