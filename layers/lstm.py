"""LSTM: Keras's own layer on a fused kernel."""

from __future__ import annotations

import keras

from seqtasks.layers.fused import Fused, checked_kernel


@keras.saving.register_keras_serializable("seqtasks")
class LSTM(Fused, keras.layers.LSTM):
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    `keras.layers.LSTM` with the same arguments, weights, configuration and files, and one argument more:

        i = sigmoid(x W_i + h U_i + b_i)        input gate
        f = sigmoid(x W_f + h U_f + b_f)        forget gate
        g = tanh(x W_c + h U_c + b_c)           candidate
        c' = f * c + i * g
        o = sigmoid(x W_o + h U_o + b_o)        output gate
        h' = o * tanh(c')

    Gate order: i, f, c, o. Weights: kernel (inputs, 4 units), Glorot uniform; recurrent_kernel (units, 4 units),
    orthogonal; bias (4 units), zeros, and ones for the forget gate. States: h and c, each (batch, units).

    Args:
        kernel: `"auto"`, `"fused"` or `"generic"`; see `seqtasks.layers.fused.Fused`.
    """

    gate_names = ("i", "f", "c", "o")

    def __init__(self, units, *args, kernel="auto", **kwargs):
        super().__init__(units, *args, **kwargs)
        self.kernel = checked_kernel(kernel)

    def mathematics(self):
        from seqtasks.layers.kernels.lstm import LSTMMathematics, groups_for

        return LSTMMathematics(groups_for(self.units, separate=self.has_masks_for_each_gate()))
