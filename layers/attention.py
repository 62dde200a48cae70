"""Attention: for each query a mean over a memory's positions, weighted by how well they answer it."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import ops

from seqtasks.layers.masked import masked_softmax

ATTENTIONS = ("general", "scaled", "additive", "none")


class Memory(NamedTuple):
    """What is attended to, prepared once however often it is asked.

    Attributes:
        values: [n, s, width].
        keys: The values as the scores need them, [n, s, units].
        mask: [n, s], False where there is nothing.
    """

    values: Any
    keys: Any
    mask: Any


@keras.saving.register_keras_serializable("seqtasks")
class Attention(keras.layers.Layer):
    """Queries [n, q, units] and a memory to contexts [n, q, width] and weights [n, q, s].

    The weights are a softmax over the real positions of the scores of query q and value m:

    - `general`: q . W m (Luong, Pham and Manning 2015, arXiv 1508.04025, equation 8), W [width, units].
    - `scaled`: the same over the root of the units (Vaswani et al. 2017, arXiv 1706.03762, section 3.2.1).
    - `additive`: v . tanh(V q + W m + b) (Bahdanau, Cho and Bengio 2015, arXiv 1409.0473, appendix A.1.2), V
      [units, units], W [width, units], b and v [units].
    - `none`: the context is 0 and so are the weights: what is left is a plain encoder-decoder.

    Where no position is real, context and weights are 0.

    Args:
        kind: One of `ATTENTIONS`.
        units: Width of the queries.

    Raises:
        ValueError: The kind is unknown.
    """

    def __init__(self, kind: str, units: int, **kwargs):
        super().__init__(**kwargs)
        if kind not in ATTENTIONS:
            raise ValueError(f"kind must be one of {', '.join(ATTENTIONS)}, received {kind!r}")
        self.kind, self.units = kind, units

    def build(self, input_shape):
        """From the shape of the values, [n, s, width]."""
        if self.kind == "none":
            return
        self.of_values = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="of_values"
        )
        if self.kind == "additive":
            square = (self.units, self.units)
            self.of_queries = self.add_weight(shape=square, initializer="glorot_uniform", name="of_queries")
            self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
            # not zeros: all weights would be equal, and the matrices without a gradient
            bound = (3.0 / self.units) ** 0.5
            self.direction = self.add_weight(
                shape=(self.units,), initializer=keras.initializers.RandomUniform(-bound, bound), name="direction"
            )

    def memory(self, values, mask) -> Memory:
        """Prepares values [n, s, width] whose real positions the mask [n, s] tells."""
        if self.kind == "none":
            return Memory(values, values[:, :, :0], mask)
        keys = ops.matmul(values, self.of_values)
        return Memory(values, keys + self.bias if self.kind == "additive" else keys, mask)

    def call(self, queries, memory: Memory):
        if self.kind == "none":
            weights = ops.zeros((*ops.shape(queries)[:2], ops.shape(memory.values)[1]), queries.dtype)
            return ops.zeros((*ops.shape(queries)[:2], memory.values.shape[-1]), queries.dtype), weights
        real = ops.expand_dims(ops.cast(memory.mask, "bool"), 1)
        weights = masked_softmax(self._scores(queries, memory.keys), real)
        return ops.matmul(weights, memory.values), weights

    def _scores(self, queries, keys):
        if self.kind == "additive":
            asked = ops.expand_dims(ops.matmul(queries, self.of_queries), 2)
            return ops.sum(ops.tanh(asked + ops.expand_dims(keys, 1)) * self.direction, axis=-1)
        scores = ops.matmul(queries, ops.swapaxes(keys, 1, 2))
        return scores / self.units**0.5 if self.kind == "scaled" else scores

    def get_config(self):
        return {**super().get_config(), "kind": self.kind, "units": self.units}
