"""The LSTM with peepholes, which Keras does not have."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers.cell import CellLayer, GatedCell


@keras.saving.register_keras_serializable("seqtasks")
class PeepholeLSTMCell(GatedCell):
    """One step of the LSTM whose gates see the cell state.

    Gers and Schmidhuber, Recurrent nets that time and count, IJCNN 2000. The peepholes are diagonal: each unit's gates
    see that unit's own cell state. The input and the forget gate see the state before the step, the output gate the
    state after it.

        i = sigmoid(x W_i + h U_i + p_i * c + b_i)          input gate
        f = sigmoid(x W_f + h U_f + p_f * c + b_f)          forget gate
        g = tanh(x W_c + h U_c + b_c)                       candidate
        c' = f * c + i * g
        o = sigmoid(x W_o + h U_o + p_o * c' + b_o)         output gate
        h' = o * tanh(c')

    Gate order: i, f, c, o, as in `keras.layers.LSTM`. Weights: kernel (inputs, 4 units), Glorot uniform;
    recurrent_kernel (units, 4 units), orthogonal; bias (4 units), zeros, and ones for the forget gate; peephole_kernel
    (3, units) with the rows p_i, p_f, p_o, zeros, so that it starts as a plain LSTM. States: h and c, each
    (batch, units).

    Args: those of `keras.layers.LSTMCell`, and
        peephole_initializer, peephole_regularizer, peephole_constraint: Of the peepholes.
    """

    gates = 4

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        peephole_initializer="zeros",
        peephole_regularizer=None,
        peephole_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **kwargs,
        )
        self.unit_forget_bias = unit_forget_bias
        self.peephole_initializer = keras.initializers.get(peephole_initializer)
        self.peephole_regularizer = keras.regularizers.get(peephole_regularizer)
        self.peephole_constraint = keras.constraints.get(peephole_constraint)
        self.state_size = [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.peephole_kernel = self.add_weight(
            shape=(3, self.units),
            name="peephole_kernel",
            initializer=self.peephole_initializer,
            regularizer=self.peephole_regularizer,
            constraint=self.peephole_constraint,
        )

    def starting_bias(self, shape, dtype=None):
        bias = super().starting_bias(shape, dtype=dtype)
        if not self.unit_forget_bias:
            return bias
        return ops.concatenate(
            [bias[: self.units], ops.ones((self.units,), dtype=dtype), bias[2 * self.units :]], axis=0
        )

    def call(self, inputs, states, training=False):
        h, c = states
        x_i, x_f, x_c, x_o = self.sums(inputs, training)
        h_i, h_f, h_c, h_o = ops.split(ops.matmul(self.seen(h, training), self.recurrent_kernel), 4, axis=-1)
        p_i, p_f, p_o = ops.unstack(ops.convert_to_tensor(self.peephole_kernel), 3)
        i = self.recurrent_activation(x_i + h_i + p_i * c)
        f = self.recurrent_activation(x_f + h_f + p_f * c)
        c = f * c + i * self.activation(x_c + h_c)
        o = self.recurrent_activation(x_o + h_o + p_o * c)
        h = o * self.activation(c)
        return h, [h, c]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in self.state_size]

    def get_config(self):
        peepholes = {
            "unit_forget_bias": self.unit_forget_bias,
            "peephole_initializer": keras.initializers.serialize(self.peephole_initializer),
            "peephole_regularizer": keras.regularizers.serialize(self.peephole_regularizer),
            "peephole_constraint": keras.constraints.serialize(self.peephole_constraint),
        }
        return {**super().get_config(), **peepholes}


@keras.saving.register_keras_serializable("seqtasks")
class PeepholeLSTM(CellLayer):
    """`PeepholeLSTMCell` over sequences (batch, time, inputs).

    It takes the arguments of Keras's LSTM, without `use_cudnn`, and `kernel`.
    """

    cell_class = PeepholeLSTMCell
    gate_names = ("i", "f", "c", "o")

    def mathematics(self):
        from seqtasks.layers.kernels.lstm import PeepholeLSTMMathematics, groups_for

        return PeepholeLSTMMathematics(groups_for(self.units))
