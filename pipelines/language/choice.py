"""Drawing the next unit from a softmax: temperature, top-k and top-p."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.categorical import drawn_index
from seqtasks.tasks.units import UNKNOWN


def draw(logits, uniform, temperature, top_k, top_p, unknown) -> tf.Tensor:
    """The next unit of each row, [n] int32.

    The k most probable units are kept (Fan et al. 2018, arXiv 1805.04833), and of these the fewest that have the share
    p together (Holtzman et al. 2020, arXiv 1904.09751); of equally probable ones at the edge all are.

    Args:
        logits: [n, size].
        uniform: What decides, in [0, 1), [n].
        temperature: Divides the logits; 0, and what is no temperature, takes the most probable unit, of equals the
            first. Beyond a million all units are alike.
        top_k: 0: all.
        top_p: 1: all. The most probable unit is kept whatever it is.
        unknown: Whether the unknown unit may be drawn.
    """
    size = tf.shape(logits)[1]
    forbidden = (tf.range(size) == UNKNOWN) & ~unknown
    logits = tf.where(forbidden, -float("inf"), logits)
    chances = tf.nn.softmax(logits / tf.clip_by_value(temperature, 1e-6, 1e6))
    ranked = tf.sort(chances, direction="DESCENDING")
    kept = tf.where(top_k > 0, tf.minimum(top_k, size), size)
    least = ranked[:, kept - 1 : kept]
    chances = tf.where(chances >= least, chances, 0.0)
    ranked = tf.where(ranked >= least, ranked, 0.0)
    # a unit is kept if those before it do not have the share yet
    wanted = top_p * tf.reduce_sum(ranked, axis=1, keepdims=True)
    needed = (tf.cumsum(ranked, axis=1, exclusive=True) < wanted) | (top_p >= 1) | (tf.range(size) == 0)
    edge = tf.reduce_min(tf.where(needed, ranked, 1.0), axis=1, keepdims=True)
    drawn = drawn_index(tf.where(chances >= edge, chances, 0.0), uniform)
    return tf.where(temperature > 0, drawn, tf.argmax(logits, axis=1, output_type=tf.int32))
