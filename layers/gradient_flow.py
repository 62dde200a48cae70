"""How far back a gradient reaches through a recurrent layer, and the spectral radii of its recurrent matrices.

Whether gradients vanish or explode is told by the Jacobians dh_t / dh_{t-k} (Bengio et al. 1994; Pascanu et al. 2013,
arXiv 1211.5063). They are products of the steps' Jacobians, so a layer's own cell is run and differentiated here one
step at a time; no kernel has a part in it.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from seqtasks.layers.trajectory import trajectory

PROBES = 16
"""Directions of the gradient that stand for all."""


def gradient_reach(layer, inputs, mask, probes: int = PROBES, start=None) -> list[np.ndarray]:
    """The root mean square gain of a gradient from a row's last state h_t to its states k steps back.

    The gain is ||dh_t / ds_{t-k}||_F / sqrt(units): the length, root mean square over all directions, that a gradient
    of length 1 at h_t has at the state k steps back; 1 where a rotation carries it. For s = h all other states of that
    step are held fixed, and likewise for the cell state c. The Frobenius norm is a sum over any orthonormal basis:
    `probes` members of one, drawn with a fixed seed, stand for all, and `units` of them are exact.

    Args:
        layer: A recurrent layer, one direction; dropout does not act.
        inputs: [n, t, features].
        mask: [n, t], False where a step is skipped.
        probes: At most the layer's units are used.
        start: The states before the first step, each [n, units]; None: the cell's own.

    Returns:
        For each state of the cell [n, t - 1], k = 1, 2, ...; nan where a row has no more than k steps.
    """
    inputs, real = _last_steps_aligned(layer, tf.convert_to_tensor(inputs), tf.convert_to_tensor(mask))
    basis = _basis(layer.units, probes)
    states = trajectory(layer, inputs, real, start)[:-1]
    gradients = [tf.tile(basis, [inputs.shape[1], 1])]
    gradients += [tf.zeros_like(gradients[0]) for _ in states[0][1:]]
    gains = []
    for x, before in zip(reversed(inputs[1:]), reversed(states[1:]), strict=True):
        # repeated here and not before the loop, where all steps would be held so many times
        x, *before = (tf.repeat(tensor, len(basis), axis=0) for tensor in (x, *before))
        gradients = _one_step_back(layer.cell, x, before, gradients)
        gains.append([_root_mean_square(gradient, len(basis)) for gradient in gradients])
    # the state before step t - k + 1 is the one after step t - k, which must be a real one
    reached = np.array(real)[-2::-1]
    # where there is one step only, nothing reaches back, and a list of nothing has no shape
    found = np.reshape(gains, [len(gains), len(states[0]), len(inputs[0])])
    return [np.where(reached, found[:, index], np.nan).T for index in range(len(states[0]))]


def spectral_radii(layer) -> dict[str, float]:
    """For each gate the largest absolute eigenvalue of its recurrent matrix, by the gate's letter in the equations.

    Of the simple cell without leak, were it linear, the gradient would vanish in the end where this is below 1, and
    could explode where it is above (Pascanu et al. 2013, section 2.1).
    """
    matrices = np.split(np.asarray(layer.cell.recurrent_kernel), len(layer.gate_names), axis=1)
    return {
        gate: float(np.abs(np.linalg.eigvals(matrix)).max())
        for gate, matrix in zip(layer.gate_names, matrices, strict=True)
    }


def directions(layer) -> dict[str, object]:
    """The layer, or the two that read in both directions."""
    if hasattr(layer, "forward_layer"):
        return {"forward": layer.forward_layer, "backward": layer.backward_layer}
    return {"backward" if layer.go_backwards else "forward": layer}


def _last_steps_aligned(layer, inputs, mask):
    """Time-major, in the order of reading, the masked steps first: [t, n, features] and [t, n]."""
    if layer.go_backwards:
        inputs, mask = tf.reverse(inputs, [1]), tf.reverse(mask, [1])
    order = tf.argsort(tf.cast(mask, tf.int32), axis=1, stable=True)
    aligned = [tf.gather(tensor, order, batch_dims=1) for tensor in (inputs, mask)]
    return tf.transpose(aligned[0], [1, 0, 2]), tf.transpose(aligned[1])


def _one_step_back(cell, x, before, gradients):
    """The gradients of the states before a step from those of the states after it."""
    with tf.GradientTape() as tape:
        tape.watch(before)
        _, after = cell(x, before, training=False)
    return tape.gradient(after, before, output_gradients=gradients, unconnected_gradients="zero")


def _basis(units: int, probes: int) -> np.ndarray:
    """Orthonormal rows, (min(probes, units), units)."""
    drawn = np.random.default_rng(0).standard_normal((units, min(probes, units)))
    return np.linalg.qr(drawn)[0].T.astype("float32")


def _root_mean_square(gradient, probes: int) -> np.ndarray:
    # in double precision: a square leaves the range of single precision long before the gradient does
    squares = np.sum(np.square(gradient, dtype="float64"), axis=-1)
    return np.sqrt(np.mean(np.reshape(squares, [-1, probes]), axis=1))
