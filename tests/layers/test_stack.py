"""The stack against the same layers put together in NumPy, for every way of joining them."""

import keras
import numpy as np
import pytest

from seqtasks.layers.stack import CONNECTIONS, RecurrentStack
from tests.layers import oracles
from tests.layers.drawing import MASK, draw, weights_by_name, with_weights

X = draw(3, 6, 4, seed=3)
UNITS = 5


def built(**options) -> RecurrentStack:
    return with_weights(RecurrentStack("gru", UNITS, depth=3, **options))


def one_layer(layer, x, bidirectional: bool) -> np.ndarray:
    start = [np.zeros((len(x), UNITS))]
    if not bidirectional:
        return oracles.run("gru", weights_by_name(layer), x, start, MASK)[0]
    forward, _ = oracles.run("gru", weights_by_name(layer.forward_layer), x, start, MASK)
    backward, _ = oracles.run("gru", weights_by_name(layer.backward_layer), x, start, MASK, backwards=True)
    return np.concatenate([forward, backward[:, ::-1]], axis=-1)


def composed(stack: RecurrentStack, connection: str, bidirectional: bool) -> np.ndarray:
    first, second, third = stack.recurrent
    one = one_layer(first, X, bidirectional)
    if connection == "dense":
        two = one_layer(second, np.concatenate([X, one], axis=-1), bidirectional)
        return one_layer(third, np.concatenate([X, one, two], axis=-1), bidirectional)
    two = joined(stack, connection, 0, one, one_layer(second, one, bidirectional))
    return joined(stack, connection, 1, two, one_layer(third, two, bidirectional))


def joined(stack: RecurrentStack, connection: str, index: int, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    if connection == "none":
        return after
    if connection == "residual":
        return before + after
    kernel, bias = (keras.ops.convert_to_numpy(weight) for weight in stack.gates[index].weights)
    gate = oracles.sigmoid(before @ kernel + bias)
    return gate * after + (1 - gate) * before


@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_stack_is_its_layers_joined(connection, bidirectional):
    stack = built(connection=connection, bidirectional=bidirectional)
    found = keras.ops.convert_to_numpy(stack(X, mask=MASK))
    expected = composed(stack, connection, bidirectional)
    assert found.shape == expected.shape == (3, 6, stack.width)
    assert stack.compute_output_shape(X.shape) == found.shape
    np.testing.assert_allclose(found[MASK], expected[MASK], atol=1e-5)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_more_padding_changes_nothing(connection):
    stack = built(connection=connection, dropout=0.5, recurrent_dropout=0.5)
    mask = np.arange(6) < np.array([6, 2, 4])[:, None]
    padded = np.concatenate([X, draw(3, 3, 4, seed=9)], axis=1), np.pad(mask, [(0, 0), (0, 3)])
    short, long = (keras.ops.convert_to_numpy(stack(x, mask=m)) for x, m in ((X, mask), padded))
    np.testing.assert_allclose(long[:, :6][mask], short[mask], atol=1e-6)


def test_a_gate_lets_most_of_its_input_through_at_first():
    stack = RecurrentStack("gru", UNITS, depth=3, connection="highway")
    stack.build(X.shape)
    for gate in stack.gates:
        np.testing.assert_array_equal(gate.bias, -1.0)


def test_an_unknown_connection_is_named():
    with pytest.raises(ValueError, match=r"highway.*received 'resid'"):
        RecurrentStack("gru", UNITS, connection="resid")
