"""The language model's network: units' vectors, a recurrent stack, and a softmax over what may come next."""

from __future__ import annotations

from dataclasses import fields

import keras
import numpy as np
import tensorflow as tf

from seqtasks.config import LanguageConfig, ModelConfig
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.stack import RecurrentStack
from seqtasks.layers.tied_softmax import TiedSoftmax
from seqtasks.pipelines.language.streams import NOTHING

States = list[list[tf.Tensor]]
"""For each layer its states, each [n, units]."""


class LanguageNetwork(keras.Model):
    """Units' vectors, a recurrent stack in one direction, and a softmax, by default over the same vectors.

    A call is a training step's: it reads `units` [n, t] and `fresh` [n] as `TrainingStreams` describes them, goes on
    from the states that the call before left, and returns what the softmax reads, [n, t, width]. Everything else
    hands states in and gets them back, by `read`.

    Args:
        size: Units that may come next.
    """

    def __init__(self, size: int, config: LanguageConfig, **kwargs):
        # names of its own, for the reason that the tagger's network states
        super().__init__(name="language", **kwargs)
        width = config.embedding_units or config.units
        self.softmax = TiedSoftmax(size, width, config.tied, name="softmax")
        self.input_dropout = sequence_dropout(config.dropout, config.variational, name="input_dropout")
        stack = {field.name: getattr(config, field.name) for field in fields(ModelConfig)}
        self.stack = RecurrentStack(name="stack", return_state=True, **stack)
        self.output_dropout = sequence_dropout(config.dropout, config.variational, name="output_dropout")
        self.projection = None
        if width != config.units:
            self.projection = keras.layers.Dense(width, use_bias=False, name="projection")
        self._carried = _Carried()
        self.carry(1)

    @property
    def carried(self) -> list[keras.Variable]:
        """The states that training goes on from: they belong to a checkpoint and are no weights."""
        return self._carried.variables

    def carry(self, streams: int) -> None:
        """Makes room for the states of so many streams."""
        self._carried.variables = [
            keras.Variable(np.zeros(state.shape, np.float32), trainable=False, name="carried")
            for of_layer in self.stack.zero_states(streams)
            for state in of_layer
        ]

    def zero_states(self, streams) -> States:
        """What a text begins with."""
        return self.stack.zero_states(streams)

    def features(self, units, training=None):
        """What the stack reads, [n, t, width]."""
        return self.input_dropout(self.softmax(units), training=training)

    def read(self, units, states: States, mask=None, training=None) -> tuple[tf.Tensor, States]:
        """Units [n, t] that follow on states: what the softmax reads [n, t, width], and the states after them.

        A place that the mask [n, t] leaves out changes no state.
        """
        outputs, after = self.stack(self.features(units, training), mask=mask, training=training, initial_states=states)
        outputs = self.output_dropout(outputs, training=training)
        return (outputs if self.projection is None else self.projection(outputs)), after

    def call(self, inputs, training=None):
        fresh = inputs["fresh"][:, None]
        before = [tf.where(fresh, 0.0, tf.convert_to_tensor(state)) for state in self.carried]
        outputs, after = self.read(inputs["units"], self._by_layer(before), training=training)
        for variable, state in zip(self.carried, tf.nest.flatten(after), strict=True):
            variable.assign(tf.stop_gradient(state))
        return outputs

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The mean of -ln P over the units that are foretold."""
        targets = tf.reshape(y, [-1])
        real = tf.cast(targets != NOTHING, tf.float32)
        weights = real / tf.maximum(tf.reduce_sum(real), 1.0)
        states = tf.reshape(y_pred, [-1, self.softmax.width])
        return self.softmax.cross_entropy(states, tf.maximum(targets, 0), weights)

    def advance(self, units, targets, states: States) -> tuple[tf.Tensor, States]:
        """ln P [n, t] of targets [n, t], each after the unit [n, t] that is read; and the states after them."""
        outputs, after = self.read(units, states, training=False)
        flat = tf.reshape(outputs, [-1, self.softmax.width])
        found = self.softmax.log_probabilities(flat, tf.reshape(targets, [-1]))
        return tf.reshape(found, tf.shape(targets)), after

    def _by_layer(self, flat: list[tf.Tensor]) -> States:
        return tf.nest.pack_sequence_as(self.stack.zero_states(1), flat)


class _Carried:
    """Holds variables so that Keras does not take them for the model's weights: their shape follows from the batch."""

    def __init__(self):
        self.variables: list[keras.Variable] = []
