"""The decoder: its steps one by one are its run over all steps, for every cell."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers import CELLS
from seqtasks.layers.attention import ATTENTIONS
from seqtasks.layers.decoder import AttentionDecoder

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=[3, 4, 5]).astype("float32")
VALUES = RNG.normal(size=[3, 7, 6]).astype("float32")
MASK = np.arange(7) < np.array([7, 3, 1])[:, None]


def made(cell="lstm", depth=2, attention="general"):
    decoder = AttentionDecoder(cell, 4, depth, attention)
    decoder.build(INPUTS.shape, VALUES.shape)
    rng = np.random.default_rng(1)
    decoder.set_weights([rng.normal(size=weight.shape, scale=0.5) for weight in decoder.weights])
    states = [[rng.normal(size=[3, width]).astype("float32") for width in widths] for widths in decoder.state_widths]
    return decoder, states, decoder.attention.memory(VALUES, MASK)


def test_a_decoder_without_layers_is_refused():
    with pytest.raises(ValueError, match="depth must be at least 1"):
        AttentionDecoder("gru", 4, depth=0)


CASES = [(cell, 2, "general") for cell in CELLS] + [("gru", 3, "scaled"), ("lstm", 1, "additive"), ("gru", 2, "none")]


@pytest.mark.parametrize(("cell", "depth", "attention"), CASES)
def test_steps_are_the_run(cell, depth, attention):
    decoder, states, memory = made(cell, depth, attention)
    whole, weights = decoder(INPUTS, states, memory)
    assert whole.shape == (3, 4, 10) and np.abs(whole).max() > 0.1
    for time in range(4):
        found, states, of_step = decoder.step(INPUTS[:, time], states, memory)
        np.testing.assert_allclose(found, whole[:, time], atol=1e-6)
        np.testing.assert_allclose(of_step[:, 0], weights[:, time], atol=1e-6)


def test_several_sequences_share_a_memory():
    decoder, states, memory = made()
    twice = [[np.repeat(state, 2, axis=0) for state in of_layer] for of_layer in states]
    together, _, weights = decoder.step(np.repeat(INPUTS[:, 0], 2, axis=0), twice, memory)
    alone, _, of_alone = decoder.step(INPUTS[:, 0], states, memory)
    np.testing.assert_allclose(together, np.repeat(alone, 2, axis=0), atol=1e-6)
    np.testing.assert_allclose(weights, np.repeat(of_alone, 2, axis=1), atol=1e-6)


def test_later_inputs_and_padding_of_the_memory_change_nothing():
    decoder, states, memory = made()
    whole, _ = decoder(INPUTS, states, memory)
    longer = np.concatenate([INPUTS, 9 + INPUTS], axis=1)
    wider = decoder.attention.memory(
        np.pad(VALUES, [[0, 0], [0, 4], [0, 0]], constant_values=7), np.pad(MASK, [[0, 0], [0, 4]])
    )
    np.testing.assert_allclose(decoder(longer, states, wider)[0][:, :4], whole, atol=1e-6)


def test_the_first_state_and_the_memory_count():
    decoder, states, memory = made()
    whole, _ = decoder(INPUTS, states, memory)
    for layer in (0, 1):
        other = [[-state if at == layer else state for state in of_layer] for at, of_layer in enumerate(states)]
        assert np.abs(decoder(INPUTS, other, memory)[0] - whole).max() > 1e-2
    changed = decoder.attention.memory(VALUES[:, ::-1], MASK)
    assert np.abs(decoder(INPUTS, states, changed)[0] - whole).max() > 1e-2


def test_every_weight_has_a_gradient():
    decoder, states, _ = made(depth=3, attention="additive")
    with tf.GradientTape() as tape:
        found, _ = decoder(INPUTS, states, decoder.attention.memory(VALUES, MASK), training=True)
        total = tf.reduce_sum(found**2)
    gradients = tape.gradient(total, decoder.trainable_weights)
    assert all(gradient is not None and np.abs(gradient).max() > 0 for gradient in gradients)


def test_dropout_acts_in_training_alone():
    keras.utils.set_random_seed(1)
    decoder = AttentionDecoder("lstm", 4, 2, "general", dropout=0.5)
    decoder.build(INPUTS.shape, VALUES.shape)
    _, states, _ = made()
    memory = decoder.attention.memory(VALUES, MASK)
    still = [decoder(INPUTS, states, memory)[0] for _ in range(2)]
    moved = [decoder(INPUTS, states, memory, training=True)[0] for _ in range(2)]
    np.testing.assert_array_equal(still[0], still[1])
    assert np.abs(moved[0] - moved[1]).max() > 1e-3


def test_configuration_round_trip():
    decoder, _, _ = made("mgu", 3, "scaled")
    again = AttentionDecoder.from_config(decoder.get_config())
    assert (again.cell, again.units, again.depth, again.kind) == ("mgu", 4, 3, "scaled")
    assert set(ATTENTIONS) >= {again.kind}
    slow = AttentionDecoder("rnn", 4, rnn_activation="relu", leak=0.5)
    again = AttentionDecoder.from_config(slow.get_config())
    for cell in (layer.cell for decoder in (slow, again) for layer in decoder.recurrent):
        assert (cell.activation, cell.leak) == (keras.activations.relu, 0.5)
    with pytest.raises(ValueError, match="options of the cell rnn"):
        AttentionDecoder("gru", 4, leak=0.5)
