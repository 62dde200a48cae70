"""The simple recurrent network's equations and their derivatives."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels import gates

# activation, and the gradient of its sum from its value y and the gradient of y
ACTIVATIONS = {
    "tanh": (tf.tanh, gates.tanh_gradient),
    "sigmoid": (tf.sigmoid, gates.sigmoid_gradient),
    "relu": (tf.nn.relu, lambda y, gradient: tf.raw_ops.ReluGrad(gradients=gradient, features=y)),
    "linear": (tf.identity, lambda y, gradient: gradient),
}


class SimpleRNNMathematics:
    """State h; weights U.

    y = activation(x + h U)       h' = leak y + (1 - leak) h
    """

    groups = 1

    def __init__(self, activation: str, leak: float):
        self.activation, self.activation_gradient = ACTIVATIONS[activation]
        self.leak = leak

    def widths(self, units):
        return [units]

    def of_inputs(self, cell):
        return gates.split_inputs(cell, 1)

    def of_states(self, cell):
        return gates.split_states(cell, 1)

    def step(self, weights, sums, states, dropout):
        (h,) = states
        y = self.activation(gates.with_state(h, weights, sums, dropout, parts=1)[0])
        return (y if self.leak == 1 else self.leak * y + (1 - self.leak) * h,), (y,)

    def turned(self, weights):
        return gates.turned(weights)

    def factors(self, weights, steps, dropout):
        (y,) = steps.saved
        return (self.activation_gradient(y, tf.fill(tf.shape(y), tf.cast(self.leak, y.dtype))),)

    def back(self, turned, factors, gradients, dropout):
        (of_h,) = gradients
        of_x = of_h * factors[0]
        of_before = gates.state_gradient((of_x,), turned, dropout)
        return (of_before if self.leak == 1 else of_before + (1 - self.leak) * of_h,), (of_x,)

    def weight_gradients(self, weights, steps, sums, dropout):
        return gates.matrix_gradients(steps.before[0], sums, dropout)
