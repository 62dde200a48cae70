"""Values and gradients of a layer, for tests that compare two."""

import numpy as np
import tensorflow as tf

from tests.layers.drawing import draw


def values_and_gradients(built, x, start=None, mask=None, training=False, graph=False):
    """The outputs, and the gradients of the inputs, initial states and weights, for drawn upstream gradients."""
    x = tf.constant(x)
    start = None if start is None else [tf.constant(state) for state in start]
    weights = [weight.value for weight in built.trainable_weights]

    def run():
        watched = [x, *(start or [])]
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = tf.nest.flatten(built(x, initial_state=start, mask=mask, training=training))
            upstream = [draw(*value.shape, seed=k, dtype=x.dtype.name) for k, value in enumerate(outputs)]
            loss = tf.add_n([tf.reduce_sum(value * up) for value, up in zip(outputs, upstream, strict=True)])
        return outputs, tape.gradient(loss, watched + weights)

    outputs, gradients = tf.function(run, autograph=False)() if graph else run()
    return [value.numpy() for value in outputs], [gradient.numpy() for gradient in gradients]


def assert_equal(one, other, tolerance=1e-5):
    """Values and gradients alike, relative to the largest of each."""
    for mine, theirs in zip(one, other, strict=True):
        for value, expected in zip(mine, theirs, strict=True):
            scale = max(1.0, np.abs(expected).max(initial=0))
            np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance * scale)


def reseed(built, seed=5):
    """Puts the dropout of a layer, or of both directions, at the same place."""
    for one in (built.forward_layer, built.backward_layer) if hasattr(built, "forward_layer") else (built,):
        one.cell.seed_generator.state.assign([seed, seed])
