"""Features of a word from its spelling, by convolution or by a recurrent layer in both directions."""

from __future__ import annotations

import keras
from keras import ops

from seqtasks.layers.embedding import Embedding
from seqtasks.layers.fused import without_cudnn
from seqtasks.layers.stack import RecurrentStack

WIDTHS = (2, 3, 4)
"""Characters that each kind of filter sees: affixes of two to four characters tell most of an unknown word."""


@keras.saving.register_keras_serializable("seqtasks")
class SpellingFeatures(keras.layers.Layer):
    """Character ids [words, characters] to features [words, units]; id 0 is padding and changes nothing.

    Convolution with the maximum over positions follows Ma and Hovy 2016 (arXiv 1603.01354) with filters of several
    widths; recurrent, the mean of both directions' states, is close to Lample et al. 2016 (arXiv 1603.01360).

    Args:
        characters: Number of character ids.
        units: Width of the features; even where `kind` is `recurrent`.
        character_units: Width of the character embedding.
        kind: `convolution` or `recurrent`.
        cell: The recurrent cell's name.

    Raises:
        ConfigError: There is no such cell.
        ValueError: There is no such kind, or recurrent features have an odd number of units.
    """

    def __init__(
        self,
        characters: int,
        units: int,
        character_units: int = 32,
        kind: str = "convolution",
        cell: str = "lstm",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.characters, self.units, self.character_units = characters, units, character_units
        self.kind, self.cell = kind, cell
        self.embedding = Embedding(characters, character_units, name="characters", dtype=self.dtype_policy)
        if kind == "convolution":
            self.filters = [
                keras.layers.Conv1D(
                    share, width, padding="same", activation="relu", name=f"width_{width}", dtype=self.dtype_policy
                )
                for share, width in zip(_shares(units, len(WIDTHS)), WIDTHS, strict=True)
            ]
        elif kind == "recurrent":
            if units % 2:
                raise ValueError(f"recurrent features need an even number of units, received {units}")
            self.reader = RecurrentStack(cell, units // 2, name="reader", dtype=self.dtype_policy)
        else:
            raise ValueError(f"kind must be convolution or recurrent, received {kind!r}")

    def build(self, input_shape):
        self.embedding.build(input_shape)
        embedded = (*input_shape, self.character_units)
        for layer in self.filters if self.kind == "convolution" else [self.reader]:
            layer.build(embedded)

    def call(self, inputs, training=None):
        real = ops.not_equal(inputs, 0)
        weights = ops.expand_dims(ops.cast(real, self.compute_dtype), -1)
        embedded = self.embedding(inputs) * weights
        if self.kind == "recurrent":
            # a word of padding alone has no real step, which cuDNN refuses
            with without_cudnn(self.reader):
                states = self.reader(embedded, mask=real, training=training) * weights
            return ops.sum(states, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1.0)
        # relu leaves nothing below 0, so that padding, set to 0, never is the maximum
        return ops.max(ops.concatenate([layer(embedded) for layer in self.filters], axis=-1) * weights, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "characters": self.characters,
            "units": self.units,
            "character_units": self.character_units,
            "kind": self.kind,
            "cell": self.cell,
        }


def _shares(total: int, parts: int) -> list[int]:
    """`total` in `parts` nearly equal numbers."""
    return [total // parts + (index < total % parts) for index in range(parts)]
