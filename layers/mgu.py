"""The minimal gated unit, which Keras does not have."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers.cell import CellLayer, GatedCell


@keras.saving.register_keras_serializable("seqtasks")
class MGUCell(GatedCell):
    """One step of the minimal gated unit (Zhou, Wu, Zhang and Zhou 2016, arXiv 1603.09420).

    One gate does the work of the GRU's two: it forgets, and it resets what the candidate sees.

        f = sigmoid(x W_f + h U_f + b_f)            forget gate
        g = tanh(x W_h + (f * h) U_h + b_h)         candidate
        h' = (1 - f) * h + f * g

    Gate order: f, h. Weights: kernel (inputs, 2 units), Glorot uniform; recurrent_kernel (units, 2 units), orthogonal;
    bias (2 units), zeros. State: h, (batch, units). Recurrent dropout acts on h where a matrix multiplies it.

    Args: those of `keras.layers.GRUCell` without `reset_after`.
    """

    gates = 2

    def call(self, inputs, states, training=False):
        h = states[0] if isinstance(states, (list, tuple)) else states
        x_f, x_h = self.sums(inputs, training)
        u_f, u_h = self.recurrent_matrices()
        seen = self.seen(h, training)
        f = self.recurrent_activation(x_f + ops.matmul(seen, u_f))
        g = self.activation(x_h + ops.matmul(f * seen, u_h))
        h = (1 - f) * h + f * g
        return h, [h] if isinstance(states, (list, tuple)) else h


@keras.saving.register_keras_serializable("seqtasks")
class MGU(CellLayer):
    """`MGUCell` over sequences (batch, time, inputs).

    It takes the arguments of Keras's GRU, without `reset_after` and `use_cudnn`, and `kernel`.
    """

    cell_class = MGUCell
    gate_names = ("f", "h")

    def mathematics(self):
        from seqtasks.layers.kernels.mgu import MGUMathematics

        return MGUMathematics()
