"""The embedding's dense gradient is Keras's own, its rows summed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers.embedding import Embedding
from tests.layers.drawing import draw

IDS = np.array([[1, 1, 4], [0, 1, 4]])
TABLE = draw(6, 3, seed=1)
UPSTREAM = draw(2, 3, 3, seed=2)


def value_and_gradient(kind: type, graph: bool):
    layer = kind(6, 3)
    layer.build(IDS.shape)
    layer.embeddings.assign(TABLE)

    def run():
        with tf.GradientTape() as tape:
            found = layer(IDS)
            loss = tf.reduce_sum(found * UPSTREAM)
        return found, tape.gradient(loss, layer.embeddings.value)

    return tf.function(run, autograph=False)() if graph else run()


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
def test_the_gradient_is_the_sparse_one_summed(graph):
    found, gradient = value_and_gradient(Embedding, graph)
    theirs, sparse = value_and_gradient(keras.layers.Embedding, graph)
    np.testing.assert_array_equal(found, theirs)
    assert isinstance(gradient, tf.Tensor) and isinstance(sparse, tf.IndexedSlices)
    assert len(sparse.indices) == IDS.size  # a row for every occurrence
    np.testing.assert_allclose(gradient, tf.convert_to_tensor(sparse), atol=1e-6)
    by_hand = np.zeros_like(TABLE)
    np.add.at(by_hand, IDS, UPSTREAM)
    np.testing.assert_allclose(gradient, by_hand, atol=1e-6)


def test_ids_of_any_shape():
    layer = Embedding(6, 3)
    assert layer(np.array([1, 2])).shape == (2, 3)
    assert layer(np.ones((2, 3, 4))).shape == (2, 3, 4, 3)


def test_its_vectors_have_the_type_of_its_policy():
    assert Embedding(5, 3, dtype="mixed_float16")(np.array([[1, 2]])).dtype == "float16"
