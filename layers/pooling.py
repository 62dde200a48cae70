"""One vector of a sequence of states: the last, the mean, the maximum, or a mean weighted by attention."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers.masked import masked_softmax, never

POOLINGS = ("last", "mean", "max", "attention")


@keras.saving.register_keras_serializable("seqtasks")
class SequencePooling(keras.layers.Layer):
    """States [batch, time, width] and their mask [batch, time] to [batch, width]; zeros where no step is real.

    - `last`: the state after the whole sequence was read. In a state of two directions side by side that is the
      forward half at the last real step, and the backward half at the first.
    - `mean`: over the real steps.
    - `max`: of each feature over the real steps (Collobert et al. 2011, arXiv 1103.0398).
    - `attention`: the mean with weights a_t = softmax_t(u . tanh(W h_t + b)), W [width, width], b and u [width]
      (Yang et al. 2016, Hierarchical Attention Networks for Document Classification, N16-1174, equations 5 to 7).

    Masked steps count for nothing, wherever they stand.

    Args:
        kind: One of `POOLINGS`.
        bidirectional: Whether a state is two directions side by side; only `last` asks.

    Raises:
        ValueError: The kind is unknown.
    """

    def __init__(self, kind: str = "max", bidirectional: bool = False, **kwargs):
        super().__init__(**kwargs)
        if kind not in POOLINGS:
            raise ValueError(f"kind must be one of {', '.join(POOLINGS)}, received {kind!r}")
        self.kind, self.bidirectional = kind, bidirectional

    def build(self, input_shape):
        width = input_shape[-1]
        if self.kind == "attention":
            self.kernel = self.add_weight(shape=(width, width), initializer="glorot_uniform", name="kernel")
            self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
            # not zeros: the attention would be flat, and the kernel without a gradient
            self.context = self.add_weight(
                shape=(width,), initializer=keras.initializers.RandomUniform(-0.1, 0.1), name="context"
            )

    def call(self, inputs, mask=None):
        mask = ops.ones(ops.shape(inputs)[:2], "bool") if mask is None else ops.cast(mask, "bool")
        if 0 in inputs.shape[:2]:
            return ops.sum(inputs, axis=1)  # zeros; a maximum of nothing is an error
        if self.kind == "last":
            return self._last(inputs, mask)
        if self.kind == "max":
            real = ops.expand_dims(mask, -1)
            highest = ops.max(ops.where(real, inputs, never(self.compute_dtype)), axis=1)
            return ops.where(ops.any(real, axis=1), highest, 0.0)
        weights = self.weights_over_time(inputs, mask)
        return ops.sum(inputs * ops.expand_dims(weights, -1), axis=1)

    def weights_over_time(self, inputs, mask):
        """What each step counts for in `mean` and `attention`: [batch, time], 0 on masked steps."""
        if self.kind == "mean":
            real = ops.cast(mask, inputs.dtype)
            return real / ops.maximum(ops.sum(real, axis=1, keepdims=True), 1.0)
        scores = ops.matmul(ops.tanh(ops.matmul(inputs, self.kernel) + self.bias), ops.expand_dims(self.context, -1))
        return masked_softmax(ops.squeeze(scores, -1), mask)

    def _last(self, inputs, mask):
        real = ops.cast(mask, "int32")
        position = ops.cumsum(real, axis=1) * real  # 1, 2, … on real steps
        last = self._at(inputs, mask & ops.equal(position, ops.sum(real, axis=1, keepdims=True)))
        if not self.bidirectional:
            return last
        half = inputs.shape[-1] // 2
        first = self._at(inputs, ops.equal(position, 1))
        return ops.concatenate([last[:, :half], first[:, half:]], axis=-1)

    def _at(self, inputs, step):
        """The state at the one step of each row that is true; zeros where none is."""
        return ops.sum(ops.where(ops.expand_dims(step, -1), inputs, 0.0), axis=1)

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "kind": self.kind, "bidirectional": self.bidirectional}
