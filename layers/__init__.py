"""Recurrent cells and what is built from them. Nothing here loads Keras or TensorFlow until a name is used."""

from __future__ import annotations

import difflib
import importlib

from seqtasks.errors import ConfigError

CELLS: dict[str, str] = {
    "rnn": "simple RNN (Elman 1990); with options: identity start with ReLU, leaky units",
    "gru": "gated recurrent unit (Cho et al. 2014)",
    "lstm": "long short-term memory (Hochreiter and Schmidhuber 1997)",
    "peephole": "LSTM whose gates see the cell state (Gers and Schmidhuber 2000)",
    "mgu": "minimal gated unit, one gate only (Zhou et al. 2016)",
}

_LAYERS = {"rnn": "SimpleRNN", "gru": "GRU", "lstm": "LSTM", "peephole": "PeepholeLSTM", "mgu": "MGU"}
_EXPORTS = {
    "Bidirectional": "bidirectional",
    "CRF": "crf",
    "GRU": "gru",
    "LSTM": "lstm",
    "MGU": "mgu",
    "MGUCell": "mgu",
    "PeepholeLSTM": "peephole",
    "PeepholeLSTMCell": "peephole",
    "SequencePooling": "pooling",
    "SimpleRNN": "rnn",
    "SimpleRNNCell": "rnn",
    "TiedSoftmax": "tied_softmax",
}

__all__ = ["CELLS", "load_cell", *_EXPORTS]


def load_cell(name: str) -> type:
    """The recurrent layer of a name in `CELLS`.

    Raises:
        ConfigError: There is no such cell.
    """
    if name not in CELLS:
        near = difflib.get_close_matches(name, CELLS, n=1)
        raise ConfigError(
            "unknown cell", where="--cell", received=name, allowed=", ".join(CELLS), hint=near[0] if near else ""
        )
    return getattr(_module(name), _LAYERS[name])


def __getattr__(name: str):
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_module(_EXPORTS[name]), name)


def __dir__():
    return sorted([*globals(), *_EXPORTS])


def _module(name: str):
    return importlib.import_module(f"{__name__}.{name}")
