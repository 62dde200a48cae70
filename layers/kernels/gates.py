"""What the equations of several cells share: gates in groups, one product a group.

Groups that don't wait for each other keep two cores busy with whole products. Of many units each gate is a group: the
products take most of the time, and no gate has to be cut out of a wider tensor or joined into one (LSTM of 512 units:
63 ms a training step in four groups, 67 in two, 69 in one). Of few units a group's own operations count: two groups.
"""

from __future__ import annotations

import tensorflow as tf

MANY_UNITS = 160
"""Of more units each gate is a group."""


def cut(tensor, parts: int):
    """The tensor cut along its last axis."""
    return [tensor] if parts == 1 else tf.split(tensor, parts, axis=-1)


def joined(parts):
    """The inverse of `cut`."""
    return parts[0] if len(parts) == 1 else tf.concat(parts, -1)


def regrouped(tensors, count: int):
    """The same columns in so many tensors of equal width."""
    if len(tensors) >= count:
        size = len(tensors) // count
        return tuple(joined(tensors[at : at + size]) for at in range(0, len(tensors), size))
    return tuple(part for tensor in tensors for part in cut(tensor, count // len(tensors)))


def with_state(state, weights, sums, dropout, parts: int):
    """The gates' sums over the inputs and the state, in so many tensors."""
    seen = [state * factor for factor in dropout] if dropout else [state] * len(weights)
    totals = [total + tf.matmul(h, matrix) for total, h, matrix in zip(sums, seen, weights, strict=True)]
    return regrouped(totals, parts)


def state_gradient(sums, turned, dropout):
    """The state's gradient from the gradients of the groups' sums."""
    parts = [tf.matmul(gradient, matrix) for gradient, matrix in zip(sums, turned, strict=True)]
    if dropout:
        parts = [part * factor for part, factor in zip(parts, dropout, strict=True)]
    return parts[0] if len(parts) == 1 else tf.add_n(parts)


def turned(matrices):
    """Transposed once, before the loop: a product that transposes on its way was three times slower."""
    return tuple(tf.transpose(matrix) for matrix in matrices)


def matrix_gradients(before, sums, dropout):
    """The gradient of each group's matrix: one product over all steps and rows."""
    seen = [before * factor for factor in dropout] if dropout else [before] * len(sums)
    return tuple(tf.matmul(_rows(h), _rows(total), transpose_a=True) for h, total in zip(seen, sums, strict=True))


def sigmoid_gradient(y, gradient):
    """The gradient of a sigmoid's sum from that of its value y: gradient * y (1 - y)."""
    return tf.raw_ops.SigmoidGrad(y=y, dy=gradient)


def tanh_gradient(y, gradient):
    """The gradient of a hyperbolic tangent's sum from that of its value y: gradient * (1 - y y)."""
    return tf.raw_ops.TanhGrad(y=y, dy=gradient)


def project(inputs, matrices, biases, dropout):
    """The groups' sums over the inputs: one product for each group over all steps, (time, batch, width).

    Args:
        inputs: (time, batch, inputs).
        matrices: For each group its (inputs, width).
        biases: For each group its (width,), or empty.
        dropout: For each group the factors of its inputs, (batch, inputs), or empty.
    """
    time, batch = tf.unstack(tf.shape(inputs)[:2])
    rows = [_rows(inputs * factor) for factor in dropout] if dropout else [_rows(inputs)] * len(matrices)
    sums = [tf.matmul(row, matrix) for row, matrix in zip(rows, matrices, strict=True)]
    if biases:
        sums = [tf.nn.bias_add(total, bias) for total, bias in zip(sums, biases, strict=True)]
    return tuple(tf.reshape(total, [time, batch, total.shape[-1]]) for total in sums)


def input_gradients(sums, matrices, dropout):
    """The parts of the inputs' gradient, (time, batch, inputs), one from each group's sums."""
    shape = [*tf.unstack(tf.shape(sums[0])[:2]), matrices[0].shape[0]]
    parts = [
        tf.reshape(tf.matmul(_rows(total), matrix, transpose_b=True), shape)
        for total, matrix in zip(sums, matrices, strict=True)
    ]
    return [part * factor for part, factor in zip(parts, dropout, strict=True)] if dropout else parts


def split_inputs(cell, groups: int):
    """The input matrices and biases of a cell with one bias."""
    biases = () if cell.bias is None else tuple(cut(tf.convert_to_tensor(cell.bias), groups))
    return tuple(cut(tf.convert_to_tensor(cell.kernel), groups)), biases


def split_states(cell, groups: int):
    """The recurrent matrix of each group."""
    return tuple(cut(tf.convert_to_tensor(cell.recurrent_kernel), groups))


def _rows(tensor):
    return tf.reshape(tensor, [-1, tensor.shape[-1]])
