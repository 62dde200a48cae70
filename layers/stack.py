"""The stack of recurrent layers that every task shares: any cell, depth, direction, and what joins the layers."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers import load_cell
from seqtasks.layers.bidirectional import Bidirectional
from seqtasks.layers.dropout import VariationalDropout

CONNECTIONS = ("none", "residual", "highway", "dense")


@keras.saving.register_keras_serializable("seqtasks")
class RecurrentStack(keras.layers.Layer):
    """Sequences [batch, time, features] and their mask [batch, time] to states [batch, time, width].

    The width is `units`, twice that where both directions are read; with `dense` connections the last layer's alone.

    Args:
        cell: The cell's name in `seqtasks.layers.CELLS`.
        units: Units a layer and direction.
        depth: Layers.
        bidirectional: Read in both directions, states side by side.
        connection: `none`; `residual`, a layer's input is added to its output (He et al. 2016, arXiv 1512.03385);
            `highway`, a gate mixes both (Srivastava et al. 2015, arXiv 1505.00387); `dense`, each layer sees the
            inputs and the outputs of all layers before (Huang et al. 2017, arXiv 1608.06993). The first layer, whose
            input may have another width, has none of the first two.
        dropout: Share of features dropped between layers, one mask a sequence.
        recurrent_dropout: Share of the state dropped within a layer, one mask a sequence.

    Raises:
        ConfigError: The cell is unknown.
        ValueError: The connection is unknown.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        depth: int = 1,
        bidirectional: bool = True,
        connection: str = "none",
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if connection not in CONNECTIONS:
            raise ValueError(f"connection must be one of {', '.join(CONNECTIONS)}, received {connection!r}")
        self.cell, self.units, self.depth, self.bidirectional = cell, units, depth, bidirectional
        self.connection, self.dropout, self.recurrent_dropout = connection, dropout, recurrent_dropout
        self.recurrent = [self._recurrent(f"layer_{index}") for index in range(depth)]
        self.droppers = [VariationalDropout(dropout, name=f"dropout_{index}") for index in range(depth - 1)]
        gated = depth - 1 if connection == "highway" else 0
        # the bias lets the input through at first, as the paper advises for deep stacks
        self.gates = [
            keras.layers.Dense(
                self.width, "sigmoid", bias_initializer=keras.initializers.Constant(-1.0), name=f"gate_{index}"
            )
            for index in range(gated)
        ]

    @property
    def width(self) -> int:
        """Features of the output."""
        return self.units * (2 if self.bidirectional else 1)

    def _recurrent(self, name: str) -> keras.layers.Layer:
        options = {"return_sequences": True, "recurrent_dropout": self.recurrent_dropout, "name": name}
        layer = load_cell(self.cell)(self.units, **options)
        return Bidirectional(layer, name=name) if self.bidirectional else layer

    def build(self, input_shape):
        batch, time, features = input_shape
        for index, layer in enumerate(self.recurrent):
            layer.build((batch, time, features))
            if index > 0 and self.gates:
                self.gates[index - 1].build((batch, time, features))
            features = features + self.width if self.connection == "dense" else self.width

    def call(self, inputs, mask=None, training=None):
        current = inputs
        for index, layer in enumerate(self.recurrent):
            if index > 0:
                current = self.droppers[index - 1](current, training=training)
            output = layer(current, mask=mask, training=training)
            if index + 1 == self.depth and self.connection == "dense":
                return output
            current = self._join(index, current, output)
        return current

    def _join(self, index: int, before, after):
        if self.connection == "dense":
            return ops.concatenate([before, after], axis=-1)
        if index == 0 or self.connection == "none":
            return after
        if self.connection == "residual":
            return before + after
        gate = self.gates[index - 1](before)
        return gate * after + (1 - gate) * before

    def compute_mask(self, inputs, mask=None):
        return mask

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.width)

    def get_config(self):
        names = ("cell", "units", "depth", "bidirectional", "connection", "dropout", "recurrent_dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
