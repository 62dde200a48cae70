"""The stack of recurrent layers that every task shares: any cell, depth, direction, and what joins the layers."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, NamedTuple

import keras
from keras import ops

from seqtasks.layers import load_cell
from seqtasks.layers.bidirectional import Bidirectional
from seqtasks.layers.dilation import interleave, interleaved_mask, run_dilated
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.rnn import own_options

CONNECTIONS = ("none", "residual", "highway", "dense")


class LayerReads(NamedTuple):
    """A layer of a stack and what it reads.

    Attributes:
        layer: A recurrent layer, or both directions of one.
        skip: How many steps back it reads its state; then a row is every so many steps of a sequence.
        inputs: [rows, steps, features].
        mask: [rows, steps], False where there is no step.
        start: The states before the first step, each [rows, units]; None: the cell's own.
    """

    layer: keras.layers.Layer
    skip: int
    inputs: Any
    mask: Any
    start: Any = None


@keras.saving.register_keras_serializable("seqtasks")
class RecurrentStack(keras.layers.Layer):
    """Sequences [batch, time, features] and their mask [batch, time] to states [batch, time, width].

    The width is `units`, twice that where both directions are read; with `dense` connections the last layer's alone.

    Args:
        cell: The cell's name in `seqtasks.layers.CELLS`.
        units: Units a layer and direction.
        depth: Layers.
        bidirectional: Read in both directions, states side by side.
        connection: `none`; `residual`, a layer's input, as it reads it, is added to its output (He et al. 2016, arXiv
            1512.03385); `highway`, a gate mixes both (Srivastava et al. 2015, arXiv 1505.00387); `dense`, each layer
            sees the inputs and the outputs of all layers before (Huang et al. 2017, arXiv 1608.06993). The first layer,
            whose input may have another width, has none of the first two.
        dropout: Share of features dropped between layers; with `dense` connections what several layers see is dropped
            anew before each, out of what earlier dropout left.
        recurrent_dropout: Share of the state dropped within a layer, one mask a sequence; in `lstm` and `gru`, as Keras
            has it, one a sequence and gate.
        skip: With s, layer k (from 0) reads the state s ** k steps back instead of the one before, so that a state
            many steps back is few steps of the recurrence away (Chang et al. 2017, arXiv 1710.02224, equations 4 and
            5; see `seqtasks.layers.dilation`). The first layer always reads the state before, and joins the parts that
            the others run apart.
        variational: One mask of dropout a sequence; else one a step.
        rnn_activation: Of the cell `rnn`: `tanh`, or `relu` with the identity for a first recurrent matrix (Le et al.
            2015, arXiv 1504.00941).
        leak: Of the cell `rnn`: below 1 its units are leaky (Jaeger et al. 2007; Bengio et al. 2013, arXiv 1212.0901).
        return_state: A call takes `initial_states`, and returns each layer's states after the last step too; in one
            direction and without a skip.

    Raises:
        ConfigError: The cell is unknown.
        ValueError: The connection is unknown, depth or skip is below 1, an option of the cell `rnn` stands beside
            another cell, or states are to be returned that two directions or a skip do not have.
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
        skip: int = 1,
        variational: bool = True,
        rnn_activation: str = "tanh",
        leak: float = 1.0,
        return_state: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if return_state and (bidirectional or skip > 1):
            raise ValueError("return_state goes with one direction and skip 1")
        self.return_state = return_state
        if connection not in CONNECTIONS:
            raise ValueError(f"connection must be one of {', '.join(CONNECTIONS)}, received {connection!r}")
        if depth < 1 or skip < 1:
            raise ValueError(f"depth and skip must be at least 1, received {depth} and {skip}")
        self.cell, self.units, self.depth, self.bidirectional = cell, units, depth, bidirectional
        self.connection, self.dropout, self.recurrent_dropout = connection, dropout, recurrent_dropout
        self.variational, self.skip = variational, skip
        self.rnn_activation, self.leak = rnn_activation, leak
        self.recurrent = [self._recurrent(f"layer_{index}") for index in range(depth)]
        self.droppers = [
            sequence_dropout(dropout, variational, name=f"dropout_{index}", dtype=self.dtype_policy)
            for index in range(depth - 1)
        ]
        gated = depth - 1 if connection == "highway" else 0
        # the bias lets the input through at first, as the paper advises for deep stacks
        self.gates = [
            keras.layers.Dense(
                self.width,
                "sigmoid",
                bias_initializer=keras.initializers.Constant(-1.0),
                name=f"gate_{index}",
                dtype=self.dtype_policy,
            )
            for index in range(gated)
        ]

    @property
    def width(self) -> int:
        """Features of the output."""
        return self.units * (2 if self.bidirectional else 1)

    @property
    def skips(self) -> list[int]:
        """How many steps back each layer reads its state."""
        return [self.skip**index for index in range(self.depth)]

    def _recurrent(self, name: str) -> keras.layers.Layer:
        options = {"return_sequences": True, "return_state": self.return_state, "name": name}
        options |= {"recurrent_dropout": self.recurrent_dropout, "dtype": self.dtype_policy}
        layer = load_cell(self.cell)(self.units, **options, **own_options(self.cell, self.rnn_activation, self.leak))
        return Bidirectional(layer, name=name, dtype=self.dtype_policy) if self.bidirectional else layer

    def build(self, input_shape):
        batch, time, features = input_shape
        for index, layer in enumerate(self.recurrent):
            layer.build((batch, time, features))
            if index > 0 and self.gates:
                self.gates[index - 1].build((batch, time, features))
            features = features + self.width if self.connection == "dense" else self.width

    def call(self, inputs, mask=None, training=None, initial_states=None):
        """The output; with `return_state` also each layer's states, as `initial_states` takes them (None: zeros)."""
        found, states = self._run(inputs, mask, training, initial_states)
        return (found[-1], states) if self.return_state else found[-1]

    def zero_states(self, batch_size) -> list[list]:
        """What each layer starts from where nothing came before: its states, each (batch, units)."""
        return [list(layer.cell.get_initial_state(batch_size=batch_size)) for layer in self.recurrent]

    def reads(self, inputs, mask=None) -> list[LayerReads]:
        """What each layer reads of the inputs [n, t, features] and their mask [n, t] when nothing is learnt."""
        mask = ops.ones(ops.shape(inputs)[:2], dtype="bool") if mask is None else mask
        return [
            LayerReads(layer, skip, interleave(read, skip), interleaved_mask(read, mask, skip))
            for layer, skip, read in zip(self.recurrent, self.skips, self._run(inputs, mask, False)[0], strict=False)
        ]

    def _run(self, inputs, mask, training, initial_states=None) -> tuple[list, list]:
        """What each layer reads, and the last one's output; and, where they are returned, each layer's states."""
        found, states = [inputs], []
        for index, (layer, skip) in enumerate(zip(self.recurrent, self.skips, strict=True)):
            if index > 0:
                found[-1] = self.droppers[index - 1](found[-1], training=training)
            if self.return_state:
                start = initial_states[index] if initial_states is not None else None
                output, *last = layer(found[-1], initial_state=start, mask=mask, training=training)
                states.append(last)
            else:
                # a part of a short sequence has no real step, which cuDNN refuses
                with without_cudnn(layer) if skip > 1 else nullcontext():
                    output = run_dilated(layer, found[-1], mask, skip, training)
            whole = index + 1 == self.depth and self.connection == "dense"
            found.append(output if whole else self._join(index, found[-1], output))
        return found, states

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
        shape = (*input_shape[:-1], self.width)
        if not self.return_state:
            return shape
        return shape, [[(input_shape[0], self.units)] * len(states) for states in self.zero_states(1)]

    def get_config(self):
        names = ("cell", "units", "depth", "bidirectional", "connection", "dropout", "recurrent_dropout")
        names += ("skip", "variational", "rnn_activation", "leak", "return_state")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
