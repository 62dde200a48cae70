"""A recurrence that skips steps back in time, against the same recurrence by hand, alone and in the stack."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqtasks.layers import CELLS, dilation
from seqtasks.layers.fused import Fused
from seqtasks.layers.stack import CONNECTIONS, RecurrentStack
from tests.layers import oracles
from tests.layers.drawing import MASK, draw, layer, weights_by_name

X = draw(3, 6, 4, seed=7)


def numpy(value):
    return keras.ops.convert_to_numpy(value)


def drawn(**options):
    """A stack with drawn weights that has seen X."""
    stack = RecurrentStack(**{"cell": "lstm", "units": 3, "depth": 2, **options})
    stack(X)
    for k, weight in enumerate(stack.trainable_weights):
        weight.assign(draw(*weight.shape, seed=k, scale=0.7))
    return stack


def by_hand(name, weights, x, mask, skip, backwards):
    """The recurrence with a skip, one row and one step at a time: (n, t, units), zeros at masked steps."""
    rows, time = mask.shape
    units = weights["recurrent_kernel"].shape[0]
    count = 2 if name in ("lstm", "peephole") else 1
    outputs = np.zeros((rows, time, units))
    for row in range(rows):
        states = {}
        for t in range(time)[:: -1 if backwards else 1]:
            if mask[row, t]:
                before = states.get(t % skip, (np.zeros(units),) * count)
                states[t % skip] = oracles.STEPS[name](weights, x[row, t], *before)
                outputs[row, t] = states[t % skip][0]
    return outputs


@pytest.mark.parametrize("time", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("skip", [1, 2, 3, 8])
def test_interleaved_parts_are_joined_again(skip, time):
    x = draw(2, time, 3)
    parts = numpy(dilation.interleave(x, skip))
    assert parts.shape == (2 * skip, -(-time // skip), 3)
    for row, place in np.ndindex(2, skip):
        steps = x[row, place::skip]
        np.testing.assert_array_equal(parts[row * skip + place][: len(steps)], steps)
    np.testing.assert_array_equal(numpy(dilation.join(parts, skip, time)), x)


@pytest.mark.parametrize("skip", [2, 3, 4, 7])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("name", CELLS)
def test_a_skip_reads_the_state_so_many_steps_back(name, backwards, skip):
    built = layer(name, return_sequences=True, go_backwards=backwards)

    def in_order(sequences, mask, training):
        outputs = built(sequences, mask=mask, training=training)
        return keras.ops.flip(outputs, axis=1) if backwards else outputs

    outputs = numpy(dilation.run_dilated(in_order, X, MASK, skip, False)) * MASK[:, :, None]
    expected = by_hand(name, weights_by_name(built), X, MASK, skip, backwards)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_layer_k_skips_the_kth_power(bidirectional):
    stack = drawn(units=5, depth=3, skip=2, bidirectional=bidirectional)
    seen = X
    for built, skip in zip(stack.recurrent, (1, 2, 4), strict=True):
        layers = [(built.forward_layer, False), (built.backward_layer, True)] if bidirectional else [(built, False)]
        parts = [by_hand("lstm", weights_by_name(one), seen, MASK, skip, back) for one, back in layers]
        seen = np.concatenate(parts, -1)
    np.testing.assert_allclose(numpy(stack(X, mask=MASK)) * MASK[:, :, None], seen, atol=1e-5)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_padding_changes_nothing(connection):
    stack = drawn(depth=3, skip=3, connection=connection)
    expected = numpy(stack(X, mask=np.ones((3, 6), bool)))
    np.testing.assert_allclose(numpy(stack(X)), expected, atol=1e-6)
    for more in (1, 2, 3, 4):
        padded = np.concatenate([X, draw(3, more, 4, seed=8, scale=100.0)], axis=1)
        mask = np.arange(6 + more) < np.full((3, 1), 6)
        np.testing.assert_allclose(numpy(stack(padded, mask=mask))[:, :6], expected, atol=1e-6)


def test_a_batch_is_its_rows_and_a_graph_takes_any_length():
    import tensorflow as tf

    stack = drawn(skip=2)
    graph = tf.function(
        lambda x, mask: stack(x, mask=mask),
        input_signature=[tf.TensorSpec([None, None, 4]), tf.TensorSpec([None, None], tf.bool)],
    )
    for time in (1, 5, 6):
        together = numpy(graph(X[:, :time], MASK[:, :time]))
        for row in range(3):
            alone = numpy(stack(X[row : row + 1, :time], mask=MASK[row : row + 1, :time]))
            np.testing.assert_allclose(alone[0], together[row], atol=1e-6)


def test_parts_without_a_step_are_kept_from_cudnn(monkeypatch):
    asked = {}
    plain = Fused._cudnn_is_faster
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["a GPU"])
    monkeypatch.setattr(Fused, "_cudnn_is_faster", lambda self: asked.setdefault(self.name, plain(self)))
    stack = RecurrentStack("lstm", 3, depth=2, skip=2, bidirectional=False)
    mask = np.array([[True] * 6, [True] + [False] * 5, [True] * 6])
    tf.function(lambda: stack(X, mask=mask)).get_concrete_function()
    assert asked == {"layer_0": True, "layer_1": False}
    assert stack.recurrent[1].use_cudnn == stack.recurrent[0].use_cudnn == "auto"
