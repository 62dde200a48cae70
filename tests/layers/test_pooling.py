"""Pooling over states: each kind against a loop in NumPy, and padding that counts for nothing, wherever it stands."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from seqtasks.config import ClassificationConfig
from seqtasks.layers.pooling import POOLINGS, SequencePooling

LENGTHS = (5, 1, 3, 0)


def drawn(time=5, width=6):
    """States below 0 only, so that a zero that counts shows, and a mask of the lengths 5, 1, 3, 0."""
    states = -1 - np.random.default_rng(0).random([len(LENGTHS), time, width]).astype("float32")
    return states, np.arange(time) < np.array(LENGTHS)[:, None]


def layer(kind, bidirectional=False):
    made = SequencePooling(kind, bidirectional)
    made.build([None, None, 6])
    rng = np.random.default_rng(1)
    made.set_weights([rng.normal(size=weight.shape) for weight in made.weights])
    return made


def reckoned(made, states):
    """The pooling of one sequence of real states, [time, width], by its definition."""
    if len(states) == 0:
        return np.zeros(states.shape[1])
    if made.kind == "last":
        half = states.shape[1] // 2
        return np.concatenate([states[-1, :half], states[0, half:]]) if made.bidirectional else states[-1]
    if made.kind == "mean":
        return sum(states) / len(states)
    if made.kind == "max":
        return np.array([max(column) for column in states.T])
    kernel, bias, context = made.get_weights()
    scores = [np.tanh(state @ kernel + bias) @ context for state in states]
    shares = np.exp(scores) / sum(np.exp(scores))
    return sum(share * state for share, state in zip(shares, states, strict=True))


CASES = [(kind, False) for kind in POOLINGS] + [("last", True)]


@pytest.mark.parametrize(("kind", "bidirectional"), CASES)
def test_definition(kind, bidirectional):
    states, mask = drawn()
    made = layer(kind, bidirectional)
    expected = [reckoned(made, row[real]) for row, real in zip(states, mask, strict=True)]
    assert np.allclose(made(states, mask=mask), expected, atol=1e-6)
    assert np.allclose(made(states[:1]), expected[:1], atol=1e-6)  # without a mask all is real


@pytest.mark.parametrize(("kind", "bidirectional"), CASES)
def test_what_stands_on_masked_steps_changes_nothing(kind, bidirectional):
    states, mask = drawn()
    made = layer(kind, bidirectional)
    before = np.array(made(states, mask=mask))
    other = np.where(mask[..., None], states, np.float32(1e6))
    assert np.array_equal(made(other, mask=mask), before)
    wider = np.pad(other, [(0, 0), (2, 7), (0, 0)], constant_values=-1e6)
    assert np.allclose(made(wider, mask=np.pad(mask, [(0, 0), (2, 7)])), before, atol=1e-6)
    assert not before[3].any() and before[:3].all()


@pytest.mark.parametrize(("kind", "bidirectional"), CASES)
def test_gradients_reach_real_steps_alone(kind, bidirectional):
    states, mask = drawn()
    made = layer(kind, bidirectional)
    with tf.GradientTape() as tape:
        inputs = tf.Variable(states)
        total = tf.reduce_sum(made(inputs, mask=mask) ** 2)
    found = tape.gradient(total, [inputs, *made.trainable_variables])
    assert all(np.isfinite(one).all() for one in found)
    assert not np.array(found[0])[~mask].any()
    assert all(np.abs(row[real]).sum() > 0 for row, real in zip(found[0].numpy(), mask, strict=True) if real.any())
    assert all(np.abs(one).sum() > 0 for one in found[1:])


@pytest.mark.parametrize("kind", POOLINGS)
def test_configuration_round_trip_and_shape(kind):
    made = layer(kind, bidirectional=True)
    again = keras.layers.deserialize(keras.layers.serialize(made))
    assert again.get_config() == made.get_config()
    assert tuple(ops.shape(again(np.zeros([2, 3, 6], "float32")))) == made.compute_output_shape((2, 3, 6)) == (2, 6)


def test_the_attention_starts_with_a_gradient_for_its_kernel():
    made = SequencePooling("attention")
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(made(drawn()[0]) ** 2)
    assert np.abs(tape.gradient(total, made.kernel)).max() > 0


def test_unknown_kind_and_the_options_agree():
    with pytest.raises(ValueError, match="one of last, mean, max, attention"):
        SequencePooling("sum")
    assert ClassificationConfig.__dataclass_fields__["pooling"].metadata["choices"] == POOLINGS


@pytest.mark.parametrize("kind", POOLINGS)
def test_nothing_to_pool_is_zeros(kind):
    made = layer(kind)
    for shape in ([2, 0, 6], [0, 3, 6]):
        np.testing.assert_array_equal(made(np.zeros(shape, "float32")), np.zeros((shape[0], 6)))


@pytest.mark.parametrize("kind", POOLINGS)
def test_half_precision_has_no_nan_where_nothing_is_real(kind):
    made = SequencePooling(kind, dtype="mixed_float16")
    states, mask = drawn()
    pooled = ops.convert_to_numpy(made(states, mask=mask))
    assert pooled.dtype == "float16" and np.isfinite(pooled).all()
    np.testing.assert_array_equal(pooled[3], 0)
