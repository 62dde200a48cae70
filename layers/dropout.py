"""Variational dropout: one mask a sequence, the same at every step (Gal and Ghahramani 2016, arXiv 1512.05287)."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable("seqtasks")
class VariationalDropout(keras.layers.Dropout):
    """Drops whole features of a sequence [batch, time, features], with the same mask at every step.

    Args:
        rate: Share of features dropped.
    """

    def __init__(self, rate: float, **kwargs):
        super().__init__(rate, **{**kwargs, "noise_shape": (None, 1, None)})
