"""The GRU's equations and their derivatives, with the reset gate after the product."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.gates import sigmoid_gradient, tanh_gradient


def groups_for(units: int, separate: bool = False) -> int:
    """Three if each gate sees another state or there are many units, else two, z and r together."""
    return 3 if separate or units > gates.MANY_UNITS else 2


class GRUMathematics:
    """Gate order z, r, h; state h; weights: for each group its recurrent matrix, then the recurrent bias of h, if any.

    z = sigmoid(x_z + h U_z)      r = sigmoid(x_r + h U_r)
    u = h U_h + b_u               g = tanh(x_h + r u)           h' = g + z (h - g)

    Args:
        groups: 2, z and r together and h by itself; or 3, each by itself.
    """

    def __init__(self, groups: int):
        self.groups = groups

    def widths(self, units):
        return [2 * units, units, units]

    def of_inputs(self, cell):
        matrices = self._grouped(tf.convert_to_tensor(cell.kernel))
        if cell.bias is None:
            return matrices, ()
        of_x, of_h = tf.unstack(tf.convert_to_tensor(cell.bias))
        # z and r add both biases to the same sum; the recurrent bias of h stands inside, behind the reset gate
        outside = tf.concat([tf.ones([2 * cell.units], of_h.dtype), tf.zeros([cell.units], of_h.dtype)], 0)
        return matrices, self._grouped(of_x + of_h * outside)

    def of_states(self, cell):
        matrices = self._grouped(tf.convert_to_tensor(cell.recurrent_kernel))
        return matrices if cell.bias is None else (*matrices, tf.convert_to_tensor(cell.bias)[1, 2 * cell.units :])

    def _grouped(self, tensor):
        z, r, h = tf.split(tensor, 3, axis=-1)
        return (z, r, h) if self.groups == 3 else (tf.concat([z, r], -1), h)

    def step(self, weights, sums, states, dropout):
        (h,) = states
        (z_r,) = gates.with_state(h, weights[: self.groups - 1], sums[:-1], dropout[:-1], parts=1)
        z_r = tf.sigmoid(z_r)
        z, r = gates.cut(z_r, 2)
        u = tf.matmul(h * dropout[-1] if dropout else h, weights[self.groups - 1])
        u = u + weights[-1] if len(weights) > self.groups else u
        g = tf.tanh(sums[-1] + r * u)
        return (g + z * (h - g),), (z_r, u, g)

    def turned(self, weights):
        return gates.turned(weights[: self.groups])

    def factors(self, weights, steps, dropout):
        z_r, u, g = steps.saved
        z, r = gates.cut(z_r, 2)
        of_x = tanh_gradient(g, 1 - z)
        of_z_r = sigmoid_gradient(z_r, gates.joined([steps.before[0] - g, of_x * u]))
        return z, of_x, of_x * r, *gates.regrouped([of_z_r], self.groups - 1)

    def back(self, turned, factors, gradients, dropout):
        kept, of_x, of_u, *of_sums = factors
        (of_h,) = gradients
        reaching = [of_h] if self.groups == 3 else [gates.joined([of_h, of_h])]
        sums = tuple(of * local for of, local in zip(reaching * len(of_sums), of_sums, strict=True))
        of_before = gates.state_gradient((*sums, of_h * of_u), turned, dropout)
        return (of_h * kept + of_before,), (*sums, of_h * of_x)

    def weight_gradients(self, weights, steps, sums, dropout):
        of_u = sums[-1] * gates.cut(steps.saved[0], 2)[1]
        matrices = gates.matrix_gradients(steps.before[0], (*sums[:-1], of_u), dropout)
        return matrices if len(weights) == self.groups else (*matrices, tf.reduce_sum(of_u, [0, 1]))
