"""The simple recurrent network, with leaky units."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqtasks.layers.cell import CellLayer, LearningDropout


@keras.saving.register_keras_serializable("seqtasks")
class SimpleRNNCell(LearningDropout, keras.layers.SimpleRNNCell):
    """One step of the simple recurrent network (Elman 1990); leaky units (Jaeger et al. 2007; arXiv 1212.0901).

        y = tanh(x W + h U + b)
        h' = leak * y + (1 - leak) * h

    A leak near 0 makes a unit slow: a share (1 - leak) of its gradient passes each step as it is. Weights, as in
    `keras.layers.SimpleRNNCell`: kernel (inputs, units), Glorot uniform; recurrent_kernel (units, units), orthogonal;
    bias (units), zeros. State: h, (batch, units).

    Args: those of `keras.layers.SimpleRNNCell`, and
        leak: Above 0 and at most 1; with 1, the default, it is Keras's cell.
    """

    def __init__(
        self,
        units,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        seed=None,
        leak=1.0,
        **kwargs,
    ):
        if not 0 < leak <= 1:
            raise ValueError(f"leak must be above 0 and at most 1, received {leak}")
        super().__init__(
            units,
            activation,
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
        self.leak = leak

    def call(self, sequence, states, training=False):
        before = states[0] if isinstance(states, (list, tuple)) else states
        total = ops.matmul(self.read(sequence, training), self.kernel)
        if self.bias is not None:
            total = ops.add(total, self.bias)
        y = self.activation(total + ops.matmul(self.seen(before, training), self.recurrent_kernel))
        h = y if self.leak == 1 else self.leak * y + (1 - self.leak) * before
        return h, [h] if isinstance(states, (list, tuple)) else h

    def get_config(self):
        return {**super().get_config(), "leak": self.leak}


@keras.saving.register_keras_serializable("seqtasks")
class SimpleRNN(CellLayer):
    """`SimpleRNNCell` over sequences (batch, time, inputs), with the arguments of Keras's layer and `kernel`.

    Weights and files are those of Keras's layer. `SimpleRNN(units, **IDENTITY)` starts as the network of Le, Jaitly and
    Hinton (2015, arXiv 1504.00941): rectified units, and an identity for the recurrent matrix.
    """

    cell_class = SimpleRNNCell
    gate_names = ("h",)
    activations = ("tanh", "relu", "sigmoid", "linear")

    def mathematics_key(self):
        return *super().mathematics_key(), self.cell.leak

    def mathematics(self):
        from seqtasks.layers.kernels.rnn import SimpleRNNMathematics

        return SimpleRNNMathematics(self.cell.activation.__name__, self.cell.leak)


IDENTITY = {"activation": "relu", "recurrent_initializer": "identity"}


def own_options(cell: str, activation: str, leak: float) -> dict[str, Any]:
    """The arguments that a layer of the simple cell has and no other; rectified units start from the identity.

    Args:
        cell: A name in `seqtasks.layers.CELLS`.
        activation: `tanh` or `relu`.
        leak: As `SimpleRNNCell` has it.

    Raises:
        ValueError: Activation or leak is not the default, and the cell is another one.
    """
    if cell == "rnn":
        return {**(IDENTITY if activation == "relu" else {"activation": activation}), "leak": leak}
    if (activation, leak) != ("tanh", 1.0):
        raise ValueError(f"rnn_activation and leak are options of the cell rnn, received {cell!r}")
    return {}
