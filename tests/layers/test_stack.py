"""The stack against the same layers put together in NumPy, for every way of joining them."""

import keras
import numpy as np
import pytest

from seqtasks.layers import CELLS, load_cell
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


def test_a_stack_without_a_layer_is_an_error():
    for options in ({"depth": 0}, {"depth": 2, "skip": 0}):
        with pytest.raises(ValueError, match="depth and skip must be at least 1"):
            RecurrentStack("gru", 3, **options)


def test_a_stack_computes_in_its_own_type():
    for connection in CONNECTIONS:
        built = RecurrentStack("lstm", 3, depth=2, connection=connection, dropout=0.1, dtype="float64")
        found = built(X.astype("float64"), training=True)
        assert keras.backend.standardize_dtype(found.dtype) == "float64"


def test_a_stack_with_every_option_is_saved_and_loaded(tmp_path):
    options = {"cell": "rnn", "rnn_activation": "relu", "leak": 0.5, "skip": 2, "depth": 2, "connection": "highway"}
    options |= {"dropout": 0.5, "variational": False}
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, RecurrentStack(units=3, **options)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert {name: loaded.layers[-1].get_config()[name] for name in options} == options
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(X)), keras.ops.convert_to_numpy(model(X)))


def test_options_of_the_simple_cell_reach_its_units():
    for built in RecurrentStack("rnn", 3, rnn_activation="relu", leak=0.5, depth=2).recurrent:
        built.build((None, None, 4))
        for one in (built.forward_layer, built.backward_layer):
            assert one.cell.activation is keras.activations.relu and one.cell.leak == 0.5
            np.testing.assert_array_equal(keras.ops.convert_to_numpy(one.cell.recurrent_kernel), np.eye(3))
    plain = RecurrentStack("rnn", 3, bidirectional=False).recurrent[0]
    assert plain.cell.activation is keras.activations.tanh and plain.cell.leak == 1


@pytest.mark.parametrize("options", [{"leak": 0.5}, {"rnn_activation": "relu"}])
def test_options_of_the_simple_cell_beside_another_are_an_error(options):
    with pytest.raises(ValueError, match="options of the cell rnn, received 'gru'"):
        RecurrentStack("gru", 3, **options)


@pytest.mark.parametrize("name", CELLS)
def test_recurrent_weights_start_with_orthonormal_rows(name):
    built = load_cell(name)(5)
    built.build((None, None, 4))
    start = keras.ops.convert_to_numpy(built.cell.recurrent_kernel)
    np.testing.assert_allclose(start @ start.T, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("name", ["lstm", "peephole"])
def test_forget_gates_start_open(name):
    built = load_cell(name)(5)
    built.build((None, None, 4))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(built.cell.bias), np.repeat([0, 1, 0, 0], 5))


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_stack_goes_on_from_its_states(cell, connection):
    """Two halves, the second from the first one's states, are the whole."""
    stack = with_weights(
        RecurrentStack(cell, UNITS, depth=2, bidirectional=False, connection=connection, return_state=True)
    )
    whole, last = stack(X)
    first, states = stack(X[:, :2])
    second, after = stack(X[:, 2:], initial_states=states)
    np.testing.assert_allclose(keras.ops.concatenate([first, second], axis=1), whole, atol=1e-6)
    assert [len(of_layer) for of_layer in last] == [len(of_layer) for of_layer in stack.zero_states(1)]
    for ours, theirs in zip(after, last, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert np.abs(np.array(stack(X[:, 2:])[0]) - np.array(second)).max() > 1e-3  # not so from zeros
    output, shapes = stack.compute_output_shape(X.shape)
    assert output == whole.shape and shapes == [[tuple(state.shape) for state in of_layer] for of_layer in last]


@pytest.mark.parametrize("options", [{"bidirectional": True}, {"bidirectional": False, "skip": 2}])
def test_states_that_do_not_go_on_are_refused(options):
    with pytest.raises(ValueError, match="return_state"):
        RecurrentStack("gru", UNITS, depth=2, return_state=True, **options)
