"""Layers with distinct random weights, and inputs, for the tests of the cells."""

import keras
import numpy as np

from seqtasks.layers import load_cell


def draw(*shape, seed=0, scale=1.0, dtype="float32"):
    return (scale * np.random.default_rng([seed, *shape]).standard_normal(shape)).astype(dtype)


def layer(name, units=5, inputs=4, drawn=0, **options):
    """A built layer of a cell; every weight, the biases too, is drawn."""
    built = load_cell(name)(units, **options)
    return with_weights(built, inputs, drawn)


def with_weights(built, inputs=4, drawn=0):
    if not built.built:
        built.build((None, None, inputs))
    values = [draw(*weight.shape, seed=drawn + k, scale=0.7) for k, weight in enumerate(built.trainable_weights)]
    for weight, value in zip(built.trainable_weights, values, strict=True):
        weight.assign(value)
    return built


def weights_by_name(built):
    return {weight.name: keras.ops.convert_to_numpy(weight) for weight in built.trainable_weights}


def states(built, batch=3, seed=50, dtype="float32"):
    return [draw(batch, size, seed=seed + k, dtype=dtype) for k, size in enumerate(built.state_size)]


MASK = np.array(
    [
        [True, True, False, True, False, True],
        [False, False, False, False, False, False],
        [False, True, True, True, True, False],
    ]
)
"""Holes, a row of nothing, and padding on both sides; (3, 6)."""
