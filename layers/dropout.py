"""Dropout along sequences: one mask for all steps of a sequence, or another at each step."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable("seqtasks")
class VariationalDropout(keras.layers.Dropout):
    """Drops whole features of a sequence [batch, time, features], with the same mask at every step.

    Source: Gal and Ghahramani 2016, arXiv 1512.05287.

    Args:
        rate: Share of features dropped.
    """

    def __init__(self, rate: float, **kwargs):
        super().__init__(rate, **{**kwargs, "noise_shape": (None, 1, None)})


def sequence_dropout(rate: float, variational: bool, **kwargs) -> keras.layers.Dropout:
    """The dropout of a network's sequences [batch, time, features].

    Args:
        rate: Share of features dropped.
        variational: The same features at every step of a sequence; else others at each (Zaremba et al. 2014, arXiv
            1409.2329).
        **kwargs: Of the layer.
    """
    return (VariationalDropout if variational else keras.layers.Dropout)(rate, **kwargs)
