"""The minimal gated unit's equations and their derivatives."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.gates import sigmoid_gradient, tanh_gradient


class MGUMathematics:
    """Gate order f, h, each a group; state h; weights U_f, U_h. d are the dropout's factors, the same for both.

    f = sigmoid(x_f + d h U_f)      g = tanh(x_h + (f d h) U_h)      h' = h + f (g - h)
    """

    groups = 2

    def widths(self, units):
        return [units] * 5

    def of_inputs(self, cell):
        return gates.split_inputs(cell, self.groups)

    def of_states(self, cell):
        return gates.split_states(cell, self.groups)

    def step(self, weights, sums, states, dropout):
        (h,) = states
        seen = h * dropout[0] if dropout else h
        f = tf.sigmoid(sums[0] + tf.matmul(seen, weights[0]))
        reset = f * seen
        g = tf.tanh(sums[1] + tf.matmul(reset, weights[1]))
        change = g - h
        return (h + f * change,), (f, g, change, seen, reset)

    def turned(self, weights):
        return gates.turned(weights)

    def back(self, turned, saved, gradients, dropout):
        f, g, change, seen, _ = saved
        (of_h,) = gradients
        of_new = of_h * f
        of_x_h = tanh_gradient(g, of_new)
        of_reset = tf.matmul(of_x_h, turned[1])
        of_x_f = sigmoid_gradient(f, of_h * change + of_reset * seen)
        of_seen = of_reset * f + tf.matmul(of_x_f, turned[0])
        if dropout:
            of_seen = of_seen * dropout[0]
        return (of_h - of_new + of_seen,), (of_x_f, of_x_h)

    def weight_gradients(self, weights, before, saved, sums, dropout):
        of_u_f = gates.matrix_gradients(before, sums[:1], dropout[:1])
        return *of_u_f, *gates.matrix_gradients(saved[-1].stack(), sums[1:], ())
