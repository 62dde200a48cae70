"""The LSTM's equations and their derivatives, with and without peepholes."""

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

    The gates i and f stay side by side in one tensor wherever they are treated alike: fewer operations a step.

    Args:
        groups: 1, 2 or 4.
    """

    def __init__(self, groups: int):
        self.groups = groups

    def widths(self, units):
        return [2 * units, units, units, units, units]

    def of_inputs(self, cell):
        return gates.split_inputs(cell, self.groups)

    def of_states(self, cell):
        return gates.split_states(cell, self.groups)

    def step(self, weights, sums, states, dropout):
        h, c = states
        i_f, g_o = gates.with_state(h, weights, sums, dropout, parts=2)
        g, o = gates.cut(g_o, 2)
        i_f, g, o = tf.sigmoid(i_f), tf.tanh(g), tf.sigmoid(o)
        i, f = gates.cut(i_f, 2)
        after = f * c + i * g
        tanh_c = tf.tanh(after)
        return (o * tanh_c, after), (i_f, g, o, c, tanh_c)

    def turned(self, weights):
        return gates.turned(weights)

    def back(self, turned, saved, gradients, dropout):
        i_f, g, o, c, tanh_c = saved
        i, f = gates.cut(i_f, 2)
        of_h, of_c = gradients
        of_c += tanh_gradient(tanh_c, of_h * o)
        of_i_f = sigmoid_gradient(i_f, gates.joined([of_c * g, of_c * c]))
        of_g_o = gates.joined([tanh_gradient(g, of_c * i), sigmoid_gradient(o, of_h * tanh_c)])
        sums = gates.regrouped([of_i_f, of_g_o], self.groups)
        return (gates.state_gradient(sums, turned, dropout), of_c * f), sums

    def weight_gradients(self, weights, before, saved, sums, dropout):
        return gates.matrix_gradients(before, sums, dropout)


class PeepholeLSTMMathematics(LSTMMathematics):
    """As the LSTM's, with p_i * c and p_f * c in the sums of i and f, and p_o * c' in that of o.

    weights: for each group of gates its recurrent matrix, then the peepholes (3, units) with the rows p_i, p_f, p_o.
    """

    def widths(self, units):
        return [*super().widths(units), units]

    def of_states(self, cell):
        return *super().of_states(cell), tf.convert_to_tensor(cell.peephole_kernel)

    def step(self, weights, sums, states, dropout):
        h, c = states
        p_i_f, p_o = _peepholes(weights[-1])
        i_f, g_o = gates.with_state(h, weights[:-1], sums, dropout, parts=2)
        g, o = gates.cut(g_o, 2)
        i_f, g = tf.sigmoid(i_f + p_i_f * gates.joined([c, c])), tf.tanh(g)
        i, f = gates.cut(i_f, 2)
        after = f * c + i * g
        o = tf.sigmoid(o + p_o * after)
        tanh_c = tf.tanh(after)
        return (o * tanh_c, after), (i_f, g, o, c, tanh_c, after)

    def turned(self, weights):
        return *gates.turned(weights[:-1]), *_peepholes(weights[-1])

    def back(self, turned, saved, gradients, dropout):
        i_f, g, o, c, tanh_c, _ = saved
        *matrices, p_i_f, p_o = turned
        i, f = gates.cut(i_f, 2)
        of_h, of_c = gradients
        of_o = sigmoid_gradient(o, of_h * tanh_c)
        of_c = tf.add_n([of_c, tanh_gradient(tanh_c, of_h * o), of_o * p_o])
        of_i_f = sigmoid_gradient(i_f, gates.joined([of_c * g, of_c * c]))
        sums = gates.regrouped([of_i_f, gates.joined([tanh_gradient(g, of_c * i), of_o])], self.groups)
        of_c = tf.add_n([of_c * f, *gates.cut(of_i_f * p_i_f, 2)])
        return (gates.state_gradient(sums, matrices, dropout), of_c), sums

    def weight_gradients(self, weights, before, saved, sums, dropout):
        matrices = gates.matrix_gradients(before, sums, dropout)
        of_i, of_f, _, of_o = gates.regrouped(sums, 4)
        c, after = saved[3].stack(), saved[5].stack()
        of_peepholes = [tf.reduce_sum(gate * seen, [0, 1]) for gate, seen in ((of_i, c), (of_f, c), (of_o, after))]
        return *matrices, tf.stack(of_peepholes)


def _peepholes(rows):
    """Those of i and f side by side, and that of o."""
    return tf.reshape(rows[:2], [-1]), rows[2]
