"""What every recurrent layer here has in common: it runs on a fused kernel where one applies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from seqtasks.errors import ConfigError

KERNELS = ("auto", "fused", "generic")


class Fused:
    """Mixin for subclasses of `keras.layers.RNN`; comes before the Keras class.

    A layer takes `kernel`: `"fused"` runs all steps in one hand-written TensorFlow loop and says so if it can't,
    `"generic"` runs the cell step by step in Keras's own loop, on every Keras backend, and can be differentiated twice;
    `"auto"` is the first where it applies, else the second. Values and gradients are the same. Sequences have at least
    one step.
    """

    kernel: str = "auto"

    activations: tuple[str, ...] = ("tanh",)

    gate_names: tuple[str, ...]
    """The letters of the equations, in the order of the recurrent matrices."""

    def mathematics(self):
        """The cell's equations for the kernel, which each layer class states; loads TensorFlow."""
        raise NotImplementedError

    def mathematics_key(self):
        """Equal for two layers of one class that one loop can run side by side."""
        cell = self.cell
        return cell.units, cell.use_bias, cell.activation, self.has_masks_for_each_gate()

    def obstacle(self) -> str:
        """Why the fused kernel doesn't apply; empty where it does."""
        cell = self.cell
        if keras.backend.backend() != "tensorflow":
            return f"the Keras backend is {keras.backend.backend()}, not tensorflow"
        if self.unroll:
            return "unroll=True"
        if self.compute_dtype not in ("float32", "float64") or self.compute_dtype != self.variable_dtype:
            return f"dtype {self.dtype_policy.name}"
        # by identity: a function of the user's may have the same name
        if cell.activation not in [getattr(keras.activations, name) for name in self.activations]:
            return f"activation is not {' or '.join(self.activations)}"
        if getattr(cell, "recurrent_activation", keras.activations.sigmoid) is not keras.activations.sigmoid:
            return "recurrent_activation is not sigmoid"
        if 1 in (cell.dropout, cell.recurrent_dropout):
            return "a dropout of 1, which Keras's cells take in different ways"
        return ""

    def is_fused(self) -> bool:
        """Whether the next call runs on the fused kernel."""
        if self.kernel == "generic":
            return False
        obstacle = self.obstacle()
        if obstacle and self.kernel == "fused":
            raise ConfigError("no fused kernel here", where=self.name, received=obstacle, hint='kernel="auto"')
        return not obstacle and not (self.kernel == "auto" and self._cudnn_is_faster())

    def _maybe_config_dropout_masks(self, cell, input_sequence, input_state):
        """Nothing: Keras draws masks here even where nothing is learnt; `inner_loop` does where something is."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        if not self.is_fused():
            if training:
                # before the loop, whose steps must find them
                super()._maybe_config_dropout_masks(self.cell, sequences[:, 0, :], initial_state)
            return super().inner_loop(sequences, initial_state, mask=mask, training=training)
        from seqtasks.layers.kernels.run import run_layers

        states = initial_state if isinstance(initial_state, (list, tuple)) else [initial_state]
        return run_layers([self], sequences, [states], mask, training)[0]

    def has_masks_for_each_gate(self) -> bool:
        """Whether dropout draws a mask for each gate, as Keras's cells do where they have recurrent dropout."""
        cell = self.cell
        return getattr(cell, "implementation", 2) == 1 and bool(cell.dropout or cell.recurrent_dropout)

    def get_config(self):
        return {**super().get_config(), "kernel": self.kernel}

    def _cudnn_is_faster(self) -> bool:
        """Whether Keras's own loop would take cuDNN: the layer may use it, and a GPU is visible."""
        if getattr(self, "use_cudnn", False) is False or self.cell.recurrent_dropout or not self.cell.use_bias:
            return False
        import tensorflow as tf

        return bool(tf.config.list_logical_devices("GPU"))


@contextmanager
def without_cudnn(model: keras.Layer) -> Iterator[None]:
    """Within it no layer of the model takes cuDNN, which a graph that is traced beside a GPU would hold for good."""
    layers = [layer for layer in model._flatten_layers() if hasattr(layer, "use_cudnn")]
    before = [layer.use_cudnn for layer in layers]
    for layer in layers:
        layer.use_cudnn = False
    try:
        yield
    finally:
        for layer, value in zip(layers, before, strict=True):
            layer.use_cudnn = value


def checked_kernel(kernel: str) -> str:
    """The argument `kernel` of a layer, if it is one."""
    if kernel not in KERNELS:
        raise ConfigError("unknown kernel", where="kernel", received=kernel, allowed=", ".join(KERNELS))
    return kernel
