"""What every cell in the table keeps to, on every Keras backend.

Other backends: KERAS_BACKEND=jax (or torch) pytest tests/layers/test_every_cell.py; there the cells run in Keras's own
loop.
"""

import keras
import numpy as np
import pytest

from seqtasks.layers import CELLS, Bidirectional, load_cell
from tests.layers import oracles
from tests.layers.drawing import MASK, draw, layer, states, weights_by_name, with_weights

X = draw(3, 6, 4, seed=7)

pytestmark = pytest.mark.parametrize("name", CELLS)


def numpy(value):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, value)


def begun(mask, backwards=False):
    """Where backends agree: before the first real step TensorFlow's output is 0, the others' the initial state."""
    if mask is None or keras.backend.backend() == "tensorflow":
        return np.ones((1, 1, 1), bool)
    return np.maximum.accumulate(mask[:, ::-1] if backwards else mask, axis=1)[:, :, None]


@pytest.mark.parametrize("mask", [None, MASK], ids=["unmasked", "masked"])
@pytest.mark.parametrize("backwards", [False, True])
def test_is_what_the_paper_says(name, backwards, mask):
    built = layer(name, return_sequences=True, return_state=True, go_backwards=backwards)
    start = states(built)
    outputs, *last = numpy(built(X, initial_state=start, mask=mask))
    expected, expected_last = oracles.run(name, weights_by_name(built), X, start, mask, backwards)
    shown = begun(mask, backwards)
    np.testing.assert_allclose(outputs * shown, expected * shown, atol=1e-5)
    for state, expected_state in zip(last, expected_last, strict=True):
        np.testing.assert_allclose(state, expected_state, atol=1e-5)


@pytest.mark.parametrize("draw_seed", range(4))
def test_is_what_the_paper_says_at_drawn_shapes(name, draw_seed):
    rng = np.random.default_rng(draw_seed)
    batch, time, inputs, units = (int(size) for size in rng.integers(1, 9, 4))
    built = layer(name, units=units, inputs=inputs, drawn=draw_seed, return_sequences=True)
    x, start = draw(batch, time, inputs, seed=draw_seed), states(built, batch, seed=draw_seed)
    mask = rng.random((batch, time)) < 0.7
    expected, _ = oracles.run(name, weights_by_name(built), x, start, mask)
    outputs = numpy(built(x, initial_state=start, mask=mask))
    np.testing.assert_allclose(outputs * begun(mask), expected * begun(mask), atol=1e-5)


def test_its_configuration_comes_back(name):
    options = {
        "return_sequences": True,
        "go_backwards": True,
        "dropout": 0.1,
        "recurrent_dropout": 0.2,
        "seed": 3,
        "kernel_regularizer": "l2",
        "recurrent_constraint": "max_norm",
        "bias_initializer": "random_normal",
        "kernel": "generic",
    }
    built = layer(name, **options)
    config = built.get_config()
    again = type(built).from_config(config)
    assert again.get_config() == config
    assert (config["seed"], config["kernel"], again.dropout, again.recurrent_dropout) == (3, "generic", 0.1, 0.2)
    assert again.cell.kernel_regularizer is not None and again.cell.recurrent_constraint is not None


def test_a_misspelt_argument_is_an_error(name):
    with pytest.raises((TypeError, ValueError), match="recurent_dropout"):
        load_cell(name)(4, recurent_dropout=0.1)


def test_surplus_and_double_arguments_are_errors(name):
    built = load_cell(name)(4, "tanh")
    assert built.cell.activation is keras.activations.tanh
    with pytest.raises(TypeError):
        load_cell(name)(4, "tanh", activation="relu")
    with pytest.raises(TypeError):
        load_cell(name)(4, *["tanh"] * 40)


def test_the_cells_arguments_come_in_order_and_are_the_layers_attributes(name):
    by_place, by_name = load_cell(name)(4, "relu"), load_cell(name)(4, activation="relu")
    assert by_place.get_config() == {**by_name.get_config(), "name": by_place.name}
    assert by_place.activation is keras.activations.relu and by_place.use_bias is True
    assert isinstance(by_place.kernel_initializer, keras.initializers.GlorotUniform)


def test_an_unknown_kernel_is_an_error(name):
    from seqtasks.errors import ConfigError

    with pytest.raises(ConfigError, match="kernel: unknown kernel; received 'fast'; allowed: auto, fused, generic"):
        load_cell(name)(4, kernel="fast")


def test_a_saved_model_comes_back_in_safe_mode(name, tmp_path):
    inputs = keras.Input((None, 4))
    both = Bidirectional(layer(name, units=3, return_sequences=True))
    model = keras.Model(inputs, layer(name, units=2, inputs=6)(both(inputs)))
    expected = numpy(model(X))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(numpy(loaded(X)), expected)
    model.save_weights(tmp_path / "model.weights.h5")
    for weight in loaded.trainable_weights:
        weight.assign(weight * 0)
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(numpy(loaded(X)), expected)


def test_one_step_of_training_moves_every_weight(name):
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.both = keras.layers.Bidirectional(load_cell(name)(3, return_sequences=True))
            self.last = load_cell(name)(2)

        def call(self, x, training=False):
            return self.last(self.both(x, training=training), training=training)

    model = Subclassed()
    model(X)
    for built, inputs in ((model.both.forward_layer, 4), (model.both.backward_layer, 4), (model.last, 6)):
        with_weights(built, inputs)
    before = [numpy(weight) for weight in model.trainable_weights]
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(X, draw(3, 2, seed=9), epochs=1, verbose=0, shuffle=False)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.all(numpy(weight) != old), weight.path


def test_last_state_is_the_output_at_the_last_real_step(name):
    lengths = [6, 1, 4]
    mask = np.arange(6) < np.array(lengths)[:, None]
    outputs, first, *_ = numpy(layer(name, return_sequences=True, return_state=True)(X, mask=mask))
    for row, length in enumerate(lengths):
        np.testing.assert_array_equal(first[row], outputs[row, length - 1])
    np.testing.assert_allclose(numpy(layer(name)(X, mask=mask)), first, atol=1e-6)


def test_padding_changes_nothing(name):
    both = Bidirectional(layer(name, return_sequences=True))
    mask = np.ones((3, 6), bool)
    padded = np.concatenate([X, draw(3, 4, 4, seed=8, scale=100.0)], axis=1)
    wider = np.concatenate([mask, np.zeros((3, 4), bool)], axis=1)
    np.testing.assert_allclose(numpy(both(padded, mask=wider))[:, :6], numpy(both(X, mask=mask)), atol=1e-6)


def test_a_batch_is_its_rows(name):
    built = layer(name, return_sequences=True)
    together = numpy(built(X, mask=MASK))
    for row in range(3):
        alone = numpy(built(X[row : row + 1], mask=MASK[row : row + 1]))
        np.testing.assert_allclose(alone[0], together[row], atol=1e-6)


def test_a_row_without_a_real_step_keeps_its_states(name):
    built = layer(name, return_sequences=True, return_state=True)
    start = states(built)
    outputs, *last = numpy(built(X, initial_state=start, mask=MASK))
    for state, initial in zip(last, start, strict=True):
        np.testing.assert_array_equal(state[1], initial[1])
    assert not (outputs * begun(MASK))[1].any()


def test_a_stateful_layer_goes_on_where_it_stopped(name):
    whole = layer(name, return_sequences=True)
    parts = load_cell(name)(5, return_sequences=True, stateful=True)
    parts.build((3, 3, 4))
    parts.set_weights(whole.get_weights() + parts.get_weights()[len(whole.get_weights()) :])
    for weight, value in zip(parts.trainable_weights, whole.trainable_weights, strict=True):
        weight.assign(value)
    halves = [numpy(parts(X[:, :3])), numpy(parts(X[:, 3:]))]
    np.testing.assert_allclose(np.concatenate(halves, 1), numpy(whole(X)), atol=1e-6)
    parts.reset_state()
    np.testing.assert_allclose(numpy(parts(X[:, :3])), halves[0], atol=1e-6)


def test_dropout_acts_in_training_only_and_follows_its_seed(name):
    def trained(seed):
        built = layer(name, dropout=0.5, recurrent_dropout=0.5, seed=seed, return_sequences=True)
        return numpy(built(X, training=True)), numpy(built(X, training=False))

    (dropped, kept), (same, _), (other, _) = trained(1), trained(1), trained(2)
    plain = numpy(layer(name, return_sequences=True)(X))
    np.testing.assert_allclose(kept, plain, atol=1e-6)
    np.testing.assert_array_equal(dropped, same)
    assert np.abs(dropped - plain).max() > 1e-2 < np.abs(dropped - other).max()


@pytest.mark.parametrize("kernel", ["auto", "generic"])
def test_nothing_is_drawn_where_nothing_is_learnt(name, kernel):
    built = layer(name, kernel=kernel, dropout=0.5, recurrent_dropout=0.5, seed=1)
    seed = built.cell.seed_generator.state
    before = numpy(seed)
    built(X)
    built.cell(X[:, 0], states(built), training=False)
    np.testing.assert_array_equal(numpy(seed), before)
    # nor is a mask of these three rows left behind
    assert built(X[:2], training=True).shape[0] == 2


def test_both_directions_are_two_layers(name):
    both = Bidirectional(layer(name, return_sequences=True))
    with_weights(both.forward_layer), with_weights(both.backward_layer, drawn=30)
    forward = oracles.run(name, weights_by_name(both.forward_layer), X, zeros(both), MASK)[0]
    backward = oracles.run(name, weights_by_name(both.backward_layer), X, zeros(both), MASK, backwards=True)[0]
    expected = np.concatenate([forward, backward[:, ::-1]], -1) * MASK[:, :, None]
    np.testing.assert_allclose(numpy(both(X, mask=MASK)), expected, atol=1e-5)


def zeros(both):
    return [np.zeros((3, size), "float32") for size in both.forward_layer.state_size]


def test_a_single_state_may_come_without_a_list_and_several_as_a_tuple(name):
    cell = load_cell(name)(5).cell
    cell.build((None, 4))
    several = isinstance(cell.state_size, (list, tuple))
    states = [
        keras.ops.convert_to_tensor(draw(3, 5, seed=8 + at)) for at in range(len(cell.state_size) if several else 1)
    ]
    output, after = cell(X[:, 0], tuple(states) if len(states) > 1 else states[0])
    listed, after_listed = cell(X[:, 0], states)
    np.testing.assert_array_equal(numpy(output), numpy(listed))
    for ours, theirs in zip(after if len(states) > 1 else [after], after_listed, strict=True):
        np.testing.assert_array_equal(numpy(ours), numpy(theirs))
