"""The LSTM's equations and their derivatives, with and without peepholes."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels import gates
from seqtasks.layers.kernels.gates import sigmoid_gradient, tanh_gradient


def groups_for(units: int, separate: bool = False) -> int:
    """How many products a step takes: four if each gate sees another state or there are many units, else two."""
    return 4 if separate or units > gates.MANY_UNITS else 2


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
        return [units] * 4

    def of_inputs(self, cell):
        return gates.split_inputs(cell, self.groups)

    def of_states(self, cell):
        return gates.split_states(cell, self.groups)

    def step(self, weights, sums, states, dropout):
        h, c = states
        i, f, g, o = gates.with_state(h, weights, sums, dropout, parts=4)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        after = f * c + i * g
        return (o * tf.tanh(after), after), (i, f, g, o)

    def turned(self, weights):
        return gates.turned(weights[: self.groups])

    def factors(self, weights, steps, dropout):
        i, f, g, o = steps.saved
        tanh_c = tf.tanh(steps.after[1])
        of_i, of_f = sigmoid_gradient(i, g), sigmoid_gradient(f, steps.before[1])
        of_g, of_o = tanh_gradient(g, i), sigmoid_gradient(o, tanh_c)
        return tanh_gradient(tanh_c, o), f, of_i, of_f, of_g, of_o

    def back(self, turned, factors, gradients, dropout):
        of_after, of_c_before, *of_sums = factors
        of_h, of_c = gradients
        of_c += of_h * of_after
        of_sums = [of * local for of, local in zip((of_c, of_c, of_c, of_h), of_sums, strict=True)]
        sums = gates.regrouped(of_sums, self.groups)
        return (gates.state_gradient(sums, turned, dropout), of_c * of_c_before), sums

    def weight_gradients(self, weights, steps, sums, dropout):
        return gates.matrix_gradients(steps.before[0], sums, dropout)


class PeepholeLSTMMathematics(LSTMMathematics):
    """As the LSTM's, with p_i * c and p_f * c in the sums of i and f, and p_o * c' in that of o.

    weights: for each group of gates its recurrent matrix, then the peepholes p_i, p_f and p_o, (units,) each.
    """

    def of_states(self, cell):
        return *super().of_states(cell), *tf.unstack(tf.convert_to_tensor(cell.peephole_kernel))

    def step(self, weights, sums, states, dropout):
        h, c = states
        *matrices, p_i, p_f, p_o = weights
        i, f, g, o = gates.with_state(h, matrices, sums, dropout, parts=4)
        i, f, g = tf.sigmoid(i + p_i * c), tf.sigmoid(f + p_f * c), tf.tanh(g)
        after = f * c + i * g
        o = tf.sigmoid(o + p_o * after)
        return (o * tf.tanh(after), after), (i, f, g, o)

    def factors(self, weights, steps, dropout):
        of_after, of_c_before, of_i, of_f, of_g, of_o = super().factors(weights, steps, dropout)
        *_, p_i, p_f, p_o = weights
        return of_after + of_o * p_o, tf.add_n([of_c_before, of_i * p_i, of_f * p_f]), of_i, of_f, of_g, of_o

    def weight_gradients(self, weights, steps, sums, dropout):
        of_i, of_f, _, of_o = gates.regrouped(sums, 4)
        c, after = steps.before[1], steps.after[1]
        of_peepholes = [tf.reduce_sum(gate * seen, [0, 1]) for gate, seen in ((of_i, c), (of_f, c), (of_o, after))]
        return *super().weight_gradients(weights, steps, sums, dropout), *of_peepholes
