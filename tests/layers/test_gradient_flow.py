"""How far gradients reach back: matrix powers, and finite differences of the cells written from the papers."""

import keras
import numpy as np
import pytest

from seqtasks.layers import CELLS, Bidirectional, SimpleRNN
from tests.layers import oracles
from tests.layers.drawing import draw, layer, weights_by_name

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="differentiates with TensorFlow's tape")

X = draw(3, 6, 4, seed=7)
MASK = np.array([[True] * 6, [True, False, True, True, False, False], [False, False, True, False, False, False]])
LENGTHS = [6, 3, 1]


def reach(*arguments, **options):
    from seqtasks.layers.gradient_flow import gradient_reach

    return gradient_reach(*arguments, **options)


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_of_a_linear_network_it_is_the_power_of_the_matrix(backwards):
    built = layer("rnn", activation="linear", go_backwards=backwards)
    matrix = weights_by_name(built)["recurrent_kernel"]
    (gains,) = reach(built, X, MASK)
    assert gains.shape == (3, 5)
    for row, length in enumerate(LENGTHS):
        expected = [np.linalg.norm(np.linalg.matrix_power(matrix, k)) / np.sqrt(5) for k in range(1, length)]
        np.testing.assert_allclose(gains[row, : length - 1], expected, rtol=1e-4)
        assert np.isnan(gains[row, length - 1 :]).all()


def test_of_a_single_step_nothing_reaches_back():
    for gains in reach(layer("lstm"), X[:, :1], MASK[:, :1]):
        assert gains.shape == (3, 0)


@pytest.mark.parametrize("name", CELLS)
def test_from_given_states_on_it_is_the_rest_of_the_sequence(name):
    built = layer(name)
    steps, real = X[:, :5], np.ones((3, 5), bool)
    whole = reach(built, steps, real)
    _, start = built.cell(steps[:, 0], built.cell.get_initial_state(batch_size=3))
    rest = reach(built, steps[:, 1:], real[:, 1:], start=start)
    for one, other in zip(whole, rest, strict=True):
        np.testing.assert_allclose(one[:, :3], other, rtol=1e-5)


def test_a_rotation_keeps_every_direction():
    built = SimpleRNN(40, activation="linear")
    built.build((None, None, 4))
    (gains,) = reach(built, X, np.ones((3, 6), bool), probes=3)
    np.testing.assert_allclose(gains, 1, rtol=1e-4)


def test_probes_stand_for_all_directions():
    built = layer("lstm", units=40)
    some, exact = (reach(built, X, np.ones((3, 6), bool), probes=count) for count in (16, 40))
    for one, other in zip(some, exact, strict=True):
        np.testing.assert_allclose(one, other, rtol=0.3)
        assert np.abs(one - other).max() > 1e-6


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("name", CELLS)
def test_it_is_the_finite_difference_of_what_the_paper_says(name, backwards):
    built = layer(name, go_backwards=backwards)
    found = reach(built, X, MASK)
    weights = {key: value.astype("float64") for key, value in weights_by_name(built).items()}
    for row, length in enumerate(LENGTHS):
        steps = X[row][MASK[row]].astype("float64")[:: -1 if backwards else 1]
        for k in range(1, length):
            for index, gains in enumerate(found):
                jacobian = difference(name, weights, steps[: length - k], steps[length - k :], index, len(found))
                np.testing.assert_allclose(gains[row, k - 1], np.linalg.norm(jacobian) / np.sqrt(5), rtol=1e-4)


def difference(name, weights, before, after, index, count):
    """The Jacobian of the last h with respect to a state after the steps `before`, a column at a time."""

    def end(states):
        for x in after:
            states = oracles.STEPS[name](weights, x, *states)
        return states[0]

    states = [np.zeros(5)] * count
    for x in before:
        states = oracles.STEPS[name](weights, x, *states)
    columns = []
    for way in 1e-6 * np.eye(5):
        ahead, behind = (end([state + sign * way * (k == index) for k, state in enumerate(states)]) for sign in (1, -1))
        columns.append((ahead - behind) / 2e-6)
    return np.array(columns)


@pytest.mark.parametrize("name", CELLS)
def test_every_gate_has_a_name_and_its_own_radius(name):
    from seqtasks.layers.gradient_flow import spectral_radii

    built = layer(name, units=2)
    turns = [scale * np.array([[0.0, -1.0], [1.0, 0.0]]) for scale in range(1, 1 + len(built.gate_names))]
    built.cell.recurrent_kernel.assign(np.concatenate(turns, axis=1))
    assert list(built.gate_names) == {"rnn": ["h"], "mgu": ["f", "h"], "gru": ["z", "r", "h"]}.get(name, list("ifco"))
    expected = {gate: scale for scale, gate in enumerate(built.gate_names, 1)}
    assert spectral_radii(built) == pytest.approx(expected)


def test_an_explosion_is_a_number_and_not_the_end():
    from seqtasks.layers.gradient_flow import gradient_reach

    built = layer("rnn", activation="linear", units=2)
    built.cell.recurrent_kernel.assign(1e8 * np.eye(2))
    [gains] = gradient_reach(built, np.ones((1, 5, 4), "float32"), np.ones((1, 5), bool))
    np.testing.assert_allclose(gains[0], [1e8, 1e16, 1e24, 1e32], rtol=1e-5)


def test_directions_are_named():
    from seqtasks.layers.gradient_flow import directions

    both = Bidirectional(layer("gru", return_sequences=True))
    assert directions(both) == {"forward": both.forward_layer, "backward": both.backward_layer}
    one = layer("gru", go_backwards=True)
    assert directions(one) == {"backward": one}
