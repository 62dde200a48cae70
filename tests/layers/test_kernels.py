"""The kernels: the same values and gradients as the cells in Keras's own loop, and as the built-ins."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.errors import ConfigError
from seqtasks.layers import CELLS, GRU, LSTM, Bidirectional, SimpleRNN, load_cell
from tests.layers.drawing import MASK, draw, layer, states, with_weights
from tests.layers.gradients import assert_equal, reseed, values_and_gradients

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="kernels are TensorFlow's")

X = draw(3, 6, 4, seed=7)

SETTINGS = {
    "plain": {},
    "masked": {"mask": MASK},
    "states": {"start": True},
    "masked-states": {"mask": MASK, "start": True},
    "dropout": {"dropout": 0.3, "training": True},
    "recurrent-dropout": {"recurrent_dropout": 0.3, "mask": MASK, "start": True, "training": True},
    "all": {"dropout": 0.3, "recurrent_dropout": 0.3, "mask": MASK, "start": True, "training": True},
    "last": {"return_sequences": False, "mask": MASK, "start": True},
    "zeros-for-masked": {"zero_output_for_mask": True, "mask": MASK, "training": True},
    "no-bias": {"use_bias": False, "training": True},
}

BUILT_INS = {"rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


def split(setting):
    options = {"return_sequences": True, "return_state": True, **SETTINGS[setting]}
    call = {key: options.pop(key) for key in ("mask", "start", "training") if key in options}
    return options, call


def compared(fused, other, start, call, graph=False):
    reseed(fused), reseed(other)
    call = {**call, "start": start if call.get("start") else None}
    mine = values_and_gradients(fused, X, **call, graph=graph)
    assert_equal(mine, values_and_gradients(other, X, **call))


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", CELLS)
def test_kernel_is_the_cell(name, setting, backwards):
    options, call = split(setting)
    fused, cell = (layer(name, **options, go_backwards=backwards, kernel=kernel) for kernel in ("fused", "generic"))
    compared(fused, cell, states(fused), call)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", CELLS)
def test_both_directions_in_one_loop_are_two_loops(name, setting):
    options, call = split(setting)
    fused, cell = (both(Bidirectional, layer(name, **options, kernel=kernel)) for kernel in ("fused", "generic"))
    assert fused.is_fused() and not cell.is_fused()
    compared(fused, cell, states(fused.forward_layer) + states(fused.backward_layer, seed=60), call)


@pytest.mark.parametrize("name", CELLS)
def test_kernel_is_the_cell_in_a_graph(name):
    options, call = split("all")
    fused, cell = (both(Bidirectional, layer(name, **options, kernel=kernel)) for kernel in ("fused", "generic"))
    compared(fused, cell, states(fused.forward_layer) + states(fused.backward_layer, seed=60), call, graph=True)


@pytest.mark.parametrize("name", CELLS)
def test_any_number_of_steps_known_or_not(name):
    fused, cell = (layer(name, return_sequences=True, kernel=kernel) for kernel in ("fused", "generic"))

    def gradients(built, x):
        with tf.GradientTape() as tape:
            values = built(x, training=True)
            loss = tf.reduce_sum(values**2)
        return values, tape.gradient(loss, [weight.value for weight in built.trainable_weights])

    signature = [tf.TensorSpec([None, None, 4])]
    unknown = tf.function(lambda x: gradients(fused, x), input_signature=signature, autograph=False)
    for steps in (1, 3, 4, 5, 8, 11):
        x = tf.constant(draw(2, steps, 4))
        expected = tf.nest.flatten(gradients(cell, x))
        for found in (gradients(fused, x), unknown(x)):
            for value, other in zip(tf.nest.flatten(found), expected, strict=True):
                np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("setting", ["plain", "all", "no-bias"])
@pytest.mark.parametrize("name", BUILT_INS)
def test_kernel_is_the_built_in(name, setting):
    options, call = split(setting)
    fused, built_in = layer(name, **options, kernel="fused"), with_weights(BUILT_INS[name](5, **options))
    compared(fused, built_in, states(fused), call)
    pair = both(Bidirectional, fused), both(keras.layers.Bidirectional, built_in)
    compared(*pair, states(fused) + states(fused, seed=60), call)


def both(wrapper, one):
    built = wrapper(one)
    with_weights(built.forward_layer), with_weights(built.backward_layer, drawn=30)
    built.built = True
    return built


@pytest.mark.parametrize("merge_mode", ["sum", "mul", "ave", None])
@pytest.mark.parametrize("sequences", [True, False])
def test_directions_are_merged_as_keras_does(merge_mode, sequences):
    ours, theirs = (
        both(lambda one, wrapper=wrapper: wrapper(one, merge_mode=merge_mode), lstm(3, return_sequences=sequences))
        for wrapper, lstm in ((Bidirectional, LSTM), (keras.layers.Bidirectional, keras.layers.LSTM))
    )
    assert_equal(values_and_gradients(ours, X, mask=MASK), values_and_gradients(theirs, X, mask=MASK))


@pytest.mark.parametrize("options", [{"leak": 0.3}, {"activation": "relu", "leak": 0.8}, {"activation": "linear"}])
def test_simple_kernel_with_other_units(options):
    for setting in ("masked-states", "recurrent-dropout"):
        more, call = split(setting)
        fused, cell = (layer("rnn", **options, **more, kernel=kernel) for kernel in ("fused", "generic"))
        compared(fused, cell, states(fused), call)


@pytest.mark.parametrize(
    ("name", "groups"),
    [*((name, groups) for name in ("lstm", "peephole") for groups in (1, 2, 4)), ("gru", 2), ("gru", 3)],
)
def test_any_grouping_of_the_gates_is_the_same(name, groups, monkeypatch):
    from seqtasks.layers.kernels import gru, lstm

    monkeypatch.setattr(gru if name == "gru" else lstm, "groups_for", lambda *_, **__: groups)
    options, call = split("masked-states")
    fused, cell = (layer(name, **options, kernel=kernel) for kernel in ("fused", "generic"))
    assert fused.mathematics().groups == groups
    compared(fused, cell, states(fused), call)


@pytest.mark.parametrize("name", CELLS)
def test_many_units_are_the_cell_too(name):
    # in float32 the order of sums, which differs from machine to machine, is felt: such gradients grow with every step
    options = {"units": 170, "return_sequences": True, "dtype": "float64"}
    fused, cell = (
        values_and_gradients(layer(name, **options, kernel=kernel), X.astype("float64"), mask=MASK, training=True)
        for kernel in ("fused", "generic")
    )
    assert_equal(fused, cell, tolerance=1e-11)


def tanh(x):
    """A name that Keras has too."""
    return 1.7159 * keras.ops.tanh(2 * x / 3)


@pytest.mark.parametrize("activation", [tanh, keras.layers.LeakyReLU()])
@pytest.mark.parametrize("name", CELLS)
def test_an_activation_of_the_users_own_is_not_taken_for_keras(name, activation):
    auto, cell = (layer(name, activation=activation, kernel=kernel) for kernel in ("auto", "generic"))
    assert not auto.is_fused()
    np.testing.assert_array_equal(auto(X), cell(X))


@pytest.mark.parametrize("options", [{"dropout": 1.0}, {"recurrent_dropout": 1.0}])
@pytest.mark.parametrize("name", CELLS)
def test_a_dropout_of_1_is_the_cells_affair(name, options):
    auto, cell = (layer(name, **options, kernel=kernel) for kernel in ("auto", "generic"))
    np.testing.assert_array_equal(auto(X, training=True), cell(X, training=True))


@pytest.mark.parametrize(
    ("inner", "outer"),
    [("float64", None), (None, "float64"), (None, "mixed_bfloat16"), (None, "mixed_float16")],
)
def test_directions_of_another_type_than_their_wrapper(inner, outer):
    ours, theirs = (
        both(lambda one, wrapper=wrapper: wrapper(one, dtype=outer), lstm(3, return_sequences=True, dtype=inner))
        for wrapper, lstm in ((Bidirectional, LSTM), (keras.layers.Bidirectional, keras.layers.LSTM))
    )
    expected, found = theirs(X), ours(X)
    assert found.dtype == expected.dtype and not ours.is_fused()
    np.testing.assert_allclose(tf.cast(found, "float32"), tf.cast(expected, "float32"), atol=1e-2)


@pytest.mark.parametrize("name", CELLS)
def test_stateful_kernel_is_the_cell_in_a_graph(name):
    twice = []
    for kernel in ("fused", "generic"):
        built = load_cell(name)(5, stateful=True, kernel=kernel)
        built.build(X.shape)
        with_weights(built)
        run = tf.function(lambda x, built=built: built(x))
        twice.append([run(tf.constant(X)).numpy() for _ in range(2)])
    assert not np.allclose(*twice[0])
    np.testing.assert_allclose(*twice, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bool"])
def test_exchanged_axes(dtype):
    from seqtasks.layers.kernels.layout import exchanged

    x = tf.cast(X > 0, dtype) if dtype == "bool" else tf.cast(X, dtype)
    np.testing.assert_array_equal(exchanged(x), np.swapaxes(x.numpy(), 0, 1))
    if dtype != "bool":
        # x^3 to its second derivative, so that the gradient's own gradient is seen
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(exchanged(x) ** 3)
            first = inner.gradient(total, x)
        np.testing.assert_allclose(first, 3 * x**2, rtol=1e-5)
        np.testing.assert_allclose(outer.gradient(first, x), 6 * x, rtol=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_are_finite_differences(name):
    built = layer(name, units=3, return_sequences=True, return_state=True, kernel="fused", dtype="float64")
    x, start = X.astype("float64"), states(built, dtype="float64")
    points = [x, *start, *(weight.numpy() for weight in built.trainable_weights)]
    count = len(built.trainable_weights)

    def loss(points):
        for weight, value in zip(built.trainable_weights, points[-count:], strict=True):
            weight.assign(value)
        values, _ = values_and_gradients(built, points[0], points[1:-count], MASK)
        return sum((value * draw(*value.shape, seed=k, dtype="float64")).sum() for k, value in enumerate(values))

    _, gradients = values_and_gradients(built, x, start, MASK)
    for k, (point, gradient) in enumerate(zip(points, gradients, strict=True)):
        way = 1e-6 * draw(*point.shape, seed=20, dtype="float64")
        ahead, behind = ([*points[:k], point + sign * way, *points[k + 1 :]] for sign in (1, -1))
        np.testing.assert_allclose((loss(ahead) - loss(behind)) / 2, (gradient * way).sum(), rtol=1e-6, atol=1e-13)


@pytest.mark.parametrize("name", CELLS)
def test_a_second_derivative_names_the_way_out(name):
    def second(kernel):
        built, x = layer(name, kernel=kernel), tf.constant(X)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = built(x)
            first = inner.gradient(y, x)
        return outer.gradient(first, x)

    with pytest.raises(LookupError, match='kernel="generic"'):
        second("fused")
    assert np.isfinite(second("generic").numpy()).all()


@pytest.mark.parametrize(
    ("options", "why"),
    [({"unroll": True}, "unroll"), ({"activation": "relu"}, "is not tanh"), ({"dtype": "float16"}, "float16")],
)
def test_a_kernel_that_does_not_apply_says_why(options, why):
    with pytest.raises(ConfigError, match=f'no fused kernel here.*{why}.*kernel="auto"'):
        layer("lstm", **options, kernel="fused")(X)
    assert not layer("lstm", **options).is_fused()
    assert layer("lstm", **options)(X).shape == (3, 5)


def test_a_gru_with_the_reset_before_the_product_runs_in_keras_loop():
    ours = layer("gru", reset_after=False)
    assert not ours.is_fused() and ours.obstacle() == "reset_after=False"
    theirs = with_weights(keras.layers.GRU(5, reset_after=False))
    np.testing.assert_allclose(ours(X), theirs(X), atol=1e-6)


def test_weights_are_those_of_the_built_ins(tmp_path):
    for ours, theirs in ((LSTM, keras.layers.LSTM), (GRU, keras.layers.GRU), (SimpleRNN, keras.layers.SimpleRNN)):
        models = [keras.Sequential([keras.Input((None, 4)), kind(5)]) for kind in (theirs, ours)]
        models[0].save_weights(tmp_path / "theirs.weights.h5")
        models[1].load_weights(tmp_path / "theirs.weights.h5")
        np.testing.assert_allclose(models[1](X), models[0](X), atol=1e-6)


def test_peepholes_at_zero_are_kerass_lstm():
    peephole, plain = load_cell("peephole")(5, kernel="fused"), keras.layers.LSTM(5)
    peephole.build(X.shape), with_weights(plain)
    for weight, value in zip(peephole.trainable_weights[:3], plain.trainable_weights, strict=True):
        weight.assign(value)
    assert not peephole.cell.peephole_kernel.numpy().any()
    np.testing.assert_allclose(peephole(X), plain(X), atol=1e-6)


def test_an_lstm_with_fixed_gates_is_a_simple_network_with_one_tanh_more():
    lstm = layer("lstm", return_sequences=True, kernel="fused")
    twice = SimpleRNN(5, activation=lambda a: tf.tanh(tf.tanh(a)), return_sequences=True)
    twice.build(X.shape)
    # input and output gate open, forget gate shut: c' = g and h' = tanh(g), with g = tanh(x W + h U + b)
    for weight, value in zip(lstm.trainable_weights[:2], twice.trainable_weights[:2], strict=True):
        candidate = draw(*value.shape, seed=3)
        value.assign(candidate)
        weight.assign(np.concatenate([0 * candidate, 0 * candidate, candidate, 0 * candidate], 1))
    lstm.cell.bias.assign(np.repeat([100.0, -100.0, 0.0, 100.0], 5))
    twice.cell.bias.assign(np.zeros(5))
    np.testing.assert_allclose(lstm(X), twice(X), atol=1e-6)


def test_identity_start_keeps_a_state_without_inputs():
    from seqtasks.layers.rnn import IDENTITY

    built = SimpleRNN(5, **IDENTITY, kernel="fused")
    start = np.abs(draw(3, 5))
    np.testing.assert_array_equal(built(np.zeros((3, 6, 4), "float32"), initial_state=[start]), start)


def test_a_leak_out_of_range_is_an_error():
    with pytest.raises(ValueError, match="leak must be above 0 and at most 1, received 0"):
        SimpleRNN(5, leak=0)


@pytest.mark.parametrize("name", CELLS)
def test_two_runs_are_equal_bit_for_bit(name):
    built = both(Bidirectional, layer(name, return_sequences=True, dropout=0.3, recurrent_dropout=0.3, kernel="fused"))

    def run():
        reseed(built)
        return values_and_gradients(built, X, mask=MASK, training=True, graph=True)

    for one, other in zip(run(), run(), strict=True):
        for value, again in zip(one, other, strict=True):
            np.testing.assert_array_equal(value, again)


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("sequences", [False, True], ids=["last", "sequences"])
def test_rows_that_are_gathered_have_the_gradient_of_the_generic_loop(sequences, graph):
    """As where words are put together from their characters; the gradient that comes back lists rows."""
    rows, options = tf.constant([0, 2, 2, 1]), {"return_sequences": sequences}
    fused, other = (layer("lstm", kernel=kernel, **options) for kernel in ("fused", "generic"))

    def gradients(of):
        def gradients_of(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(tf.gather(of(x, training=True), rows) ** 2)
            return tape.gradient(loss, [x, *(weight.value for weight in of.trainable_weights)])

        spec = tf.TensorSpec([None, None, X.shape[-1]])
        return (tf.function(gradients_of, input_signature=[spec]) if graph else gradients_of)(tf.constant(X))

    for ours, theirs in zip(gradients(fused), gradients(other), strict=True):
        assert np.abs(theirs).max() > 1e-3
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_whole_numbers_are_inputs_too(name):
    whole = np.eye(4, dtype="int32")[[[0, 1, 3], [2, 2, 0]]]
    fused = layer(name, kernel="fused", return_sequences=True)
    np.testing.assert_array_equal(fused(whole), fused(whole.astype("float32")))
