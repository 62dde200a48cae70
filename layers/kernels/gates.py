"""What the equations of several cells share: products with one recurrent matrix for each gate.

One product for each gate, and not one for all: the products don't wait for each other and so keep two cores busy (at 256 units
355 against 206 GFLOP/s), and no operation has to cut the gates apart.
"""

from __future__ import annotations

import tensorflow as tf


def dropped(h, dropout, gates: int):
    """The state as each gate sees it."""
    return [h] * gates if dropout is None else [h * factor for factor in dropout]


def sums_back(sums, transposed, dropout):
    """The state's gradient from the gradients of the gates' sums."""
    parts = [tf.matmul(gradient, weights) for gradient, weights in zip(sums, transposed, strict=True)]
    if dropout is not None:
        parts = [part * factor for part, factor in zip(parts, dropout, strict=True)]
    return tf.add_n(parts)


def transposed_all(weights):
    """Transposed once, before the loop: a product that transposes on its way is three times slower on a CPU."""
    return tuple(tf.transpose(matrix) for matrix in weights)


def weights_of_gates(before, sums, dropout):
    """The gradient of each gate's recurrent matrix: one product over all steps and rows."""
    flat = [_rows(gradient) for gradient in sums]
    if dropout is None:
        turned = tf.transpose(_rows(before))
        return tuple(tf.matmul(turned, gradient) for gradient in flat)
    return tuple(
        tf.matmul(tf.transpose(_rows(before * factor)), gradient) for factor, gradient in zip(dropout, flat, strict=True)
    )


def _rows(tensor):
    return tf.reshape(tensor, [-1, tensor.shape[-1]])


def project(inputs, matrices, biases, dropout):
    """The gates' sums over the inputs: one product for each gate over all steps, (time, batch, units).

    Args:
        inputs: (time, batch, inputs).
        matrices: For each gate its (inputs, units).
        biases: For each gate its (units,), or None.
        dropout: For each gate the factors of its inputs, (batch, inputs), or None.
    """
    time, batch = tf.unstack(tf.shape(inputs)[:2])
    rows = [_rows(inputs)] * len(matrices) if dropout is None else [_rows(inputs * factor) for factor in dropout]
    sums = [tf.matmul(row, matrix) for row, matrix in zip(rows, matrices, strict=True)]
    if biases is not None:
        sums = [tf.nn.bias_add(total, bias) for total, bias in zip(sums, biases, strict=True)]
    return tuple(tf.reshape(total, [time, batch, total.shape[-1]]) for total in sums)


def split_inputs(cell, gates: int):
    """The input matrices and biases of a cell with one bias."""
    biases = None if cell.bias is None else tuple(tf.split(tf.convert_to_tensor(cell.bias), gates))
    return tuple(tf.split(tf.convert_to_tensor(cell.kernel), gates, axis=1)), biases


def split_states(cell, gates: int):
    """The recurrent matrix of each gate."""
    return tuple(tf.split(tf.convert_to_tensor(cell.recurrent_kernel), gates, axis=1))
