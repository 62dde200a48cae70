"""Variational dropout: one mask a sequence."""

import keras
import numpy as np

from seqtasks.layers.dropout import VariationalDropout


def dropped(**options) -> np.ndarray:
    layer = VariationalDropout(0.25, seed=1)
    return keras.ops.convert_to_numpy(layer(np.ones((40, 7, 50), "float32"), **options))


def test_a_feature_is_dropped_at_every_step_or_at_none():
    found = dropped(training=True)
    np.testing.assert_array_equal(found, np.repeat(found[:, :1], 7, axis=1))
    np.testing.assert_allclose(np.unique(found), [0, 1 / 0.75], rtol=1e-6)
    assert abs((found[:, 0] == 0).mean() - 0.25) < 0.05


def test_each_sequence_has_a_mask_of_its_own():
    assert len(np.unique(dropped(training=True)[:, 0], axis=0)) == 40


def test_nothing_is_dropped_when_nothing_is_learnt():
    np.testing.assert_array_equal(dropped(training=False), 1)


def test_its_configuration_comes_back():
    layer = VariationalDropout.from_config(VariationalDropout(0.25, name="x").get_config())
    assert (layer.rate, layer.name, layer.noise_shape) == (0.25, "x", (None, 1, None))
