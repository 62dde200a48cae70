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
        return [units] * 2

    def of_inputs(self, cell):
        return gates.split_inputs(cell, self.groups)

    def of_states(self, cell):
        return gates.split_states(cell, self.groups)

    def step(self, weights, sums, states, dropout):
        (h,) = states
        seen = h * dropout[0] if dropout else h
        f = tf.sigmoid(sums[0] + tf.matmul(seen, weights[0]))
        g = tf.tanh(sums[1] + tf.matmul(f * seen, weights[1]))
        return (h + f * (g - h),), (f, g)

    def turned(self, weights):
        return gates.turned(weights)

    def factors(self, weights, steps, dropout):
        f, g = steps.saved
        (h,) = steps.before
        seen = h * dropout[0] if dropout else h
        return f, 1 - f, tanh_gradient(g, f), sigmoid_gradient(f, g - h), sigmoid_gradient(f, seen)

    def back(self, turned, factors, gradients, dropout):
        f, kept, of_g, of_change, of_seen_f = factors
        (of_h,) = gradients
        of_x_h = of_h * of_g
        of_reset = tf.matmul(of_x_h, turned[1])
        of_x_f = of_h * of_change + of_reset * of_seen_f
        of_seen = of_reset * f + tf.matmul(of_x_f, turned[0])
        if dropout:
            of_seen = of_seen * dropout[0]
        return (of_h * kept + of_seen,), (of_x_f, of_x_h)

    def weight_gradients(self, weights, steps, sums, dropout):
        of_u_f = gates.matrix_gradients(steps.before[0], sums[:1], dropout[:1])
        reset = steps.saved[0] * steps.before[0]
        return *of_u_f, *gates.matrix_gradients(reset, sums[1:], dropout[1:])
