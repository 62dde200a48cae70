"""The configuration's sections that every family has, and the notation of an option."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from seqtasks.errors import ConfigError


def option(
    default: Any,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    least: float | None = None,
    most: float | None = None,
    unset: str = "",
) -> Any:
    """A dataclass field that the command line turns into an option.

    Args:
        unset: What an empty default means, for the help text.
    """
    metadata = {"help": help, "choices": choices, "least": least, "most": most, "unset": unset}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class DataConfig:
    """Where the examples come from."""

    data: str = option(
        "", "A folder with a file a split, or a set's name (seqtasks data list).", unset="the demo corpus"
    )
    train: str = option("", "The training file.")
    dev: str = option("", "The development file.")
    test: str = option("", "The test file.")
    format: str = option("", "The files' format.", unset="told by the ending, else by the first lines")
    dev_share: float = option(
        0.1, "Share of the training split held out where there is no dev split.", least=0.001, most=0.9
    )


@dataclass(frozen=True)
class ModelConfig:
    """The stack of recurrent layers, the same for every task."""

    cell: str = option("lstm", "The recurrent cell.", choices=("rnn", "gru", "lstm", "peephole", "mgu"))
    units: int = option(200, "Units a layer and direction.", least=1)
    depth: int = option(2, "Layers.", least=1)
    bidirectional: bool = option(True, "Read in both directions.")
    connection: str = option("none", "What joins the layers.", choices=("none", "residual", "highway", "dense"))
    dropout: float = option(0.4, "Share of features dropped.", least=0, most=0.99)
    recurrent_dropout: float = option(
        0.0, "Share of the recurrent state dropped, one mask a sequence (lstm, gru: and gate).", least=0, most=0.99
    )
    variational: bool = option(True, "Drop the same features at every step of a sequence; else others at each step.")
    skip: int = option(
        1, "Layer k, from 0, reads the state skip^k steps back; 1: all read the one before (dilated RNN).", least=1
    )
    rnn_activation: str = option(
        "tanh", "Of the cell rnn; relu starts with the identity as recurrent matrix (IRNN).", choices=("tanh", "relu")
    )
    leak: float = option(
        1.0, "Of the cell rnn: share of the state that is new at each step; below 1: leaky units.", least=0.001, most=1
    )

    def __post_init__(self):
        """Options without effect are errors: a cell's with another cell, and those between layers with one layer."""
        for name, plain in (("rnn_activation", "tanh"), ("leak", 1.0)):
            if self.cell != "rnn" and getattr(self, name) != plain:
                raise ConfigError(f"model.{name} is an option of the cell rnn", received=self.cell, hint="--cell rnn")
        for name, plain in (("skip", 1), ("connection", "none")):
            value = getattr(self, name)
            if self.depth == 1 and value != plain:
                raise ConfigError(f"model.{name} needs a second layer", received=value, hint="--depth 2")


@dataclass(frozen=True)
class TrainingConfig:
    """How weights are learnt, the same for every task."""

    epochs: int = option(20, "Passes over the training split at most.", least=1)
    updates: int = option(
        0, "Train for so many updates, in place of --epochs; the last epoch may be a part. 0: --epochs.", least=0
    )
    patience: int = option(8, "Stop earlier, after so many epochs without a better dev score.", least=1)
    batch_size: int = option(32, "Examples a batch.", least=1)
    learning_rate: float = option(0.004, "Adam's step size after the warm-up.", least=0)
    warmup: int = option(200, "Updates over which the step size rises from 0.", least=0)
    decay: float = option(
        0.1, "The step size at the last epoch, as a share of the highest; falls along a half cosine.", least=0, most=1
    )
    average: float = option(
        1.0, "Epochs over which the weights that are scored and kept are averaged; 0: no averaging.", least=0
    )
    clip_norm: float = option(5.0, "Longest gradient over all weights; 0: no limit.", least=0)
    clip_value: float = option(0.0, "Largest single gradient; 0: no limit.", least=0)
    seed: int = option(1, "Of every random number.", least=0, most=2**32 - 1)
    checkpoint_every: int = option(200, "Updates between checkpoints.", least=1)
    tensorboard: bool = option(False, "Write TensorBoard logs into the run folder.")
