"""The LSTM's equations and their derivatives."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.gates import sigmoid_gradient, tanh_gradient


def groups_for(units: int, directions: int, separate: bool = False) -> int:
    """How many products a step takes: four if each gate sees another state; else as few as keep two cores busy."""
    if separate:
        return 4
    return 1 if directions == 2 and units <= 160 else 2


class LSTMMathematics:
    """Gate order i, f, g, o; states h, c; weights: for each group of gates its recurrent matrix.

    i = sigmoid(x_i + h U_i)      f = sigmoid(x_f + h U_f)      g = tanh(x_g + h U_g)
    c' = f * c + i * g            o = sigmoid(x_o + h U_o)      h' = o * tanh(c')

    Args:
        groups: 1, 2 or 4.
    """

    gates = 4

    def __init__(self, groups: int):
        self.groups = groups

    def widths(self, units):
        return [units] * 6

    def of_inputs(self, cell):
        return gates.split_inputs(cell, self.groups)

    def of_states(self, cell):
        return gates.split_states(cell, self.groups)

    def step(self, weights, sums, states, dropout):
        h, c = states
        i, f, g, o = gates.gate_sums(h, weights, sums, dropout, self.gates)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        after = f * c + i * g
        tanh_c = tf.tanh(after)
        return (o * tanh_c, after), (i, f, g, o, c, tanh_c)

    def turned(self, weights):
        return gates.turned(weights)

    def back(self, turned, saved, gradients, dropout):
        i, f, g, o, c, tanh_c = saved
        of_h, of_c = gradients
        of_c += tanh_gradient(tanh_c, of_h * o)
        sums = (
            sigmoid_gradient(i, of_c * g),
            sigmoid_gradient(f, of_c * c),
            tanh_gradient(g, of_c * i),
            sigmoid_gradient(o, of_h * tanh_c),
        )
        sums = gates.grouped(sums, self.groups)
        return (gates.state_gradient(sums, turned, dropout), of_c * f), sums

    def weight_gradients(self, weights, before, saved, sums, dropout):
        return gates.matrix_gradients(before, sums, dropout)


class PeepholeLSTMMathematics(LSTMMathematics):
    """As the LSTM's, with p_i * c and p_f * c in the sums of i and f, and p_o * c' in that of o.

    weights: for each group of gates its recurrent matrix, then the peepholes (3, units) with the rows p_i, p_f, p_o.
    """

    def widths(self, units):
        return [units] * 7

    def of_states(self, cell):
        return *super().of_states(cell), tf.convert_to_tensor(cell.peephole_kernel)

    def step(self, weights, sums, states, dropout):
        h, c = states
        i, f, g, o = gates.gate_sums(h, weights[:-1], sums, dropout, self.gates)
        p_i, p_f, p_o = tf.unstack(weights[-1])
        i, f, g = tf.sigmoid(i + p_i * c), tf.sigmoid(f + p_f * c), tf.tanh(g)
        after = f * c + i * g
        o = tf.sigmoid(o + p_o * after)
        tanh_c = tf.tanh(after)
        return (o * tanh_c, after), (i, f, g, o, c, tanh_c, after)

    def turned(self, weights):
        return *gates.turned(weights[:-1]), *tf.unstack(weights[-1])

    def back(self, turned, saved, gradients, dropout):
        i, f, g, o, c, tanh_c, _ = saved
        *matrices, p_i, p_f, p_o = turned
        of_h, of_c = gradients
        of_o = sigmoid_gradient(o, of_h * tanh_c)
        of_c += tanh_gradient(tanh_c, of_h * o) + of_o * p_o
        of_i, of_f = sigmoid_gradient(i, of_c * g), sigmoid_gradient(f, of_c * c)
        sums = gates.grouped((of_i, of_f, tanh_gradient(g, of_c * i), of_o), self.groups)
        of_c = of_c * f + of_i * p_i + of_f * p_f
        return (gates.state_gradient(sums, matrices, dropout), of_c), sums

    def weight_gradients(self, weights, before, saved, sums, dropout):
        matrices = gates.matrix_gradients(before, sums, dropout)
        of_i, of_f, _, of_o = [gate for group in sums for gate in gates.cut(group, self.gates // self.groups)]
        c, after = saved[4].stack(), saved[6].stack()
        of_peepholes = [tf.reduce_sum(gate * seen, [0, 1]) for gate, seen in ((of_i, c), (of_f, c), (of_o, after))]
        return *matrices, tf.stack(of_peepholes)
