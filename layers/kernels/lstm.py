"""The LSTM's equations, with and without peepholes, and their derivatives."""

from __future__ import annotations

import tensorflow as tf

from seqtasks.layers.kernels.gates import dropped, split_inputs, split_states, sums_back, transposed_all, weights_of_gates


class LSTMMathematics:
    """Gate order i, f, g, o; states h, c; weights: for each gate its recurrent matrix, (units, units).

    i = sigmoid(x_i + h U_i)      f = sigmoid(x_f + h U_f)      g = tanh(x_g + h U_g)
    c' = f * c + i * g            o = sigmoid(x_o + h U_o)      h' = o * tanh(c')
    """

    gates = 4
    saved = 4

    def of_inputs(self, cell):
        return split_inputs(cell, self.gates)

    def of_states(self, cell):
        return split_states(cell, self.gates)

    def step(self, weights, sums, states, dropout):
        h, c = states
        h_i, h_f, h_g, h_o = dropped(h, dropout, 4)
        i = tf.sigmoid(sums[0] + tf.matmul(h_i, weights[0]))
        f = tf.sigmoid(sums[1] + tf.matmul(h_f, weights[1]))
        g = tf.tanh(sums[2] + tf.matmul(h_g, weights[2]))
        o = tf.sigmoid(sums[3] + tf.matmul(h_o, weights[3]))
        c = f * c + i * g
        return (o * tf.tanh(c), c), (i, f, g, o)

    def transposed(self, weights):
        return transposed_all(weights)

    def factors(self, weights, saved, before, after):
        i, f, g, o = saved
        tanh_c = tf.tanh(after[1])
        return (
            g * i * (1 - i),
            before[1] * f * (1 - f),
            i * (1 - g * g),
            tanh_c * o * (1 - o),
            o * (1 - tanh_c * tanh_c),
            f,
        )

    def back(self, weights, factors, gradients, dropout):
        of_i, of_f, of_g, of_o, of_c, f = factors
        h, c = gradients
        c = c + h * of_c
        sums = (c * of_i, c * of_f, c * of_g, h * of_o)
        return (sums_back(sums, weights, dropout), c * f), sums

    def weight_gradients(self, weights, saved, before, after, sums, dropout):
        return weights_of_gates(before[0], sums, dropout)
