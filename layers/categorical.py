"""Drawing from a discrete distribution."""

from __future__ import annotations

import tensorflow as tf


def drawn_index(chances, uniform):
    """By the inverse of the distribution function: one number a row is enough, however many there are to draw from.

    Args:
        chances: Not negative, of any positive sum, [n, size].
        uniform: In [0, 1), [n].

    Returns:
        The first index whose running sum is above that share of the whole, [n] int32: never one of no chance.
    """
    sums = tf.cumsum(chances, axis=-1)
    # whatever the rounding, the point stays below the whole sum
    point = uniform[:, None] * (1 - 1e-6) * sums[:, -1:]
    return tf.reduce_sum(tf.cast(sums <= point, tf.int32), axis=-1)
