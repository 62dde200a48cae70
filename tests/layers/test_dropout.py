"""Dropout along sequences: one mask a sequence, or one a step."""

import keras
import numpy as np
import pytest

from seqtasks.layers.dropout import VariationalDropout, sequence_dropout


def dropped(variational=True, **options) -> np.ndarray:
    layer = sequence_dropout(0.25, variational, seed=1)
    return keras.ops.convert_to_numpy(layer(np.ones((40, 7, 50), "float32"), **options))


def test_a_feature_is_dropped_at_every_step_or_at_none():
    found = dropped(training=True)
    np.testing.assert_array_equal(found, np.repeat(found[:, :1], 7, axis=1))
    np.testing.assert_allclose(np.unique(found), [0, 1 / 0.75], rtol=1e-6)
    assert abs((found[:, 0] == 0).mean() - 0.25) < 0.05


def test_otherwise_each_step_has_a_mask_of_its_own():
    found = dropped(variational=False, training=True)
    assert len(np.unique(found.reshape(-1, 50), axis=0)) == 40 * 7
    np.testing.assert_allclose(np.unique(found), [0, 1 / 0.75], rtol=1e-6)
    assert abs((found == 0).mean() - 0.25) < 0.02


def test_each_sequence_has_a_mask_of_its_own():
    assert len(np.unique(dropped(training=True)[:, 0], axis=0)) == 40


@pytest.mark.parametrize("variational", [True, False])
def test_nothing_is_dropped_when_nothing_is_learnt(variational):
    np.testing.assert_array_equal(dropped(variational, training=False), 1)


def test_its_configuration_comes_back():
    layer = VariationalDropout.from_config(VariationalDropout(0.25, name="x").get_config())
    assert (layer.rate, layer.name, layer.noise_shape) == (0.25, "x", (None, 1, None))
