"""Batch first or time first."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.gradients import gradient_by_hand


def exchanged(tensor: tf.Tensor) -> tf.Tensor:
    """The tensor with its first two axes exchanged: (batch, time, width) to (time, batch, width), or back.

    Whole rows only change their places, so float32 is moved as int32: TensorFlow's transposition of floats goes through
    oneDNN, which for small tensors takes several times as long. A change of type has no gradient, hence one by hand.
    """
    if tensor.dtype != tf.float32:
        return tf.transpose(tensor, [1, 0, 2])

    @gradient_by_hand
    def exchange(tensor):
        moved = tf.transpose(tf.bitcast(tensor, tf.int32), [1, 0, 2])
        return tf.bitcast(moved, tf.float32), exchanged

    return exchange(tensor)
