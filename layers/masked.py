"""The softmax over real positions alone, defined (zeros) also where none is real."""

from __future__ import annotations

import keras
from keras import ops


def never(dtype: str) -> float:
    """Below every state and every score, and finite, so that where nothing is real there is a gradient, of 0."""
    return -6e4 if dtype == "float16" else -1e30


def masked_softmax(scores, real):
    """The softmax over the last axis, of the real positions alone: [..., t], zeros where no position is real.

    Args:
        scores: [..., t].
        real: Booleans whose shape spreads to that of the scores.
    """
    scores = ops.where(real, scores, never(keras.backend.standardize_dtype(scores.dtype)))
    # the best position counts 1 before the division, so that the sum is below 1 only where no position is real
    shares = ops.exp(scores - ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True)))
    shares = shares * ops.cast(real, scores.dtype)
    return shares / ops.maximum(ops.sum(shares, axis=-1, keepdims=True), 1.0)
