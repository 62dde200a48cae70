"""Attention: each kind against a loop in NumPy, and positions that are masked, wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers.attention import ATTENTIONS, Attention

RNG = np.random.default_rng(0)
QUERIES = RNG.normal(size=[3, 2, 4]).astype("float32")
VALUES = RNG.normal(size=[3, 5, 6]).astype("float32")
MASK = np.array([[1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]], bool)


def layer(kind):
    made = Attention(kind, 4)
    made.build(VALUES.shape)
    rng = np.random.default_rng(1)
    made.set_weights([rng.normal(size=weight.shape) for weight in made.weights])
    return made


def score(made, query, value):
    if made.kind == "additive":
        of_values, of_queries, bias, direction = made.get_weights()
        return np.tanh(query @ of_queries + value @ of_values + bias) @ direction
    return value @ made.get_weights()[0] @ query / (2 if made.kind == "scaled" else 1)


@pytest.mark.parametrize("kind", [kind for kind in ATTENTIONS if kind != "none"])
def test_definition(kind):
    made = layer(kind)
    contexts, weights = made(QUERIES, made.memory(VALUES, MASK))
    for row in range(3):
        real = np.flatnonzero(MASK[row])
        for at, query in enumerate(QUERIES[row]):
            shares = np.exp([score(made, query, VALUES[row, place]) for place in real])
            expected = np.zeros(5)
            expected[real] = shares / shares.sum()
            np.testing.assert_allclose(weights[row, at], expected, atol=1e-5)
            np.testing.assert_allclose(contexts[row, at], expected @ VALUES[row], atol=1e-5)


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_what_is_masked_counts_for_nothing_and_gets_no_gradient(kind):
    made = layer(kind)
    values = tf.Variable(VALUES)
    with tf.GradientTape() as tape:
        contexts, weights = made(QUERIES, made.memory(values, MASK))
        total = tf.reduce_sum(contexts**2) + tf.reduce_sum(weights**2)
    assert np.isfinite(contexts).all() and not weights.numpy()[2].any() and not contexts.numpy()[2].any()
    changed = np.where(MASK[:, :, None], VALUES, 99.0).astype("float32")
    np.testing.assert_allclose(made(QUERIES, made.memory(changed, MASK))[0], contexts, atol=1e-6)
    gradient = tape.gradient(total, values)
    if kind == "none":
        assert gradient is None and not contexts.numpy().any()
    else:
        assert not gradient.numpy()[~MASK].any() and gradient.numpy()[0].all()


def test_an_unknown_kind_is_an_error():
    with pytest.raises(ValueError, match="general, scaled, additive, none, received 'dot'"):
        Attention("dot", 4)


def test_configuration_round_trip():
    assert Attention.from_config(layer("additive").get_config()).kind == "additive"
