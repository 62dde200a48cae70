"""Every state of a layer's way through a sequence."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers import CELLS, load_cell
from seqtasks.layers.trajectory import trajectory


@pytest.mark.parametrize("cell", CELLS)
def test_a_trajectory_is_what_the_layer_returns_step_by_step(cell):
    keras.utils.set_random_seed(3)
    layer = load_cell(cell)(5, return_sequences=True, return_state=True)
    inputs = tf.random.normal([4, 6, 3])
    mask = tf.sequence_mask([6, 3, 1, 0], 6)
    outputs, *last = layer(inputs, mask=mask)
    found = trajectory(layer, tf.transpose(inputs, [1, 0, 2]), tf.transpose(mask))
    assert len(found) == 7 and all(len(states) == (2 if cell in ("lstm", "peephole") else 1) for states in found)
    for state in found[0]:
        np.testing.assert_array_equal(state, np.zeros([4, 5]))
    for step in range(6):
        here = mask[:, step].numpy()
        np.testing.assert_allclose(found[step + 1][0][here], outputs[:, step][here], atol=1e-6)
    for state, expected in zip(found[-1], last, strict=True):
        np.testing.assert_allclose(state, expected, atol=1e-6)
