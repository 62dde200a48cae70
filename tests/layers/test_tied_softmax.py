"""The tied softmax against its definition, and its gradient by hand against TensorFlow's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers import tied_softmax
from seqtasks.layers.tied_softmax import TiedSoftmax
from tests.layers.drawing import draw

SIZE, WIDTH, ROWS = 7, 3, 5
STATES = tf.constant(draw(ROWS, WIDTH, seed=1))
TARGETS = tf.constant([2, 0, 6, 2, 4])  # one twice
WEIGHTS = tf.constant([0.5, 0.0, 1.0, 2.0, 0.25])  # one is padding


def layer(tied=True) -> TiedSoftmax:
    made = TiedSoftmax(SIZE, WIDTH, tied)
    for seed, weight in enumerate(made.weights):
        weight.assign(draw(*weight.shape, seed=seed + 2))
    return made


def plainly(made, states=STATES) -> tf.Tensor:
    """ln P of everything, as the docstring defines it."""
    table = made.embeddings if made.tied else made.output_table
    return tf.nn.log_softmax(tf.linalg.matmul(states, table, transpose_b=True) + made.bias)


@pytest.mark.parametrize("tied", [True, False])
def test_the_loss_and_its_gradient_are_those_of_the_definition(tied):
    made = layer(tied)
    units = tf.constant([[1, 2], [2, 2]])  # what is embedded is learnt from both ends
    results = []
    for loss in (
        lambda states: made.cross_entropy(states, TARGETS, WEIGHTS),
        lambda states: -tf.reduce_sum(tf.gather(plainly(made, states), TARGETS, batch_dims=1) * WEIGHTS),
    ):
        with tf.GradientTape() as tape:
            tape.watch(STATES)
            value = 3.0 * loss(STATES) + tf.reduce_sum(made(units) ** 2)
        gradients = tape.gradient(value, [STATES, *(weight.value for weight in made.weights)])
        results.append([value.numpy(), *(tf.convert_to_tensor(gradient).numpy() for gradient in gradients)])
    for ours, theirs in zip(*results, strict=True):
        assert np.abs(theirs).max() > 0.1
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_probabilities_sum_to_one():
    made = layer()
    every = np.exp([made.log_probabilities(STATES, tf.fill([ROWS], unit)).numpy() for unit in range(SIZE)])
    np.testing.assert_allclose(every.sum(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_chunks_change_no_probability(rows, monkeypatch):
    made = layer()
    monkeypatch.setattr(tied_softmax, "ROWS", rows)
    found = made.log_probabilities(STATES, TARGETS).numpy()
    np.testing.assert_allclose(found, tf.gather(plainly(made), TARGETS, batch_dims=1), atol=1e-6)
    assert made.log_probabilities(STATES[:0], TARGETS[:0]).shape == [0]


def test_what_cannot_be_counts_as_very_improbable_and_not_as_infinite():
    made = layer()
    made.bias.assign([0.0] * (SIZE - 1) + [-500.0])
    assert 80 < float(made.cross_entropy(STATES[:1], tf.constant([SIZE - 1]), tf.constant([1.0]))) < 90
    assert made.log_probabilities(STATES[:1], tf.constant([SIZE - 1])).numpy() < -490


def test_tied_ends_share_one_matrix():
    assert len(layer().weights) == 2 and len(layer(tied=False).weights) == 3
    made = TiedSoftmax.from_config(layer(tied=False).get_config())
    assert (made.size, made.width, made.tied) == (SIZE, WIDTH, False)
    assert keras.ops.shape(made(tf.zeros([2, 4], tf.int32))) == (2, 4, WIDTH)


def test_tables_that_are_not_tied_start_apart():
    made = TiedSoftmax(SIZE, WIDTH, tied=False)
    assert np.abs(made.embeddings.numpy() - made.output_table.numpy()).max() > 0.01


def test_ids_may_be_floats_as_keras_inputs_are():
    made = layer()
    np.testing.assert_array_equal(made(tf.constant([[1.0, 2.0]])), made(tf.constant([[1, 2]])))
