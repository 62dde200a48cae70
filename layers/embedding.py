"""Embeddings whose gradient Keras's optimisers treat rightly."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers.gradients import gradient_by_hand


@keras.saving.register_keras_serializable("seqtasks")
class Embedding(keras.layers.Embedding):
    """`keras.layers.Embedding` with a dense gradient; ids of any shape to [..., output_dim].

    On TensorFlow the lookup's own gradient lists a row for every occurrence of an id. Keras 3.15's optimisers square
    those rows one by one where they should square their sum: Adam's second moment and the gradient's norm come out too
    small for an id that occurs often in a batch, as characters do. A dense gradient has each row once.
    """

    def call(self, inputs):
        if keras.backend.backend() != "tensorflow":
            return super().call(inputs)
        return ops.cast(lookup(self.embeddings, ops.cast(inputs, "int32")), self.compute_dtype)


def unit_length(width: int) -> keras.initializers.Initializer:
    """Variance 1 / width, so that a row's length is about 1 whatever its width."""
    bound = (3.0 / width) ** 0.5
    return keras.initializers.RandomUniform(-bound, bound)


def lookup(table, ids):
    """The rows `ids` of a table, with a dense gradient of the table, each row once; TensorFlow alone."""
    import tensorflow as tf

    @gradient_by_hand
    def gathered(table):
        def gradient(upstream):
            rows = tf.reshape(upstream, [-1, table.shape[1]])
            return tf.math.unsorted_segment_sum(rows, tf.reshape(ids, [-1]), table.shape[0])

        return tf.gather(table, ids), gradient

    # read here: a custom gradient must not see the variable itself
    return gathered(tf.convert_to_tensor(table))
