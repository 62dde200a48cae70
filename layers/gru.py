"""GRU: Keras's own layer on a fused kernel."""

from __future__ import annotations

import keras

from seqtasks.layers.fused import Fused, checked_kernel


@keras.saving.register_keras_serializable("seqtasks")
class GRU(Fused, keras.layers.GRU):
    """Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078), with the reset gate after the product, as cuDNN has it.

    `keras.layers.GRU` with the same arguments, weights, configuration and files, and one argument more:

        z = sigmoid(x W_z + h U_z + b_z)                        update gate
        r = sigmoid(x W_r + h U_r + b_r)                        reset gate
        g = tanh(x W_h + b_h + r * (h U_h + b_u))               candidate
        h' = z * h + (1 - z) * g

    Gate order: z, r, h. Weights: kernel (inputs, 3 units), Glorot uniform; recurrent_kernel (units, 3 units),
    orthogonal; bias (2, 3 units), zeros: the first row is added to the inputs' product, the second to the state's.
    State: h, (batch, units). With `reset_after=False` it runs on Keras's own loop.

    Args:
        kernel: `"auto"`, `"fused"` or `"generic"`; see `seqtasks.layers.fused.Fused`.
    """

    gate_names = ("z", "r", "h")

    def __init__(self, units, *args, kernel="auto", **kwargs):
        super().__init__(units, *args, **kwargs)
        self.kernel = checked_kernel(kernel)

    def obstacle(self):
        return super().obstacle() or ("" if self.reset_after else "reset_after=False")

    def mathematics(self):
        from seqtasks.layers.kernels.gru import GRUMathematics, groups_for

        return GRUMathematics(groups_for(self.units, separate=self.has_masks_for_each_gate()))
