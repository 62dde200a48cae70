"""The two ends of a language model: units to vectors, and states to the probability of what comes next."""

from __future__ import annotations

import keras
import tensorflow as tf

from seqtasks.layers.embedding import lookup
from seqtasks.layers.gradients import gradient_by_hand

ROWS = 2048
"""States whose probabilities are in memory at once when nothing is learnt."""


@keras.saving.register_keras_serializable("seqtasks")
class TiedSoftmax(keras.layers.Layer):
    """An embedding whose matrix is also the softmax's (Press and Wolf 2017, arXiv 1608.05859; Inan et al. 2017,
    arXiv 1611.01462).

        embed(unit) = E[unit]        P(unit | h) = softmax(h W + b)[unit]        W = E transposed, where tied

    Weights: embeddings (size, width), uniform between -0.1 and 0.1; bias (size); untied also output (size, width).

    Args:
        size: Units.
        width: Of a vector and of a state.
        tied: Whether both ends share their matrix.
    """

    def __init__(self, size: int, width: int, tied: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.size, self.width, self.tied = size, width, tied
        self.embeddings = self._table("embeddings")
        self.output_table = self.embeddings if tied else self._table("output")
        self.bias = self.add_weight(shape=(size,), initializer="zeros", name="bias")
        self.built = True

    def _table(self, name: str):
        # an initializer draws the same numbers each time it is asked
        initializer = keras.initializers.RandomUniform(-0.1, 0.1)
        return self.add_weight(shape=(self.size, self.width), initializer=initializer, name=name)

    def call(self, units):
        """Ids of any shape to vectors [..., width]."""
        return lookup(tf.convert_to_tensor(self.embeddings), tf.cast(units, tf.int32))

    def logits(self, states: tf.Tensor) -> tf.Tensor:
        """States [n, width] to [n, size]."""
        return _logits(states, tf.convert_to_tensor(self.output_table), tf.convert_to_tensor(self.bias))

    def cross_entropy(self, states: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """The sum of -ln P(target) times weight, for learning: states [n, width], targets [n] int32, weights [n].

        The gradient is derived by hand and goes over the [n, size] probabilities three times, in products only; the
        truth, one unit a row, is taken off afterwards. A probability below 1e-37 counts as that in the value.
        """
        table, bias = tf.convert_to_tensor(self.output_table), tf.convert_to_tensor(self.bias)

        @gradient_by_hand
        def summed(states, table, bias):
            chances = tf.nn.softmax(_logits(states, table, bias))
            right = tf.gather(chances, targets, batch_dims=1)

            def gradient(upstream):
                share = weights * upstream
                scaled = states * share[:, None]
                of_table = tf.matmul(chances, scaled, transpose_a=True)
                of_table = tf.tensor_scatter_nd_sub(of_table, targets[:, None], scaled)
                of_bias = tf.linalg.matvec(chances, share, transpose_a=True)
                of_bias -= tf.math.unsorted_segment_sum(share, targets, self.size)
                of_states = (tf.matmul(chances, table) - tf.gather(table, targets)) * share[:, None]
                return of_states, of_table, of_bias

            return -tf.reduce_sum(tf.math.log(tf.maximum(right, 1e-37)) * weights), gradient

        return summed(states, table, bias)

    def log_probabilities(self, states: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """ln P(target) [n] of states [n, width] and targets [n] int32, a few rows at a time."""
        count = tf.shape(targets)[0]
        chunks = tf.maximum(1, -(-count // ROWS))
        # a chunk's rows are as many as they need to be
        rows = -(-count // chunks)
        missing = chunks * rows - count
        states = tf.reshape(tf.pad(states, [[0, missing], [0, 0]]), [chunks, rows, self.width])
        targets = tf.reshape(tf.pad(targets, [[0, missing]]), [chunks, rows])

        def of_chunk(chunk):
            return tf.gather(tf.nn.log_softmax(self.logits(chunk[0])), chunk[1], batch_dims=1)

        signature = tf.TensorSpec([None], states.dtype)
        found = tf.map_fn(of_chunk, (states, targets), parallel_iterations=1, fn_output_signature=signature)
        return tf.reshape(found, [-1])[:count]

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.width)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "width": self.width, "tied": self.tied}


def _logits(states, table, bias):
    return tf.nn.bias_add(tf.matmul(states, table, transpose_b=True), bias)
