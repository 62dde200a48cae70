"""Ragged rows to padded ones."""

from __future__ import annotations

import tensorflow as tf


def dense(ragged: tf.RaggedTensor, padding: str | int) -> tf.Tensor:
    """[n, t] with t at least 1: a batch of empty rows has no width of its own, which later stages can't reduce over."""
    padded = ragged.to_tensor(padding)
    return tf.pad(padded, [[0, 0], [0, tf.cast(tf.shape(padded)[1] == 0, tf.int32)]], constant_values=padding)
