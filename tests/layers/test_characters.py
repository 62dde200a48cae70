"""Features from spelling: their width, and padding that changes nothing."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers.characters import SpellingFeatures
from tests.layers.drawing import draw

IDS = np.array([[2, 7, 8, 9, 3], [2, 5, 3, 0, 0], [0, 0, 0, 0, 0]])  # BOS a b c EOS; BOS d EOS; padding alone


def built(kind: str, units: int = 8, cell: str = "gru") -> SpellingFeatures:
    layer = SpellingFeatures(10, units, 4, kind=kind, cell=cell)
    layer.build(IDS.shape)
    # every weight is drawn, the biases above 0: a position that counts and should not would show
    for at, weight in enumerate(layer.trainable_weights):
        value = draw(*weight.shape, seed=at)
        weight.assign(np.abs(value) + 1 if weight.name == "bias" else value)
    return layer


def features(layer: SpellingFeatures, ids: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(ids))


@pytest.mark.parametrize("kind", ["convolution", "recurrent"])
def test_padding_changes_nothing(kind):
    layer = built(kind)
    together = features(layer, IDS)
    np.testing.assert_allclose(features(layer, np.pad(IDS, [(0, 0), (0, 6)])), together, atol=1e-6)
    np.testing.assert_allclose(features(layer, IDS[1:2, :3]), together[1:2], atol=1e-6)
    np.testing.assert_array_equal(together[2], 0)
    assert np.abs(together[:2]).min() > 0


def test_recurrent_features_are_the_mean_of_the_states():
    layer = built("recurrent")
    states = keras.ops.convert_to_numpy(layer.reader(layer.embedding(IDS[1:2, :3])))
    np.testing.assert_allclose(features(layer, IDS)[1], states[0].mean(axis=0), atol=1e-6)


def test_convolutional_features_are_the_largest_over_the_positions():
    layer = built("convolution")
    embedded = layer.embedding(IDS[1:2, :3])
    expected = np.concatenate([keras.ops.convert_to_numpy(one(embedded)).max(axis=1) for one in layer.filters], axis=1)
    np.testing.assert_allclose(features(layer, IDS)[1:2], expected, atol=1e-6)


@pytest.mark.parametrize(("kind", "units"), [("convolution", 7), ("convolution", 8), ("recurrent", 6)])
def test_features_are_as_wide_as_they_should_be(kind, units):
    layer = built(kind, units)
    assert features(layer, IDS).shape == layer.compute_output_shape(IDS.shape) == (3, units)
    assert SpellingFeatures.from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize(("options", "named"), [({"kind": "recurrent"}, "even"), ({"kind": "none"}, "received 'none'")])
def test_what_cannot_be_is_named(options, named):
    with pytest.raises(ValueError, match=named):
        SpellingFeatures(10, 7, **options)


@pytest.mark.parametrize("dtype", ["float64", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", ["convolution", "recurrent"])
def test_features_are_computed_in_the_layers_own_type(kind, dtype):
    layer = SpellingFeatures(10, 6, 4, kind=kind, dtype=dtype)
    assert keras.backend.standardize_dtype(layer(IDS).dtype) == dtype.removeprefix("mixed_")


def test_words_of_padding_alone_are_kept_from_cudnn(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    layer = SpellingFeatures(10, 6, 4, kind="recurrent", cell="lstm")
    graph = tf.function(lambda: layer(IDS)).get_concrete_function().graph.as_graph_def()
    ops = [node for function in graph.library.function for node in function.node_def] + list(graph.node)
    assert ops and not [node.op for node in ops if "cudnn" in node.op.lower()]
