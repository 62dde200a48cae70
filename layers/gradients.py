"""Gradients derived by hand, and graphs that need none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_forward_only = ContextVar("forward_only", default=False)


@contextmanager
def forward_only() -> Iterator[None]:
    """Within it layers are traced without their hand-derived gradients.

    A SavedModel can't hold such a gradient as TensorFlow's own loader wants it: it warns of each when it is loaded.
    """
    token = _forward_only.set(True)
    try:
        yield
    finally:
        _forward_only.reset(token)


def gradient_by_hand(function: Callable) -> Callable:
    """`tf.custom_gradient`: `function` returns its results and the function of their gradient.

    Within `forward_only` it is the results alone.
    """
    import tensorflow as tf

    if _forward_only.get():
        return lambda *inputs: function(*inputs)[0]

    def summed(gradient):
        # what was gathered along the batch has a gradient of single rows, which no equation takes as it is
        if not isinstance(gradient, tf.IndexedSlices):
            return gradient
        return tf.math.unsorted_segment_sum(gradient.values, gradient.indices, gradient.dense_shape[0])

    def with_tensors(*inputs):
        results, gradient = function(*inputs)
        return results, lambda *upstream: gradient(*map(summed, upstream))

    return tf.custom_gradient(with_tensors)
