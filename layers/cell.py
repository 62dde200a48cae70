"""What our own cells and their layers share: arguments, weights, dropout, configuration, as Keras's own have them."""

from __future__ import annotations

import inspect

import keras
from keras import ops

from seqtasks.layers.fused import Fused, checked_kernel


class LearningDropout:
    """Mixin before Keras's simple cell, whose dropout draws a mask, and moves its seed, even where nothing is learnt.

    Two threads that answer at once would move one seed, so that the masks after them were others each time.
    """

    def read(self, inputs, training):
        """The inputs (batch, features) as the matrices see them."""
        mask = self.get_dropout_mask(inputs) if training else None
        return inputs if mask is None else inputs * mask

    def seen(self, h, training):
        """The state (batch, units) as the recurrent matrices see it."""
        mask = self.get_recurrent_dropout_mask(h) if training else None
        return h if mask is None else h * mask


class GatedCell(LearningDropout, keras.layers.SimpleRNNCell):
    """Base of the cells with gates; from Keras's simple cell come initialisers, regularisers, constraints, dropout.

    Weights: kernel (inputs, gates * units), recurrent_kernel (units, gates * units), bias (gates * units). Dropout
    keeps one mask a sequence, the same for all gates.

    Args:
        recurrent_activation: The gates' activation.
    """

    gates: int

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
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
        **kwargs,
    ):
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
        self.recurrent_activation = keras.activations.get(recurrent_activation)

    def build(self, input_shape):
        width = self.gates * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            name="kernel",
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width),
            name="recurrent_kernel",
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = self._build_bias(width) if self.use_bias else None

    def _build_bias(self, width):
        return self.add_weight(
            shape=(width,),
            name="bias",
            initializer=self.starting_bias,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )

    def starting_bias(self, shape, dtype=None):
        """The bias at the start."""
        return self.bias_initializer(shape, dtype=dtype)

    def sums(self, inputs, training):
        """For each gate its sum over the inputs and the bias, (batch, units)."""
        total = ops.matmul(self.read(inputs, training), self.kernel)
        if self.bias is not None:
            total = ops.add(total, self.bias)
        return ops.split(total, self.gates, axis=-1)

    def recurrent_matrices(self):
        """For each gate its recurrent matrix, (units, units)."""
        return ops.split(ops.convert_to_tensor(self.recurrent_kernel), self.gates, axis=1)

    def get_config(self):
        gates = {"recurrent_activation": keras.activations.serialize(self.recurrent_activation)}
        return {**super().get_config(), **gates}


class CellLayer(Fused, keras.layers.RNN):
    """Base of the layers over one of our cells.

    Args:
        units: Width of the state.
        kernel: `"auto"`, `"fused"` or `"generic"`; see `seqtasks.layers.fused.Fused`.
        *positional: The cell's arguments after `units`, in its order.
        **arguments: Those of the cell, and of `keras.layers.RNN`. The cell's are attributes of the layer, too.

    Raises:
        TypeError: More positional arguments than the cell has, or one that is given by name, too.
    """

    cell_class: type

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in _own_arguments(cls.cell_class):
            setattr(cls, name, property(lambda self, name=name: getattr(self.cell, name)))

    def __init__(self, units, *positional, kernel="auto", **arguments):
        own = _own_arguments(self.cell_class)
        given = dict(zip(own, positional, strict=False))
        if len(positional) > len(own) or given.keys() & arguments.keys():
            raise TypeError("too many positional arguments, or one that is given by name, too")
        arguments.update(given)
        of_cell = {name: arguments.pop(name) for name in own if name in arguments}
        shared = {"dtype": arguments.get("dtype"), "trainable": arguments.get("trainable", True)}
        super().__init__(self.cell_class(units, **of_cell, **shared), **arguments)
        self.kernel = checked_kernel(kernel)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def units(self):
        return self.cell.units

    def get_config(self):
        config = super().get_config()
        del config["cell"]
        of_cell = self.cell.get_config()
        activity = keras.regularizers.serialize(self.activity_regularizer)
        own = {name: of_cell[name] for name in _own_arguments(self.cell_class) if name in of_cell}
        return {**config, **own, "units": self.units, "activity_regularizer": activity}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def _own_arguments(cell_class: type) -> list[str]:
    """The names that a cell's constructor spells out after `units`, in its order."""
    _, _, *named = inspect.signature(cell_class.__init__).parameters.values()  # self, units
    return [each.name for each in named if each.kind is not each.VAR_KEYWORD]
