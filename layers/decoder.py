"""A recurrent decoder with attention, of any cell, whose time loops hold no attention.

The first layer reads the sequence so far alone. All its states ask the memory at once, and the layers after it read
[state; context]. So in training, where the sequence is known, every layer runs on its fused kernel and the attention is
a few products over all steps. (With one layer that is the decoder of Luong et al. 2015, arXiv 1508.04025, section 3.1,
without input feeding; a second layer sees what was attended to before, which input feeding is for.)
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqtasks.layers import load_cell
from seqtasks.layers.attention import Attention, Memory
from seqtasks.layers.dropout import sequence_dropout
from seqtasks.layers.rnn import own_options
from seqtasks.layers.stack import LayerReads


@keras.saving.register_keras_serializable("seqtasks")
class AttentionDecoder(keras.layers.Layer):
    """Inputs [n, t, features], initial states and a memory to features [n, t, units + width of the memory].

    A step depends on the steps before it alone, so that what stands behind a sequence's end changes nothing in it.

    Args:
        cell: The cell's name in `seqtasks.layers.CELLS`.
        units: Units a layer.
        depth: Layers.
        attention: One of `seqtasks.layers.attention.ATTENTIONS`.
        dropout: Share of features dropped between layers.
        recurrent_dropout: Share of the state dropped within a layer, one mask a sequence; in `lstm` and `gru`, as Keras
            has it, one a sequence and gate.
        variational: One mask of dropout a sequence; else one a step.
        rnn_activation: Of the cell `rnn`: `tanh`, or `relu` from an identity as recurrent matrix.
        leak: Of the cell `rnn`: share of the state that is new at each step.

    Raises:
        ConfigError: There is no such cell.
        ValueError: There is no such attention, depth is below 1, or an option of the cell `rnn` stands beside another.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        depth: int = 2,
        attention: str = "general",
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        variational: bool = True,
        rnn_activation: str = "tanh",
        leak: float = 1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if depth < 1:
            raise ValueError(f"depth must be at least 1, received {depth}")
        self.cell, self.units, self.depth, self.kind = cell, units, depth, attention
        self.dropout, self.recurrent_dropout, self.variational = dropout, recurrent_dropout, variational
        self.rnn_activation, self.leak = rnn_activation, leak
        policy = {"dtype": self.dtype_policy}
        options = {"return_sequences": True, "recurrent_dropout": recurrent_dropout, **policy}
        options |= own_options(cell, rnn_activation, leak)
        self.recurrent = [load_cell(cell)(units, name=f"layer_{index}", **options) for index in range(depth)]
        self.droppers = [
            sequence_dropout(dropout, variational, name=f"dropout_{index}", **policy) for index in range(depth - 1)
        ]
        self.attention = Attention(attention, units, name="attention", **policy)

    @property
    def state_widths(self) -> list[list[int]]:
        """For each layer the widths of its states."""
        sizes = [layer.cell.state_size for layer in self.recurrent]
        return [list(size) if isinstance(size, (list, tuple)) else [size] for size in sizes]

    def build(self, input_shape, memory_shape):
        """From the shapes of the inputs, [n, t, features], and of the memory's values, [n, s, width]."""
        self.recurrent[0].build((*input_shape[:2], input_shape[-1]))
        for layer in self.recurrent[1:]:
            layer.build((*input_shape[:2], self.units + memory_shape[-1]))
        self.attention.build(memory_shape)
        self.built = True

    def call(self, inputs, states, memory: Memory, training=None):
        """All steps of known sequences.

        Args:
            inputs: [n, t, features].
            states: For each layer its initial states, each [n, units].
            memory: From `attention.memory`.

        Returns:
            Features [n, t, units + width], and the attention's weights [n, t, s].
        """
        found, weights = self._run(inputs, states, memory, training)
        return found[-1], weights

    def reads(self, inputs, states, memory: Memory, mask) -> list[LayerReads]:
        """What each layer reads of known sequences when nothing is learnt; `mask` [n, t] tells their real steps."""
        found, _ = self._run(inputs, states, memory, training=False)
        return [
            LayerReads(layer, 1, read, mask, initial)
            for layer, read, initial in zip(self.recurrent, found, states, strict=False)
        ]

    def _run(self, inputs, states, memory: Memory, training) -> tuple[list, Any]:
        """What each layer reads, and the last one's features; and the attention's weights."""
        found = [inputs]
        after = self.recurrent[0](inputs, initial_state=states[0], training=training)
        context, weights = self.attention(after, memory)
        found.append(ops.concatenate([after, context], axis=-1))
        for layer, dropper, initial in zip(self.recurrent[1:], self.droppers, states[1:], strict=True):
            found[-1] = dropper(found[-1], training=training)
            after = layer(found[-1], initial_state=initial, training=training)
            found.append(ops.concatenate([after, context], axis=-1))
        return found, weights

    def step(self, inputs, states, memory: Memory):
        """One step of sequences that are being made, several of which may share a memory.

        Args:
            inputs: [n * k, features]; the rows i k to i k + k - 1 ask the memory's row i.
            states: For each layer its states, each [n * k, units].
            memory: Of n rows.

        Returns:
            Features [n * k, units + width], the states after the step, and the weights [n, k, s].
        """
        found, after = _run_cell(self.recurrent[0].cell, inputs, states[0])
        rows = ops.shape(memory.values)[0]
        beams = ops.shape(inputs)[0] // ops.maximum(rows, 1)
        context, weights = self.attention(ops.reshape(found, (rows, beams, self.units)), memory)
        context = ops.reshape(context, (-1, memory.values.shape[-1]))
        found, afters = ops.concatenate([found, context], axis=-1), [after]
        for layer, before in zip(self.recurrent[1:], states[1:], strict=True):
            found, after = _run_cell(layer.cell, found, before)
            found = ops.concatenate([found, context], axis=-1)
            afters.append(after)
        return found, afters, weights

    def get_config(self):
        names = ("cell", "units", "depth", "dropout", "recurrent_dropout", "variational", "rnn_activation", "leak")
        return {**super().get_config(), "attention": self.kind, **{name: getattr(self, name) for name in names}}


def _run_cell(cell, inputs, states):
    output, after = cell(inputs, states, training=False)
    return output, list(after) if isinstance(after, (list, tuple)) else [after]
